package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"

	"github.com/google/uuid"

	"runut/api"
	"runut/api/intake/template"
	"runut/domain"
	"runut/domain/catalog"
	"runut/domain/cycle"
	"runut/eventstore"
)

type intakeCommand struct {
	Template intakeTemplate `cmd:"" help:"Buat berkas Excel isian usulan untuk desa. · Make the Excel file in which villages write down proposals."`
}

type intakeTemplate struct {
	database
	Year      int    `required:"" help:"Tahun anggaran. · Fiscal year."`
	Village   string `xor:"area" help:"Kode desa/kelurahan, mis. 99.01.01.2001; desanya terisi sendiri. · Code of one village."`
	Kecamatan string `xor:"area" help:"Kode kecamatan, untuk semua desanya. · Code of a kecamatan, for all its villages."`
	Rows      int    `default:"200" help:"Banyak baris siap isi. · How many rows to prepare."`
	Out       string `short:"o" required:"" help:"Berkas .xlsx yang dibuat. · The .xlsx file to make."`
}

// Run reads the registers and writes the workbook. It needs no token: it holds
// nothing that is not public.
func (c *intakeTemplate) Run(s *session) error {
	pool, err := c.pool(s.ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	store, err := eventstore.Open(s.ctx, pool, eventstore.Options{Catalog: catalog.Events, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer store.Close()
	area := cmp.Or(c.Village, c.Kecamatan)
	choices, of, err := (&api.Server{Store: store}).TemplateChoices(s.ctx, c.Year, area)
	if err != nil {
		return err
	}
	if len(choices.Villages) == 0 {
		return domain.Refuse(domain.NotFound, "template.area", "area", area)
	}
	f, err := os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return domain.Refuse(domain.Conflict, "template.there", "file", c.Out)
	}
	if err != nil {
		return err
	}
	title := c.title(s, choices, of)
	err = template.Write(f, template.Order{ID: uuid.New(), Year: c.Year, Kabupaten: of.Opened.Kabupaten, Title: title, Rows: min(max(c.Rows, 1), template.Most), Choices: choices})
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(c.Out)
		return err
	}
	n := func(list []template.Choice) string { return s.lang.Count(int64(len(list))) }
	fmt.Fprintln(s.out, s.lang.T("template.made", "file", c.Out, "year", fmt.Sprint(c.Year), "title", title, "rows", s.lang.Count(int64(c.Rows)),
		"villages", n(choices.Villages), "kamus", n(choices.Kamus), "offices", n(choices.Offices)))
	return nil
}

// title is who the workbook is for.
func (c *intakeTemplate) title(s *session, choices template.Choices, of cycle.State) string {
	village, kecamatan, _ := strings.Cut(choices.Villages[0].Name, ", ")
	switch {
	case c.Village != "":
		return village
	case c.Kecamatan != "":
		return kecamatan
	}
	return s.lang.T("template.for_kabupaten", "title", of.Opened.Title)
}
