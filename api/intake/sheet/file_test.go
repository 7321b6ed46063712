package sheet_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"runut/api/intake/sheet"
)

func open(t testing.TB, name string, content []byte) *sheet.File {
	t.Helper()
	f, err := sheet.OpenReader(name, bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// refused returns the code with which a file cannot be opened or read.
func refused(content []byte) string {
	f, err := sheet.OpenReader("x", bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return code(err)
	}
	defer f.Close()
	for _, err := range f.Rows("") {
		if err != nil {
			return code(err)
		}
	}
	return ""
}

// table returns the texts of a sheet, each row behind its number.
func table(t testing.TB, f *sheet.File, name string) [][]string {
	t.Helper()
	var rows [][]string
	for row, err := range f.Rows(name) {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, append([]string{fmt.Sprint(row.Number)}, row.Texts()...))
	}
	return rows
}

// book returns a workbook of one sheet; merges are pairs of cells.
func book(t testing.TB, rows [][]any, merges ...[2]string) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, row := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range merges {
		if err := f.MergeCell("Sheet1", m[0], m[1]); err != nil {
			t.Fatal(err)
		}
	}
	return bytesOf(t, f)
}

func bytesOf(t testing.TB, f *excelize.File) []byte {
	t.Helper()
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestCSVIsReadHoweverItIsWritten(t *testing.T) {
	want := [][]string{{"1", "No", "Usulan", "Jumlah"}, {"2", "1", "Jalan \"poros\"; RT 1,\nRT 2", "1,5"}, {"4", "2", "5\" pipa", "Café"}}
	for name, written := range map[string]string{
		"comma":     "No,Usulan,Jumlah\r\n1,\"Jalan \"\"poros\"\"; RT 1,\r\nRT 2\",\"1,5\"\r\n,,\r\n2,5\" pipa,Café",
		"semicolon": "No;Usulan;Jumlah\n1;\"Jalan \"\"poros\"\"; RT 1,\nRT 2\";1,5\n\n2;5\" pipa;Café\n",
		"tab":       "No\tUsulan\tJumlah\r1\t\"Jalan \"\"poros\"\"; RT 1,\rRT 2\"\t1,5\r\r2\t5\" pipa\tCafé\r",
		"pipe":      "No|Usulan|Jumlah\n1|\"Jalan \"\"poros\"\"; RT 1,\nRT 2\"|1,5\n||\n2|5\" pipa|Café\n",
	} {
		t.Run(name, func(t *testing.T) {
			latin, err := charmap.Windows1252.NewEncoder().String(written)
			if err != nil {
				t.Fatal(err)
			}
			little, _ := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(written)
			big, _ := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(written)
			for encoding, content := range map[string]string{"UTF-8": written, "UTF-8 with BOM": "\ufeff" + written, "UTF-16 LE": little, "UTF-16 BE": big, "Windows-1252": latin} {
				f := open(t, "usulan.csv", []byte(content))
				if d := cmp.Diff(want, table(t, f, "")); d != "" {
					t.Errorf("%s (-want +got):\n%s", encoding, d)
				}
				if warned := len(f.Warnings) == 1; warned != (encoding == "Windows-1252") || f.Kind != sheet.CSV || len(f.Digest) != 64 {
					t.Errorf("%s: warnings %v, kind %s, digest %s", encoding, f.Warnings, f.Kind, f.Digest)
				}
			}
		})
	}
	hinted := open(t, "x.csv", []byte("sep=;\na;b\n1;2\n"))
	if d := cmp.Diff([][]string{{"2", "a", "b"}, {"3", "1", "2"}}, table(t, hinted, "")); d != "" {
		t.Error(d)
	}
}

func TestAWorkbookSaysOfEveryCellWhatItIs(t *testing.T) {
	f := excelize.NewFile()
	style := func(format string) int {
		id, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	set := func(cell string, value any, format string) {
		if err := f.SetCellValue("Sheet1", cell, value); err != nil {
			t.Fatal(err)
		}
		if format != "" {
			f.SetCellStyle("Sheet1", cell, cell, style(format))
		}
	}
	set("A3", "64.08", "")
	set("B3", 64.1, "0.00")
	set("C3", 7, `000`)
	set("D3", 1234567.0, `"Rp"#,##0.00`)
	set("E3", time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC), `dd/mm/yyyy`)
	set("F3", 46027.4375, `[$-421]dd mmmm yyyy hh:mm`)
	set("G3", true, "")
	set("H3", "", "")
	if err := f.SetCellDefault("Sheet1", "H3", "0.30000000000000004"); err != nil {
		t.Fatal(err)
	}
	set("I3", 1e9, "")
	set("J3", " a\u00a0b\u200b ", "")
	f.SetCellFormula("Sheet1", "K3", "A1")
	set("M3", 60, "yyyy-mm-dd") // no day: 1900 had no 29 February
	if err := f.SetDocProps(&excelize.DocProperties{Modified: "2026-02-20T03:04:05Z"}); err != nil {
		t.Fatal(err)
	}
	f.NewSheet("Daftar")
	f.SetSheetVisible("Daftar", false)
	f.NewSheet("Lain")
	got := open(t, "buku.xlsx", bytesOf(t, f))
	if d := cmp.Diff([]string{"Sheet1", "Lain", "Daftar"}, got.Sheets); d != "" || !got.Modified.Equal(time.Date(2026, 2, 20, 3, 4, 5, 0, time.UTC)) || got.Kind != sheet.XLSX {
		t.Error(d, got.Modified, got.Kind)
	}
	want := []sheet.Cell{
		{Kind: sheet.Text, Text: "64.08", Raw: "64.08"}, {Kind: sheet.Number, Text: "64.10", Raw: "64.1"}, {Kind: sheet.Number, Text: "007", Raw: "7"},
		{Kind: sheet.Number, Text: "1234567", Raw: "1234567"}, {Kind: sheet.Date, Text: "2026-01-05", Raw: "46027"}, {Kind: sheet.Date, Text: "2026-01-05 10:30:00", Raw: "46027.4375"},
		{Kind: sheet.Bool, Text: "true", Raw: "1"}, {Kind: sheet.Number, Text: "0.3", Raw: "0.30000000000000004"}, {Kind: sheet.Number, Text: "1000000000", Raw: "1000000000"},
		{Kind: sheet.Text, Text: "a b", Raw: " a\u00a0b\u200b "}, {Kind: sheet.Fault, Text: "=A1", Raw: "A1"}, {}, {Kind: sheet.Number, Text: "60", Raw: "60"},
	}
	for row, err := range got.Rows("Sheet1") {
		if err != nil || row.Number != 3 {
			t.Fatalf("row %d: %v", row.Number, err)
		}
		for i := range want {
			if d := cmp.Diff(want[i], row.Cell(i)); d != "" {
				t.Errorf("column %d (-want +got):\n%s", i, d)
			}
		}
	}
	for _, err := range got.Rows("Tidak ada") {
		if code(err) != "not_found" {
			t.Errorf("a sheet that is not there: %v", err)
		}
	}
}

func TestDaysSince1904(t *testing.T) {
	f := excelize.NewFile()
	since := true
	if err := f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &since}); err != nil {
		t.Fatal(err)
	}
	f.SetCellValue("Sheet1", "A1", time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC))
	f.SetCellValue("Sheet1", "B1", 44565)
	for row, err := range open(t, "x.xlsx", bytesOf(t, f)).Rows("") {
		for i := range 2 {
			if day, refusal := sheet.Day(row.Cell(i)); err != nil || refusal != nil || day != "2026-01-05" {
				t.Errorf("column %d: %s %v %v", i, day, err, refusal)
			}
		}
	}
}

func TestFilesThatCannotBeReadSayWhatToDo(t *testing.T) {
	whole := book(t, [][]any{{"a", "b"}, {1, 2}})
	locked := func() []byte {
		f := excelize.NewFile()
		var b bytes.Buffer
		if err := f.Write(&b, excelize.Options{Password: "rahasia"}); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}()
	zipped := func(parts ...string) []byte {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for i := 0; i < len(parts); i += 2 {
			p, _ := w.Create(parts[i])
			io.WriteString(p, parts[i+1])
		}
		w.Close()
		return b.Bytes()
	}
	for name, test := range map[string]struct {
		content []byte
		want    string
	}{
		"nothing": {nil, "empty"}, "blanks": {[]byte(" \r\n \n"), "empty"}, "password": {locked, "encrypted"},
		"old workbook": {append([]byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}, make([]byte, 900)...), "old_format"},
		"ods":          {zipped("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), "old_format"}, "xlsb": {zipped("xl/workbook.bin", ""), "old_format"},
		"a page with a table": {[]byte("<html><table><tr><td>1</td></tr></table>"), "old_format"}, "pdf": {[]byte("%PDF-1.7 x"), "old_format"}, "xml": {[]byte("<?xml version=\"1.0\"?><Workbook/>"), "old_format"},
		"another zip": {zipped("a.txt", "x"), "not_a_table"}, "bytes": {[]byte("abc\x00\x01\x02"), "not_a_table"},
		"cut off": {whole[:len(whole)-40], "broken"}, "half": {whole[:len(whole)/2], "broken"},
		"an open quote": {[]byte("a,b\n1,\"x\n2,y\n"), "quote_open"}, "too long": {[]byte("a,b\n1," + strings.Repeat("x", sheet.MaxText+2)), "cell_too_long"},
		"too wide": {[]byte("a,b\n" + strings.Repeat("1,", 5000)), "too_wide"},
	} {
		if got := refused(test.content); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	if _, err := sheet.Open(filepath.Join(t.TempDir(), "tidak-ada.xlsx")); code(err) != "unreadable" {
		t.Errorf("no file: %v", err)
	}
	if _, err := sheet.Open(t.TempDir()); code(err) != "unreadable" {
		t.Errorf("a folder: %v", err)
	}
}

// rewritten returns a workbook with one of its parts changed.
func rewritten(t testing.TB, content []byte, part string, change func(string) string) []byte {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range r.File {
		in, _ := f.Open()
		text, _ := io.ReadAll(in)
		out, _ := w.Create(f.Name)
		if f.Name == part {
			text = []byte(change(string(text)))
		}
		out.Write(text)
	}
	w.Close()
	return b.Bytes()
}

func TestASheetThatIsCutOffIsNeverTakenForWhole(t *testing.T) {
	whole := book(t, [][]any{{"a", "b"}, {1, 2}, {3, 4}})
	const part = "xl/worksheets/sheet1.xml"
	length := 0
	rewritten(t, whole, part, func(s string) string { length = strings.Index(s, "</sheetData>"); return s })
	for cut := range length {
		content := rewritten(t, whole, part, func(s string) string { return s[:cut] })
		if got := refused(content); got == "" {
			t.Fatalf("a sheet cut after %d of %d bytes was read as if it were whole", cut, length)
		}
	}
	for name, test := range map[string]struct{ old, new, want string }{
		"a text that is not there":    {`t="s"><v>0</v>`, `t="s"><v>99</v>`, ""},
		"a tag without end":           {`<row r="1"`, `<row x="` + strings.Repeat("x", 3<<20) + `" r="1"`, "cell_too_long"},
		"a text without end":          {`<v>1</v>`, `<v>` + strings.Repeat("1", 3<<20) + `</v>`, "cell_too_long"},
		"columns in the wrong order":  {`r="B2"`, `r="A2"`, "broken_at"},
		"a column beyond all columns": {`r="B2"`, `r="ZZZZ2"`, "broken_at"},
		"a column far to the right":   {`r="B2"`, `r="XFD2"`, "too_wide"},
	} {
		if got := refused(rewritten(t, whole, part, func(s string) string { return strings.Replace(s, test.old, test.new, 1) })); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	lost := open(t, "x.xlsx", rewritten(t, whole, part, func(s string) string { return strings.Replace(s, `t="s"><v>0</v>`, `t="s"><v>99</v>`, 1) }))
	for row := range lost.Rows("") {
		if row.Number == 1 && row.Cell(0).Kind != sheet.Fault {
			t.Errorf("a text that is not there reads %v", row.Cell(0))
		}
	}
}

var columns = []sheet.Column{
	{Key: "kecamatan", Names: []string{"Kecamatan"}, Required: true}, {Key: "usulan", Names: []string{"Nama Usulan", "Usulan"}, Required: true},
	{Key: "volume", Names: []string{"Volume"}}, {Key: "amount", Names: []string{"Anggaran", "Pagu"}, Required: true}, {Key: "skpd_volume", Names: []string{"Rekomendasi SKPD Volume"}},
}

func TestTheHeadingIsFoundUnderTitlesOverTwoRowsAndByOtherNames(t *testing.T) {
	content := book(t, [][]any{
		{"DAFTAR USULAN"}, {"Kabupaten Contoh"}, {},
		{"Kec.", "NAMA_USULAN", "Rekomendasi SKPD", "", "Vol", "Anggaran (Rp)", "Lain-lain"},
		{"", "", "Volume", "Catatan", "", "", ""},
		{1, 2, 3, 4, 5, 6, 7},
		{"Contoh Satu", "Jalan", 1, "ya", 2, 3},
		{"", "Parit", 4, "", 5, 6},
		{"Kec.", "NAMA_USULAN", "Rekomendasi SKPD", "Rekomendasi SKPD", "Vol", "Anggaran (Rp)", "Lain-lain"},
		{"Contoh Dua", "Taman", 7, "", 8, 9},
	}, [2]string{"A1", "G1"}, [2]string{"A4", "A5"}, [2]string{"B4", "B5"}, [2]string{"C4", "D4"}, [2]string{"E4", "E5"}, [2]string{"F4", "F5"}, [2]string{"A7", "A8"})
	f := open(t, "x.xlsx", content)
	l, err := sheet.Find(f.Rows(""), columns)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"Rekomendasi SKPD Catatan", "Lain-lain"}, l.Unknown); d != "" {
		t.Error(d)
	}
	var got []string
	for row, err := range l.Data(f.Rows("")) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(row.Number, l.Get(row, "kecamatan").Text, l.Get(row, "usulan").Text, l.Get(row, "volume").Text, l.Get(row, "amount").Text, l.Get(row, "skpd_volume").Text, l.Get(row, "kecamatan").Merged))
	}
	if d := cmp.Diff([]string{"7Contoh SatuJalan231false", "8Contoh SatuParit564true", "10Contoh DuaTaman897false"}, got); d != "" {
		t.Error(d)
	}
	if l.Heading("amount") != "Anggaran (Rp)" || !l.Has("volume") || l.Has("x") || l.Get(sheet.Row{}, "x").Kind != sheet.Empty {
		t.Errorf("layout %+v", l)
	}
}

func TestAHeadingThatLacksColumnsIsRefusedByName(t *testing.T) {
	for content, want := range map[string]string{"Kecamatan,Usulan\nA,B\n": "columns_missing", "x,y\n1,2\n": "heading_not_found"} {
		_, err := sheet.Find(open(t, "x.csv", []byte(content)).Rows(""), columns)
		if code(err) != want {
			t.Errorf("%q: %v", content, err)
		}
	}
	empty := excelize.NewFile()
	if _, err := sheet.Find(open(t, "x.xlsx", bytesOf(t, empty)).Rows(""), columns); code(err) != "no_rows" {
		t.Errorf("an empty sheet: %v", err)
	}
}

// TestWhatIsQuarantinedReadsAgainAsItWas holds that a quarantine loses nothing.
func TestWhatIsQuarantinedReadsAgainAsItWas(t *testing.T) {
	cell := rapid.OneOf(
		rapid.StringMatching(`['=+\-@]{0,2}[a-zA-Z0-9 ,;"\n<&]{0,12}`).AsAny(), rapid.Float64Range(-1e9, 1e9).AsAny(), rapid.Int64Range(0, 1e12).AsAny(), rapid.Bool().AsAny(), rapid.Just[any](nil))
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, 4, 4), 1, 6).Draw(t, "rows")
		source := excelize.NewFile()
		defer source.Close()
		source.SetSheetRow("Sheet1", "A1", &[]any{"Kecamatan", "Usulan", "Volume", "Anggaran"})
		for i, row := range rows {
			source.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+2), &row)
		}
		b, err := source.WriteToBuffer()
		if err != nil {
			t.Fatal(err)
		}
		first := read(t, b.Bytes())
		second := read(t, first.quarantined)
		if d := cmp.Diff(first.rows, second.rows); d != "" {
			t.Fatalf("what came back differs (-first +second):\n%s", d)
		}
	})
}

type reading struct {
	rows        [][]string
	quarantined []byte
}

// read reads a workbook and quarantines all of it.
func read(t *rapid.T, content []byte) reading {
	f, err := sheet.OpenReader("x.xlsx", bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	l, err := sheet.Find(f.Rows(""), columns)
	if err != nil {
		t.Fatal(err)
	}
	q, err := sheet.NewQuarantine(l)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	_, why := sheet.Rupiah(sheet.Cell{})
	var r reading
	for row, err := range l.Data(f.Rows("")) {
		if err != nil {
			t.Fatal(err)
		}
		var cells []string
		for _, key := range []string{"kecamatan", "usulan", "volume", "amount"} {
			c := l.Get(row, key)
			cells = append(cells, string(c.Kind)+" "+c.Text)
		}
		if strings.TrimSpace(strings.Join(cells, "")) == "" {
			continue
		}
		r.rows = append(r.rows, cells)
		if err := q.Add(row, "Anggaran", why); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if _, err := q.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	if q.Rows != len(r.rows) {
		t.Fatalf("%d rows quarantined of %d", q.Rows, len(r.rows))
	}
	r.quarantined = b.Bytes()
	return r
}

func TestAQuarantineSaysWhere(t *testing.T) {
	f := open(t, "x.csv", []byte("Kecamatan,Usulan,Anggaran\nA,=HYPERLINK(1),1 juta\n"))
	l, err := sheet.Find(f.Rows(""), columns)
	if err != nil {
		t.Fatal(err)
	}
	q, err := sheet.NewQuarantine(l)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	for row := range l.Data(f.Rows("")) {
		_, why := sheet.Rupiah(l.Get(row, "amount"))
		if err := q.Add(row, l.Heading("amount"), why); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if _, err := q.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	saved, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := saved.GetRows("Karantina")
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"Kecamatan", "Usulan", "Anggaran", "Baris asal", "Kolom", "Alasan"}, {"A", "'=HYPERLINK(1)", "1 juta", "2", "Anggaran", "Jumlah “1 juta” ditulis dengan kata. Tulis dengan angka penuh, misalnya 1500000."}}
	if d := cmp.Diff(want, rows); d != "" {
		t.Error(d)
	}
}

// TestWhatLibreOfficeSaves holds that a table saved by a program that people have
// reads the same as xlsx and as csv in both separators.
func TestWhatLibreOfficeSaves(t *testing.T) {
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice is not installed")
	}
	dir := t.TempDir()
	source := filepath.Join(dir, "sumber.xlsx")
	f, err := excelize.OpenReader(bytes.NewReader(book(t, [][]any{{"Kode", "Nama", "Anggaran", "Tanggal"}, {"64.08", "Jalan; \"poros\", RT 1", 1234567, 46047}, {}, {"1", "Café", 0.5, nil}})))
	if err != nil {
		t.Fatal(err)
	}
	days := "dd/mm/yyyy"
	style, _ := f.NewStyle(&excelize.Style{CustomNumFmt: &days})
	f.SetCellStyle("Sheet1", "D2", "D2", style)
	if err := f.SaveAs(source); err != nil {
		t.Fatal(err)
	}
	for filter, want := range map[string][][]string{
		"xlsx:Calc MS Excel 2007 XML":                                {{"1", "Kode", "Nama", "Anggaran", "Tanggal"}, {"2", "64.08", "Jalan; \"poros\", RT 1", "1234567", "2026-01-25"}, {"4", "1", "Café", "0.5"}},
		"csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true":   {{"1", "Kode", "Nama", "Anggaran", "Tanggal"}, {"2", "64.08", "Jalan; \"poros\", RT 1", "1234567", "25/01/2026"}, {"4", "1", "Café", "0.5", ""}},
		"csv:Text - txt - csv (StarCalc):59,34,ANSI,1,,0,false,true": {{"1", "Kode", "Nama", "Anggaran", "Tanggal"}, {"2", "64.08", "Jalan; \"poros\", RT 1", "1234567", "25/01/2026"}, {"4", "1", "Café", "0.5", ""}},
	} {
		out := t.TempDir()
		cmd := exec.Command(office, "-env:UserInstallation=file://"+dir+"/profile", "--headless", "--convert-to", filter, "--outdir", out, source)
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
		saved, err := filepath.Glob(filepath.Join(out, "sumber*"))
		if err != nil || len(saved) != 1 {
			t.Fatalf("%s saved %v", filter, saved)
		}
		f, err := sheet.Open(saved[0])
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if d := cmp.Diff(want, table(t, f, "")); d != "" {
			t.Errorf("%s (-want +got):\n%s", filter, d)
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte("a;b\n1;\"2\"\n"))
	f.Add([]byte("\xff\xfea\x00,\x00b\x00\n\x00"))
	f.Add(book(f, [][]any{{"a", "b"}, {1, "x"}}, [2]string{"A1", "B1"}))
	f.Fuzz(func(t *testing.T, content []byte) {
		refused(content)
	})
}

func FuzzSheet(f *testing.F) {
	whole := book(f, [][]any{{"a", "b"}, {1, "x"}}, [2]string{"A1", "B1"})
	for _, seed := range []string{
		`<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells></worksheet>`,
		`<worksheet><sheetData><row><c t="inlineStr"><is><t>x</t><rPh><t>y</t></rPh></is></c><c><f>A1</f></c><c t="e"><v>#REF!</v></c></row></sheetData></worksheet>`,
		`<x:worksheet><x:sheetData><x:row r="5"><x:c r="C5" s="9"><x:v>1e309</x:v></x:c></x:row></x:sheetData></x:worksheet>`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, xml string) {
		refused(rewritten(t, whole, "xl/worksheets/sheet1.xml", func(string) string { return xml }))
	})
}
