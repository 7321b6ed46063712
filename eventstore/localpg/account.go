//go:build linux || darwin

package localpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"

	"runut/domain"
)

// An account is who PostgreSQL runs as, and so who owns the cluster's files.
type account struct {
	uid, gid  int
	drop      bool // root becomes this account for PostgreSQL
	namespace bool // root stays root outside, and is another inside a user namespace
}

// attributes returns how a child runs as the account. It gets a process group of
// its own: Ctrl-C in a terminal reaches the whole foreground group, and PostgreSQL
// must outlive what the program does to stop.
func (a account) attributes() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if a.drop {
		attr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
	if a.namespace {
		enterNamespace(attr)
	}
	return attr
}

// own makes a file or folder the account's.
func (a account) own(path string) error {
	if !a.drop {
		return nil
	}
	return os.Lchown(path, a.uid, a.gid)
}

// canRun reports whether the account may be taken and may run the programs: a
// container may forbid both.
func (a account) canRun(ctx context.Context, p Programs) bool {
	c := exec.CommandContext(ctx, p.path("postgres"), "--version")
	c.Dir = "/"
	c.SysProcAttr = a.attributes()
	return c.Run() == nil
}

// barrier returns the first folder, from folder up to the root, that the account
// may not enter, or "". Access lists beyond the mode bits are not looked at.
func (a account) barrier(folder string) (string, error) {
	if !a.drop && !a.namespace {
		return "", nil
	}
	for {
		info, err := os.Stat(folder)
		if err != nil {
			return "", err
		}
		uid, gid := owner(info)
		mode := info.Mode().Perm()
		switch {
		case uid == a.uid:
			mode &= 0o100
		case gid == a.gid:
			mode &= 0o010
		default:
			mode &= 0o001
		}
		if mode == 0 {
			return folder, nil
		}
		if folder == filepath.Dir(folder) {
			return "", nil
		}
		folder = filepath.Dir(folder)
	}
}

func owner(info os.FileInfo) (uid, gid int) {
	stat := info.Sys().(*syscall.Stat_t)
	return int(stat.Uid), int(stat.Gid)
}

// checkOwner refuses with postgres.foreign_data when the cluster in a data folder
// belongs to somebody else and we are not root, who can become its owner.
func checkOwner(dir string) error {
	me := os.Geteuid()
	data := filepath.Join(dir, dataName)
	info, err := os.Stat(data)
	if me == 0 || errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if uid, _ := owner(info); uid != me {
		return domain.Refuse(domain.Forbidden, "postgres.foreign_data",
			"folder", data, "owner", accountName(uid), "you", accountName(me))
	}
	return nil
}

// A chooser finds the account for a cluster.
type chooser struct {
	Config
	programs   Programs
	dir        string // the data folder, absolute; it exists
	namespaces bool   // whether user namespaces may be tried
}

// choose returns the account to run PostgreSQL as. The refusal postgres.folder_closed
// says that no account root can become reaches the cluster.
func (c chooser) choose(ctx context.Context) (account, error) {
	if me := os.Geteuid(); me != 0 {
		return account{uid: me, gid: os.Getegid()}, nil
	}
	info, err := os.Stat(filepath.Join(c.dir, dataName))
	made := err == nil
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return account{}, err
	}
	candidates := c.newOwners()
	if made { // its owner and nobody else
		uid, gid := owner(info)
		candidates = nil
		if uid != 0 {
			candidates = []account{{uid: uid, gid: gid, drop: true}}
		}
	}
	if c.namespaces && (!made || len(candidates) == 0) {
		candidates = append(candidates, account{namespace: true})
	}
	return c.first(ctx, candidates)
}

// first returns the first account that can run PostgreSQL and reach the folder.
func (c chooser) first(ctx context.Context, candidates []account) (account, error) {
	closed := c.dir
	var opening []account // only the data folder itself stands in their way
	for _, a := range candidates {
		if !a.canRun(ctx, c.programs) {
			continue
		}
		at, err := a.barrier(c.dir)
		if err != nil {
			return account{}, err
		}
		if at == "" {
			return a, nil
		}
		if at == c.dir {
			if at, err = a.barrier(filepath.Dir(c.dir)); err != nil {
				return account{}, err
			}
			if at == "" {
				opening = append(opening, a)
				continue
			}
		}
		closed = at
	}
	if len(opening) > 0 {
		return opening[0], c.open()
	}
	return account{}, domain.Refuse(domain.Forbidden, "postgres.folder_closed",
		"folder", closed, "data", c.dir, "accounts", "postgres, nobody")
}

// open lets others pass through the data folder, without letting them list it.
func (c chooser) open() error {
	info, err := os.Stat(c.dir)
	if err != nil {
		return err
	}
	c.say("PostgreSQL tidak boleh berjalan sebagai root; folder " + c.dir + " dibuat dapat dilalui akunnya (chmod o+x)")
	return os.Chmod(c.dir, info.Mode().Perm()|0o001)
}

// newOwners returns the accounts a new cluster may belong to when root makes it:
// whoever owns the nearest folder that is not root's, then the usual ones.
func (c chooser) newOwners() []account {
	var found []account
	for folder := c.dir; folder != filepath.Dir(folder); folder = filepath.Dir(folder) {
		if info, err := os.Stat(folder); err == nil {
			if uid, gid := owner(info); uid != 0 {
				found = append(found, account{uid: uid, gid: gid, drop: true})
				break
			}
		}
	}
	for _, name := range []string{"postgres", "nobody"} {
		if a, err := lookupAccount(name); err == nil && !slices.Contains(found, a) {
			found = append(found, a)
		}
	}
	return found
}

func lookupAccount(name string) (account, error) {
	u, err := user.Lookup(name)
	if err != nil {
		return account{}, err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return account{}, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return account{}, err
	}
	return account{uid: uid, gid: gid, drop: true}, nil
}

func accountName(uid int) string {
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return u.Username
	}
	return fmt.Sprintf("uid %d", uid)
}
