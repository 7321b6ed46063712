package sipd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"runut/api/intake/sheet"
	"runut/api/intake/sipd/sample"
)

// An export that an officer opened and saved again, as a workbook or as csv in
// either separator, says what it said: only the first of them is news.
func TestWhatLibreOfficeSavesIsTheSameExport(t *testing.T) {
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice is not installed")
	}
	w := newTown(t)
	dir := t.TempDir()
	saved := func(o sample.Options, filter string) *sheet.File {
		t.Helper()
		o.Wilayah, o.OPD = wilayah, offices
		source := filepath.Join(dir, "usulan.xlsx")
		f, err := os.Create(source)
		w.must(err)
		w.must(sample.Make(o).XLSX(f, friday))
		w.must(f.Close())
		out := t.TempDir()
		cmd := exec.Command(office, "-env:UserInstallation=file://"+dir+"/profile", "--headless", "--convert-to", filter, "--outdir", out, source)
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
		found, err := filepath.Glob(filepath.Join(out, "usulan*"))
		if err != nil || len(found) != 1 {
			t.Fatalf("%s saved %v", filter, found)
		}
		opened, err := sheet.Open(found[0])
		w.must(err)
		t.Cleanup(func() { opened.Close() })
		return opened
	}
	o := sample.Options{Rows: 60, Seed: 8, Merged: true}
	for n, filter := range []string{"xlsx:Calc MS Excel 2007 XML", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true", "csv:Text - txt - csv (StarCalc):59,34,ANSI,1,,0,false,true"} {
		o.Merged = n == 0 // csv knows no merged cells
		r := w.taken(saved(o, filter), week(n))
		want := 0
		if n == 0 {
			want = 60
		}
		if r.New != want || r.Changed != 0 || r.Unchanged != 60-want || r.Quarantined != 0 || r.Missing != 0 {
			t.Errorf("%s: %+v", filter, r)
		}
	}
	o.Traps, o.Rows = true, 5
	r := w.taken(saved(o, "xlsx:Calc MS Excel 2007 XML"), week(3), confirmed)
	if r.New < 30 || r.Quarantined < 18 {
		t.Errorf("with everything that goes wrong: %+v", r)
	}
}
