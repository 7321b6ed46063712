//go:build linux || darwin

package localpg

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// port is only part of the socket's name; nothing listens on it.
const port = "5432"

// longestSocketFolder is what a socket's address leaves for its folder: 104 bytes
// on macOS, the shorter of the two, with the closing zero, less "/.s.PGSQL.5432".
const longestSocketFolder = 104 - 1 - len("/.s.PGSQL."+port)

// socketFolder makes the folder of the socket, which only the account may enter,
// and returns it: inside the data folder where that name is short enough, else
// in the folder for temporary files under a name drawn from the data folder's.
func socketFolder(dir string, a account) (string, error) {
	folder := filepath.Join(dir, socketName)
	if len(folder) <= longestSocketFolder {
		return folder, makePrivate(folder, a)
	}
	sum := sha256.Sum256([]byte(dir))
	name := "runut-" + strconv.Itoa(os.Geteuid()) + "-" + hex.EncodeToString(sum[:6])
	for _, temp := range []string{os.TempDir(), "/tmp"} {
		folder = filepath.Join(temp, name)
		if len(folder) > longestSocketFolder {
			continue
		}
		if at, err := a.barrier(temp); err != nil || at != "" {
			continue
		}
		if err := makePrivate(folder, a); err == nil {
			return folder, nil
		}
		// Anybody may have made a folder of that name in a shared place. Ours gets
		// a name that cannot be guessed.
		folder, err := os.MkdirTemp(temp, "runut-")
		if err != nil {
			return "", err
		}
		return folder, makePrivate(folder, a)
	}
	return "", fmt.Errorf("no folder with a name of at most %d bytes for the socket of %s", longestSocketFolder, dir)
}

// makePrivate makes a folder that is the account's alone, or checks that one is.
func makePrivate(folder string, a account) error {
	if err := os.Mkdir(folder, 0o700); err != nil && !os.IsExist(err) {
		return err
	}
	info, err := os.Lstat(folder) // a link could lead anywhere
	if err != nil {
		return err
	}
	uid, _ := owner(info)
	switch {
	case !info.IsDir():
		return fmt.Errorf("%s is not a folder", folder)
	case uid != os.Geteuid() && uid != a.uid:
		return fmt.Errorf("%s belongs to %s", folder, accountName(uid))
	}
	if err := a.own(folder); err != nil {
		return err
	}
	return os.Chmod(folder, 0o700)
}

// dropSocketFolder removes a socket folder outside the data folder. PostgreSQL has
// removed its socket by then; whatever else is there stays.
func dropSocketFolder(folder, dir string) {
	if folder != "" && filepath.Dir(folder) != dir {
		os.Remove(folder)
	}
}
