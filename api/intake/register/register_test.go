package register_test

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"runut/api/intake/register"
	"runut/api/intake/sheet"
	"runut/domain"
	"runut/domain/event"
	"runut/domain/reference"
)

func csv(t testing.TB, text string) *sheet.File {
	t.Helper()
	f, err := sheet.OpenReader("berkas.csv", strings.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// read reads a table and holds that every row of it is accounted for.
func read(t testing.TB, f *sheet.File, o register.Options) *register.Table {
	t.Helper()
	table, err := register.Read(f, o)
	if err != nil {
		t.Fatal(err)
	}
	if table.Quarantine != nil {
		t.Cleanup(func() { table.Quarantine.Close() })
	}
	if sum := table.Taken + table.Repeated + table.Elsewhere + table.Faulty; sum != table.Rows {
		t.Errorf("%d rows, of which %d are accounted for", table.Rows, sum)
	}
	if table.Taken+table.Derived != len(table.Entries) {
		t.Errorf("%d entries out of %d rows and %d derived", len(table.Entries), table.Taken, table.Derived)
	}
	return table
}

func code(err error) string {
	if refusal, ok := errors.AsType[*domain.Error](err); ok {
		return refusal.Code
	}
	return fmt.Sprint(err)
}

// faults says of every faulty row where and why.
func faults(table *register.Table) []string {
	var out []string
	for _, f := range table.Faults {
		out = append(out, fmt.Sprintf("%d %s %s", f.Row, f.Column, f.Err.Code))
	}
	return out
}

func entries(table *register.Table) []string {
	var out []string
	for _, e := range table.Entries {
		line := e.Code + " " + e.Name
		if e.Parent != "" {
			line += " < " + e.Parent
		}
		if len(e.Facts) > 0 {
			line += " " + fmt.Sprint(e.Facts)
		}
		if e.Until != "" {
			line += " until " + e.Until
		}
		out = append(out, line)
	}
	return out
}

func TestPlacesOfTheKabupatenAreTakenAndTheRestCounted(t *testing.T) {
	const list = "kode;nama\n99;Provinsi Contoh\n99.01;Kabupaten Contoh\n99.01.03;Contoh Tiga\n99.01.03.2001;Sumber Jaya\n9901031002;Kelurahan Kota\n99.02;Kabupaten Lain\n99.01.03.2001;Sumber Jaya\n" +
		"99.01.03.2001;Nama Lain\n99.01.04.2001;Tanpa Kecamatan\n99.01.3;Cacat\n99.01.03.2005;\n;Tanpa Kode\n99.01.03.2006;NIK 9901014101850001\n"
	got := read(t, csv(t, list), register.Options{Register: "wilayah", Tenant: "99.01"})
	if d := gocmp.Diff([]string{"99.01 Kabupaten Contoh", "99.01.03 Contoh Tiga < 99.01", "99.01.03.2001 Sumber Jaya < 99.01.03", "99.01.03.1002 Kelurahan Kota < 99.01.03"}, entries(got)); d != "" {
		t.Error(d)
	}
	if d := gocmp.Diff([]string{"9 kode register.code_twice", "11 kode register.code_malformed", "12 nama register.name_missing", "13 kode register.code_missing", "14 nama register.personal", "10 kode register.parent_unknown"}, faults(got)); d != "" {
		t.Error(d)
	}
	if got.Elsewhere != 2 || got.Repeated != 1 {
		t.Errorf("%d elsewhere, %d repeated", got.Elsewhere, got.Repeated)
	}
	all := read(t, csv(t, "kode,nama\n99,Provinsi\n99.01,Kabupaten\n99.02,Lain\n"), register.Options{Register: "wilayah", Tenant: "99.01", All: true})
	if d := gocmp.Diff([]string{"99 Provinsi", "99.01 Kabupaten < 99", "99.02 Lain < 99"}, entries(all)); d != "" {
		t.Error(d)
	}
}

func TestFaultyRowsCanBeMendedAndReadAgain(t *testing.T) {
	got := read(t, csv(t, "kode,nama\n99.01,Kabupaten\n99.1.3,Cacat\n"), register.Options{Register: "wilayah", Tenant: "99.01"})
	var b bytes.Buffer
	if _, err := got.Quarantine.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	book.SetCellValue("Karantina", "A2", "99.01.03")
	book.SetSheetRow("Karantina", "A3", &[]any{"99.01", "Kabupaten"})
	mended, err := book.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	f, err := sheet.OpenReader("x.xlsx", bytes.NewReader(mended.Bytes()), int64(mended.Len()))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	again := read(t, f, register.Options{Register: "wilayah", Tenant: "99.01"})
	if d := gocmp.Diff([]string{"99.01.03 Cacat < 99.01", "99.01 Kabupaten"}, entries(again)); d != "" || len(again.Unknown) > 0 {
		t.Error(d, again.Unknown)
	}
}

func TestNomenclatureGetsTheHeadingsThatItsRowsName(t *testing.T) {
	got := read(t, csv(t, "kode_sub_kegiatan,jns_pemda,urusan,bidang_urusan,program,kegiatan,sub_kegiatan\n"+
		"1.03.10.2.01.05,kabkota,URUSAN WAJIB,BIDANG PU,PROGRAM JALAN,Kegiatan Jalan,Pembangunan Jalan\n"+
		"1.03.10.2.01.06,kabkota,URUSAN WAJIB,BIDANG PU,PROGRAM JALAN KABUPATEN,Kegiatan Jalan,Rehabilitasi Jalan******)\n"+
		"1.03.10.2.01.06,kabkota,URUSAN WAJIB,BIDANG PU,PROGRAM JALAN,Kegiatan Jalan,Rehabilitasi Jalan\n"+
		"1.03.10.2.01.06.9.9.9,kabkota,,,,,Cacat\n"), register.Options{Register: "nomenclature"})
	if d := gocmp.Diff([]string{
		"1 URUSAN WAJIB", "1.03 BIDANG PU < 1", "1.03.10 PROGRAM JALAN < 1.03", "1.03.10.2.01 Kegiatan Jalan < 1.03.10", "1.03.10.2.01.05 Pembangunan Jalan < 1.03.10.2.01 map[government:kabkota]",
		"1.03.10.2.01.06 Rehabilitasi Jalan < 1.03.10.2.01 map[government:kabkota]",
	}, entries(got)); d != "" {
		t.Error(d)
	}
	if d := gocmp.Diff([]string{"1.03.10"}, got.Differing); d != "" || got.Repeated != 1 || got.Faulty != 1 {
		t.Error(d, got.Repeated, got.Faulty)
	}
	levels := read(t, csv(t, "Kode,Nomenklatur,Satuan\n1,Urusan,\n1.03,Bidang,\n1.03.10,Program,\n1.03.10.2.01.0005,Sub,km\n"), register.Options{Register: "nomenclature"})
	if d := gocmp.Diff([]string{"1 Urusan", "1.03 Bidang < 1", "1.03.10 Program < 1.03", "1.03.10.2.01.0005 Sub < 1.03.10 map[unit:km]"}, entries(levels)); d != "" {
		t.Error(d)
	}
}

func TestOfficesHaveTheCodesThatTheirTableHas(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"as SIPD writes them": {"No;Kode SKPD;Nama SKPD\n1;1.03.0.00.0.00.01.0000;Dinas PU\n2;1.03.0.00.0.00.01.0001;UPT Jalan\n3;7.01.0.00.0.00.02.0003;Kelurahan Kota\n",
			[]string{"1.03.0.00.0.00.01.0000 Dinas PU", "1.03.0.00.0.00.01.0001 UPT Jalan < 1.03.0.00.0.00.01.0000", "7.01.0.00.0.00.02.0003 Kelurahan Kota"}},
		"by an id":         {"id_unit,jns_pemda,kd_unit,nm_unit\n8,1,8,Dinas Pendidikan Dayah******)\n10,2,8,Dinas Kesehatan\n", []string{"8 Dinas Pendidikan Dayah map[government:1]", "10 Dinas Kesehatan map[government:2]"}},
		"one that ends":    {"Kode OPD,Nama OPD,Berlaku sampai\nA-1,Dinas A,31/12/2026\n", []string{"A-1 Dinas A until 2026-12-31"}},
		"by unit numbers":  {"Kode Unit,Nama Unit\n12,Dinas B\n", []string{"12 Dinas B"}},
		"under their head": {"Kode,Nama,Induk\nA,Dinas A,\nA1,UPT,A\n", []string{"A Dinas A", "A1 UPT < A"}},
	} {
		if d := gocmp.Diff(test.want, entries(read(t, csv(t, test.text), register.Options{Register: "opd"}))); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	bare := read(t, csv(t, "Nama OPD,Alamat\nDinas A,Jalan\n"), register.Options{Register: "opd"})
	if d := gocmp.Diff([]string{"2  register.code_column"}, faults(bare)); d != "" {
		t.Error(d)
	}
}

func TestTheKamusFindsItsOffices(t *testing.T) {
	offices := editions(t, "opd", "O", reference.Entry{Code: "1.03", Name: "Dinas PU"}, reference.Entry{Code: "1.04", Name: "Dinas Kembar"}, reference.Entry{Code: "1.05", Name: "Dinas Kembar"})
	got := read(t, csv(t, "id,nama,jenis,pelaksana,kode opd,satuan,harga satuan\n1,Taman,FISIK,dinas pu,,M2,Rp1.500.000\n2,Parit,,Dinas Kembar,,mtr,\n3,Jalan,,,1.99,m,\n4,Jembatan,,,1.03,bh,1 juta\n"), register.Options{Register: "kamus", Offices: offices.On("")})
	if d := gocmp.Diff([]string{"1 Taman map[kind:FISIK office:dinas pu opd:1.03 price:1500000 unit:m2]", "2 Parit map[office:Dinas Kembar unit:m]"}, entries(got)); d != "" {
		t.Error(d)
	}
	if d := gocmp.Diff([]string{"4 kode opd register.office_unknown", "5 harga satuan sheet.amount_words"}, faults(got)); d != "" {
		t.Error(d)
	}
}

func TestHolidays(t *testing.T) {
	got := read(t, csv(t, "Tanggal,Nama,Jenis\n1 Januari 2026,Tahun Baru,Libur Nasional\n16/02/2026,Cuti Imlek,cuti bersama\n2026-02-16,Hari Jadi,Libur daerah\n16/02/2026,Cuti Imlek,cuti bersama\n31/02/2026,Tidak Ada,\n2026-05-01,Buruh,kadang\n"), register.Options{Register: "holidays"})
	if d := gocmp.Diff([]string{"2026-01-01 Tahun Baru map[kind:libur_nasional]", "2026-02-16 Cuti Imlek map[kind:cuti_bersama]", "2026-02-16-2 Hari Jadi map[kind:libur_daerah]"}, entries(got)); d != "" {
		t.Error(d)
	}
	if d := gocmp.Diff([]string{"6 Tanggal sheet.day_impossible", "7 Jenis register.kind_unknown"}, faults(got)); d != "" {
		t.Error(d)
	}
}

func TestHolidaysOfOtherYearsAreCarriedAlong(t *testing.T) {
	before := editions(t, "holidays", "2026", reference.Entry{Code: "2025-08-17", Name: "Kemerdekaan"}, reference.Entry{Code: "2026-01-01", Name: "Tahun Baru"}, reference.Entry{Code: "2026-02-17", Name: "Imlek"}).On("")
	got := read(t, csv(t, "Tanggal,Nama\n2026-01-01,Tahun Baru 2026\n2027-01-01,Tahun Baru\n"), register.Options{Register: "holidays"})
	got.Carry(before)
	if d := gocmp.Diff([]string{"2026-01-01 Tahun Baru 2026", "2027-01-01 Tahun Baru", "2025-08-17 Kemerdekaan"}, entries(got)); d != "" || got.Carried != 1 {
		t.Error(d, got.Carried)
	}
	places := read(t, csv(t, "kode,nama\n99.01,Kabupaten\n"), register.Options{Register: "wilayah", Tenant: "99.01"})
	if places.Carry(before); places.Carried != 0 {
		t.Error("places were carried along")
	}
}

func TestTablesThatAreNoRegister(t *testing.T) {
	for text, want := range map[string]string{"kode,nama\n": "register.no_entries", "kode,nama\n64.01,Lain\n": "register.all_elsewhere", "a,b\n1,2\n": "sheet.heading_not_found", "kode,alamat\n1,2\n": "sheet.columns_missing"} {
		if _, err := register.Read(csv(t, text), register.Options{Register: "wilayah", Tenant: "99.01"}); code(err) != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if _, err := register.Read(csv(t, "a,b\n1,2\n"), register.Options{Register: "reasons"}); code(err) != "register.not_a_table" {
		t.Error(err)
	}
}

// editions returns a register with one whole edition.
func editions(t testing.TB, name, edition string, list ...reference.Entry) reference.Register {
	t.Helper()
	e := &reference.EditionPublished{Register: name, Edition: edition, ValidFrom: "2025-01-01", Rows: len(list), Part: 1, Parts: 1, Entries: list}
	return reference.Fold([]event.Record{{Envelope: event.Envelope{Stream: reference.Stream(name), Version: 1}, Position: 1, Event: e}})
}

func place(code, name string) reference.Entry {
	return reference.Entry{Code: code, Name: name, Parent: code[:max(0, strings.LastIndexByte(code, '.'))]}
}

func TestANewEditionIsComparedAndGuessesAreOnlyTold(t *testing.T) {
	kab := reference.Entry{Code: "99.01", Name: "Kabupaten"}
	before := editions(t, "wilayah", "lama", kab, place("99.01.03", "Tiga"), place("99.01.03.2001", "Sumber Jaya"), place("99.01.03.2002", "Suka Maju"), place("99.01.03.2003", "Lebur"), place("99.01.03.2004", "Pindah"), place("99.01.03.2005", "Tetap")).On("")
	d := register.Compare("wilayah", before, []reference.Entry{kab, place("99.01.03", "Tiga"), place("99.01.04", "Empat"), place("99.01.03.2001", "Sumber Makmur"), place("99.01.03.1002", "Kelurahan Suka Maju"),
		place("99.01.04.2001", "Pindah"), place("99.01.03.2005", "Tetap"), place("99.01.03.2009", "Baru"), {Code: "98", Name: "Provinsi lain"}})
	var told []string
	for _, g := range d.Guesses {
		told = append(told, strings.Join([]string{string(g.Kind), cmp.Or(g.From.Code, "-"), cmp.Or(g.To.Code, "-")}, " "))
	}
	want := []string{"recoded 99.01.03.2002 99.01.03.1002", "moved 99.01.03.2004 99.01.04.2001", "merged 99.01.03.2003 -", "split - 99.01.04", "split - 99.01.03.2009"}
	if diff := gocmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
	if len(d.New) != 5 || len(d.Gone) != 3 || d.Unchanged != 3 || len(d.Changed) != 0 || d.Empty() {
		t.Errorf("%+v", d)
	}
	if diff := gocmp.Diff([]register.Renaming{{Code: "99.01.03.2001", From: "Sumber Jaya", To: "Sumber Makmur"}}, d.Renamed); diff != "" {
		t.Error(diff)
	}
	if same := register.Compare("wilayah", before, before.Entries); !same.Empty() || same.Unchanged != 7 {
		t.Errorf("an edition compared with itself: %+v", same)
	}
	if first := register.Compare("opd", nil, before.Entries); first.Empty() || len(first.New) != 7 || first.Guesses != nil {
		t.Errorf("a first edition: %+v", first)
	}
}

func TestWhoFollowsWhom(t *testing.T) {
	known := editions(t, "wilayah", "kini", place("99.01.03", "Tiga"), place("99.01.03.2001", "A"), place("99.01.03.2002", "B"), place("99.01.03.2003", "C"))
	got, err := register.ReadSuccession(csv(t, "Dari,Ke,Dasar,Tanggal\n99.01.03.2001,99.01.03.2003,Perda Nomor 5 Tahun 2025,5 Januari 2026\n99.01.03.2002,99.01.03.2003,Perda Nomor 5 Tahun 2025,2026-01-05\n"), "", "wilayah", known)
	if err != nil {
		t.Fatal(err)
	}
	want := []register.Succession{{Decree: domain.Document{Kind: "perda", Number: "5/2025", Date: "2026-01-05"}, To: map[string][]string{"99.01.03.2001": {"99.01.03.2003"}, "99.01.03.2002": {"99.01.03.2003"}}, Assign: map[string]string{}}}
	if d := gocmp.Diff(want, got.Successions); d != "" {
		t.Error(d)
	}
	bad, err := register.ReadSuccession(csv(t, "dari,ke,dasar,tanggal\n99.01.03.2001,99.01.03.2001,Perda 5/2025,2026-01-05\n99.01.03.9999,99.01.03.2003,Perda 5/2025,2026-01-05\n99.01.03.2001,99.01.03.9999,Perda 5/2025,2026-01-05\n"+
		"99.01.03.2001,99.01.03.2003,kata camat,2026-01-05\n99.01.03.2001,99.01.03.2003,Perda 5/2025,\n99.01.03.2001,99.01.03.2003,Perda 5/2025,2026-01-05\n99.01.03.2001,99.01.03.2002,Perda 5/2025,2026-01-05\n"), "", "wilayah", known)
	if err != nil {
		t.Fatal(err)
	}
	defer bad.Quarantine.Close()
	if d := gocmp.Diff([]string{"2 ke register.succeeds_itself", "3 dari register.never_known", "4 ke register.not_in_force", "5 dasar register.ground_unreadable", "6 tanggal sheet.day_missing", "8 ke register.two_successors"}, faults(&register.Table{Faults: bad.Faults})); d != "" || bad.Taken != 1 || bad.Faulty != 6 || bad.Rows != 7 {
		t.Error(d, bad)
	}
	offices := editions(t, "opd", "kini", reference.Entry{Code: "A", Name: "A"}, reference.Entry{Code: "B", Name: "B"}, reference.Entry{Code: "C", Name: "C"})
	number := domain.Number(2027, [16]byte{1}, 0)
	split, err := register.ReadSuccession(csv(t, "dari,ke,dasar,tanggal,usulan\nA,B,Perbup 7/2026,2026-01-05,\nA,C,Perbup 7/2026,2026-01-05,"+number+"\n"), "", "opd", offices)
	if err != nil {
		t.Fatal(err)
	}
	want = []register.Succession{{Decree: domain.Document{Kind: "perkada", Number: "7/2026", Date: "2026-01-05"}, To: map[string][]string{"A": {"B", "C"}}, Assign: map[string]string{number: "C"}}}
	if d := gocmp.Diff(want, split.Successions); d != "" || split.Faulty != 0 {
		t.Error(d, split.Faults)
	}
}

// TestNoRowIsLost holds the sum of rows over tables that nobody would write.
func TestNoRowIsLost(t *testing.T) {
	cell := rapid.StringMatching(`(99(\.01(\.0[1-3](\.200[1-3])?)?)?|Desa [A-C]|"|1,5|\x{200b}|#REF!|NIK 9901014101850001|2026-02-3[01]|)`)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(register.Names()).Draw(t, "register")
		heading := map[string]string{"wilayah": "kode;nama", "nomenclature": "kode;nama", "opd": "kode;nama", "kamus": "kode;nama", "holidays": "tanggal;nama"}[name]
		var b strings.Builder
		b.WriteString(heading + "\n")
		lines := 0
		for range rapid.IntRange(1, 12).Draw(t, "rows") {
			first, second := cell.Draw(t, "first"), cell.Draw(t, "second")
			if sheet.Clean(strings.ReplaceAll(first+second, `"`, "")) == "" || strings.Count(first+second, `"`) > 0 {
				continue
			}
			b.WriteString(first + ";" + second + "\n")
			lines++
		}
		text := b.String()
		f, err := sheet.OpenReader("x.csv", strings.NewReader(text), int64(len(text)))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		table, err := register.Read(f, register.Options{Register: name, Tenant: "99.01"})
		if c := code(err); err != nil && c != "register.no_entries" && c != "register.all_elsewhere" {
			t.Fatal(err)
		}
		if err != nil {
			return
		}
		if table.Quarantine != nil {
			defer table.Quarantine.Close()
			if table.Quarantine.Rows != table.Faulty {
				t.Fatalf("%d faulty rows, %d of them in quarantine", table.Faulty, table.Quarantine.Rows)
			}
		}
		if table.Rows != lines || table.Taken+table.Repeated+table.Elsewhere+table.Faulty != lines {
			t.Fatalf("%d rows: %d taken, %d repeated, %d elsewhere, %d faulty, %d told\n%s", lines, table.Taken, table.Repeated, table.Elsewhere, table.Faulty, table.Rows, text)
		}
	})
}

// shared opens a file of the public data that some machines have beside the
// checkout.
func shared(t *testing.T, name string) *sheet.File {
	t.Helper()
	dir := cmp.Or(os.Getenv("RUNUT_SHARED_DATA"), filepath.Join("..", "..", "..", "..", "shared", "data"))
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("public data are not at hand: RUNUT_SHARED_DATA, else %s", path)
	}
	f, err := sheet.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestPublicWilayah(t *testing.T) {
	f := shared(t, "wilayah_2025.csv")
	all := read(t, f, register.Options{Register: "wilayah", Tenant: "64.08", All: true})
	if all.Rows != 91599 || len(all.Entries) != 91599 || all.Faulty != 0 {
		t.Errorf("%d rows, %d entries, faults %v", all.Rows, len(all.Entries), faults(all))
	}
	own := read(t, f, register.Options{Register: "wilayah", Tenant: "64.08"})
	count := map[string]int{}
	for _, e := range own.Entries {
		switch {
		case strings.Count(e.Code, ".") == 2:
			count["kecamatan"]++
		case strings.Count(e.Code, ".") == 3 && e.Code[9] == '1':
			count["kelurahan"]++
		case strings.Count(e.Code, ".") == 3:
			count["desa"]++
		}
	}
	if d := gocmp.Diff(map[string]int{"kecamatan": 18, "desa": 139, "kelurahan": 2}, count); d != "" {
		t.Error(d)
	}
	if own.Elsewhere != 91599-160 {
		t.Errorf("%d places elsewhere", own.Elsewhere)
	}
}

func TestOtherPublicRegisters(t *testing.T) {
	for _, test := range []struct {
		file, register string
		rows, entries  int
	}{
		{"nomenklatur_kep050_simcan.csv", "nomenclature", 5263, 6590}, {"unit_opd_simcan.csv", "opd", 533, 533}, {"kamus_usulan_jember_L007.csv", "kamus", 62, 62},
	} {
		t.Run(test.register, func(t *testing.T) {
			got := read(t, shared(t, test.file), register.Options{Register: test.register})
			if got.Rows != test.rows || len(got.Entries) != test.entries || got.Faulty != 0 {
				t.Errorf("%d rows, %d entries, %d repeated, faults %v", got.Rows, len(got.Entries), got.Repeated, faults(got))
			}
		})
	}
}
