//go:build long

package pgtest

// Long says that fault tests take their long form: hours instead of seconds.
const Long = true
