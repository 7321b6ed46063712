package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"time"

	"runut/api"
	"runut/api/paper"
	"runut/domain"
	"runut/projections"
)

type lettersCommand struct {
	Write lettersWrite `cmd:"" default:"withargs" help:"Tulis surat sebagai berkas HTML, satu per desa. · Write letters as HTML files, one a village."`
	Send  lettersSend  `cmd:"" help:"Catat surat sebagai terkirim. · Record letters as sent."`
	List  lettersList  `cmd:"" help:"Desa mana yang sudah dan belum diberi tahu. · Which villages were told, and which were not."`
}

// A lettersChoice says of which villages the letters are.
type lettersChoice struct {
	keyed
	Year      int      `required:"" help:"Tahun anggaran. · Fiscal year."`
	Village   []string `help:"Hanya desa ini, kode wilayah. · Only these villages."`
	Kecamatan []string `help:"Hanya kecamatan ini, kode wilayah. · Only these kecamatan."`
	JSON      bool     `help:"Hasil untuk mesin, satu baris per desa. · Output for machines, a line a village."`
}

// A lettering is a run over villages.
type lettering struct {
	*lettersChoice
	app    *app
	server *api.Server
	cycle  projections.Cycle
	head   int64
}

func (c *lettersChoice) begin(ctx context.Context) (*lettering, error) {
	a, err := c.open(ctx)
	if err != nil {
		return nil, err
	}
	l := &lettering{lettersChoice: c, app: a}
	cycle, err := projections.Cycles{DB: a.pool}.Get(ctx, c.Year)
	if err == nil {
		l.cycle = cycle.Value.Cycle
		l.server = a.server(l.cycle.Kabupaten)
		l.head, err = a.store.Head(ctx)
	}
	if err != nil {
		a.close()
		return nil, err
	}
	return l, nil
}

// each calls f for every village that is chosen, by code, and shows how far it
// has come. It holds one page of villages at a time.
func (l *lettering) each(s *session, status []string, f func(projections.VillageLetters) error) error {
	letters := projections.Letters{DB: l.app.pool}
	filter := projections.LetterFilter{Cycle: l.Year, Kecamatan: l.Kecamatan, Village: l.Village, Status: status}
	counts, err := letters.Counts(s.ctx, filter)
	if err != nil {
		return err
	}
	total, done := int64(0), int64(0)
	for of, n := range counts.Value {
		if len(status) == 0 || slices.Contains(status, of) {
			total += int64(n)
		}
	}
	bar := newBar(s.err, s.lang.T("letters.bar"))
	defer bar.done()
	for after := projections.Cursor(""); ; {
		page, err := letters.List(s.ctx, filter, after, 200)
		if err != nil {
			return err
		}
		for _, v := range page.Items {
			if err := f(v); err != nil {
				return err
			}
			done++
			bar.set(done, max(total, done))
		}
		if after = page.Next; after == "" {
			return nil
		}
	}
}

// number returns the number of the next letter to a village: the prefix and its
// kode wilayah, and from the second letter on which one it is.
func number(prefix string, v projections.VillageLetters) string {
	n := prefix + v.Village
	if v.Letters > 0 {
		n += "-" + strconv.Itoa(v.Letters+1)
	}
	return n
}

// day returns a local day, today where none is given.
func (l *lettering) day(given string) string {
	if given != "" {
		return given
	}
	zone := domain.Zones[l.cycle.Zone]
	if zone == nil {
		zone = domain.Zones["WITA"]
	}
	return time.Now().In(zone).Format(time.DateOnly)
}

// A letterFolder is where letters are written. Nothing outside it can be.
type letterFolder struct {
	root    *os.Root
	entries []paper.IndexEntry
}

func newLetterFolder(dir string) (*letterFolder, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	return &letterFolder{root: root}, err
}

// put writes a letter and notes it for the index.
func (f *letterFolder) put(ctx context.Context, server *api.Server, ask projections.LetterAsk) (paper.IndexEntry, error) {
	l, made, err := server.LetterFile(ctx, ask)
	if err != nil {
		return paper.IndexEntry{}, err
	}
	e := paper.IndexEntry{File: unsafeInNames.ReplaceAllString(l.Village, "_") + ".html", Code: l.Village, Village: l.VillageName, Kecamatan: l.Kecamatan,
		Number: l.Number, Digest: made.Digest, Origins: l.Totals.Origins, Asked: l.Totals.Asked, Granted: l.Totals.Granted}
	f.entries = append(f.entries, e)
	return e, f.root.WriteFile(e.File, made.Body, 0o644)
}

// close writes the index.
func (f *letterFolder) close(l *lettering) error {
	defer f.root.Close()
	index, err := paper.Index(l.cycle.Title, l.Year, l.cycle.Demo, f.entries)
	if err != nil {
		return err
	}
	return f.root.WriteFile("index.html", index, 0o644)
}

var unsafeInNames = regexp.MustCompile(`[^0-9A-Za-z.-]+`)

type lettersWrite struct {
	lettersChoice
	Out          string `required:"" help:"Folder tujuan; dibuat bila belum ada. · Folder to write to; made when missing."`
	NumberPrefix string `help:"Awalan nomor surat; kode desa ditambahkan. Kosong: rancangan tanpa nomor. · Prefix of the number; the village's code is added. Empty: drafts without one."`
	Date         string `help:"Tanggal pada surat, mis. 2026-07-20. · Day printed on the letters."`
}

// Run writes, for every village, what it has not been told yet; where it was
// told everything, its last letter as it was sent. All drafts tell of the log as
// it stands when the run begins.
func (c *lettersWrite) Run(s *session) error {
	l, err := c.begin(s.ctx)
	if err != nil {
		return err
	}
	defer l.app.close()
	folder, err := newLetterFolder(c.Out)
	if err != nil {
		return err
	}
	err = l.each(s, nil, func(v projections.VillageLetters) error {
		ask := projections.LetterAsk{Village: v.Village, Year: c.Year, Number: v.Number}
		if v.Status != projections.LetterSent {
			ask.Number, ask.At, ask.Date = "", l.head, c.Date
			if c.NumberPrefix != "" {
				ask.Draft, ask.Date = number(c.NumberPrefix, v), l.day(c.Date)
			}
		}
		e, err := folder.put(s.ctx, l.server, ask)
		if err != nil || !c.JSON {
			return err
		}
		return json.NewEncoder(s.out).Encode(map[string]any{"village": v.Village, "status": v.Status, "file": e.File, "number": e.Number, "digest": e.Digest, "proposals": e.Origins})
	})
	if err != nil {
		folder.root.Close()
		return err
	}
	if err := folder.close(l); err != nil {
		return err
	}
	fmt.Fprintln(s.err, s.lang.T("letters.written", "n", s.lang.Count(int64(len(folder.entries))), "folder", c.Out))
	return nil
}

type lettersSend struct {
	lettersChoice
	Token        string `env:"RUNUT_TOKEN" help:"Token kepala Bappeda atau perencana; lebih aman lewat RUNUT_TOKEN. · Token of the head of planning or a planner; safer in RUNUT_TOKEN."`
	Channel      string `default:"surat" enum:"surat,surel,aplikasi,langsung" help:"Cara kirim: surat, surel, aplikasi, langsung. · How they are sent."`
	NumberPrefix string `required:"" help:"Awalan nomor surat; kode desa ditambahkan. · Prefix of the number; the village's code is added."`
	Date         string `help:"Tanggal surat; kosong: hari ini. · Day of the letters; empty: today."`
	Out          string `help:"Tulis juga surat yang dicatat ke folder ini. · Also write the letters to this folder."`
	DryRun       bool   `help:"Hanya sebutkan desa yang akan dikirimi. · Only name the villages."`
}

// Run records a letter to every village that was not told everything. A village
// that was is passed over, so that a run which broke off can be made again.
func (c *lettersSend) Run(s *session) error {
	l, err := c.begin(s.ctx)
	if err != nil {
		return err
	}
	defer l.app.close()
	var actor domain.Actor
	if !c.DryRun {
		_, caller, err := acting{keyed: c.keyed, Token: c.Token}.identify(s.ctx, l.app)
		if err != nil {
			return err
		}
		actor = caller.Actor
	}
	folder := (*letterFolder)(nil)
	if c.Out != "" && !c.DryRun {
		if folder, err = newLetterFolder(c.Out); err != nil {
			return err
		}
	}
	sent := 0
	err = l.each(s, []string{projections.LetterMissing, projections.LetterStale}, func(v projections.VillageLetters) error {
		recorded, err := c.one(s, l, actor, folder, v)
		if recorded {
			sent++
		}
		return err
	})
	if folder != nil {
		if failed := folder.close(l); err == nil {
			err = failed
		}
	}
	said := "letters.sent"
	if c.DryRun {
		said = "letters.would_send"
	}
	fmt.Fprintln(s.err, s.lang.T(said, "n", s.lang.Count(int64(sent))))
	return err
}

// one records the letter to a village, and reports whether there was one to be
// sent.
func (c *lettersSend) one(s *session, l *lettering, actor domain.Actor, folder *letterFolder, v projections.VillageLetters) (bool, error) {
	o := api.LetterOrder{Village: v.Village, Year: c.Year, Number: number(c.NumberPrefix, v), Date: l.day(c.Date), Channel: c.Channel}
	line := map[string]any{"village": v.Village, "number": o.Number, "status": v.Status, "untold": v.Untold, "changed": v.Changed}
	if !c.DryRun {
		got, err := l.server.SendLetter(s.ctx, actor, o)
		if refusal, ok := errors.AsType[*domain.Error](err); ok && refusal.Code == "letter.all_told" {
			return false, nil // somebody was faster
		}
		if err != nil {
			return false, fmt.Errorf("%s: %w", v.Village, err)
		}
		line["position"] = got.Last
	}
	if folder != nil {
		e, err := folder.put(s.ctx, l.server, projections.LetterAsk{Village: v.Village, Year: c.Year, Number: o.Number})
		if err != nil {
			return true, err
		}
		line["file"], line["digest"] = e.File, e.Digest
	}
	if c.JSON {
		return true, json.NewEncoder(s.out).Encode(line)
	}
	_, err := fmt.Fprintf(s.out, "%s  %s\n", v.Village, o.Number)
	return true, err
}

type lettersList struct {
	lettersChoice
	Status []string `help:"Hanya status ini: missing, stale, sent. · Only these statuses." enum:"missing,stale,sent,"`
}

// Run prints how every village stands.
func (c *lettersList) Run(s *session) error {
	l, err := c.begin(s.ctx)
	if err != nil {
		return err
	}
	defer l.app.close()
	if !c.JSON { // beside the lines, which are for counting and cutting too
		fmt.Fprintf(s.err, "%-14s %-28s %7s %7s %7s  %s\n", s.lang.T("letters.column_village"), s.lang.T("letters.column_status"),
			s.lang.T("letters.column_origins"), s.lang.T("letters.column_untold"), s.lang.T("letters.column_changed"), s.lang.T("letters.column_last"))
	}
	quiet := *s
	quiet.err = io.Discard
	return l.each(&quiet, c.Status, func(v projections.VillageLetters) error {
		if c.JSON {
			return json.NewEncoder(s.out).Encode(v)
		}
		_, err := fmt.Fprintf(s.out, "%-14s %-28s %7d %7d %7d  %s %s\n", v.Village, s.lang.T("letter.status."+v.Status), v.Origins, v.Untold, v.Changed, v.Number, v.Date)
		return err
	})
}
