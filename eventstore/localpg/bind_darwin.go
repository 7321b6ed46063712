package localpg

import "syscall"

// bind does nothing: macOS tells no child that its parent died. The orphan is
// taken over by the next start.
func bind(*syscall.SysProcAttr) {}

const canBind = false

func enterNamespace(*syscall.SysProcAttr) {}

const hasNamespaces = false
