package localpg

import "syscall"

// bind makes the kernel stop the child as the program does, a fast shutdown, when
// the thread that started it ends for whatever reason.
func bind(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGINT }

// canBind reports whether bind does anything here.
const canBind = true

// enterNamespace maps one ordinary account inside a new user namespace to root
// outside. PostgreSQL then sees that it is not root, and its files stay root's.
// The inner account must be one the system knows: initdb looks its name up.
func enterNamespace(attr *syscall.SysProcAttr) {
	uid, gid := 1, 1 // "daemon" or "bin" on every distribution
	if a, err := lookupAccount("postgres"); err == nil {
		uid, gid = a.uid, a.gid
	}
	attr.Cloneflags = syscall.CLONE_NEWUSER
	attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: uid, HostID: 0, Size: 1}}
	attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: gid, HostID: 0, Size: 1}}
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid), NoSetGroups: true}
}

const hasNamespaces = true
