package sipd_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"runut/api/intake/sheet"
	"runut/api/intake/sipd"
	"runut/api/intake/sipd/sample"
	"runut/api/text"
)

// oddities are cells as nobody should write them.
var oddities = []any{
	nil, "", " ", "\u00a0\u200b", "-", "NULL", "#N/A", "=1+1", "@SUM(A1)", "0", "-5", "1e400", "99999999999999999999", "1.2.3,4,5", "200-300", "Rp", "31/02/2026",
	"\x00\x01", strings.Repeat("x", 255), strings.Repeat("panjang ", 1000), sample.NIK, sample.Phone, sample.Email, "91.5, 200.25", "-0.5, 117.15", 46055, -1, 1.5, 1e18, true,
	"Dinas Pendidikan", "Misal Hulu", "Misal Hulu Sari", "99.01.02.2003", "ditolak", "Disetujui SKPD", "disetujui", "\U0001F600", "يونيكود", "a\nb\tc",
}

// Whatever stands in the cells, nothing panics and no row is lost: each is
// accepted, unchanged or quarantined with its number and a reason, and nobody is
// named in the report.
func TestMangledWorkbooksLoseNothing(t *testing.T) {
	w := newTown(t)
	w.taken(w.export(sample.Options{Rows: 25, Seed: 1}))
	rapid.Check(t, func(t *rapid.T) {
		table := sample.Make(sample.Options{
			Wilayah: wilayah, OPD: offices, Rows: rapid.IntRange(1, 25).Draw(t, "rows"), Seed: 1, Week: rapid.IntRange(0, 2).Draw(t, "week"),
			Pokir: rapid.Bool().Draw(t, "pokir"), Traps: rapid.Bool().Draw(t, "traps"), Wide: rapid.Bool().Draw(t, "wide"), Merged: rapid.Bool().Draw(t, "merged"), Shuffle: rapid.Bool().Draw(t, "shuffle"),
		})
		for range rapid.IntRange(0, 40).Draw(t, "mangled") {
			row := rapid.IntRange(0, len(table.Rows)-1).Draw(t, "row")
			column := rapid.IntRange(0, len(table.Lower)-1).Draw(t, "column")
			if rapid.Bool().Draw(t, "odd") {
				table.Rows[row][column] = rapid.SampledFrom(oddities).Draw(t, "cell")
			} else {
				table.Rows[row][column] = rapid.String().Draw(t, "cell")
			}
		}
		for range rapid.IntRange(0, 3).Draw(t, "twice") {
			table.Rows = append(table.Rows, table.Rows[rapid.IntRange(0, len(table.Rows)-1).Draw(t, "again")])
		}
		var b bytes.Buffer
		name := "usulan.xlsx"
		if rapid.Bool().Draw(t, "csv") {
			name = "usulan.csv"
			if err := table.CSV(&b, rapid.SampledFrom([]rune{',', ';', '\t'}).Draw(t, "separator")); err != nil {
				t.Skip("csv cannot hold that")
			}
		} else if err := table.XLSX(&b, friday); err != nil {
			t.Skip("a workbook cannot hold that")
		}
		f, err := sheet.OpenReader(name, bytes.NewReader(b.Bytes()), int64(b.Len()))
		if err != nil {
			return // refused as a whole, with a reason: held by package sheet
		}
		defer f.Close()
		rows := 0
		for row, err := range f.Rows("") {
			if err == nil && row.Number > 0 {
				rows++
			}
		}
		r, err := w.importer().Run(w.Context(), sipd.Options{File: f, Year: year, DryRun: true, ExportedAt: sample.Exported(friday, 1), Confirmed: true})
		if err != nil {
			if code(err) == err.Error() {
				t.Fatalf("not a refusal: %v", err)
			}
			return
		}
		if r.Rows != r.Accepted+r.Unchanged+r.Quarantined {
			t.Fatalf("%d rows are not %d + %d + %d", r.Rows, r.Accepted, r.Unchanged, r.Quarantined)
		}
		if most := rows; r.Rows > most || r.Rows < most-4 { // titles and headings are no rows
			t.Fatalf("the file has %d rows, %d came out", most, r.Rows)
		}
		held := 0
		for _, h := range r.Held {
			held += h.Count
			for _, x := range h.Examples {
				if x.Row < 1 || h.Reason == "" {
					t.Fatalf("%+v", x)
				}
			}
		}
		if held != r.Quarantined {
			t.Fatalf("%d reasons for %d rows", held, r.Quarantined)
		}
		sipd.Words(&r, text.ID)
		said, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, detail := range []string{sample.NIK, sample.Phone, sample.Email} {
			if strings.Contains(string(said), detail) {
				t.Fatalf("the report names %s: %s", detail, said)
			}
		}
	})
}

func FuzzRow(f *testing.F) {
	headings := []string{"ID Usulan", "Usulan", "Masalah", "Alamat", "Kecamatan", "Kelurahan", "OPD Tujuan Awal", "Status", "Volume", "Satuan", "Anggaran", "Tanggal Usul", "Rekomendasi SKPD", "Catatan"}
	f.Add(strings.Join(line("1")[:14], "|"))
	f.Add("1|Drainase|Tergenang|RT 1 -0.5, 117.2|Contoh Kota|Maju|Dinas Kesehatan|Ditolak SKPD|1.250,5|m'|Rp1.000,00|03/02/2026|ya|" + sample.NIK)
	f.Add("|||||||||||||")
	f.Fuzz(func(t *testing.T, written string) {
		if !utf8.ValidString(written) {
			t.Skip()
		}
		var cells []sheet.Cell
		for part := range strings.SplitSeq(written, "|") {
			text := sheet.Clean(part)
			kind := sheet.Text
			if text == "" {
				kind = sheet.Empty
			}
			cells = append(cells, sheet.Cell{Kind: kind, Text: text, Raw: part})
		}
		e, err := sipd.ReadRow(wilayah, offices, headings, cells)
		if err != nil {
			t.Fatal(err)
		}
		if len(e.Problems) == 0 && (e.ID == "" || e.Idea.Village == "" || e.First == "" || e.Status == "" || e.Idea.Title.IsZero()) {
			t.Errorf("taken in without what it needs: %+v", e)
		}
		for _, p := range e.Problems {
			if p.Column == "" || p.Err == nil {
				t.Errorf("a problem without a place: %+v", p)
			}
		}
	})
}
