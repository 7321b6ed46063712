package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"runut/api"
	"runut/api/intake/lists"
	"runut/api/intake/sheet"
	"runut/api/text"
	"runut/domain"
	"runut/domain/act"
	"runut/domain/proposal"
)

// What an officer reads after importing a list adds up, to the rupiah.
func TestAnImportedListIsAccountedForInWords(t *testing.T) {
	row := func(number int, amount domain.Rupiah) *lists.Row { return &lists.Row{Number: number, Amount: amount} }
	r := &api.ListReport{
		List:      &lists.List{Rows: make([]*lists.Row, 4), Refused: make([]lists.Refused, 1), Headings: 3, Footers: 1, Footer: 999, Sum: 7_650_000},
		Decided:   []lists.Decided{{Row: row(3, 5_000_000), Decision: act.Decision{Ask: &proposal.IncludedInRKPD{}}}, {Row: row(4, 0), Decision: act.Decision{Ask: &proposal.LeftOut{}}}},
		Unchanged: []*lists.Row{row(5, 1_500_000)},
		Waiting:   []lists.Waiting{{Row: row(6, 1_000_000)}},
		Refused:   []lists.Refused{{Row: row(7, 150_000), Err: domain.Refuse(domain.NotFound, "proposal.unknown", "proposal", "U-28-4K7M2XQ")}},
		Absent:    make([]*lists.Candidate, 12),
		Events:    4, Appends: 1,
	}
	order := api.ListOrder{Kind: "rkpd", Year: 2028, File: &sheet.File{}, Document: domain.Document{Number: "20/2026", Date: "2026-06-30"}}
	var out bytes.Buffer
	s := &session{out: &out, lang: text.ID}
	if err := printList(s, &importList{}, order, r, leftFiles{Confirm: "rkpd.cocokkan.xlsx", Quarantine: "rkpd.karantina.xlsx"}); err != nil {
		t.Fatal(err)
	}
	want := `Daftar RKPD 2028, dokumen 20/2026 tanggal 30 Juni 2026
  Diputuskan                                    2            Rp5.000.000
    Masuk RKPD                                  1            Rp5.000.000
    Tidak masuk                                 1                    Rp0
  Tetap (sudah diputuskan dokumen ini)          1            Rp1.500.000
  Menunggu konfirmasi                           1            Rp1.000.000
  Karantina                                     1              Rp150.000
  ----------------------------------------------------------------------
  Semua baris                                   5            Rp7.650.000
4 baris judul program, kegiatan, atau jumlah tidak dihitung.
Perhatian: daftar menyebut jumlah Rp999, sedangkan baris-barisnya Rp7.650.000. Periksa baris yang hilang atau terhitung dua kali.
12 usulan menunggu dokumen ini dan tidak ada di daftar. Mereka tetap menunggu; saat jadwal RKPD ditutup, mereka tercatat “Tidak masuk” tanpa alasan (ALS-KOSONG). Bila memang dikeluarkan, ulangi dengan --left-out KODE.
1 baris perlu dikonfirmasi: buka rkpd.cocokkan.xlsx, isi kolom Keputusan, lalu jalankan runut import rkpd dengan berkas itu.
1 baris dikarantina: betulkan di rkpd.karantina.xlsx, lalu impor berkas itu dengan dokumen yang sama.
  baris 7: Tidak ada usulan dengan nomor U-28-4K7M2XQ.
4 peristiwa ditulis dalam 1 penambahan.
`
	if d := cmp.Diff(strings.Split(want, "\n"), strings.Split(out.String(), "\n")); d != "" {
		t.Error(d)
	}
	if sums := sumsOf(r); sums.All.Rows != len(r.List.Rows)+len(r.List.Refused) || sums.All.Amount != r.List.Sum {
		t.Errorf("%+v of %d rows and %s", sums.All, len(r.List.Rows)+len(r.List.Refused), r.List.Sum)
	}
}

// A workbook that somebody may have filled in is never written over, and one
// that could not be finished is not left behind.
func TestWorkbooksBesideAFileAreNeverOverwritten(t *testing.T) {
	list := filepath.Join(t.TempDir(), "rkpd.2028.xlsx")
	write := func(what string) func(io.Writer) error {
		return func(w io.Writer) error { _, err := io.WriteString(w, what); return err }
	}
	var made []string
	for _, what := range []string{"one", "two"} {
		path, err := writeBeside(list, "cocokkan", write(what))
		if err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(path)
		if err != nil || string(content) != what {
			t.Errorf("%s holds %q, %v", path, content, err)
		}
		made = append(made, filepath.Base(path))
	}
	broken := errors.New("broken")
	if _, err := writeBeside(list, "cocokkan", func(io.Writer) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("a workbook that broke off: %v", err)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(list), "*"))
	if err != nil || len(left) != 2 {
		t.Errorf("there are %v, %v", left, err)
	}
	if d := cmp.Diff([]string{"rkpd.2028.cocokkan.xlsx", "rkpd.2028.cocokkan-2.xlsx"}, made); d != "" {
		t.Error(d)
	}
}
