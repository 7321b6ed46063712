package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"runut/api"
	"runut/api/intake/register"
	"runut/api/intake/sheet"
	"runut/domain"
	"runut/domain/reference"
	"runut/projections"
)

type referenceCommand struct {
	Import  referenceImport  `cmd:"" help:"Terbitkan edisi register dari berkas xlsx atau csv. · Publish an edition of a register from an xlsx or csv file."`
	Succeed referenceSucceed `cmd:"" help:"Catat desa atau OPD yang digantikan; usulan terbuka ikut pindah. · Record villages or OPDs that were succeeded; open proposals move along."`
	List    referenceList    `cmd:"" help:"Edisi yang sudah terbit. · Editions that are published."`
}

type referenceImport struct {
	acting
	Register   string `arg:"" enum:"wilayah,nomenclature,opd,kamus,holidays" help:"wilayah, nomenclature, opd, kamus, holidays."`
	File       string `arg:"" type:"existingfile" help:"Berkas xlsx atau csv. · File, xlsx or csv."`
	Edition    string `required:"" help:"Nama edisi menurut sumbernya, mis. \"Kepmendagri 300.2.2-2138/2025\". · What the source calls the edition."`
	ValidFrom  string `required:"" help:"Hari mulai berlaku, mis. 2026-01-01. · Day from which it holds."`
	Sheet      string `help:"Nama lembar; kosong: yang pertama. · Name of the sheet; empty: the first."`
	All        bool   `help:"Semua wilayah, bukan hanya kabupaten ini. · All places, not this kabupaten alone."`
	SkipFaulty bool   `help:"Lewati baris bermasalah. · Leave faulty rows out."`
	DryRun     bool   `help:"Tunjukkan yang akan terjadi, tanpa mencatat. · Show what would happen and record nothing."`
	JSON       bool   `help:"Hasil untuk mesin. · Output for machines."`
}

// Run publishes an edition of a register.
func (c *referenceImport) Run(s *session) error {
	if _, err := time.Parse(time.DateOnly, c.ValidFrom); err != nil {
		return domain.Refuse(domain.Invalid, "register.valid_from", "day", c.ValidFrom)
	}
	f, err := sheet.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	a, server, caller, err := c.begin(s.ctx)
	if err != nil {
		return err
	}
	defer a.close()
	bar := newBar(s.err, s.lang.T("register.bar"))
	r, failed := server.ImportRegister(s.ctx, caller, api.RegisterOrder{
		Register: c.Register, File: f, Sheet: c.Sheet, Edition: c.Edition, ValidFrom: c.ValidFrom, All: c.All, SkipFaulty: c.SkipFaulty, Try: c.DryRun,
		Progress: func(rows int) { bar.set(int64(rows), -1) },
	})
	bar.done()
	if r == nil {
		return failed
	}
	quarantine, err := c.quarantine(r.Table.Quarantine)
	if err != nil {
		return err
	}
	if c.JSON {
		if err := json.NewEncoder(s.out).Encode(c.machine(s, r, quarantine, failed)); err != nil {
			return err
		}
	} else {
		c.tell(s, r, quarantine, failed)
	}
	return failed
}

// quarantine writes the faulty rows beside the file, unless this is a trial.
func (c *referenceImport) quarantine(q *sheet.Quarantine) (string, error) {
	if q == nil {
		return "", nil
	}
	defer q.Close()
	if c.DryRun {
		return "", nil
	}
	return writeBeside(c.File, "karantina", func(w io.Writer) error {
		_, err := q.WriteTo(w)
		return err
	})
}

// told is how many lines of a list are printed for people.
const told = 20

func (c *referenceImport) tell(s *session, r *api.RegisterReport, quarantine string, failed error) {
	say := func(code string, params ...string) { fmt.Fprintln(s.out, s.lang.T(code, params...)) }
	number := func(n int) string { return s.lang.Count(int64(n)) }
	t, d := r.Table, r.Difference
	for _, w := range t.Warnings {
		fmt.Fprintln(s.err, s.lang.Refuse(w).Title)
	}
	if len(t.Unknown) > 0 {
		fmt.Fprintln(s.err, s.lang.T("register.unknown_columns", "columns", strings.Join(t.Unknown, ", ")))
	}
	say("register.rows", "rows", number(t.Rows), "taken", number(t.Taken), "repeated", number(t.Repeated), "elsewhere", number(t.Elsewhere), "faulty", number(t.Faulty), "derived", number(t.Derived))
	if t.Carried > 0 {
		say("register.carried", "n", number(t.Carried))
	}
	if d.Against == "" {
		say("register.first")
	} else {
		say("register.against", "edition", d.Against)
	}
	say("register.counts", "new", number(len(d.New)), "renamed", number(len(d.Renamed)), "changed", number(len(d.Changed)), "gone", number(len(d.Gone)), "unchanged", number(d.Unchanged))
	entry := func(e reference.Entry) string { return e.Code + " " + e.Name }
	if d.Against != "" {
		listed(s, "register.list_new", d.New, entry)
	}
	listed(s, "register.list_renamed", d.Renamed, func(n register.Renaming) string { return n.Code + " " + n.From + " → " + n.To })
	listed(s, "register.list_changed", d.Changed, entry)
	listed(s, "register.list_gone", d.Gone, entry)
	listed(s, "register.list_guesses", d.Guesses, func(g register.Guess) string {
		name := g.From.Name
		if name == "" {
			name = g.To.Name
		}
		return s.lang.T("register.guess_"+string(g.Kind), "from", g.From.Code, "to", g.To.Code, "name", name)
	})
	listed(s, "register.list_differing", t.Differing, func(code string) string { return code })
	listed(s, "register.list_faulty", t.Faults, faultIn(s))
	if quarantine != "" {
		say("register.quarantine", "file", quarantine)
	}
	switch {
	case failed != nil:
	case r.Already:
		say("register.already", "edition", c.Edition)
	case c.DryRun:
		say("register.would_publish", "edition", c.Edition, "register", c.Register, "rows", number(len(t.Entries)), "events", number(r.Events))
	default:
		say("register.published", "edition", c.Edition, "register", c.Register, "day", c.ValidFrom, "rows", number(len(t.Entries)), "events", number(r.Events))
	}
}

// listed prints the beginning of a list under its title.
func listed[T any](s *session, title string, items []T, line func(T) string) {
	if len(items) == 0 {
		return
	}
	fmt.Fprintf(s.out, "%s (%s)\n", s.lang.T(title), s.lang.Count(int64(len(items))))
	for _, item := range items[:min(told, len(items))] {
		fmt.Fprintln(s.out, "  "+line(item))
	}
	if more := len(items) - told; more > 0 {
		fmt.Fprintln(s.out, "  "+s.lang.T("register.more", "n", s.lang.Count(int64(more))))
	}
}

// faultIn says where and why a row was not taken in.
func faultIn(s *session) func(register.Fault) string {
	return func(f register.Fault) string {
		place := s.lang.T("register.place_row", "row", fmt.Sprint(f.Row))
		if f.Column != "" {
			place = s.lang.T("register.place", "row", fmt.Sprint(f.Row), "column", f.Column)
		}
		return place + ": " + s.lang.Refuse(f.Err).Title
	}
}

// A referenceReport is an import for machines.
type referenceReport struct {
	Register   string              `json:"register"`
	Edition    string              `json:"edition"`
	ValidFrom  string              `json:"valid_from"`
	Digest     string              `json:"digest"`
	Against    string              `json:"against,omitempty"`
	Published  bool                `json:"published"`
	Already    bool                `json:"already"`
	DryRun     bool                `json:"dry_run"`
	Events     int                 `json:"events"`
	Rows       int                 `json:"rows"`
	Taken      int                 `json:"taken"`
	Repeated   int                 `json:"repeated"`
	Elsewhere  int                 `json:"elsewhere"`
	Faulty     int                 `json:"faulty"`
	Derived    int                 `json:"derived"`
	Carried    int                 `json:"carried"`
	Entries    int                 `json:"entries"`
	Unchanged  int                 `json:"unchanged"`
	New        []reference.Entry   `json:"new"`
	Renamed    []register.Renaming `json:"renamed"`
	Changed    []reference.Entry   `json:"changed"`
	Gone       []reference.Entry   `json:"gone"`
	Guesses    []register.Guess    `json:"guesses"`
	Differing  []string            `json:"differing"`
	Faults     []faultReport       `json:"faults"`
	Quarantine string              `json:"quarantine,omitempty"`
	Refusal    string              `json:"refusal,omitempty"` // its code
}

type faultReport struct {
	Row    int    `json:"row"`
	Column string `json:"column,omitempty"`
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

func (c *referenceImport) machine(s *session, r *api.RegisterReport, quarantine string, failed error) referenceReport {
	t, d := r.Table, r.Difference
	out := referenceReport{
		Register: c.Register, Edition: c.Edition, ValidFrom: c.ValidFrom, Digest: t.Digest, Against: d.Against, Published: r.Published, Already: r.Already, DryRun: c.DryRun, Events: r.Events,
		Rows: t.Rows, Taken: t.Taken, Repeated: t.Repeated, Elsewhere: t.Elsewhere, Faulty: t.Faulty, Derived: t.Derived, Carried: t.Carried, Entries: len(t.Entries), Unchanged: d.Unchanged,
		New: d.New, Renamed: d.Renamed, Changed: d.Changed, Gone: d.Gone, Guesses: d.Guesses, Differing: t.Differing, Faults: faultReports(s, t.Faults), Quarantine: quarantine,
	}
	if failed != nil {
		out.Refusal = s.lang.Refuse(failed).Code
	}
	return out
}

func faultReports(s *session, faults []register.Fault) []faultReport {
	out := make([]faultReport, len(faults))
	for i, f := range faults {
		out[i] = faultReport{f.Row, f.Column, f.Err.Code, s.lang.Refuse(f.Err).Title}
	}
	return out
}

type referenceSucceed struct {
	acting
	Register string `arg:"" enum:"wilayah,opd" help:"wilayah, opd."`
	File     string `arg:"" type:"existingfile" help:"Berkas dengan kolom Dari, Ke, Dasar, Tanggal; boleh Usulan. · File with the columns Dari, Ke, Dasar, Tanggal; Usulan if wanted."`
	Year     []int  `required:"" help:"Tahun anggaran yang usulannya ikut pindah; boleh beberapa. · Fiscal years whose proposals move along."`
	Sheet    string `help:"Nama lembar; kosong: yang pertama. · Name of the sheet; empty: the first."`
	DryRun   bool   `help:"Tunjukkan yang akan terjadi, tanpa mencatat. · Show what would happen and record nothing."`
	JSON     bool   `help:"Hasil untuk mesin, satu baris per keputusan atau baris bermasalah. · Output for machines, a line a decision or faulty row."`
}

// Run records successions in one fiscal year after another.
func (c *referenceSucceed) Run(s *session) error {
	f, err := sheet.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	a, server, caller, err := c.begin(s.ctx)
	if err != nil {
		return err
	}
	defer a.close()
	if err := a.runner.CatchUp(s.ctx); err != nil { // where a proposal stands is looked up in read models
		return err
	}
	refused := false
	for _, year := range c.Year {
		r, failed := server.RecordSuccession(s.ctx, caller, api.SuccessionOrder{Register: c.Register, Year: year, File: f, Sheet: c.Sheet, Try: c.DryRun})
		if r != nil && r.Table.Quarantine != nil {
			r.Table.Quarantine.Close()
		}
		if r != nil {
			if err := c.tellFaults(s, r.Table.Faults); err != nil {
				return err
			}
			for _, done := range r.Done {
				refused = refused || done.Refused != nil
				c.tell(s, year, done)
			}
		}
		if failed != nil {
			return failed
		}
	}
	if refused {
		return errQuiet
	}
	return nil
}

func (c *referenceSucceed) tellFaults(s *session, faults []register.Fault) error {
	if !c.JSON {
		listed(s, "register.list_faulty", faults, faultIn(s))
		return nil
	}
	for _, f := range faultReports(s, faults) {
		if err := json.NewEncoder(s.out).Encode(f); err != nil {
			return err
		}
	}
	return nil
}

func (c *referenceSucceed) tell(s *session, year int, d api.SuccessionDone) {
	for _, from := range sortedKeys(d.To) {
		to := strings.Join(d.To[from], ", ")
		if c.JSON {
			line := map[string]any{"year": year, "from": from, "to": d.To[from], "decree": d.Decree, "moved": d.Moved, "already": d.Already, "dry_run": c.DryRun}
			if d.Refused != nil {
				line["refusal"] = s.lang.Refuse(d.Refused).Title
			}
			_ = json.NewEncoder(s.out).Encode(line)
			continue
		}
		code := "register.succeeded"
		switch {
		case d.Refused != nil:
			code = "register.not_succeeded"
		case d.Already:
			code = "register.succeeded_again"
		case c.DryRun:
			code = "register.would_succeed"
		}
		decree := fmt.Sprintf("%d, %s %s", year, s.lang.T("document."+d.Decree.Kind), d.Decree.Number)
		fmt.Fprintln(s.out, s.lang.T(code, "decree", decree, "from", from, "to", to, "n", fmt.Sprint(len(d.Moved))))
	}
	if d.Refused != nil && !c.JSON {
		complain(s, d.Refused)
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

type referenceList struct {
	database
	Register string `arg:"" optional:"" default:"all" enum:"all,wilayah,nomenclature,opd,kamus,holidays,reasons,workflow" help:"Register; kosong: semua. · Register; empty: all."`
	JSON     bool   `help:"Hasil untuk mesin, satu baris per edisi. · Output for machines, a line an edition."`
}

// Run prints the editions of registers, the newest first.
func (c *referenceList) Run(s *session) error {
	pool, err := c.pool(s.ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	names := []string{c.Register}
	if c.Register == "all" {
		names = sortedKeys(reference.Registers)
	}
	found := 0
	for _, name := range names {
		editions, err := projections.Register{DB: pool}.Editions(s.ctx, name)
		if err != nil {
			return err
		}
		for _, e := range editions.Value {
			found++
			if c.JSON {
				if err := json.NewEncoder(s.out).Encode(e); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(s.out, "%-13s %s %8s  %s\n", e.Register, e.ValidFrom, s.lang.Count(int64(e.Rows)), e.Edition)
		}
	}
	if found == 0 && !c.JSON {
		fmt.Fprintln(s.out, s.lang.T("register.none_published"))
	}
	return nil
}
