package sipd_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"runut/api/intake/sheet"
	"runut/api/intake/sipd"
	"runut/api/intake/sipd/sample"
	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/proposal"
	"runut/eventstore/vault"
)

func asHistory(o *sipd.Options)          { o.AsHistory = true }
func confirmed(o *sipd.Options)          { o.Confirmed = true }
func dry(o *sipd.Options)                { o.DryRun = true }
func at(t time.Time) func(*sipd.Options) { return func(o *sipd.Options) { o.ExportedAt = t } }

// heading is a small export's, by hand: what the officer sees in Excel.
var heading = []string{"ID Usulan", "Pengusul", "Usulan", "Masalah", "Alamat", "Kecamatan", "Kelurahan", "OPD Tujuan Awal", "OPD Tujuan Akhir", "Status", "Catatan",
	"Rekomendasi Kecamatan", "Rekomendasi SKPD", "Volume", "Satuan", "Anggaran"}

// line returns a row of the small export with some of its cells changed.
func line(id string, change ...string) []string {
	row := []string{id, "Mulyono Cempaka", "Drainase " + id, "Tergenang", "RT 01", "Contoh Kota", "Contoh Kota Maju", "Dinas Pekerjaan Umum", "", "Menunggu Verifikasi Kecamatan", "", "", "", "100", "m", "50000000"}
	for i := 0; i+1 < len(change); i += 2 {
		row[slices.Index(heading, change[i])] = change[i+1]
	}
	return row
}

// csv writes the small export.
func (w *town) csv(rows ...[]string) *sheet.File {
	w.Helper()
	var b strings.Builder
	for _, row := range append([][]string{heading}, rows...) {
		for i, cell := range row {
			if i > 0 {
				b.WriteByte(';')
			}
			fmt.Fprintf(&b, "%q", cell)
		}
		b.WriteByte('\n')
	}
	return w.open("usulan.csv", []byte(b.String()))
}

// week returns when the export of a week was made.
func week(n int) func(*sipd.Options) { return at(sample.Exported(friday, n)) }

// The same file, whenever it comes again, adds nothing.
func TestTheSameFileAgainAddsNothing(t *testing.T) {
	w := newTown(t)
	o := sample.Options{Rows: 1200, Seed: 1, Traps: true}
	first := w.taken(w.export(o))
	if first.New < 1200 || first.Unchanged > 2 {
		t.Fatalf("%d new, %d unchanged", first.New, first.Unchanged)
	}
	head := w.head()
	again := w.taken(w.export(o), func(o *sipd.Options) { o.File.Name, o.File.Modified = "x.xlsx", time.Time{} }) // wherever it lies now
	if w.head() != head || !again.Known || len(again.Events) != 0 {
		t.Errorf("%d events were added: %v", w.head()-head, again.Events)
	}
	o.Week = 1
	w.taken(w.export(o))
	head = w.head()
	o.Week = 0
	if w.taken(w.export(o)); w.head() != head {
		t.Error("an older file that is known added something")
	}
}

// A copy of an export in which some cells differ adds what differs and no more,
// and every event names both files.
func TestAChangedCopyAddsItsChanges(t *testing.T) {
	w := newTown(t)
	rows := [][]string{line("1"), line("2"), line("3"), line("4"), line("5"), line("6"), line("7"), line("8")}
	before := w.taken(w.csv(rows...), week(0))
	head := w.head()
	rows[0] = line("1", "Volume", "250")
	rows[1] = line("2", "Status", "Menunggu Verifikasi SKPD", "Rekomendasi Kecamatan", "Disetujui")
	rows[2] = line("3", "OPD Tujuan Akhir", "Dinas Kesehatan")
	rows[3] = line("4", "Status", "Ditolak Kecamatan", "Catatan", "Lahan sengketa")
	rows[4] = line("5", "Catatan", "Mohon dilengkapi")
	rows[5] = line("6", "Masalah", "")
	after := w.taken(w.csv(append(rows, line("9"))...), week(1))

	if d := cmp.Diff(map[string]int{"revised": 3, "recommended": 1, "prioritized": 2, "transferred": 1, "rejected": 1, "submitted": 1}, after.Events); d != "" {
		t.Errorf("events (-want +got):\n%s", d)
	}
	if after.New != 1 || after.Changed != 6 || after.Unchanged != 2 || after.Missing != 0 {
		t.Errorf("%d new, %d changed, %d unchanged, %d missing", after.New, after.Changed, after.Unchanged, after.Missing)
	}
	for _, r := range w.since(head) {
		e, ok := r.Event.(proposal.Event)
		if !ok {
			continue
		}
		o := e.Base().Observed
		if o == nil || o.File != after.Digest || o.Before != before.Digest || o.ID == "" {
			t.Errorf("%s names the files %+v", r.Type, o)
		}
		if r.Occurred.Precision != domain.BetweenExports || !r.Occurred.From.Equal(friday) || !r.Occurred.To.Equal(sample.Exported(friday, 1)) {
			t.Errorf("%s took effect %v", r.Type, r.Occurred)
		}
		if r.Actor.Role != "importer" {
			t.Errorf("%s is by %s", r.Type, r.Actor.Role)
		}
	}
	for id, want := range map[string]string{"2": "at_opd", "4": "rejected", "1": "at_kecamatan"} {
		if _, s, _ := w.byID(id); string(s.At) != want {
			t.Errorf("%s is in %s, want %s", id, s.At, want)
		}
	}
	_, s, records := w.byID("4")
	end := records[len(records)-1].Event.(*proposal.Rejected)
	if end.Reason != proposal.ReasonUnsaid || !slices.Contains(end.Observed.Gaps, "reason") || end.Text.Masked != "Lahan sengketa" {
		t.Errorf("rejected for %q, gaps %v, words %q", end.Reason, end.Observed.Gaps, end.Text)
	}
	if _, s, _ = w.byID("6"); s.Problem.Masked != "Tergenang" {
		t.Errorf("what was emptied in SIPD was taken from the log: %q", s.Problem)
	}
	head = w.head()
	rows[4][10], rows[5] = "Mohon dilengkapi", line("6", "Masalah", "")
	same := w.taken(w.csv(append(rows, line("9"))...), week(2)) // another file? no: the very same bytes
	if w.head() != head || !same.Known {
		t.Errorf("%d events of the same file", w.head()-head)
	}
	rows[7] = line("8", "Satuan", "meter") // only spelled another way
	spelled := w.taken(w.csv(append(rows, line("9"))...), week(3))
	if spelled.Changed != 0 {
		t.Errorf("another spelling of a unit is a change: %v", spelled.Events)
	}
}

// What was decided here meanwhile is no change of the source.
func TestTheSourceIsComparedWithItself(t *testing.T) {
	w := newTown(t)
	w.write(cycle.Stream(year), &cycle.WindowOpened{Window: "kecamatan", Scope: domain.Scope{Kind: domain.ScopeKabupaten}, OpensAt: opened, ClosesAt: opened.AddDate(1, 0, 0),
		Decree: domain.Document{Kind: "sk", Number: "2", Date: "2026-01-05"}})
	w.taken(w.csv(line("1"), line("2")), week(0))
	number, s, _ := w.byID("1")
	w.append(proposal.Stream(number), s.Version, week1(2), &proposal.Revised{Step: proposal.Step{Via: proposal.Jump}, Idea: proposal.Idea{Volume: domain.Volume{Amount: "77", Unit: "m"}}})
	w.append(proposal.Stream(number), s.Version+1, week1(3), &proposal.Prioritized{Step: proposal.Step{State: "at_opd", Stage: "kecamatan", Via: "prioritize_kec"}})
	w.caughtUp()
	head := w.head()
	r := w.taken(w.csv(line("1"), line("2"), line("3")), week(1))
	if r.Changed != 0 || r.New != 1 {
		t.Errorf("%d changed: %v", r.Changed, r.Events)
	}
	if got := w.head() - head; got != 3 { // submitted, prioritized (the village let it pass), the file
		t.Errorf("%d events", got)
	}
	if _, s, _ := w.byID("1"); s.At != "at_opd" || s.Volume.Amount != "77" {
		t.Errorf("in %s with %s", s.At, s.Volume)
	}
	// The source comes to where it stands here: its word is on record, and nothing
	// is said twice.
	r = w.taken(w.csv(line("1", "Status", "Menunggu Verifikasi SKPD"), line("2"), line("3")), week(2))
	if d := cmp.Diff(map[string]int{"revised": 1}, r.Events); d != "" {
		t.Error(d)
	}
}

// Of the OPD too: where the source comes to where the proposal is here already,
// its word is kept, so that a later transfer here is not undone by it. And what
// was given and is zero now is on record once.
func TestTheSourceFollowsATransfer(t *testing.T) {
	w := newTown(t)
	health, schools := offices[2].Code, offices[1].Code
	w.taken(w.csv(line("1")), week(0))
	number, s, _ := w.byID("1")
	w.append(proposal.Stream(number), s.Version, week1(1), &proposal.Transferred{Step: proposal.Step{Via: proposal.Jump}, From: s.OPD, To: health})
	w.caughtUp()
	if r := w.taken(w.csv(line("1", "OPD Tujuan Akhir", "Dinas Kesehatan")), week(1)); r.Events["transferred"] != 0 || r.Events["revised"] != 1 {
		t.Errorf("%v", r.Events)
	}
	_, s, _ = w.byID("1")
	w.append(proposal.Stream(number), s.Version, week1(8), &proposal.Transferred{Step: proposal.Step{Via: proposal.Jump}, From: health, To: schools})
	w.caughtUp()
	r := w.taken(w.csv(line("1", "OPD Tujuan Akhir", "Dinas Kesehatan", "Anggaran", "0")), week(2))
	if d := cmp.Diff(map[string]int{"revised": 1}, r.Events); d != "" {
		t.Error(d)
	}
	if _, s, _ := w.byID("1"); s.OPD != schools || s.Estimate != 50_000_000 {
		t.Errorf("with %s for %s", s.OPD, s.Estimate)
	}
	if r = w.taken(w.csv(line("1", "OPD Tujuan Akhir", "Dinas Kesehatan", "Anggaran", "0"), line("2")), week(3)); r.Changed != 0 {
		t.Errorf("said twice: %v", r.Events)
	}
}

func week1(day int) time.Time { return friday.AddDate(0, 0, day) }

// append writes an event that nobody judges.
func (w *town) append(stream string, version int, when time.Time, e any) {
	w.Helper()
	cmd := event.Command{ID: newID(), Actor: domain.Actor{Person: "p-4K7M2XQ0TB9D", Role: "camat", Scope: domain.Scope{Kind: domain.ScopeKabupaten}}, Tenant: kabupaten, Cycle: year, Definition: definition.Hash(), RecordedAt: when}
	_, err := w.store.Append(w.Context(), cmd, event.Change{Stream: stream, Version: version, Cycle: year, Definition: definition.Hash(), Facts: []event.Fact{{Event: e}}})
	w.must(err)
}

// A source that goes back is on record as going back, and coming again too.
func TestTheSourceGoesBack(t *testing.T) {
	w := newTown(t)
	state := func() string { _, s, _ := w.byID("1"); return string(s.At) }
	n := 0
	step := func(status, want string, events ...string) {
		t.Helper()
		n++
		// a second row keeps the file from being one that came before
		r := w.taken(w.csv(line("1", "Status", status), line("2", "Volume", fmt.Sprint(100+n))), week(n))
		if got := state(); got != want {
			t.Errorf("%q: in %s, want %s; %v %v", status, got, want, r.Events, r.Notes)
		}
		for _, e := range events {
			if r.Events[e] == 0 {
				t.Errorf("%q: no %s among %v", status, e, r.Events)
			}
		}
	}
	step("Menunggu Verifikasi SKPD", "at_opd", "submitted", "prioritized")
	step("Disetujui SKPD", "accepted", "accepted_by_opd")
	step("Menunggu Verifikasi SKPD", "returned_opd", "returned")
	step("Dikembalikan SKPD", "returned_opd")
	step("Menunggu Verifikasi SKPD", "at_opd", "revised")
	step("Ditolak SKPD", "rejected", "rejected")
	step("Menunggu Verifikasi SKPD", "at_opd", "reinstated")
	step("Disetujui TAPD", "agreed", "agreed")
	step("Dibatalkan", "agreed") // no way leads from there to any of its meanings: the word is kept
}

func TestAnOlderFileIsRefusedUnlessAsHistory(t *testing.T) {
	w := newTown(t)
	w.taken(w.csv(line("1"), line("2")), week(0))
	w.taken(w.csv(line("1", "Volume", "300"), line("2")), week(2))
	head := w.head()
	between := w.csv(line("1", "Volume", "200"), line("2"), line("3"))
	if _, err := w.imports(between, week(1)); code(err) != "import.older_than_last" || w.head() != head {
		t.Fatalf("refused with %q, %d events", code(err), w.head()-head)
	}
	r := w.taken(between, week(1), asHistory)
	if r.Changed != 1 || r.New != 1 || r.Missing != 0 {
		t.Errorf("%+v", r)
	}
	_, s, records := w.byID("1")
	var volumes []string
	for _, rec := range records {
		if e, ok := rec.Event.(*proposal.Revised); ok {
			volumes = append(volumes, e.Volume.Amount)
		}
	}
	if !slices.Equal(volumes, []string{"200", "300"}) || s.Volume.Amount != "300" {
		t.Errorf("the volumes in their order are %v, now %s", volumes, s.Volume)
	}
}

func TestMissingAndFound(t *testing.T) {
	w := newTown(t)
	var rows [][]string
	for n := range 30 {
		rows = append(rows, line(fmt.Sprint(n+1)))
	}
	other := line("900", "Kecamatan", "Misal Hulu", "Kelurahan", "Misal Hulu Sari")
	w.taken(w.csv(append(rows, other)...), week(0))
	head := w.head()

	// A file of one kecamatan says nothing of the other.
	r := w.taken(w.csv(rows[1:]...), week(1))
	if r.Missing != 1 || r.Events["source_missing"] != 1 {
		t.Fatalf("%d missing: %v", r.Missing, r.Events)
	}
	if number, _, _ := w.byID("1"); !slices.Equal(r.MissingIDs, []string{number}) {
		t.Errorf("missing is %v, want %s", r.MissingIDs, number)
	}
	if got := w.head() - head; got != 2 {
		t.Errorf("%d events", got)
	}
	// Still missing is no news; there again is.
	rows[5] = line("6", "Volume", "5")
	if r = w.taken(w.csv(rows[1:]...), week(2)); r.Missing != 0 {
		t.Errorf("%d missing once more", r.Missing)
	}
	if r = w.taken(w.csv(rows...), week(3)); r.Events["source_found"] != 1 || r.Changed != 1 {
		t.Errorf("found: %v", r.Events)
	}
	// More than one in twenty holds the import.
	head = w.head()
	few := w.csv(rows[:20]...)
	if _, err := w.imports(few, week(4)); code(err) != "import.too_many_missing" || w.head() != head {
		t.Fatalf("refused with %q, %d events", code(err), w.head()-head)
	}
	r = w.taken(few, week(4), confirmed)
	if r.Missing != 10 || !w.imported().Files[r.Digest].Confirmed {
		t.Errorf("%d missing", r.Missing)
	}
}

// A dry run says exactly what would happen, and nothing happens.
func TestADryRunSaysWhatWouldHappen(t *testing.T) {
	w := newTown(t)
	for n := range 2 {
		o := sample.Options{Rows: 300, Seed: 3, Week: n, Traps: true}
		head := w.head()
		told := w.taken(w.export(o), dry)
		if w.head() != head {
			t.Fatalf("a dry run added %d events", w.head()-head)
		}
		done := w.taken(w.export(o))
		told.DryRun, told.Seconds, done.Seconds = false, 0, 0
		if d := cmp.Diff(told, done, cmp.AllowUnexported(sipd.Report{}, sipd.HeldReason{}), cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Err" }, cmp.Ignore())); d != "" {
			t.Errorf("week %d (-told +done):\n%s", n, d)
		}
	}
}

// For everything that is known to go wrong the row is in, or in quarantine for the
// right reason; in every variant of the export.
func TestEveryTrap(t *testing.T) {
	for name, o := range map[string]sample.Options{
		"usual":           {Rows: 20, Seed: 5, Traps: true},
		"merged headings": {Rows: 20, Seed: 5, Traps: true, Merged: true},
		"forty columns":   {Rows: 20, Seed: 5, Traps: true, Wide: true},
		"another order":   {Rows: 20, Seed: 5, Traps: true, Shuffle: true},
		"all of these":    {Rows: 20, Seed: 6, Traps: true, Merged: true, Wide: true},
		"pokir":           {Rows: 20, Seed: 5, Traps: true, Pokir: true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTown(t)
			o.Wilayah, o.OPD = wilayah, offices
			table := sample.Make(o)
			r := w.taken(w.export(o))
			reasons := map[string]int{}
			for _, h := range r.Held {
				reasons[h.Reason] += h.Count
				for _, x := range h.Examples {
					if x.Row == 0 || x.Column == "" {
						t.Errorf("%s: row %d, column %q", h.Reason, x.Row, x.Column)
					}
				}
			}
			want := map[string]int{}
			for _, trap := range table.Traps {
				if trap.Code != "" {
					want[trap.Code]++
					continue
				}
				if number, _, _ := w.byID(trap.ID); number == "" {
					t.Errorf("%s: row %s is not in", trap.What, trap.ID)
				}
			}
			if d := cmp.Diff(want, reasons); d != "" {
				t.Errorf("reasons (-want +got):\n%s", d)
			}
			if held := w.imported().Files[r.Digest]; held.Quarantined != r.Quarantined || held.Rows != held.Accepted+held.Unchanged+held.Quarantined {
				t.Errorf("the event says %+v", held)
			}
		})
	}
}

// What was normalised is kept as it was written too, and what is doubtful says so.
func TestNothingIsLostByReading(t *testing.T) {
	w := newTown(t)
	w.taken(w.csv(
		line("1", "Volume", "1.250,50", "Satuan", "M'", "Anggaran", "Rp1.234.567,00"),
		line("2", "Alamat", "Jl. Poros RT 03 117.153709, -0.502106"),
		line("3", "Masalah", strings.Repeat("x", 255)),
		line("4", "Rekomendasi Kecamatan", "Disetujui dengan syarat akses jalan dibenahi lebih dahulu"),
	), week(0))
	said := func(id string) (*proposal.Submitted, map[string]string) {
		_, _, records := w.byID(id)
		e := records[0].Event.(*proposal.Submitted)
		words := map[string]string{}
		for _, s := range e.Observed.Said {
			words[s.Column] = s.Text.Masked
		}
		return e, words
	}
	e, words := said("1")
	if e.Volume != (domain.Volume{Amount: "1250.5", Unit: "m"}) || e.Estimate != 1_234_567 || words["volume"] != "1.250,50 M'" || words["anggaran"] != "Rp1.234.567,00" {
		t.Errorf("%v %v, written %v", e.Volume, e.Estimate, words)
	}
	if e, words = said("2"); e.Point == nil || *e.Point != (domain.Point{Lat: "-0.502106", Lon: "117.153709"}) || !slices.Contains(e.Observed.Doubts, "point:swapped") || e.Location.Masked != "Jl. Poros RT 03" || words["alamat"] == "" {
		t.Errorf("%v, %v, %q", e.Point, e.Observed.Doubts, e.Location)
	}
	if e, _ = said("3"); !slices.Contains(e.Observed.Doubts, "problem:cut") {
		t.Errorf("doubts %v", e.Observed.Doubts)
	}
	_, _, records := w.byID("4")
	r := records[1].Event.(*proposal.Recommended)
	if r.Level != "camat" || r.Result != "other" || !strings.Contains(r.Note.Masked, "akses jalan") {
		t.Errorf("%+v", r)
	}
}

// Mended rows come in from the quarantine workbook, as rows of the file they were
// in, and the quarantine is closed by what came in.
func TestAQuarantineIsMended(t *testing.T) {
	w := newTown(t)
	w.taken(w.csv(line("1"), line("2", "Kelurahan", "Antah"), line("3", "Status", "Menunggu Wangsit"), line("4", "Anggaran", "sejuta")), week(0))
	origin := w.imported().Order[0]
	if origin.Quarantined != 3 {
		t.Fatalf("%d quarantined", origin.Quarantined)
	}
	mended := w.rewritten(map[string]string{"Antah": "Contoh Kota Rukun", "sejuta": "1000000"})
	r := w.taken(mended)
	if r.Mends != origin.Digest || r.Accepted != 2 || r.Quarantined != 1 || r.Mended != 2 || r.Missing != 0 {
		t.Errorf("%+v", r)
	}
	state := w.imported()
	if state.Open(origin.Digest) != 1 || !state.Resolved[origin.Digest][3] || !state.Resolved[origin.Digest][5] {
		t.Errorf("%d open, dealt with %v", state.Open(origin.Digest), state.Resolved)
	}
	_, s, records := w.byID("2")
	if o := records[0].Event.(proposal.Event).Base().Observed; s.Village != "99.01.01.2002" || o.Row != 3 || !records[0].Occurred.To.Equal(friday) {
		t.Errorf("%s, row %d, %v", s.Village, o.Row, records[0].Occurred)
	}
	// The status becomes known: the first file is run again with another map.
	text := strings.Replace(string(sipd.BaseStatusYAML()), "menunggu validasi,", "menunggu validasi, menunggu wangsit,", 1)
	m, err := sipd.ParseStatusMap("peta.yaml", []byte(text))
	w.must(err)
	first := w.csv(line("1"), line("2", "Kelurahan", "Antah"), line("3", "Status", "Menunggu Wangsit"), line("4", "Anggaran", "sejuta"))
	r = w.taken(first, week(0), func(o *sipd.Options) { o.Map = m })
	if !r.Known || r.Mended != 1 || w.imported().Open(origin.Digest) != 0 {
		t.Errorf("known %t, %d mended, %d open", r.Known, r.Mended, w.imported().Open(origin.Digest))
	}
}

// rewritten returns the last quarantine workbook with some texts replaced, as
// somebody mends it.
func (w *town) rewritten(texts map[string]string) *sheet.File {
	w.Helper()
	book := openBook(w.T, w.held.Bytes())
	name := book.GetSheetName(0)
	rows, err := book.GetRows(name)
	w.must(err)
	for y, row := range rows {
		for x, cell := range row {
			if to, ok := texts[cell]; ok {
				w.must(book.SetCellValue(name, cellName(x, y), to))
			}
		}
	}
	var b bytes.Buffer
	_, err = book.WriteTo(&b)
	w.must(err)
	return w.open("usulan.csv.karantina.xlsx", b.Bytes())
}

// A detail that was erased does not come back with the next export, and a text
// that was closed here is not opened again.
func TestWhatWasErasedStaysErased(t *testing.T) {
	w := newTown(t)
	row := line("1", "Masalah", "NIK "+sample.NIK+" telp "+sample.Phone)
	w.taken(w.csv(row, line("2")), week(0))
	detail := domain.Span{Kind: domain.SpanNIK, Plain: sample.NIK}
	found, err := w.vault.Occurrences(t.Context(), detail)
	w.must(err)
	if len(found) != 1 {
		t.Fatalf("%d occurrences", len(found))
	}
	w.must(w.vault.EraseDetail(t.Context(), detail, vault.Erasure{Event: newID(), Position: w.head(), At: time.Now()}))
	r := w.taken(w.csv(row, line("2"), line("3", "Masalah", "Rumah NIK "+sample.NIK)), week(1))
	if r.Changed != 0 || r.New != 1 {
		t.Errorf("%v", r.Events)
	}
	if found, err = w.vault.Occurrences(t.Context(), detail); err != nil || len(found) != 0 {
		t.Errorf("%d occurrences again, %v", len(found), err)
	}
	if _, s, _ := w.byID("3"); !strings.Contains(s.Problem.Masked, "[data dihapus]") {
		t.Errorf("reads %q", s.Problem)
	}

	number, s, records := w.byID("2")
	w.append(proposal.Stream(number), s.Version, week1(8), &proposal.TextRedacted{Target: records[0].ID.String(), Field: "/problem", Ground: domain.Document{Kind: "sk", Number: "1", Date: "2026-02-10"}})
	w.caughtUp()
	r = w.taken(w.csv(row, line("2", "Masalah", "Tergenang lagi"), line("3", "Masalah", "Rumah NIK "+sample.NIK), line("4")), week(2))
	if r.Changed != 0 {
		t.Errorf("a closed text came back: %v", r.Events)
	}
}

// A run that broke off is run again and comes to the same log.
func TestAnImportThatBrokeOff(t *testing.T) {
	whole, broken := newTown(t), newTown(t)
	o := sample.Options{Rows: 1300, Seed: 9, Traps: true}
	for _, w := range []*town{whole, broken} {
		w.taken(w.export(o))
	}
	o.Week = 1
	whole.taken(whole.export(o))

	ctx, stop := newCanceled(t)
	batches := 0
	_, err := broken.importer().Run(ctx, sipd.Options{File: broken.export(o), Year: year, Progress: func(done, total int64) {
		if total > 0 && done > 0 {
			if batches++; batches == 2 {
				stop()
			}
		}
	}})
	if err == nil {
		t.Fatal("it did not break off")
	}
	broken.caughtUp()
	if broken.imported().Order[len(broken.imported().Order)-1].Digest == broken.export(o).Digest {
		t.Fatal("the file was recorded before all of its rows")
	}
	r := broken.taken(broken.export(o))
	if r.Earlier == 0 {
		t.Error("nothing had been taken in before")
	}
	if d := cmp.Diff(contents(whole), contents(broken)); d != "" {
		t.Errorf("(-whole +broken):\n%s", d[:min(len(d), 3000)])
	}
	a, b := whole.imported(), broken.imported()
	if d := cmp.Diff(a.Order[1], b.Order[1]); d != "" {
		t.Errorf("the file (-whole +broken):\n%s", d)
	}
}

// contents returns what a log says of every id of SIPD, event by event.
func contents(w *town) map[string][]string {
	w.Helper()
	out := map[string][]string{}
	for _, r := range w.since(0) {
		e, ok := r.Event.(proposal.Event)
		if !ok {
			continue
		}
		o := e.Base().Observed
		out[o.ID] = append(out[o.ID], fmt.Sprintf("%s %d %s %s %v", r.Type, o.Row, o.File[:8], e.Base().State, r.Occurred))
	}
	for _, list := range out {
		slices.Sort(list)
	}
	return out
}

// What appears after the village's time is over was handed in late, where an
// export from after that time shows that it was not there.
func TestWhatAppearsLateIsLate(t *testing.T) {
	w := newTown(t)
	everybody := domain.Scope{Kind: domain.ScopeKabupaten}
	paper := domain.Document{Kind: "sk", Number: "2", Date: "2026-01-05"}
	w.taken(w.csv(line("1")), week(0))
	w.write(cycle.Stream(year), &cycle.WindowOpened{Window: "desa", Scope: everybody, OpensAt: opened, ClosesAt: week1(3), Decree: paper})
	w.append(cycle.Stream(year), 2, week1(3), &cycle.WindowClosed{Window: "desa", Scope: everybody, ClosesAt: week1(3)})
	late := func(id string) bool {
		_, _, records := w.byID(id)
		_, late := records[0].Event.(*proposal.SubmittedLate)
		return late
	}
	w.taken(w.csv(line("1"), line("2")), week(1))
	if late("2") {
		t.Error("it may have been there in time, and is called late")
	}
	r := w.taken(w.csv(line("1"), line("2"), line("3"), line("4", "Kelurahan", "Contoh Kota Jaya")), week(2))
	if !late("3") || r.Events["submitted_late"] != 1 || late("4") {
		t.Errorf("%v", r.Events)
	}
	if _, s, _ := w.byID("3"); s.At != "late_entry" {
		t.Errorf("in %s", s.At)
	}
}

// A new id with the same content is suggested to be the old one, and no more.
func TestASuggestionIsOnlyPrinted(t *testing.T) {
	w := newTown(t)
	w.taken(w.csv(line("1"), line("2")), week(0))
	number, _, _ := w.byID("1")
	r := w.taken(w.csv(line("2"), line("77", "Usulan", "DRAINASE 1 ")), week(1), confirmed)
	if len(r.Suggestions) != 1 || r.Suggestions[0].ID != "77" || !slices.Equal(r.Suggestions[0].Alike, []string{number}) {
		t.Errorf("%+v", r.Suggestions)
	}
	if r.New != 1 || r.Missing != 1 {
		t.Errorf("%d new, %d missing", r.New, r.Missing)
	}
}

func TestExportsOfOtherThingsDoNotStandInEachOthersWay(t *testing.T) {
	w := newTown(t)
	w.taken(w.export(sample.Options{Rows: 40, Seed: 2}), week(1))
	r := w.taken(w.export(sample.Options{Rows: 30, Seed: 2, Pokir: true}), week(0)) // older, of the council
	if r.Lane != "pokir" || r.New != 30 || r.Before != "" {
		t.Errorf("%+v", r)
	}
	lanes := map[proposal.Lane]int{}
	for _, rec := range w.since(0) {
		if e, ok := rec.Event.(*proposal.Submitted); ok {
			lanes[e.Lane]++
		}
	}
	if d := cmp.Diff(map[proposal.Lane]int{proposal.Musrenbang: 40, proposal.Pokir: 30}, lanes); d != "" {
		t.Error(d)
	}
}

func TestWhenAFileWasExported(t *testing.T) {
	w := newTown(t)
	f := w.csv(line("1"))
	if _, err := w.imports(f); code(err) != "sipd.exported_unknown" {
		t.Errorf("a csv file that does not say when: %q", code(err))
	}
	for name, want := range map[string]string{
		"usulan_20260306.csv":          "2026-03-06T15:59:59Z",
		"usulan 2026-03-06 09.30.csv":  "2026-03-06T01:30:00Z",
		"Usulan SIPD 06-03-2026.csv":   "2026-03-06T15:59:59Z",
		"usulan-2026-03-06T093015.csv": "2026-03-06T01:30:15Z",
	} {
		w := newTown(t)
		f := w.csv(line("1"))
		f.Name = name
		if r := w.taken(f); r.ExportedAt.Truncate(time.Second).Format(time.RFC3339) != want || r.ExportedBy != "name" {
			t.Errorf("%s was exported %s (%s)", name, r.ExportedAt, r.ExportedBy)
		}
	}
	if _, err := w.imports(f, at(opened.AddDate(0, 0, -1))); code(err) != "sipd.exported_before_cycle" {
		t.Errorf("before the cycle: %q", code(err))
	}
	if _, err := w.imports(f, at(time.Now().Add(time.Hour))); code(err) != "import.exported_in_future" {
		t.Errorf("tomorrow: %q", code(err))
	}
}
