//go:build linux || darwin

package notary

import (
	"os"
	"syscall"
)

// lock waits until no other process of this host holds the file, and holds it
// until unlock is called or the process ends, however it ends.
func lock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		f.Close()
		return nil, err
	}
	return func() {
		syscall.Flock(int(f.Fd()), syscall.LOCK_UN) // closing is not enough while a child holds a copy
		f.Close()
	}, nil
}
