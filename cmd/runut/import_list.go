package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"time"

	"runut/api"
	"runut/api/intake/lists"
	"runut/api/intake/sheet"
	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/eventstore/vault"
)

// An importList takes in the list of a document.
type importList struct {
	acting
	File         string `arg:"" type:"existingfile" help:"Daftar, .xlsx atau .csv; atau berkas konfirmasi yang sudah diisi. · The list, or a confirmation that was filled in."`
	Year         int    `required:"" help:"Tahun anggaran. · Fiscal year."`
	Document     string `required:"" help:"Nomor dokumen yang ditetapkan. · Number of the document."`
	Date         string `required:"" help:"Tanggal dokumen, mis. 2026-06-30. · Day of the document."`
	DocumentKind string `help:"Jenis dokumen; kosong: perkada, nota_kesepakatan, atau perda. · What kind of paper it is."`
	DocumentFile string `type:"existingfile" help:"Berkas dokumennya (PDF); disimpan sebagai bukti. · The paper itself (PDF); it is kept as evidence."`
	Digest       string `help:"Sidik SHA-256 dokumen, bila berkasnya sudah diunggah. · SHA-256 of the paper, where it was uploaded already."`
	Total        string `help:"Total dokumen menurut naskahnya, mis. 12.500.000.000. · The document's total as printed."`
	Sheet        string `help:"Lembar kerja; kosong: yang pertama. · Sheet; empty: the first."`
	Occurred     string `help:"Sejak hari apa berlaku; kosong: saat dicatat. · Day from which it holds; empty: when recorded."`
	LeftOut      string `name:"left-out" help:"Kode alasan untuk usulan yang menunggu dokumen ini dan tidak ada di daftar. · Reason code for proposals that wait for it and stand in no row."`
	LeftOutWords string `name:"left-out-text" help:"Penjelasan alasan itu. · That reason in words."`
	DryRun       bool   `help:"Tunjukkan apa yang akan diputuskan; tidak ada yang dicatat. · Show what would be decided; record nothing."`
	JSON         bool   `help:"Hasil untuk mesin. · Output for machines."`
}

type (
	importRKPD      struct{ importList }
	importPPAS      struct{ importList }
	importAPBD      struct{ importList }
	importPerubahan struct{ importList }
)

func (c *importRKPD) Run(s *session) error      { return c.take(s, "rkpd", "perkada") }
func (c *importPPAS) Run(s *session) error      { return c.take(s, "ppas", "nota_kesepakatan") }
func (c *importAPBD) Run(s *session) error      { return c.take(s, "apbd", "perda") }
func (c *importPerubahan) Run(s *session) error { return c.take(s, "perubahan", "perda") }

// take reads the list, decides what can be decided, and leaves two workbooks
// beside it: rows to confirm and rows to mend.
func (c *importList) take(s *session, kind, paper string) error {
	order := api.ListOrder{Kind: kind, Year: c.Year, Sheet: c.Sheet, LeftOut: c.LeftOut, LeftOutWords: domain.Mask(c.LeftOutWords), Try: c.DryRun}
	if c.DocumentKind != "" {
		paper = c.DocumentKind
	}
	order.Document = domain.Document{Kind: paper, Number: c.Document, Date: c.Date, Digest: c.Digest}
	if c.Total != "" {
		total, err := sheet.Rupiah(sheet.Cell{Kind: sheet.Text, Text: c.Total, Raw: c.Total})
		if err != nil {
			return err
		}
		order.Total = total
	}
	f, err := sheet.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	order.File = f
	a, server, caller, err := c.begin(s.ctx)
	if err != nil {
		return err
	}
	defer a.close()
	if order.Occurred, err = c.occurred(s.ctx, a); err != nil {
		return err
	}
	if order.Document.Digest, err = c.paper(s.ctx, a, kind); err != nil {
		return err
	}
	bar := newBar(s.err, s.lang.T("import.bar"))
	order.Progress = bar.set
	report, err := server.ImportList(s.ctx, caller, order)
	bar.done()
	if err != nil {
		return err
	}
	files, err := c.leave(report, s)
	if err != nil {
		return err
	}
	return printList(s, c, order, report, files)
}

// occurred reads a day in the kabupaten's own time.
func (c *importList) occurred(ctx context.Context, a *app) (domain.Interval, error) {
	if c.Occurred == "" {
		return domain.Interval{}, nil
	}
	stream := cycle.Stream(c.Year)
	histories, err := a.store.Streams(ctx, []string{stream})
	if err != nil {
		return domain.Interval{}, err
	}
	zone := cycle.Fold(event.Sequence(histories[stream], event.View{})).Zone
	if zone == nil {
		zone = domain.Zones["WITA"]
	}
	day, err := time.ParseInLocation(time.DateOnly, c.Occurred, zone)
	if err != nil {
		return domain.Interval{}, domain.Refuse(domain.Invalid, "lists.day", "day", c.Occurred)
	}
	return domain.OnDay(day.Year(), day.Month(), day.Day(), zone), nil
}

// paper returns the digest of the document, which is kept as evidence where its
// file was named.
func (c *importList) paper(ctx context.Context, a *app, kind string) (string, error) {
	if c.DocumentFile == "" {
		if c.Digest == "" {
			return "", domain.Refuse(domain.Invalid, "lists.paper_missing", "kind", kind)
		}
		return c.Digest, nil
	}
	f, err := os.Open(c.DocumentFile)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if c.DryRun {
		h := sha256.New()
		_, err := io.Copy(h, f)
		return hex.EncodeToString(h.Sum(nil)), err
	}
	doc, err := (&vault.Documents{Vault: a.vault}).Put(ctx, f, "application/pdf", filepath.Base(c.DocumentFile))
	return doc.Digest.String(), err
}

// leave writes the workbooks for what was not decided.
func (c *importList) leave(r *api.ListReport, s *session) (files leftFiles, err error) {
	if len(r.Waiting) > 0 {
		files.Confirm, err = writeBeside(c.File, "cocokkan", func(w io.Writer) error {
			return lists.Confirm(w, r.List, r.Waiting, r.Meta, r.Registers, s.lang)
		})
		if err != nil {
			return files, err
		}
	}
	if len(r.Refused) == 0 {
		return files, nil
	}
	files.Quarantine, err = writeBeside(c.File, "karantina", func(w io.Writer) error {
		q, err := sheet.NewQuarantine(r.List.Layout)
		if err != nil {
			return err
		}
		defer q.Close()
		if err := q.Of(r.File); err != nil {
			return err
		}
		for _, one := range r.Refused {
			if err := q.Add(one.Row.Cells, one.Column, one.Err); err != nil {
				return err
			}
		}
		_, err = q.WriteTo(w)
		return err
	})
	return files, err
}
