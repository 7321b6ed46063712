package main

import (
	"encoding/json"
	"fmt"
	"time"

	"runut/domain/finding"
)

type findingsCommand struct {
	database
	Year int      `required:"" help:"Tahun anggaran. · Fiscal year."`
	Rule []string `help:"Hanya aturan ini, mis. A1. · Only these rules."`
	JSON bool     `help:"Satu temuan sebaris, untuk mesin. · One finding a line, for machines."`
}

// Run looks through a fiscal year by every rule.
func (c *findingsCommand) Run(s *session) error {
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
	began := time.Now()
	bar := newBar(s.err, s.lang.T("findings.bar"))
	looked := 0
	found, err := desk.Findings(s.ctx, c.Year, 0, func(done int) { looked = done; bar.set(int64(done), -1) })
	bar.done()
	if err != nil {
		return err
	}
	wanted := map[string]bool{}
	for _, code := range c.Rule {
		wanted[code] = true
	}
	counts := map[string]int{}
	enc := json.NewEncoder(s.out)
	for _, f := range found {
		if len(wanted) > 0 && !wanted[f.Rule] {
			continue
		}
		counts[f.Rule]++
		if c.JSON {
			if err := enc.Encode(f); err != nil {
				return err
			}
		}
	}
	if c.JSON {
		return nil
	}
	for _, r := range finding.Rules {
		if n := counts[r.Code]; len(wanted) == 0 || n > 0 {
			fmt.Fprintf(s.out, "%-3s %6d  %s\n", r.Code, n, r.Title.In(string(s.lang)))
		}
	}
	if len(wanted) > 0 {
		for _, f := range found {
			if wanted[f.Rule] {
				fmt.Fprintf(s.out, "%-3s %-12s  %-13s  %d\n", f.Rule, f.Proposal, f.Village, f.Position)
			}
		}
	}
	fmt.Fprintln(s.err, s.lang.T("findings.done", "proposals", s.lang.Count(int64(looked)), "seconds", fmt.Sprintf("%.1f", time.Since(began).Seconds())))
	return nil
}
