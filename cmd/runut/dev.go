package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"runut/api/subscription"
	"runut/cmd/runut/demo"
	"runut/domain"
	"runut/eventstore/localpg"
	"runut/eventstore/proof"
	"runut/eventstore/schema"
	"runut/eventstore/vault"
)

type devCommand struct {
	Data   string         `default:".runut" env:"RUNUT_DATA" help:"Folder data; dibuat bila belum ada, tidak pernah dihapus. · Data folder; made when missing, never deleted."`
	Listen string         `default:"127.0.0.1:8080" env:"RUNUT_LISTEN" help:"Alamat layanan. · Address to serve on."`
	Demo   bool           `default:"true" negatable:"" help:"Isi basis data kosong dengan data contoh. · Fill an empty database with demo data."`
	Seed   uint64         `default:"1" help:"Benih data contoh; benih dan hari yang sama memberi data yang sama. · Seed of the demo data."`
	Scale  int            `default:"1" help:"Berapa kali jumlah usulan yang biasa, 1 sampai 20. · How many times the usual number of proposals, 1 to 20."`
	Inside []netip.Prefix `name:"webhook-inside" env:"RUNUT_WEBHOOK_INSIDE" default:"127.0.0.0/8,::1/128" help:"Jaringan yang juga boleh dikirimi umpan OPD; di sini mesin ini sendiri. · Networks that OPD feeds may be sent to as well; here this very machine."`
	Day    string         `help:"Hari pengisian data contoh, mis. 2026-11-22; kosong: hari ini. · Day the demo is seeded on; empty: today."`
}

// Run brings up everything on this machine: PostgreSQL of its own, a migrated
// database, demo data where there is none, and the server.
func (c *devCommand) Run(s *session) error {
	if c.Scale < 1 || c.Scale > demo.MostScale {
		return domain.Refuse(domain.Invalid, "dev.scale", "scale", strconv.Itoa(c.Scale), "most", strconv.Itoa(demo.MostScale))
	}
	began := time.Now()
	say := func(step string) { fmt.Fprintln(s.err, "·", step) }
	log, closeLog, err := c.log()
	if err != nil {
		return err
	}
	defer closeLog()
	listener, err := net.Listen("tcp", c.Listen) // before the long work, in case somebody has it
	if err != nil {
		return domain.Refuse(domain.Conflict, "dev.address_taken", "address", c.Listen)
	}
	defer listener.Close()

	config := localpg.FromEnvironment()
	config.Dir, config.Say = c.Data, say
	postgres, err := localpg.Start(s.ctx, config)
	if err != nil {
		return err
	}
	defer func() {
		goodbye, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), 20*time.Second)
		defer cancel()
		if err := postgres.Close(goodbye); err != nil {
			log.Error("PostgreSQL was not stopped in order", "err", err)
		}
	}()
	url, err := postgres.Database(s.ctx, "runut")
	if err != nil {
		return err
	}
	if config.URL == "" { // a server of the user's own is theirs to name
		if err := os.WriteFile(urlFile(c.Data), []byte(url+"\n"), 0o600); err != nil {
			return err
		}
	}
	if err := schema.Up(s.ctx, url); err != nil {
		return err
	}
	if _, err := vault.CreateKeyring(keyringIn(c.Data)); err != nil {
		return err
	}
	a, err := open(s.ctx, url, keyringIn(c.Data), log)
	if err != nil {
		return err
	}
	defer a.close()
	a.dialer = subscription.Dialer{Inside: c.Inside}
	signer, err := proof.CreateSigner(signerIn(c.Data), proof.DemoOrigin(demo.Kabupaten))
	if err != nil {
		return err
	}
	a.sign(s.ctx, signer, stateIn(c.Data))
	if err := c.fill(s, a, say); err != nil {
		return err
	}
	tokens, err := devTokens(s.ctx, a, filepath.Join(c.Data, "tokens.json"))
	if err != nil {
		return err
	}
	if err := writeTour(s.ctx, a, filepath.Join(c.Data, "tour.env"), "http://"+listener.Addr().String(), tokens); err != nil {
		return err
	}
	welcome(s, a, listener.Addr().String(), tokens, time.Since(began))
	ctx, stop := context.WithCancelCause(s.ctx)
	defer stop(nil)
	go func() {
		select {
		case <-postgres.Done():
			stop(postgres.Err())
		case <-ctx.Done():
		}
	}()
	if err := a.serve(ctx, listener, demo.Kabupaten); err != nil {
		return err
	}
	if cause := context.Cause(ctx); s.ctx.Err() == nil && cause != nil {
		return cause
	}
	return nil
}

// fill seeds an empty log and lets the read models catch up. Most of what that
// makes is kept, so garbage is collected less often than usual, which makes the
// wait a third shorter and takes some hundred megabytes more; of a demo many times
// as large it is collected more often, for that needs gigabytes.
func (c *devCommand) fill(s *session, a *app, say func(string)) error {
	percent := 150
	if c.Scale > 2 {
		percent = 60
	}
	defer debug.SetGCPercent(debug.SetGCPercent(percent))
	if err := c.seed(s, a, say); err != nil {
		return err
	}
	say(s.lang.T("dev.read_models"))
	return a.runner.CatchUp(s.ctx)
}

// log keeps the program's log out of the way of what people read: in a file of
// the data folder.
func (c *devCommand) log() (*slog.Logger, func(), error) {
	if err := os.MkdirAll(c.Data, 0o755); err != nil {
		return nil, nil, err
	}
	f, err := os.OpenFile(filepath.Join(c.Data, "runut.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, err
	}
	log := slog.New(slog.NewJSONHandler(f, nil))
	slog.SetDefault(log)
	return log, func() { f.Close() }, nil
}

func (c *devCommand) seed(s *session, a *app, say func(string)) error {
	head, err := a.store.Head(s.ctx)
	if err != nil || head > 0 || !c.Demo || a.readOnly() != nil {
		return err
	}
	day := time.Now()
	if c.Day != "" {
		if day, err = time.ParseInLocation(time.DateOnly, c.Day, domain.Zones["WITA"]); err != nil {
			return domain.Refuse(domain.Invalid, "dev.day", "day", c.Day)
		}
	}
	say(s.lang.T("dev.seeding"))
	bar := newBar(s.err, s.lang.T("dev.seeding_bar"))
	var planted []demo.Plant
	err = demo.Seed(s.ctx, demo.Options{Store: a.store, Seed: c.Seed, Day: day, Scale: c.Scale, Planted: &planted, Progress: bar.set})
	bar.done()
	if err != nil {
		return err
	}
	return writePlanted(filepath.Join(c.Data, "planted.json"), planted)
}

// writePlanted lists what was planted, one to a line, so that grep finds it.
func writePlanted(path string, planted []demo.Plant) error {
	lines := make([]string, len(planted))
	for i, p := range planted {
		line, err := json.Marshal(p)
		if err != nil {
			return err
		}
		lines[i] = string(line)
	}
	return os.WriteFile(path, []byte("[\n"+strings.Join(lines, ",\n")+"\n]\n"), 0o600)
}

// A bar shows how far long work has come, on a terminal only.
type bar struct {
	b *progressbar.ProgressBar
}

func newBar(w io.Writer, what string) *bar {
	return &bar{progressbar.NewOptions64(-1, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(), progressbar.OptionSetWidth(30), progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetVisibility(isTerminal(w)), progressbar.OptionClearOnFinish())}
}

func (b *bar) set(done, total int64) {
	b.b.ChangeMax64(total)
	b.b.Set64(done)
}

func (b *bar) done() { b.b.Finish() }

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
