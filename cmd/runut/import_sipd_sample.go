package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"runut/api/intake/sipd/sample"
	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/reference"
)

type importSample struct {
	keyed
	Folder string `arg:"" help:"Folder tujuan; dibuat bila belum ada. · Folder to write to; made when missing."`
	Year   int    `required:"" help:"Tahun anggaran yang siklusnya terbuka. · Fiscal year of an open cycle."`
	Rows   int    `default:"300" help:"Banyak usulan di ekspor pertama. · Proposals in the first export."`
	Weeks  int    `default:"3" help:"Banyak ekspor berturut-turut. · How many exports follow one another."`
	Seed   uint64 `default:"1" help:"Benih; benih yang sama memberi isi yang sama. · Seed."`
}

// Run writes exports that follow one another, of the places and OPDs in this log's
// registers, with every trap there is known of.
func (c *importSample) Run(s *session) error {
	if c.Rows < 1 || c.Rows > 200_000 || c.Weeks < 1 || c.Weeks > 52 {
		return domain.Refuse(domain.Invalid, "sipd.sample_size", "rows", strconv.Itoa(c.Rows), "weeks", strconv.Itoa(c.Weeks))
	}
	a, err := c.open(s.ctx)
	if err != nil {
		return err
	}
	defer a.close()
	streams := []string{cycle.Stream(c.Year), reference.Stream("wilayah"), reference.Stream("opd")}
	histories, err := a.store.Streams(s.ctx, streams)
	if err != nil {
		return err
	}
	now := func(stream string) []event.Record { return event.Sequence(histories[stream], event.View{}) }
	open := cycle.Fold(now(streams[0]))
	wilayah, opd := reference.Fold(now(streams[1])).On(""), reference.Fold(now(streams[2])).On("")
	if open.Opened == nil || wilayah == nil || opd == nil {
		return domain.Refuse(domain.Conflict, "workflow.cycle_unopened", "year", strconv.Itoa(c.Year))
	}
	if err := os.MkdirAll(c.Folder, 0o755); err != nil {
		return err
	}
	step := min(7*24*time.Hour, time.Since(open.OpenedAt)/time.Duration(c.Weeks+1))
	o := sample.Options{Wilayah: wilayah.Entries, OPD: opd.Entries, Rows: c.Rows, Seed: c.Seed}
	for week := range c.Weeks {
		at := time.Now().Add(-time.Duration(c.Weeks-1-week) * step).In(open.Zone)
		o.Week, o.Traps, o.Merged = week, true, week%2 == 1
		name := filepath.Join(c.Folder, fmt.Sprintf("usulan-sipd-%s.xlsx", at.Format("2006-01-02-150405")))
		if err := writeSample(name, o, at); err != nil {
			return err
		}
		fmt.Fprintln(s.out, s.lang.T("import.sample", "file", name))
	}
	o.Week, o.Traps, o.Pokir, o.Rows = 0, false, true, max(1, c.Rows/5)
	at := time.Now().In(open.Zone)
	name := filepath.Join(c.Folder, fmt.Sprintf("pokir-sipd-%s.csv", at.Format("2006-01-02-150405")))
	if err := writeSample(name, o, at); err != nil {
		return err
	}
	fmt.Fprintln(s.out, s.lang.T("import.sample", "file", name))
	return nil
}

// writeSample writes one export; a csv file with semicolons, as Excel does where
// a comma stands in numbers.
func writeSample(name string, o sample.Options, at time.Time) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	t := sample.Make(o)
	if filepath.Ext(name) == ".csv" {
		err = t.CSV(f, ';')
	} else {
		err = t.XLSX(f, at)
	}
	if bad := f.Close(); err == nil {
		err = bad
	}
	return err
}
