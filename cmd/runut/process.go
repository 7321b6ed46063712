package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"runut/api/data"
	"runut/domain/process"
)

type processCommand struct {
	database
	Year int  `required:"" help:"Tahun anggaran. · Fiscal year."`
	JSON bool `help:"Hasil untuk mesin. · Output for machines."`
}

// Run says how the work of a fiscal year went: time at each stage, ways taken,
// handovers, rework, and where the record does not follow its rules.
func (c *processCommand) Run(s *session) error {
	pool, err := c.pool(s.ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	desk, closing, err := openDesk(s, pool)
	if err != nil {
		return err
	}
	defer closing()
	bar := newBar(s.err, s.lang.T("findings.bar"))
	report, err := desk.Process(s.ctx, c.Year, 0, func(done int) { bar.set(int64(done), -1) })
	bar.done()
	if err != nil {
		return err
	}
	if c.JSON {
		enc := json.NewEncoder(s.out)
		enc.SetIndent("", "  ")
		return enc.Encode(report)
	}
	c.print(s, report)
	return nil
}

func (c *processCommand) print(s *session, r process.Report) {
	say := func(code string, params ...string) { fmt.Fprintln(s.out, s.lang.T(code, params...)) }
	count := func(n int) string { return s.lang.Count(int64(n)) }
	say("process.heading", "year", fmt.Sprint(r.Cycle), "proposals", count(r.Proposals), "events", count(r.Events))
	say("process.stages")
	for _, t := range r.Stages {
		fmt.Fprintf(s.out, "  %-14s %s\n", t.Stage, s.lang.T("process.stage", "left", count(t.Left), "open", count(t.Open), "median", days(t.Median), "p90", days(t.P90)))
	}
	say("process.ways", "ways", count(r.Ways))
	for _, v := range r.Variants[:min(5, len(r.Variants))] {
		fmt.Fprintf(s.out, "  %6s  %s\n", count(v.Count), strings.Join(v.Steps, " → "))
	}
	say("process.handovers")
	for _, h := range r.Handovers[:min(8, len(r.Handovers))] {
		fmt.Fprintf(s.out, "  %6s  %s → %s\n", count(h.Count), h.From, h.To)
	}
	say("process.rework")
	for _, w := range r.Rework {
		fmt.Fprintf(s.out, "  %6s  %s %s\n", count(w.Count), w.What, w.Where)
	}
	say("process.fit", "fit", count(r.Fitness.Fit), "replayed", count(r.Fitness.Replayed), "observed", count(r.Fitness.Observed), "late", count(r.Fitness.Late))
	for _, m := range r.Fitness.Misfits[:min(10, len(r.Fitness.Misfits))] {
		fmt.Fprintf(s.out, "  %s  %s %s\n", m.Proposal, m.Code, m.Event)
	}
}

// days writes a number of days, a dash where nobody can say.
func days(n float64) string {
	if n < 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f", n)
}

type ocelCommand struct {
	database
	Year   int    `required:"" help:"Tahun anggaran. · Fiscal year."`
	Output string `short:"o" help:"Berkas hasil; kosong: keluaran baku. · File to write; empty: standard output."`
}

// Run writes the events of a fiscal year as OCEL 2.0 JSON.
func (c *ocelCommand) Run(s *session) error {
	pool, err := c.pool(s.ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	desk, closing, err := openDesk(s, pool)
	if err != nil {
		return err
	}
	defer closing()
	bar := newBar(s.err, s.lang.T("ocel.bar"))
	defer bar.done()
	write := func(w io.Writer) error {
		return data.Ocel(s.ctx, w, desk.Store, c.Year, func(done int) { bar.set(int64(done), -1) })
	}
	if c.Output == "" {
		return write(s.out)
	}
	// beside first, so that a file of this name is always whole
	f, err := os.CreateTemp(filepath.Dir(c.Output), ".ocel-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if err := write(f); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), c.Output)
}
