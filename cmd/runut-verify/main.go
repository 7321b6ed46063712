// Runut-verify checks a log on its own: no server, no database, only the files an
// auditor was handed and the log's verifier key.
//
// Usage: runut-verify export FILE… --key KEY; see runut-verify --help. Its exit
// status is 0 where all is as it was signed, 1 where something was altered or
// cannot be read, 2 where it cannot tell.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
	"github.com/schollz/progressbar/v3"

	"runut/api/text"
	"runut/cmd/runut-verify/check"
	"runut/eventstore/verify"
)

type cli struct {
	Lang string `help:"Bahasa: id atau en. · Language: id or en." enum:"id,en" default:"id" env:"RUNUT_LANG"`
	check.Commands
}

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run carries out one command line and returns the exit status.
func run(args []string, out, complaints io.Writer) (status int) {
	var c cli
	exited := errors.New("exited")
	parser, err := kong.New(&c,
		kong.Name("runut-verify"),
		kong.Description("Memeriksa log Runut tanpa server: apakah ada yang diubah, dihapus, disisipkan atau ditukar, dan yang mana. · Checks a Runut log without its server: whether anything was altered, removed, inserted or reordered, and which."),
		kong.Writers(out, complaints),
		kong.UsageOnError(),
		kong.Exit(func(code int) { status = code; panic(exited) }),
	)
	if err != nil {
		fmt.Fprintln(complaints, err)
		return verify.Unknown
	}
	defer func() {
		if r := recover(); r != nil && r != any(exited) {
			panic(r)
		}
	}()
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(complaints, "runut-verify:", err)
		fmt.Fprintln(complaints, "runut-verify --help")
		return verify.Unknown
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	w := &check.World{Context: ctx, Out: out, Err: complaints, Lang: text.Lang(c.Lang)}
	if f, ok := complaints.(*os.File); ok {
		w.Bar = bar(f)
	}
	return check.Exit(parsed.Run(w), w)
}

// bar shows how far long work has come, on a terminal only.
func bar(f *os.File) func(what string) (func(done, total int64), func()) {
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return func(what string) (func(done, total int64), func()) {
		b := progressbar.NewOptions64(-1, progressbar.OptionSetWriter(f), progressbar.OptionSetDescription(what),
			progressbar.OptionShowCount(), progressbar.OptionSetWidth(30), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
		return func(done, total int64) {
			b.ChangeMax64(total)
			b.Set64(done)
		}, func() { b.Finish() }
	}
}
