package web_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"runut/api/intake/sipd/sample"
	"runut/domain/reference"
)

// sends posts a form with files, in the order given: names and values, a value that
// begins with @ being a file's name, its content in files.
func (b *browser) sends(address string, files map[string][]byte, values ...string) shownPage {
	b.w.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i+1 < len(values); i += 2 {
		if name, isFile := strings.CutPrefix(values[i+1], "@"); isFile {
			part, err := form.CreateFormFile(values[i], name)
			if err != nil {
				b.w.Fatal(err)
			}
			part.Write(files[name])
			continue
		}
		form.WriteField(values[i], values[i+1])
	}
	form.Close()
	return b.deliver(http.MethodPost, address, &body, "Content-Type", form.FormDataContentType())
}

// TestImportsOnPages tries an export, records it and dismisses a row, all by pages
// that need no script.
func TestImportsOnPages(t *testing.T) {
	w := newTown(t)
	w.shown(0)
	var b bytes.Buffer
	table := sample.Make(sample.Options{Rows: 12, Seed: 1, Traps: true,
		Wilayah: []reference.Entry{{Code: "99.01", Name: "Kabupaten Contoh"}, {Code: kecamatan, Name: "Contoh", Parent: "99.01"}, {Code: village, Name: "Contoh Satu", Parent: kecamatan}},
		OPD:     []reference.Entry{{Code: opd, Name: "Dinas Pekerjaan Umum"}}})
	if err := table.XLSX(&b, time.Now()); err != nil {
		t.Fatal(err)
	}
	const name = "usulan.xlsx"
	exported := time.Now().Format(time.RFC3339Nano)
	files := map[string][]byte{name: b.Bytes(), "laporan.xlsx": []byte("<html><table></table></html>"), "besar.csv": bytes.Repeat([]byte("a;b;c\n"), 11<<20)}
	visitor, camat, importer, planner := w.browser(), w.browser(), w.browser(), w.browser()
	camat.signIn("camat")
	importer.signIn("importer")
	planner.signIn("planner")

	if p := visitor.get("/impor"); p.StatusCode != http.StatusSeeOther {
		t.Errorf("a visitor: %d", p.StatusCode)
	}
	if p := camat.get("/impor"); p.StatusCode != http.StatusForbidden {
		t.Errorf("a camat: %d", p.StatusCode)
	}
	camat.get("/").lacks(t, `href="/impor"`)
	if p := planner.get("/impor/baru/sipd"); p.StatusCode != http.StatusForbidden {
		t.Errorf("a planner's export of SIPD: %d", p.StatusCode)
	}
	importer.get("/impor").holds(t, "Ekspor SIPD", "Daftar RKPD", "Register wilayah", "Belum ada berkas")
	importer.get("/impor/baru/sipd").holds(t, "paling besar 64 MB", `enctype="multipart/form-data"`, "Tahun anggaran")

	here := "/impor/baru/sipd"
	none := importer.sends(here, nil, "kunci", "k", "year", "2027", "exported_at", "kemarin")
	none.holds(t, "Belum ada berkas yang dipilih", `value="kemarin"`)
	importer.sends(here, files, "year", "2027", "berkas", "@laporan.xlsx").holds(t, "Ditolak")
	large := importer.sends(here, files, "year", "2027", "berkas", "@besar.csv")
	large.holds(t, "lebih besar dari 64 MB")
	var many []string
	for range 3000 {
		many = append(many, "x", strings.Repeat("y", 1000))
	}
	if p := importer.sends(here, files, append(many, "year", "2027", "berkas", "@"+name)...); p.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("three megabytes of text around a file: %d", p.StatusCode)
	}
	if camat.sends(here, files, "year", "2027", "berkas", "@"+name).StatusCode != http.StatusForbidden {
		t.Error("a camat may upload")
	}

	up := importer.sends(here, files, "year", "2027", "exported_at", exported, "berkas", "@"+name)
	address := up.Header.Get("Location")
	if up.StatusCode != http.StatusSeeOther || !strings.HasPrefix(address, "/impor/berkas/") {
		t.Fatalf("upload: %d %s %s", up.StatusCode, address, up.text)
	}
	before, err := w.server.Store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	trial := importer.get(address)
	trial.holds(t, "UJI COBA: belum ada yang dicatat", "Usulan baru", "Karantina", "Catat berkas ini", "Unduh semua baris karantina", "Betulkan", name)
	if p := planner.get(address); p.StatusCode != http.StatusNotFound {
		t.Errorf("somebody else's upload: %d", p.StatusCode)
	}
	if after, _ := w.server.Store.Head(t.Context()); after != before {
		t.Error("a trial wrote something")
	}
	book := regexp.MustCompile(`href="(/api/v1/uploads/[^"]+/quarantine)"`).FindStringSubmatch(trial.text)
	if book == nil || !strings.HasPrefix(importer.get(book[1]).text, "PK") {
		t.Error("the workbook of quarantined rows cannot be downloaded")
	}
	options := trial.fill(t, address+"/pilihan", "year", "2027", "exported_at", "besok")
	if p := importer.post(address+"/pilihan", options); p.StatusCode != http.StatusSeeOther {
		t.Fatalf("options: %d", p.StatusCode)
	}
	wrong := importer.get(address)
	wrong.holds(t, "Ditolak", "besok", "Ubah pilihan")
	wrong.lacks(t, "Catat berkas ini")
	options.Set("exported_at", exported)
	importer.post(address+"/pilihan", options)

	record := importer.get(address).fill(t, address+"/catat")
	other := url.Values{"sidik": {strings.Repeat("0", 64)}}
	if p := importer.post(address+"/catat", other); p.StatusCode != http.StatusPreconditionFailed {
		t.Errorf("other bytes: %d", p.StatusCode)
	}
	if page := importer.get(address + "?hasil=1"); page.StatusCode != http.StatusOK {
		t.Errorf("a result that is not there: %d", page.StatusCode)
	}
	importer.post(address+"/pilihan", url.Values{"year": {"2027"}, "exported_at": {exported}, "confirmed": {"1"}}) // in another window
	if p := importer.post(address+"/catat", record); p.StatusCode != http.StatusPreconditionFailed {
		t.Errorf("recorded with options that were not tried: %d", p.StatusCode)
	}
	importer.post(address+"/pilihan", options)
	done := importer.post(address+"/catat", record)
	if done.StatusCode != http.StatusSeeOther {
		t.Fatalf("record: %d %s", done.StatusCode, done.text)
	}
	result := importer.get(done.Header.Get("Location"))
	result.holds(t, "Berkas ini sudah dicatat", "peristiwa ditulis")
	result.lacks(t, "Catat berkas ini")
	importer.get(address).lacks(t, "Catat berkas ini")

	list := importer.get("/impor")
	list.holds(t, "Sudah dicatat", "masih terbuka", "Baris yang masih dikarantina", "sipd.")
	dismiss := list.fill(t, "/impor/tutup", "rows", "satu", "note", "Tidak diusulkan lagi")
	importer.post("/impor/tutup", dismiss).holds(t, "Ditolak", `value="satu"`)
	dismiss.Set("rows", "semua")
	if p := importer.post("/impor/tutup", dismiss); p.StatusCode != http.StatusSeeOther {
		t.Fatalf("dismiss: %d %s", p.StatusCode, p.text)
	}
	importer.get("/impor").lacks(t, "masih terbuka")
	importer.get("/impor?terbuka=1&lang=en").holds(t, "No file yet")

	if p := importer.post(address+"/buang", url.Values{}); p.StatusCode != http.StatusSeeOther {
		t.Errorf("discard: %d", p.StatusCode)
	}
	if p := importer.get(address); p.StatusCode != http.StatusNotFound {
		t.Errorf("what was thrown away: %d", p.StatusCode)
	}
}
