package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/event"
	"runut/domain/logbook"
	"runut/eventstore/notary"
	"runut/eventstore/proof"
)

type logCommand struct {
	Status  logStatus  `cmd:"" default:"withargs" help:"Keadaan segel: log, checkpoint terakhir, kunci. · State of the seal: log, last checkpoint, keys."`
	Key     logKey     `cmd:"" help:"Buat kunci penanda tangan untuk log baru. · Make the key that signs a new log."`
	Keys    logKeys    `cmd:"" help:"Cetak kunci pemeriksa, untuk diumumkan lewat jalur lain. · Print the verifier keys, to be published by another way."`
	Rotate  logRotate  `cmd:"" help:"Tambahkan kunci baru; keduanya menandatangani. · Add a new key; both sign."`
	Adopt   logAdopt   `cmd:"" help:"Pasang checkpoint terakhir di mesin ini. · Put the last checkpoint on this machine."`
	Rebuild logRebuild `cmd:"" help:"Bangun ulang ubin pohon hash dari log. · Make the tiles of the hash tree again from the log."`
	Fork    logFork    `cmd:"" help:"Mulai log dengan nama baru, bila yang ditandatangani tidak dapat dipulihkan. · Begin a log under another name, where what was signed cannot be restored."`
}

// signed is a log that this machine signs.
type signed struct {
	keyed
	Signer string `env:"RUNUT_SIGNER" help:"Berkas kunci penanda tangan; kosong: kredensial systemd, atau di folder data. · File of the signing key; empty: systemd's credential, or in the data folder."`
	State  string `env:"RUNUT_STATE,STATE_DIRECTORY" help:"Folder checkpoint terakhir; kosong: folder data. · Folder of the last checkpoint; empty: the data folder."`
}

func (c signed) signer() string {
	if c.Signer != "" {
		return c.Signer
	}
	return signerIn(c.Data)
}

func (c signed) state() string {
	if c.State != "" {
		return stateIn(c.State)
	}
	return stateIn(c.Data)
}

// notary returns what signs the log of a, without halting anybody.
func (c signed) notary(a *app) (*notary.Notary, error) {
	signer, err := proof.LoadSigner(c.signer())
	if err != nil {
		return nil, err
	}
	return &notary.Notary{DB: a.pool, Signer: signer, State: c.state(), Log: slog.New(slog.DiscardHandler)}, nil
}

type logStatus struct {
	signed
	JSON bool `help:"Hasil untuk mesin. · Output for machines."`
}

// Run says where the log stands and what was signed of it, and signs nothing.
func (c *logStatus) Run(s *session) error {
	a, err := c.open(s.ctx)
	if err != nil {
		return err
	}
	defer a.close()
	n, err := c.notary(a)
	if err != nil {
		return err
	}
	head, err := a.store.Head(s.ctx)
	if err != nil {
		return err
	}
	newest, err := (notary.Book{DB: a.pool, Origin: n.Signer.Origin}).Latest(s.ctx)
	if err != nil && !errors.Is(err, &domain.Error{Code: "log.unsigned"}) {
		return err
	}
	kept, err := notary.ReadState(c.state())
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(s.out).Encode(map[string]any{"origin": n.Signer.Origin, "keys": n.Signer.Public, "head": head,
			"signed": newest.Size, "signed_at": newest.At, "kept": kept.Size, "file": c.state()})
	}
	for _, row := range [][2]string{
		{"log.origin", n.Signer.Origin}, {"log.head", s.lang.Count(head)}, {"log.signed", s.lang.Count(newest.Size)},
		{"log.kept", s.lang.Count(kept.Size) + "  " + c.state()}, {"log.key", strings.Join(n.Signer.Public, "\n"+strings.Repeat(" ", 20))},
	} {
		fmt.Fprintf(s.out, "%-18s  %s\n", s.lang.T(row[0]), row[1])
	}
	if last := max(newest.Size, kept.Size); head < last {
		return domain.Refuse(domain.Unready, "log.shrunk", "head", count(head), "size", count(last), "from", count(head+1), "to", count(last))
	}
	return nil
}

type logKey struct {
	Origin string `required:"" help:"Nama log: alamat tanpa https://, mis. runut.kutaikartanegarakab.go.id/log. · The log's name: an address without https://."`
	File   string `arg:"" help:"Berkas yang dibuat, mode 0600. · File to make, mode 0600."`
}

// Run makes a key and prints what checks it.
func (c *logKey) Run(s *session) error {
	if _, err := os.Lstat(c.File); !errors.Is(err, fs.ErrNotExist) {
		return domain.Refuse(domain.Conflict, "signer.present", "path", c.File)
	}
	signer, err := proof.CreateSigner(c.File, c.Origin)
	if err != nil {
		return err
	}
	fmt.Fprintln(s.out, signer.Public[0])
	fmt.Fprintln(s.err, s.lang.T("log.publish"))
	return nil
}

type logKeys struct {
	Data   string `default:".runut" env:"RUNUT_DATA" help:"Folder data runut dev. · Data folder of runut dev."`
	Signer string `env:"RUNUT_SIGNER" help:"Berkas kunci penanda tangan; kosong: kredensial systemd, atau di folder data. · File of the signing key."`
}

func (c *logKeys) Run(s *session) error {
	path := c.Signer
	if path == "" {
		path = signerIn(c.Data)
	}
	signer, err := proof.LoadSigner(path)
	if err != nil {
		return err
	}
	for _, key := range signer.Public {
		fmt.Fprintln(s.out, key)
	}
	return nil
}

type logRotate struct{ logKeys }

// Run adds a key. The program signs with both from its next start.
func (c *logRotate) Run(s *session) error {
	path := c.Signer
	if path == "" {
		path = signerIn(c.Data)
	}
	signer, err := proof.RotateSigner(path)
	if err != nil {
		return err
	}
	fmt.Fprintln(s.out, signer.Public[len(signer.Public)-1])
	fmt.Fprintln(s.err, s.lang.T("log.rotated", "path", path))
	return nil
}

type logAdopt struct {
	signed
	Checkpoint string `arg:"" optional:"" type:"existingfile" help:"Berkas checkpoint; kosong: yang terbaru dalam basis data. · File of a checkpoint; empty: the newest in the database."`
}

func (c *logAdopt) Run(s *session) error {
	a, err := c.open(s.ctx)
	if err != nil {
		return err
	}
	defer a.close()
	n, err := c.notary(a)
	if err != nil {
		return err
	}
	var text []byte
	if c.Checkpoint != "" {
		if text, err = os.ReadFile(c.Checkpoint); err != nil {
			return err
		}
	}
	if err := n.Adopt(s.ctx, text); err != nil {
		return err
	}
	kept, err := notary.ReadState(c.state())
	if err != nil {
		return err
	}
	fmt.Fprintln(s.err, s.lang.T("log.adopted", "size", s.lang.Count(kept.Size), "path", c.state()))
	return nil
}

type logRebuild struct{ database }

// Run makes the tiles again. It needs the owner of the schema.
func (c *logRebuild) Run(s *session) error {
	pool, err := c.pool(s.ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	bar := newBar(s.err, s.lang.T("log.bar"))
	defer bar.done()
	return notary.Rebuild(s.ctx, pool, bar.set)
}

type logFork struct {
	signed
	Tenant string `required:"" env:"RUNUT_TENANT" help:"Kode wilayah kabupaten. · Kode wilayah of the kabupaten."`
	Origin string `required:"" help:"Nama log yang baru. · The log's new name."`
	Reason string `required:"" help:"Apa yang terjadi; tercatat sebagai peristiwa. · What happened; it is recorded as an event."`
}

// Run begins a log under another name: it says so in the log, puts the old
// checkpoint and key aside as evidence, and signs with a new key. It does so only
// where the log is not what was signed. Run again after it broke off, it goes on.
func (c *logFork) Run(s *session) error {
	a, err := c.open(s.ctx)
	if err != nil {
		return err
	}
	defer a.close()
	old, err := c.notary(a)
	if err != nil {
		return err
	}
	if old.Signer.Origin == c.Origin || !proof.ValidOrigin(c.Origin) {
		return domain.Refuse(domain.Invalid, "log.fork_name", "origin", c.Origin)
	}
	if err := c.record(s, a, old); err != nil {
		return err
	}
	aside := "." + strings.NewReplacer("/", "_", string(filepath.Separator), "_").Replace(old.Signer.Origin)
	if _, err := proof.CreateSigner(c.signer()+".next", c.Origin); err != nil {
		return err
	}
	for _, move := range [][2]string{{c.state(), c.state() + aside}, {c.signer(), c.signer() + aside}, {c.signer() + ".next", c.signer()}} {
		if err := os.Rename(move[0], move[1]); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	fresh, err := c.notary(a)
	if err != nil {
		return err
	}
	head, err := fresh.Seal(s.ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(s.out, fresh.Signer.Public[0])
	fmt.Fprintln(s.err, s.lang.T("log.forked_done", "origin", c.Origin, "size", s.lang.Count(head.Size), "path", c.state()+aside))
	return nil
}

// record puts what happened into the log, once.
func (c *logFork) record(s *session, a *app, old *notary.Notary) error {
	histories, err := a.store.Streams(s.ctx, []string{logbook.Stream})
	if err != nil {
		return err
	}
	history := histories[logbook.Stream]
	if logbook.Fold(history).Origin == c.Origin {
		return nil
	}
	kept, err := notary.ReadState(c.state())
	if err != nil {
		return err
	}
	_, differs := old.Seal(s.ctx)
	refusal, ok := errors.AsType[*domain.Error](differs)
	if !ok || refusal.Code != "log.shrunk" && refusal.Code != "log.forked" {
		return errors.Join(differs, domain.Refuse(domain.Conflict, "log.fork_needless", "origin", old.Signer.Origin))
	}
	from, err := strconv.ParseInt(refusal.Params["from"], 10, 64)
	if err != nil {
		return err
	}
	id := uuid.NewSHA1(uuid.NameSpaceURL, []byte(c.Origin))
	_, err = a.store.Append(s.ctx, event.Command{ID: id, Fingerprint: [32]byte(append(id[:], id[:]...)), Actor: domain.System(), Tenant: c.Tenant},
		event.Change{Stream: logbook.Stream, Version: len(history), Facts: []event.Fact{{Event: &logbook.Restarted{
			Origin: c.Origin, Before: old.Signer.Origin, Size: kept.Size, Root: fmt.Sprintf("%x", kept.Root[:]), Kept: from - 1, Reason: domain.Mask(c.Reason)}}}})
	return err
}

func count(n int64) string { return strconv.FormatInt(n, 10) }
