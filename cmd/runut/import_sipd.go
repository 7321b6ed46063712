package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"runut/api"
	"runut/api/intake"
	"runut/api/intake/sheet"
	"runut/api/intake/sipd"
	"runut/domain"
	"runut/domain/act"
	"runut/domain/cycle"
	"runut/domain/delivery"
)

type importSipd struct {
	acting
	File           string   `arg:"" help:"Berkas xlsx atau csv dari SIPD, atau karantina yang sudah diperbaiki. · xlsx or csv file of SIPD, or a mended quarantine."`
	Year           int      `required:"" help:"Tahun anggaran, mis. 2027. · Fiscal year."`
	DryRun         bool     `help:"Tampilkan apa yang akan terjadi; tidak mencatat apa pun. · Say what would happen and record nothing."`
	ExportedAt     string   `help:"Kapan diekspor dari SIPD, mis. \"2026-03-06 16:00\"; kosong: nama berkas, lalu propertinya. · When it was exported; empty: as its name, then its properties say."`
	AsHistory      bool     `help:"Berkas lebih tua dari yang terakhir; catat sebagai riwayat. · The file is older than the last one; record it as history."`
	ConfirmMissing bool     `help:"Benar bahwa lebih dari 5 % usulan hilang dari berkas. · More than 5 % of the proposals are really missing."`
	StatusMap      string   `help:"Peta status milik sendiri (YAML). · A status map of your own."`
	Box            string   `help:"Batas koordinat kabupaten: selatan,barat,utara,timur. · The kabupaten lies within south,west,north,east."`
	Covers         []string `help:"Kode wilayah dan OPD yang dicakup berkas; kosong: menurut isinya. · Codes the file speaks for; empty: those of its rows."`
	FixesOf        string   `help:"Sidik berkas yang karantinanya diperbaiki; kosong: dicari sendiri. · Digest of the file whose quarantine this mends; empty: found out."`
	Sheet          string   `help:"Nama lembar; kosong: yang pertama. · Name of the sheet; empty: the first."`
	JSON           bool     `help:"Hasil untuk mesin. · Output for machines."`
}

// Run takes an export in and says what came of it.
func (c *importSipd) Run(s *session) error {
	f, err := sheet.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	o := sipd.Options{File: f, Sheet: c.Sheet, Year: c.Year, AsHistory: c.AsHistory, Confirmed: c.ConfirmMissing, DryRun: c.DryRun, Covers: c.Covers, Mends: c.FixesOf}
	if o.Map, err = c.statusMap(); err != nil {
		return err
	}
	if c.Box != "" {
		box, err := sipd.ParseBox(c.Box)
		if err != nil {
			return err
		}
		o.Box = &box
	}
	a, server, caller, err := c.begin(s.ctx)
	if err != nil {
		return err
	}
	defer a.close()
	if caller.Actor.Role != cycle.Importer {
		return domain.Refuse(domain.Forbidden, "workflow.role", "act", "observe", "role", string(caller.Actor.Role), "wanted", string(cycle.Importer))
	}
	zone, err := zoneOf(s.ctx, a, c.Year)
	if err != nil {
		return err
	}
	if o.ExportedAt, err = api.ParseMoment(c.ExportedAt, zone); err != nil {
		return err
	}
	if err := a.runner.CatchUp(s.ctx); err != nil {
		return err
	}
	bar := newBar(s.err, s.lang.T("import.progress"))
	o.Progress = bar.set
	kept := &heldRows{}
	defer kept.close()
	if !c.DryRun {
		o.Quarantine = kept
	}
	importer := &sipd.Importer{Store: a.store, DB: a.pool, Vault: a.vault, Definitions: a.definitions.find, Tenant: server.Tenant, Actor: caller.Actor}
	report, err := importer.Run(s.ctx, o)
	bar.done()
	if err != nil {
		return err
	}
	if !report.Known || report.Mended > 0 {
		if report.Quarantine, err = kept.save(c.File); err != nil {
			return err
		}
	}
	for _, w := range report.Warnings {
		fmt.Fprintln(s.err, s.lang.Refuse(w).Title)
	}
	if c.JSON {
		sipd.Words(&report, s.lang)
		err = json.NewEncoder(s.out).Encode(report)
	} else {
		tell(s, report, zone)
	}
	if err != nil || c.DryRun {
		return err
	}
	return a.runner.CatchUp(s.ctx) // so that what is read next is up to date, also where no server runs
}

func (c *importSipd) statusMap() (*sipd.StatusMap, error) {
	if c.StatusMap == "" {
		return sipd.BaseStatusMap(), nil
	}
	text, err := os.ReadFile(c.StatusMap)
	if err != nil {
		return nil, domain.Refuse(domain.NotFound, "sheet.unreadable", "file", c.StatusMap)
	}
	return sipd.ParseStatusMap(filepath.Base(c.StatusMap), text)
}

// A heldRows writes quarantined rows to a workbook, begun with the first of them.
type heldRows struct{ book *sheet.Quarantine }

func (h *heldRows) Add(l sheet.Layout, row sheet.Row, column string, reason error) (err error) {
	if h.book == nil {
		if h.book, err = sheet.NewQuarantine(l); err != nil {
			return err
		}
	}
	return h.book.Add(row, column, reason)
}

// save writes the workbook beside the file and returns its name; "" where nothing
// was quarantined.
func (h *heldRows) save(file string) (string, error) {
	if h.book == nil {
		return "", nil
	}
	return writeBeside(file, "karantina", func(w io.Writer) error {
		_, err := h.book.WriteTo(w)
		return err
	})
}

func (h *heldRows) close() {
	if h.book != nil {
		h.book.Close()
	}
}

type importFiles struct {
	database
	Year  int    `help:"Tahun anggaran; kosong: semua. · Fiscal year; empty: all."`
	Open  bool   `help:"Hanya yang karantinanya terbuka. · Only those with open quarantine."`
	Limit int    `default:"20" help:"Paling banyak sekian berkas. · At most so many files."`
	JSON  bool   `help:"Hasil untuk mesin, satu baris per berkas. · Output for machines, a line a file."`
	After string `help:"Lanjutkan dari tanda halaman sebelumnya. · Go on behind the cursor of the page before."`
}

func (c *importFiles) Run(s *session) error {
	pool, err := c.pool(s.ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	return listImports(s, pool, *c)
}

type importDismiss struct {
	acting
	Digest string `arg:"" help:"Sidik berkas, dari runut import list (awalannya cukup). · Digest of the file, or its beginning."`
	Year   int    `required:"" help:"Tahun anggaran. · Fiscal year."`
	Rows   string `required:"" help:"Nomor baris, mis. 4,9-12; atau \"semua\". · Row numbers, or \"semua\" for all."`
	Note   string `required:"" help:"Mengapa baris ini tidak diimpor. · Why these rows are not taken in."`
}

// Run records that quarantined rows are not taken in, and why.
func (c *importDismiss) Run(s *session) error {
	a, server, caller, err := c.begin(s.ctx)
	if err != nil {
		return err
	}
	defer a.close()
	stream := delivery.ImportStream(sipd.Source, strconv.Itoa(c.Year))
	histories, err := a.store.Streams(s.ctx, []string{stream})
	if err != nil {
		return err
	}
	state := delivery.Fold(histories[stream])
	digest := ""
	for known := range state.Files {
		if strings.HasPrefix(known, c.Digest) && len(c.Digest) >= 6 {
			digest = known
		}
	}
	if digest == "" {
		return domain.Refuse(domain.NotFound, "import.file_unknown", "file", c.Digest)
	}
	rows, err := c.rows(state, digest)
	if err != nil {
		return err
	}
	ask := act.OnDelivery{Stream: stream, Ask: &delivery.QuarantineResolved{File: digest, Rows: rows, How: "dismissed", Note: domain.Mask(c.Note)}}
	if _, err := server.Do(s.ctx, api.Ask{Act: ask, Actor: caller.Actor, Command: uuid.New(), Cycle: c.Year, Version: -1}); err != nil {
		return err
	}
	fmt.Fprintln(s.out, s.lang.T("import.dismissed", "count", strconv.Itoa(len(rows))))
	return nil
}

// rows returns the row numbers that are meant.
func (c *importDismiss) rows(state delivery.State, digest string) ([]int, error) {
	if intake.All(c.Rows) {
		return state.OpenRows(digest), nil
	}
	return intake.Rows(c.Rows)
}

type importStatusMap struct{}

func (importStatusMap) Run(s *session) error {
	_, err := s.out.Write(sipd.BaseStatusYAML())
	return err
}
