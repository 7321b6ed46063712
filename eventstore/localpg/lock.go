//go:build linux || darwin

package localpg

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"runut/domain"
)

// lockFolder makes this process the only user of the data folder until it calls
// unlockFolder or ends, however it ends. The refusal postgres.in_use names the
// process that was first.
func lockFolder(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		first, _ := os.ReadFile(f.Name())
		f.Close()
		return nil, domain.Refuse(domain.Conflict, "postgres.in_use",
			"folder", dir, "pid", cmp.Or(strings.TrimSpace(string(first)), "?"))
	}
	if err == nil {
		err = f.Truncate(0)
	}
	if err == nil {
		_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	return f, nil
}

// unlockFolder gives the folder free. Closing the file alone would not: a child
// that another goroutine has just forked holds a copy of it until it execs.
func unlockFolder(f *os.File) {
	syscall.Flock(int(f.Fd()), syscall.LOCK_UN)
	f.Close()
}
