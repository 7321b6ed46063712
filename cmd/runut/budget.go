package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"runut/api/text"
	"runut/domain"
	"runut/projections"
)

type budgetCommand struct {
	Compare budgetCompare `cmd:"" help:"Bandingkan RKPD, KUA-PPAS, dan APBD usulan demi usulan. · Compare RKPD, KUA-PPAS and APBD, proposal by proposal."`
}

type budgetCompare struct {
	database
	Year int    `required:"" help:"Tahun anggaran. · Fiscal year."`
	Out  string `short:"o" help:"Tulis semua usulan ke berkas .xlsx. · Write every proposal to an .xlsx file."`
	JSON bool   `help:"Hasil untuk mesin. · Output for machines."`
}

// Run reads the read model page by page.
func (c *budgetCompare) Run(s *session) error {
	pool, err := c.pool(s.ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	book, err := c.book(s)
	if err != nil {
		return err
	}
	defer book.close()
	var drift projections.BudgetDrift
	after := projections.Cursor("")
	for {
		page, err := projections.Proposals{DB: pool}.Budget(s.ctx, c.Year, after, projections.MaxLimit)
		if err != nil {
			return err
		}
		for _, r := range page.Items {
			drift.Add(r)
			if err := book.add(r); err != nil {
				return err
			}
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if err := book.save(); err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(s.out).Encode(struct {
			Year int `json:"year"`
			projections.BudgetDrift
			File string `json:"file,omitempty"`
		}{c.Year, drift, c.Out})
	}
	printStep(s, "budget.to_ppas", drift.ToPPAS)
	printStep(s, "budget.to_apbd", drift.ToAPBD)
	if c.Out != "" {
		fmt.Fprintln(s.out, s.lang.T("budget.written", "n", s.lang.Count(int64(book.rows)), "file", c.Out))
	}
	return nil
}

// printStep prints how one document came from the other, as a sum.
func printStep(s *session, title string, step projections.BudgetStep) {
	fmt.Fprintln(s.out, s.lang.T(title))
	lines := []struct {
		code string
		sign domain.Rupiah
		part projections.BudgetPart
	}{{title + "_from", 1, step.From}, {"budget.dropped", -1, step.Dropped}, {"budget.waiting", -1, step.Waiting}, {"budget.lowered", -1, step.Lowered},
		{"budget.raised", 1, step.Raised}, {"budget.joined", 1, step.Joined}, {title + "_to", 1, step.To}}
	wide := 0
	for _, l := range lines {
		wide = max(wide, utf8.RuneCountInString(s.lang.T(l.code)))
	}
	for i, l := range lines {
		if i == len(lines)-1 {
			fmt.Fprintf(s.out, "  %s\n", dashes(wide+34))
		}
		fmt.Fprintf(s.out, "  %-*s %10s %22s\n", wide, s.lang.T(l.code), s.lang.Count(int64(l.part.Count)), s.lang.Rupiah(l.sign*l.part.Amount))
	}
}

// A budgetBook is the workbook of all proposals; nil where none was asked for.
type budgetBook struct {
	file *excelize.File
	out  *excelize.StreamWriter
	to   *os.File
	rows int
}

func (c *budgetCompare) book(s *session) (*budgetBook, error) {
	if c.Out == "" {
		return nil, nil
	}
	to, err := os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, domain.Refuse(domain.Conflict, "template.there", "file", c.Out)
	}
	if err != nil {
		return nil, err
	}
	b := &budgetBook{file: excelize.NewFile(), to: to}
	if b.out, err = b.file.NewStreamWriter("Sheet1"); err != nil {
		return nil, err
	}
	var head []any
	for _, code := range []string{"number", "title", "village", "opd", "state", "asked", "accepted", "rkpd", "ppas", "apbd", "ppas_drift", "apbd_drift"} {
		head = append(head, s.lang.T("budget.column."+code))
	}
	return b, b.out.SetRow("A1", head)
}

func (b *budgetBook) add(r projections.BudgetRow) error {
	if b == nil {
		return nil
	}
	b.rows++
	return b.out.SetRow(fmt.Sprintf("A%d", b.rows+1), []any{r.Number, text.Guard(r.Title), r.Village, r.OPD, string(r.State), int64(r.Asked), int64(r.Accepted),
		int64(r.RKPD), int64(r.PPAS), int64(r.APBD), int64(r.PPAS - r.RKPD), int64(r.APBD - r.PPAS)})
}

func (b *budgetBook) save() error {
	if b == nil {
		return nil
	}
	if err := b.out.Flush(); err != nil {
		return err
	}
	return b.file.Write(b.to)
}

func (b *budgetBook) close() {
	if b != nil {
		b.file.Close()
		b.to.Close()
	}
}
