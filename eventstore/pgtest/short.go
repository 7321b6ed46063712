//go:build !long

package pgtest

// Long says that fault tests take their long form, go test -tags long: hours
// instead of seconds.
const Long = false
