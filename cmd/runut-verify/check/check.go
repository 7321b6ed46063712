// Package check is the commands that check a log without its database: what
// runut-verify consists of, and what runut verify has in common with it.
package check

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"runut/api/text"
	"runut/domain"
	"runut/eventstore/proof"
	"runut/eventstore/verify"
)

// A World is what the commands use of the world around the program.
type World struct {
	Context  context.Context
	Out, Err io.Writer // the report · progress and complaints
	Lang     text.Lang
	Bar      func(what string) (set func(done, total int64), done func()) // nil: none
}

// Commands are the kinds of evidence that can be checked.
type Commands struct {
	Export     Export     `cmd:"" help:"Berkas ekspor, atau beberapa yang bersambung. · An export file, or several that continue each other."`
	Tiles      Tiles      `cmd:"" help:"Folder ubin. · A directory of tiles."`
	Log        Log        `cmd:"" help:"Log lewat HTTP, mis. https://runut.example/log. · A log over HTTP."`
	Proof      Proof      `cmd:"" help:"Bukti satu peristiwa (.tlog-proof). · The proof of one event."`
	Dossier    Dossier    `cmd:"" help:"Dosir usulan (.zip). · A dossier of proposals."`
	Checkpoint Checkpoint `cmd:"" help:"Checkpoint lama terhadap yang baru. · An old checkpoint against a new one."`
}

// Output says how a report is written.
type Output struct {
	JSON bool `help:"Laporan untuk mesin. · A report for machines."`
}

// Keys say whose signatures are believed.
type Keys struct {
	Key []string `help:"Kunci pemeriksa log dan saksi: berkas, atau kuncinya sendiri (asal+sidik+kunci). · Verifier keys of the log and of witnesses: a file, or the key itself."`
}

// Trust returns whom the keys make believable, nil where none was given.
func (k Keys) Trust() (*proof.Trust, error) {
	if len(k.Key) == 0 {
		return nil, nil
	}
	var all []byte
	for _, key := range k.Key {
		text, err := readSmall(key)
		if errors.Is(err, fs.ErrNotExist) && strings.Count(key, "+") >= 2 {
			text, err = []byte(key), nil
		}
		if err != nil {
			return nil, err
		}
		all = append(append(all, text...), '\n')
	}
	trust, err := proof.ParseTrust(all)
	if err != nil {
		return nil, err
	}
	return &trust, nil
}

// need is Trust for what can only be checked under a key.
func (k Keys) need() (*proof.Trust, error) {
	trust, err := k.Trust()
	if err == nil && trust == nil {
		return nil, domain.Refuse(domain.Invalid, "trust.no_key")
	}
	return trust, err
}

// small bounds files that hold keys, checkpoints, proofs and single records.
const small = 4 << 20

func readSmall(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, small+1))
	if err == nil && len(text) > small {
		return nil, domain.Refuse(domain.Invalid, "verify.too_large", "path", path)
	}
	return text, err
}

// A Status is the exit status of a command whose report was written.
type Status int

func (s Status) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// Run carries out a check and writes its report. What it returns is nil, the
// Status that the report comes to, or what kept it from being made.
func (o Output) Run(w *World, what string, work func(r *verify.Report, progress func(done, total int64)) error) error {
	began := time.Now()
	r := &verify.Report{What: what, Checked: []string{}, Findings: []verify.Finding{}}
	progress, done := func(int64, int64) {}, func() {}
	if w.Bar != nil {
		progress, done = w.Bar(w.Lang.T("verify.bar"))
	}
	err := work(r, progress)
	done()
	if err != nil {
		return err
	}
	if err := o.write(w, r, time.Since(began)); err != nil {
		return err
	}
	if status := r.Status(); status != verify.Good {
		return Status(status)
	}
	return nil
}

func (o Output) write(w *World, r *verify.Report, took time.Duration) error {
	if o.JSON {
		return json.NewEncoder(w.Out).Encode(struct {
			Status  int     `json:"status"`
			Seconds float64 `json:"seconds"`
			*verify.Report
		}{r.Status(), took.Seconds(), r})
	}
	_, err := io.WriteString(w.Out, Words(r, w.Lang, took))
	return err
}

// Exit returns the exit status that an error of a command means, and says what
// went wrong: 0 good, 1 altered, 2 cannot tell.
func Exit(err error, w *World) int {
	if err == nil {
		return verify.Good
	}
	if s, ok := errors.AsType[Status](err); ok {
		return int(s)
	}
	if refused, ok := errors.AsType[*domain.Error](err); ok {
		fmt.Fprintln(w.Err, w.Lang.Refuse(refused).Title)
	} else {
		fmt.Fprintln(w.Err, err)
	}
	return verify.Unknown
}
