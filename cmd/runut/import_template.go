package main

import (
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"runut/api"
	"runut/api/intake/sheet"
	"runut/api/text"
)

type importTemplate struct {
	acting
	File   string `arg:"" type:"existingfile" help:"Templat yang sudah diisi, atau karantinanya yang sudah dibetulkan. · A filled template, or its quarantine once mended."`
	Year   int    `help:"Tahun anggaran; kosong: menurut berkas. · Fiscal year; empty: as the file says."`
	DryRun bool   `help:"Tunjukkan apa yang akan diajukan; tidak ada yang dicatat. · Show what would be handed in; record nothing."`
	JSON   bool   `help:"Hasil untuk mesin. · Output for machines."`
}

// Run hands in the rows and leaves two workbooks beside the file: the numbers,
// to send back, and the rows to mend.
func (c *importTemplate) Run(s *session) error {
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
	bar := newBar(s.err, s.lang.T("import.bar"))
	r, err := server.ImportTemplate(s.ctx, caller, api.TemplateOrder{File: f, Year: c.Year, Try: c.DryRun, Progress: bar.set})
	bar.done()
	if err != nil {
		return err
	}
	var files templateFiles
	if len(r.Refused) > 0 {
		if files.Quarantine, err = writeBeside(c.File, "karantina", func(w io.Writer) error { return quarantineTemplate(w, r) }); err != nil {
			return err
		}
	}
	if !c.DryRun && len(r.Submitted)+len(r.Revised) > 0 {
		if files.Receipt, err = writeBeside(c.File, "tanda-terima", func(w io.Writer) error { return receiptOf(w, s, r) }); err != nil {
			return err
		}
	}
	return c.print(s, r, files)
}

// templateFiles are the workbooks that are left beside a template; "" for none.
type templateFiles struct {
	Receipt    string `json:"receipt,omitempty"`
	Quarantine string `json:"quarantine,omitempty"`
}

func quarantineTemplate(w io.Writer, r *api.TemplateReport) error {
	q, err := sheet.NewQuarantine(r.Table.Layout)
	if err != nil {
		return err
	}
	defer q.Close()
	if err := q.Of(r.File); err != nil {
		return err
	}
	for _, row := range r.Refused {
		if err := q.Add(row.Cells, row.Column, row.Err); err != nil {
			return err
		}
	}
	_, err = q.WriteTo(w)
	return err
}

// receiptOf writes which row became which proposal.
func receiptOf(w io.Writer, s *session, r *api.TemplateReport) error {
	f := excelize.NewFile()
	defer f.Close()
	out, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	if err := out.SetColWidth(2, 5, 28); err != nil {
		return err
	}
	at := 0
	add := func(cells ...any) error {
		at++
		return out.SetRow(fmt.Sprintf("A%d", at), cells)
	}
	if err := add(s.lang.T("template.receipt_row"), s.lang.T("template.receipt_place"), s.lang.T("template.receipt_title"), s.lang.T("template.receipt_number"), s.lang.T("template.receipt_what")); err != nil {
		return err
	}
	for _, part := range []struct {
		what string
		rows []api.TemplateRow
	}{{"template.submitted", r.Submitted}, {"template.revised", r.Revised}, {"template.unchanged", r.Unchanged}} {
		for _, row := range part.rows {
			if err := add(row.Number, text.Guard(r.Table.Layout.Get(row.Cells, "village").Text), text.Guard(row.Idea.Title.Masked), row.Proposal, s.lang.T(part.what)); err != nil {
				return err
			}
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return f.Write(w)
}

func (c *importTemplate) print(s *session, r *api.TemplateReport, files templateFiles) error {
	year := fmt.Sprint(r.Table.Mark.Year)
	if c.JSON {
		type taken struct {
			Row      int    `json:"row"`
			Proposal string `json:"proposal"`
		}
		list := func(rows []api.TemplateRow) []taken {
			out := []taken{}
			for _, row := range rows {
				out = append(out, taken{row.Number, row.Proposal})
			}
			return out
		}
		faults := []rowFault{}
		for _, row := range r.Refused {
			faults = append(faults, faultOf(s, row.Number, row.Column, row.Err))
		}
		return json.NewEncoder(s.out).Encode(struct {
			Year        int           `json:"year"`
			DryRun      bool          `json:"dry_run"`
			Rows        int           `json:"rows"`
			Submitted   []taken       `json:"submitted"`
			Revised     []taken       `json:"revised"`
			Unchanged   []taken       `json:"unchanged"`
			Quarantined []rowFault    `json:"quarantined"`
			Examples    int           `json:"examples"`
			Events      int           `json:"events"`
			Files       templateFiles `json:"files"`
		}{r.Table.Mark.Year, c.DryRun, len(r.Table.Entries), list(r.Submitted), list(r.Revised), list(r.Unchanged), faults, r.Table.Examples, r.Events, files})
	}
	head := "template.head"
	if c.DryRun {
		head = "template.head_try"
	}
	fmt.Fprintln(s.out, s.lang.T(head, "year", year, "file", c.File))
	lines := []struct {
		code string
		n    int
	}{{"template.submitted", len(r.Submitted)}, {"template.revised", len(r.Revised)}, {"template.unchanged", len(r.Unchanged)}, {"template.refused", len(r.Refused)}, {"template.all", len(r.Table.Entries)}}
	wide := 0
	for _, l := range lines {
		wide = max(wide, utf8.RuneCountInString(s.lang.T(l.code)))
	}
	for i, l := range lines {
		if i == len(lines)-1 {
			fmt.Fprintf(s.out, "  %s\n", dashes(wide+9))
		}
		fmt.Fprintf(s.out, "  %-*s %8s\n", wide, s.lang.T(l.code), s.lang.Count(int64(l.n)))
	}
	if r.Table.Examples > 0 {
		fmt.Fprintln(s.out, s.lang.T("template.examples", "n", s.lang.Count(int64(r.Table.Examples))))
	}
	if files.Receipt != "" {
		fmt.Fprintln(s.out, s.lang.T("template.receipt", "file", files.Receipt))
	}
	if files.Quarantine != "" {
		fmt.Fprintln(s.out, s.lang.T("template.quarantine", "n", s.lang.Count(int64(len(r.Refused))), "file", files.Quarantine))
		for _, row := range r.Refused[:min(len(r.Refused), shown)] {
			fmt.Fprintln(s.out, "  "+s.lang.T("lists.row", "row", fmt.Sprint(row.Number), "why", s.lang.Refuse(row.Err).Title))
		}
		if more := len(r.Refused) - shown; more > 0 {
			fmt.Fprintln(s.out, "  "+s.lang.T("lists.more", "n", s.lang.Count(int64(more))))
		}
	}
	if c.DryRun {
		fmt.Fprintln(s.out, s.lang.T("lists.nothing_recorded"))
		return nil
	}
	fmt.Fprintln(s.out, s.lang.T("template.recorded", "events", s.lang.Count(int64(r.Events))))
	return nil
}
