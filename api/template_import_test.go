package api_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"runut/api"
	"runut/api/intake/sheet"
	"runut/api/intake/template"
	"runut/domain"
	"runut/domain/act"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/proposal"
	"runut/domain/reference"
)

// withKamus publishes a kamus usulan.
func withKamus(w *town) {
	p := w.past(time.Now().Add(-weeks / 2))
	p.do(p.actors["planner"], nil, act.OnReference{Ask: &reference.EditionPublished{Register: "kamus", Edition: "tes", ValidFrom: "2025-01-01", Digest: strings.Repeat("cd", 32),
		Entries: []reference.Entry{{Code: "JLN-02", Name: "Rabat beton jalan usaha tani", Facts: map[string]string{"unit": "m", "opd": opd}},
			{Code: "SKL-01", Name: "Rehabilitasi ruang kelas SD", Facts: map[string]string{"unit": "ruang", "opd": otherOPD}}}}})
	p.happen()
}

// blank is a fresh template of the town for an area.
func (w *town) blank(t rapid.TB, area string, of int) []byte {
	t.Helper()
	choices, c, err := w.server.TemplateChoices(w.Context(), of, area)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := template.Write(&b, template.Order{ID: uuid.New(), Year: of, Kabupaten: c.Opened.Kabupaten, Title: "Contoh", Rows: 20, Choices: choices}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// filled is what a village writes into a row.
func filled(changed map[string]any) map[string]any {
	row := map[string]any{"Prioritas": 1, "Nama usulan": "Rabat beton jalan tani RT 03", "Permasalahan": "Licin saat hujan", "Kamus usulan": "Rabat beton jalan usaha tani · JLN-02",
		"Volume": 200, "Perkiraan biaya (Rp)": 120_000_000, "Lokasi": "RT 03 Dusun Hilir", "Nomor berita acara": "7/BA/2026", "Tanggal berita acara": "10/01/2026"}
	maps.Copy(row, changed)
	return row
}

// fill writes rows into a workbook, by their place after the examples, from 1.
func fill(t rapid.TB, content []byte, rows map[int]map[string]any) []byte {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	name := f.GetSheetName(0)
	all, err := f.GetRows(name)
	if err != nil {
		t.Fatal(err)
	}
	head := slices.IndexFunc(all, func(row []string) bool { return slices.Contains(row, "Nama usulan *") })
	first := head + 4 // behind the notes and two examples
	if name != "Usulan" {
		first = head + 1
	}
	for n, row := range rows {
		for heading, value := range row {
			column := slices.IndexFunc(all[head], func(h string) bool { return strings.TrimSuffix(h, " *") == heading })
			at, _ := excelize.CoordinatesToCellName(column+1, first+n)
			if err := f.SetCellValue(name, at, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// takeTemplate takes in a workbook as somebody.
func (w *town) takeTemplate(t rapid.TB, who string, content []byte) *api.TemplateReport {
	t.Helper()
	r, err := w.server.ImportTemplate(w.Context(), w.caller(who), api.TemplateOrder{File: openTable(t, content)})
	if err != nil {
		t.Fatal(err)
	}
	if sum := len(r.Submitted) + len(r.Revised) + len(r.Unchanged) + len(r.Refused); sum != len(r.Table.Entries) {
		t.Errorf("%d rows, %d accounted for", len(r.Table.Entries), sum)
	}
	return r
}

func templateCodes(r *api.TemplateReport) (out []string) {
	for _, row := range r.Refused {
		out = append(out, code(row.Err))
	}
	slices.Sort(out)
	return out
}

// A village writes its proposals down, sends the file, mends it and sends it
// again; nothing is handed in twice.
func TestVillagesHandInByTemplate(t *testing.T) {
	w := newTown(t)
	withKamus(w)
	blank := w.blank(t, village, year)
	rows := map[int]map[string]any{
		1: filled(map[string]any{"Permasalahan": "Licin, hubungi Pak Sutrisno 0812-3456-7890, NIK 9901014101850001", "Koordinat": "-0,502106 117,153709"}),
		2: filled(map[string]any{"Nama usulan": "Perbaikan kelas", "Kamus usulan": "SKL-01", "Volume": "2 ruang", "Prioritas": 2, "Perkiraan biaya (Rp)": "Rp145.000.000,00"}),
		3: filled(map[string]any{"Nama usulan": "Di luar kamus", "Kamus usulan": "", "Satuan": "paket", "OPD tujuan": "Dinas Kesehatan", "Prioritas": 3}),
		5: filled(map[string]any{"Nama usulan": "Tanpa OPD", "Kamus usulan": "di luar kamus"}),
		6: filled(map[string]any{"Permasalahan": "", "Lokasi": "\u200b"}),
		7: filled(map[string]any{"Tanggal berita acara": "31/02/2026"}),
		8: filled(map[string]any{"Desa/kelurahan": "Contoh Jauh Satu"}), // not the operator's
		// two that somebody copied into rows without a number
		9: filled(map[string]any{"Baris": "", "Nama usulan": "Talud RT 05"}), 10: filled(map[string]any{"Baris": "", "Nama usulan": "TALUD, RT 05"}),
	}
	content := fill(t, blank, rows)
	before := w.head()
	r := w.takeTemplate(t, "village_operator", content)
	if len(r.Submitted) != 4 || r.Table.Examples != 2 || w.head() != before+4 {
		t.Fatalf("handed in %d, examples %d, %d events: %v", len(r.Submitted), r.Table.Examples, w.head()-before, templateCodes(r))
	}
	if got := templateCodes(r); !slices.Equal(got, []string{"sheet.day_impossible", "template.missing", "template.opd_missing", "template.row_twice", "workflow.scope"}) {
		t.Errorf("refused for %v", got)
	}
	p := w.state(r.Submitted[0].Proposal)
	want := proposal.Idea{Village: village, Kamus: "JLN-02", OPD: opd, Volume: domain.Volume{Amount: "200", Unit: "m"}, Estimate: 120_000_000, Priority: 1}
	if p.At != "submitted" || p.Village != want.Village || p.Kamus != want.Kamus || p.OPD != want.OPD || p.Volume != want.Volume || p.Estimate != want.Estimate || p.Point == nil {
		t.Errorf("it came in as %s %+v", p.At, p.Idea)
	}
	for _, hidden := range []string{"Sutrisno", "0812", "9901014101850001"} {
		if strings.Contains(p.Problem.Masked, hidden) {
			t.Errorf("the problem shows %q: %q", hidden, p.Problem.Masked)
		}
	}

	before = w.head()
	if again := w.takeTemplate(t, "village_operator", content); len(again.Unchanged) != 4 || w.head() != before {
		t.Errorf("the same file again: %d unchanged, %d events", len(again.Unchanged), w.head()-before)
	}

	mended := fill(t, content, map[int]map[string]any{1: {"Volume": 250, "Uraian pekerjaan": "Lebar 2,5 m"}, 2: {"Nama usulan": "Pembelian perahu", "Lokasi": "Dermaga"}})
	r = w.takeTemplate(t, "village_operator", mended)
	if len(r.Revised) != 1 || len(r.Unchanged) != 2 || !slices.Contains(templateCodes(r), "template.row_other") {
		t.Errorf("revised %d, unchanged %d, refused %v", len(r.Revised), len(r.Unchanged), templateCodes(r))
	}
	if got := w.state(r.Revised[0].Proposal); got.Volume.Amount != "250" || got.Description.Masked != "Lebar 2,5 m" || got.Title.Masked != "Rabat beton jalan tani RT 03" {
		t.Errorf("it was revised to %+v", got.Idea)
	}
	w.mendsByQuarantine(t, r)
	w.carriesTemplates(t, mended)
	w.answersAReturn(t, mended, r.Revised[0].Proposal)
}

// answersAReturn sends the repair that the kecamatan asked for in the same file,
// carried by the importer; later changes have nowhere to go.
func (w *town) answersAReturn(t *testing.T, content []byte, number string) {
	w.do("village_head", act.FinalizeList{Forum: w.session("musrenbang_desa"), List: "L1", Stage: "desa", Scope: ofVillage(village), Entries: []forum.Entry{{Proposal: number}}})
	late := fill(t, content, map[int]map[string]any{1: {"Volume": 260}})
	if got := templateCodes(w.takeTemplate(t, "importer", late)); !slices.Contains(got, "template.repair_late") {
		t.Errorf("a change while the kecamatan has it: refused %v", got)
	}
	w.do("kecamatan_officer", act.Take{Proposal: number, Ask: &proposal.Returned{Reason: "TEK-VOLUME", Fields: []string{"volume"}, Due: day(7)}})
	w.takeTemplate(t, "importer", late)
	if p := w.state(number); p.At != "at_kecamatan" || p.Volume.Amount != "260" {
		t.Errorf("repaired it stands at %s with %s", p.At, p.Volume)
	}
}

// mendsByQuarantine sends back what was refused, with one row mended in the
// quarantine itself.
func (w *town) mendsByQuarantine(t *testing.T, r *api.TemplateReport) {
	q, err := sheet.NewQuarantine(r.Table.Layout)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	at := 0
	for i, row := range r.Refused {
		if err := q.Add(row.Cells, row.Column, row.Err); err != nil {
			t.Fatal(err)
		}
		if code(row.Err) == "template.opd_missing" {
			at = i + 1
		}
	}
	var b bytes.Buffer
	if _, err := q.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	mended := fill(t, b.Bytes(), map[int]map[string]any{at: {"OPD tujuan": "Dinas Kesehatan", "Satuan": "unit"}})
	again := w.takeTemplate(t, "village_operator", mended)
	if len(again.Submitted) != 1 || len(again.Table.Entries) != len(r.Refused) {
		t.Errorf("of the quarantine %d of %d rows came in: %v", len(again.Submitted), len(again.Table.Entries), templateCodes(again))
	}
}

// emptiesATemplatesQuarantine sends back the row that came too late for its village, as
// one of another: it is no longer quarantined then.
func (w *town) emptiesATemplatesQuarantine(t *testing.T, r *api.TemplateReport) {
	q, err := sheet.NewQuarantine(r.Table.Layout)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	if err := q.Of(r.File); err != nil {
		t.Fatal(err)
	}
	for _, row := range r.Refused {
		if err := q.Add(row.Cells, row.Column, row.Err); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if _, err := q.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	w.names(t, "template", r.File, r.Refused[0].Number)
	if open := w.imports("template").Open(r.File); open != 1 {
		t.Errorf("%d rows are open before", open)
	}
	mended := fill(t, b.Bytes(), map[int]map[string]any{1: {"Desa/kelurahan": "Contoh Dua"}})
	if in := w.takeTemplate(t, "importer", mended); len(in.Submitted) != 1 {
		t.Fatalf("mended: %d handed in, refused %v", len(in.Submitted), templateCodes(in))
	}
	imports := w.imports("template")
	if imports.Open(r.File) != 0 || !imports.Resolved[r.File][r.Refused[0].Number] {
		t.Errorf("%d rows are open, dealt with are %v", imports.Open(r.File), imports.Resolved[r.File])
	}
	before := w.head()
	if w.takeTemplate(t, "importer", mended); w.head() != before {
		t.Errorf("the same again wrote %d events", w.head()-before)
	}
}

// carriesTemplates lets Bappeda's importer take in what villages without a
// network handed over: the same rules hold, and the file is on record.
func (w *town) carriesTemplates(t *testing.T, operators []byte) {
	blank := w.blank(t, "", year)
	content := fill(t, blank, map[int]map[string]any{
		1: filled(map[string]any{"Desa/kelurahan": "Contoh Dua", "Nama usulan": "Drainase RT 01"}),
		2: filled(map[string]any{"Desa/kelurahan": lateVill, "Nama usulan": "Terlambat"}), // its time is over
	})
	r := w.takeTemplate(t, "importer", content)
	if len(r.Submitted) != 1 || !slices.Equal(templateCodes(r), []string{"workflow.window_closed"}) {
		t.Fatalf("handed in %d, refused %v", len(r.Submitted), templateCodes(r))
	}
	w.emptiesATemplatesQuarantine(t, r)
	mended := fill(t, content, map[int]map[string]any{1: {"Volume": 90}})
	r = w.takeTemplate(t, "importer", mended)
	stream := proposal.Stream(r.Revised[0].Proposal)
	all, err := w.server.Store.Streams(t.Context(), []string{stream})
	if err != nil {
		t.Fatal(err)
	}
	last := all[stream][len(all[stream])-1].Event.(*proposal.Revised)
	if last.Observed == nil || last.Observed.Source != "template" || last.Observed.Row == 0 || last.Volume.Amount != "90" {
		t.Errorf("what the file says is recorded as %+v", last)
	}
	before := w.head()
	w.takeTemplate(t, "importer", mended)
	if w.head() != before {
		t.Errorf("the same file again: %d events", w.head()-before)
	}
	count, _ := w.fates(t)
	if count["import.received"] != 3 || count["import.quarantine_resolved"] != 1 {
		t.Errorf("%d files are on record and %d quarantines, want those three that came to something and one", count["import.received"], count["import.quarantine_resolved"])
	}
	if r := w.takeTemplate(t, "importer", operators); len(r.Submitted) != 1 { // the far village's row, which the operator could not hand in
		t.Errorf("of the operator's file %d came in", len(r.Submitted))
	}
}

func TestAWorkbookThatIsNotThisYearsIsRecognised(t *testing.T) {
	w := newTown(t)
	blank := w.blank(t, village, year)
	take := func(content []byte, of int) string {
		_, err := w.server.ImportTemplate(t.Context(), w.caller("village_operator"), api.TemplateOrder{File: openTable(t, content), Year: of})
		return code(err)
	}
	if got := take(blank, year+1); got != "template.other_year" {
		t.Errorf("of another year: %s", got)
	}
	mark := func(text string) []byte {
		f, err := excelize.OpenReader(bytes.NewReader(blank))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for row := 1; row < 30; row++ {
			if row == 3 {
				continue
			}
			if err := f.SetCellStr("Usulan", "A"+strconv.Itoa(row), text); err != nil {
				t.Fatal(err)
			}
		}
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for text, want := range map[string]string{
		"": "template.unrecognised", "runut-usulan/9/2027/" + uuid.NewString() + "/99.01": "template.version",
		"runut-usulan/1/2027/" + uuid.NewString() + "/64.08": "template.other_kabupaten", "runut-usulan/1/2031/" + uuid.NewString() + "/99.01": "workflow.cycle_unopened",
	} {
		if got := take(mark(text), 0); got != want {
			t.Errorf("marked %q: %s, want %s", text, got, want)
		}
	}
}

// Whatever is written into the cells, every row is accounted for and a file that
// was taken in says nothing new.
func TestMangledTemplatesLoseNothing(t *testing.T) {
	w := newTown(t)
	withKamus(w)
	blank := w.blank(t, "", year)
	headings := []string{"Desa/kelurahan", "Prioritas", "Nama usulan", "Permasalahan", "Kamus usulan", "Volume", "Satuan", "Perkiraan biaya (Rp)", "Lokasi", "Koordinat", "OPD tujuan",
		"Layanan dasar", "Isu strategis", "Jalur", "Nomor berita acara", "Tanggal berita acara", "Baris"}
	cell := rapid.OneOf(
		rapid.SampledFrom([]any{"", nil, " ", "\u00a0", "CONTOH", "contoh jalan", "=1+1", 0, -1, 1.5, 1e15, true, "Rp1.000", "31/02/2026", 45000, "9901014101850001", "a.n. Slamet Riyadi", village, "Contoh Satu", "JLN-02", "Musrenbang", "Kesehatan"}),
		rapid.Map(rapid.StringN(0, 20, 60), func(s string) any { return strings.Map(printable, s) }),
	)
	rapid.Check(t, func(t *rapid.T) {
		rows := map[int]map[string]any{}
		for n := range rapid.IntRange(1, 4).Draw(t, "rows") {
			row := filled(map[string]any{"Desa/kelurahan": rapid.SampledFrom([]string{village, neighbour, farVill}).Draw(t, "village"), "Nama usulan": fmt.Sprint("Jalan ", rapid.IntRange(0, 5).Draw(t, "road"))})
			for range rapid.IntRange(0, 3).Draw(t, "slips") {
				row[rapid.SampledFrom(headings).Draw(t, "where")] = cell.Draw(t, "cell")
			}
			rows[n+1] = row
		}
		content := fill(t, blank, rows)
		w.takeTemplate(t, "importer", content)
		before := w.head()
		again := w.takeTemplate(t, "importer", content)
		if w.head() != before || len(again.Submitted)+len(again.Revised) > 0 {
			t.Fatalf("again: %d events", w.head()-before)
		}
	})
}

// What LibreOffice saves is what was written, as xlsx and as csv.
func TestTemplatesPassThroughLibreOffice(t *testing.T) {
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice is not installed")
	}
	w := newTown(t)
	withKamus(w)
	content := fill(t, w.blank(t, village, year), map[int]map[string]any{1: filled(nil), 2: filled(map[string]any{"Nama usulan": "=Drainase & talud", "Volume": 2.5, "Prioritas": 2})})
	r := w.takeTemplate(t, "village_operator", content)
	if len(r.Submitted) != 2 {
		t.Fatalf("handed in %d: %v", len(r.Submitted), templateCodes(r))
	}
	dir := t.TempDir()
	for _, format := range []string{"xlsx", "csv:Text - txt - csv (StarCalc):59,34,76,1,,1033,false,true,false,false,false,1", "csv:Text - txt - csv (StarCalc):44,34,76,1,,1033,false,true,false,false,false,1"} {
		source, out := filepath.Join(dir, "isian.xlsx"), filepath.Join(dir, "keluar")
		if err := os.WriteFile(source, content, 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), office, "-env:UserInstallation=file://"+filepath.Join(dir, "profil"), "--headless", "--convert-to", format, "--outdir", out, source)
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, said)
		}
		kind, _, _ := strings.Cut(format, ":")
		saved, err := filepath.Glob(filepath.Join(out, "isian*."+kind))
		if err != nil || len(saved) != 1 {
			t.Fatalf("LibreOffice wrote %v, %v", saved, err)
		}
		f, err := sheet.Open(saved[0])
		if err != nil {
			t.Fatal(err)
		}
		again, err := w.server.ImportTemplate(t.Context(), w.caller("village_operator"), api.TemplateOrder{File: f})
		f.Close()
		if err != nil || len(again.Unchanged) != 2 || len(again.Refused) != 0 {
			t.Errorf("%s: %d unchanged, refused %v, %v", format, len(again.Unchanged), templateCodes(again), err)
		}
		os.RemoveAll(out)
	}
}

// A text that was closed is not written again by the file that once held it.
func TestARowDoesNotRestoreWhatWasClosed(t *testing.T) {
	row := proposal.Idea{Title: domain.Mask("Jalan"), Problem: domain.Mask("Milik keluarga itu")}
	s := template.StatedIn([]event.Record{
		{Event: &proposal.Submitted{Idea: proposal.Idea{Title: domain.Mask("Jalan")}}},
		{Event: &proposal.TextRedacted{Field: "/problem"}},
	})
	if changed, differs := s.Revision(row); differs {
		t.Errorf("it is written again: %+v", changed)
	}
	row.Problem, row.Priority = domain.Text{}, 2
	if changed, differs := s.Revision(row); !differs || changed.Priority != 2 || !changed.Title.IsZero() {
		t.Errorf("only what changed: %+v, %v", changed, differs)
	}
}
