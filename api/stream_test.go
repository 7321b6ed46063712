package api_test

import (
	"bytes"
	"runtime/pprof"
	"strings"
)

// goroutines returns how many there are at work in a function.
func goroutines(in string) int {
	var all bytes.Buffer
	pprof.Lookup("goroutine").WriteTo(&all, 2)
	n := 0
	for g := range strings.SplitSeq(all.String(), "\n\n") {
		if strings.Contains(g, in) {
			n++
		}
	}
	return n
}
