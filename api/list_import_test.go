package api_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"runut/api"
	"runut/api/intake/lists"
	"runut/api/intake/sheet"
	"runut/api/text"
	"runut/domain"
	"runut/domain/act"
	"runut/domain/delivery"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/proposal"
	"runut/eventstore"
	"runut/projections"
)

// works are what the tests' OPD has planned, each at another place.
var works = []struct {
	title, place, location string
	estimate               domain.Rupiah
}{
	{"Rabat beton jalan usaha tani RT 02", village, "RT 02 Dusun Lama", 248_000_000},
	{"Pembangunan drainase RT 06 Dusun Timur", neighbour, "RT 06 Dusun Timur", 158_400_000},
	{"Pembangunan jembatan kecil Sungai Mati", farVill, "Sungai Mati", 385_000_000},
	{"Rehabilitasi saluran irigasi Dusun Hilir", lateVill, "Dusun Hilir", 300_800_000},
	{"Pemasangan lampu jalan Gang Mawar", village, "Gang Mawar", 60_000_000},
	{"Peningkatan jalan lingkungan RT 11", farVill, "RT 11", 280_500_000},
}

// agreed takes n works as far as the kabupaten's final list.
func (w *town) agreed(t *testing.T, n int) []string {
	t.Helper()
	p := w.past(time.Now().Add(-time.Hour))
	numbers := make([]string, n)
	entries := make([]forum.Entry, n)
	for i := range n {
		x := works[i%len(works)]
		numbers[i] = p.do(p.actors["opd_planner"], nil, act.Submit{Year: year, Ask: &proposal.Submitted{Lane: proposal.Teknokratis, SubKegiatan: subKegiatan,
			SourceID: fmt.Sprint(9000 + i), Idea: proposal.Idea{Village: x.place, Title: domain.Mask(x.title), Problem: domain.Mask("Rusak"), Location: domain.Mask(x.location),
				OPD: opd, Volume: domain.Volume{Amount: "12", Unit: "m"}, Estimate: x.estimate}}})[0]
		entries[i] = forum.Entry{Proposal: numbers[i]}
	}
	p.do(p.actors["head_of_planning"], nil, act.FinalizeList{Forum: w.session("musrenbang_kabupaten"), List: fmt.Sprintf("L%d", p.position), Stage: "kabupaten",
		Scope: ofOffice(opd), Entries: entries})
	p.happen()
	return numbers
}

// state returns a proposal as its events have it.
func (w *town) state(number string) proposal.State {
	stream := proposal.Stream(number)
	all, err := w.server.Store.Streams(w.Context(), []string{stream})
	if err != nil {
		w.Fatal(err)
	}
	return proposal.Fold(event.Sequence(all[stream], event.View{}))
}

// workbook is a file with one sheet of rows.
func workbook(t rapid.TB, rows ...[]any) *sheet.File {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, row := range rows {
		if err := f.SetSheetRow("Sheet1", "A"+strconv.Itoa(i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return openTable(t, b.Bytes())
}

func openTable(t rapid.TB, content []byte) *sheet.File {
	t.Helper()
	f, err := sheet.OpenReader("daftar.xlsx", bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// order is a list of a kind, of the same paper every time.
func order(kind string, f *sheet.File) api.ListOrder {
	return api.ListOrder{Kind: kind, Year: year, File: f, Document: domain.Document{Kind: "perkada", Number: kind + "/20", Date: day(-1), Digest: strings.Repeat("ab", 32)}}
}

// takeList takes in a list as somebody, who must be allowed to.
func (w *town) takeList(t rapid.TB, who string, o api.ListOrder) *api.ListReport {
	t.Helper()
	r, err := w.server.ImportList(w.Context(), w.caller(who), o)
	if err != nil {
		t.Fatalf("%s: %v", o.Kind, err)
	}
	conserved(t, r)
	return r
}

func (w *town) caller(who string) api.Caller { return api.Caller{Actor: w.actors[who]} }

// conserved holds that every row and every rupiah of a list went somewhere, once.
func conserved(t rapid.TB, r *api.ListReport) {
	t.Helper()
	seen := map[int]int{}
	var sum domain.Rupiah
	note := func(row *lists.Row) { seen[row.Number]++; sum += row.Amount }
	for _, d := range r.Decided {
		note(d.Row)
	}
	for _, row := range slices.Concat(r.Unchanged, r.Aside) {
		note(row)
	}
	for _, x := range r.Waiting {
		note(x.Row)
	}
	for _, x := range r.Refused {
		note(x.Row)
		if x.Err == nil {
			t.Errorf("row %d is refused for nothing", x.Row.Number)
		}
	}
	for row, times := range seen {
		if times != 1 {
			t.Errorf("row %d is counted %d times", row, times)
		}
	}
	if n := len(r.List.Rows) + len(r.List.Refused); len(seen) != n || sum != r.List.Sum {
		t.Errorf("%d rows of %s read, %d of %s accounted for", n, r.List.Sum, len(seen), sum)
	}
}

// codes are what rows were refused for, by row.
func codes(refused []lists.Refused) map[int]string {
	out := map[int]string{}
	for _, x := range refused {
		if e, ok := errors.AsType[*domain.Error](x.Err); ok {
			out[x.Row.Number] = e.Code
		}
	}
	return out
}

// One budget year by lists alone: what an officer confirms, what is shared, what
// nobody asked for, and what is done to whom stands in no row.
func TestListsDecideManyProposalsAtOnce(t *testing.T) {
	w := newTown(t)
	n := w.agreed(t, 6)
	head := []any{"Kode", "Nomor Usulan", "ID SIPD", "Uraian", "Desa", "Lokasi", "Pagu (Rp)"}
	rkpd := workbook(t, []any{"LAMPIRAN RKPD"}, head,
		[]any{"1.03.10", "", "", "Program jalan", "", "", 999_000_000},
		[]any{subKegiatan, n[0], "", "Rabat beton", "", "", "Rp240.000.000,00"},
		[]any{subKegiatan, "", "9001", "Drainase", "", "", 158_400_000},
		[]any{subKegiatan, "", "", "Pemb. jembatan kecil S. Mati", "Contoh Jauh Satu", "", 380_000_000},
		[]any{subKegiatan, "", "", "Pengadaan kendaraan dinas", "", "", 500_000_000},
		[]any{subKegiatan, "U-27-0000000", "", "salah nomor", "", "", 1_000_000},
		[]any{subKegiatan, n[3], "", "Irigasi", "", "", "300 juta"},
		[]any{"JUMLAH", "", "", "", "", "", 1_300_000_000})

	before := w.head()
	trial := order("rkpd", rkpd)
	trial.Try = true
	tried := w.takeList(t, "head_of_planning", trial)
	if w.head() != before || tried.Events != 0 {
		t.Errorf("a trial wrote %d events", w.head()-before)
	}
	r := w.takeList(t, "head_of_planning", order("rkpd", rkpd))
	if len(r.Decided) != 2 || len(r.Decided) != len(tried.Decided) || len(r.Waiting) != 2 || r.List.Headings != 1 || r.List.Footers != 1 {
		t.Fatalf("decided %d (tried %d), waiting %d, headings %d, sums %d", len(r.Decided), len(tried.Decided), len(r.Waiting), r.List.Headings, r.List.Footers)
	}
	if got := codes(r.Refused); len(got) != 2 || got[8] != "number.mistyped" || got[9] != "sheet.amount_words" {
		t.Errorf("refused: %v", got)
	}
	if p := w.state(n[0]); p.At != "in_rkpd" || p.Included["rkpd"] != 240_000_000 {
		t.Errorf("%s stands at %s with %s", n[0], p.At, p.Included["rkpd"])
	}
	first := r.Waiting[0].Suggestions
	if len(first) == 0 || first[0].Of.Number != n[2] || !slices.ContainsFunc(first[0].Why, func(y lists.Why) bool { return y.Code == "match.place" }) {
		t.Errorf("for the bridge there is %+v", first)
	}
	if len(r.Absent) != 1 || r.Absent[0].Number != n[4] { // the irrigation has a bad row, the last road may be meant by another
		t.Errorf("%d stand in no row", len(r.Absent))
	}

	before = w.head()
	if again := w.takeList(t, "head_of_planning", order("rkpd", rkpd)); again.Events != 0 || w.head() != before || len(again.Unchanged) != 2 {
		t.Errorf("the same list again: %d events, %d unchanged", w.head()-before, len(again.Unchanged))
	}
	early := order("rkpd", rkpd)
	early.LeftOut = "PAG-KURANG"
	if _, err := w.server.ImportList(t.Context(), w.caller("head_of_planning"), early); code(err) != "lists.left_out_early" {
		t.Errorf("leaving out while rows wait: %v", err)
	}

	answered := answer(t, r, map[int][2]string{6: {"ya", ""}, 7: {"tidak", ""}})
	confirmed := w.takeList(t, "head_of_planning", order("rkpd", openTable(t, answered)))
	if len(confirmed.Decided) != 1 || len(confirmed.Waiting) != 1 || len(confirmed.Absent) != 0 || w.state(n[2]).At != "in_rkpd" {
		t.Errorf("confirmed %d, %d wait, the bridge stands at %s", len(confirmed.Decided), len(confirmed.Waiting), w.state(n[2]).At)
	}
	before = w.head()
	if again := w.takeList(t, "head_of_planning", order("rkpd", openTable(t, answered))); w.head() != before || len(again.Unchanged) != 1 {
		t.Errorf("the same confirmation again: %d events", w.head()-before)
	}
	if again := w.takeList(t, "head_of_planning", order("rkpd", rkpd)); w.head() != before || len(again.Unchanged) != 3 || len(again.Waiting) != 1 {
		t.Errorf("the list after its confirmation: %d unchanged, %d wait", len(again.Unchanged), len(again.Waiting))
	}

	w.mendsAConfirmation(t, r, n)
	w.emptiesAListsQuarantine(t, r, n)

	corrected := workbook(t, head,
		[]any{subKegiatan, n[0], "", "Rabat beton", "", "", 240_000_000},
		[]any{subKegiatan, n[1], "", "Drainase", "", "", 158_400_000},
		[]any{subKegiatan, n[2], "", "Jembatan", "", "", 380_000_000},
		[]any{subKegiatan, n[3], "", "Irigasi", "", "", 300_000_000})
	left := order("rkpd", corrected)
	left.LeftOut = "PAG-KURANG"
	r = w.takeList(t, "head_of_planning", left)
	if len(r.Decided) != 0 || len(r.Unchanged) != 4 || len(r.LeftOut) != 2 || w.state(n[4]).At != "left_out" || w.state(n[5]).At != "left_out" {
		t.Errorf("decided %d, unchanged %d, left out %d", len(r.Decided), len(r.Unchanged), len(r.LeftOut))
	}
	w.fundsByLists(t, n, head)
}

// emptiesAListsQuarantine mends the row whose amount was words, in the quarantine as it
// was left: what was confirmed and what is mended is no longer quarantined, and asking
// again says nothing twice.
func (w *town) emptiesAListsQuarantine(t *testing.T, r *api.ListReport, n []string) {
	open := func(want ...int) {
		t.Helper()
		imports := w.imports("rkpd")
		if got := imports.Open(r.File); got != 4-len(want) || !maps.Equal(imports.Resolved[r.File], rowsOf(want)) {
			t.Errorf("of the list %d rows are open, dealt with are %v, want %v", got, imports.Resolved[r.File], want)
		}
		for digest, file := range imports.Files {
			if digest != r.File && (file.Mends != r.File || imports.Open(digest) != 0) {
				t.Errorf("%+v counts rows of its own", file)
			}
		}
	}
	w.names(t, "rkpd", r.File, 6, 7, 8, 9)
	open(6) // confirmed
	q, err := sheet.NewQuarantine(r.List.Layout)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	if err := q.Of(r.File); err != nil {
		t.Fatal(err)
	}
	for _, one := range r.Refused {
		if err := q.Add(one.Row.Cells, one.Column, one.Err); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if _, err := q.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.SetCellInt("Karantina", "G3", 300_000_000); err != nil {
		t.Fatal(err)
	}
	var mended bytes.Buffer
	if err := f.Write(&mended); err != nil {
		t.Fatal(err)
	}
	if in := w.takeList(t, "head_of_planning", order("rkpd", openTable(t, mended.Bytes()))); len(in.Decided) != 1 || w.state(n[3]).At != "in_rkpd" {
		t.Errorf("mended: %d decided, refused %v", len(in.Decided), codes(in.Refused))
	}
	open(6, 9)
	before := w.head()
	w.takeList(t, "head_of_planning", order("rkpd", openTable(t, mended.Bytes())))
	if w.head() != before {
		t.Errorf("the same again wrote %d events", w.head()-before)
	}
}

func rowsOf(rows []int) map[int]bool {
	out := make(map[int]bool)
	for _, r := range rows {
		out[r] = true
	}
	return out
}

// imports returns what was taken in of a kind of file.
func (w *town) imports(source string) delivery.State {
	w.Helper()
	stream := delivery.ImportStream(source, strconv.Itoa(year))
	all, err := w.server.Store.Streams(w.Context(), []string{stream})
	if err != nil {
		w.Fatal(err)
	}
	return delivery.Fold(all[stream])
}

// mendsAConfirmation quarantines a row of a confirmation and takes it in mended,
// without the sheet that says which list it confirms: the document is known.
func (w *town) mendsAConfirmation(t *testing.T, r *api.ListReport, n []string) {
	wrong := w.takeList(t, "head_of_planning", order("rkpd", openTable(t, answer(t, r, map[int][2]string{6: {"mungkin", ""}}))))
	if got := codes(wrong.Refused); len(got) != 1 || !slices.Contains(slices.Collect(maps.Values(got)), "lists.answer_unknown") {
		t.Errorf("an answer that is none: %v", got)
	}
	q, err := sheet.NewQuarantine(wrong.List.Layout)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	for _, one := range wrong.Refused {
		if err := q.Add(one.Row.Cells, one.Column, one.Err); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if _, err := q.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, _ := f.GetRows("Karantina")
	at, _ := excelize.CoordinatesToCellName(slices.Index(rows[0], "Keputusan")+1, 2)
	if err := f.SetCellStr("Karantina", at, "ya"); err != nil {
		t.Fatal(err)
	}
	var mended bytes.Buffer
	if err := f.Write(&mended); err != nil {
		t.Fatal(err)
	}
	if again := w.takeList(t, "head_of_planning", order("rkpd", openTable(t, mended.Bytes()))); len(again.Unchanged) != 1 {
		t.Errorf("mended, of the bridge that was confirmed already: %d unchanged, refused %v", len(again.Unchanged), codes(again.Refused))
	}
	leaving := order("rkpd", openTable(t, mended.Bytes()))
	leaving.LeftOut = "PAG-KURANG"
	if _, err := w.server.ImportList(t.Context(), w.caller("head_of_planning"), leaving); code(err) != "lists.left_out_of_part" {
		t.Errorf("leaving out by a part of the list: %v", err)
	}
	other := order("rkpd", openTable(t, mended.Bytes()))
	other.Document.Number = "rkpd/21"
	if _, err := w.server.ImportList(t.Context(), w.caller("head_of_planning"), other); code(err) != "lists.confirmation_bare" {
		t.Errorf("for a document that nobody knows: %v", err)
	}
}

// fundsByLists takes the four that are in the RKPD to the APBD.
func (w *town) fundsByLists(t *testing.T, n []string, head []any) {
	ppas := workbook(t, head,
		[]any{"", n[0], "", "", "", "", 240_000_000}, []any{"", n[1], "", "", "", "", 150_000_000},
		[]any{"", n[2], "", "", "", "", 380_000_000}, []any{"", n[3], "", "", "", "", 300_000_000})
	if _, err := w.server.ImportList(t.Context(), w.caller("head_of_planning"), order("ppas", ppas)); code(err) != "cycle.role_missing" {
		t.Errorf("the KUA-PPAS by Bappeda: %v", err)
	}
	if r := w.takeList(t, "tapd", order("ppas", ppas)); len(r.Decided) != 4 {
		t.Fatalf("in the KUA-PPAS %d: %v", len(r.Decided), codes(r.Refused))
	}
	budget := []any{"Nomor usulan", "Kode sub kegiatan", "Kode rekening", "Kode rincian", "Nilai", "Nilai rincian", "Sumber dana", "Uraian", "OPD"}
	account := "5.2.04.01.01.0003"
	apbd := workbook(t, budget,
		[]any{n[0], subKegiatan, account, "D1", 200_000_000, 300_000_000, "DAU", "", ""},
		[]any{n[1], subKegiatan, account, "D1", 100_000_000, 300_000_000, "DAU", "", ""}, // shares the line
		[]any{n[2], subKegiatan, account, "D2", 300_000_000, 400_000_000, "PAD", "", ""},
		[]any{n[3], subKegiatan, account, "D2", 200_000_000, 400_000_000, "PAD", "", ""}, // together more than the line holds
		[]any{"", subKegiatan, account, "D3", 900_000_000, "", "PAD", "Pembangunan gapura batas kota", "Dinas Kesehatan"})
	r := w.takeList(t, "tapd", order("apbd", apbd))
	if got := codes(r.Refused); len(r.Decided) != 2 || len(got) != 2 || got[4] != "lists.line_overdrawn" || got[5] != "lists.line_overdrawn" {
		t.Errorf("decided %d, refused %v", len(r.Decided), got)
	}
	if len(r.Waiting) != 1 || w.state(n[0]).Granted()+w.state(n[1]).Granted() != 300_000_000 {
		t.Errorf("%d wait; of one line %s are granted", len(r.Waiting), w.state(n[0]).Granted()+w.state(n[1]).Granted())
	}
	answered := answer(t, r, map[int][2]string{6: {"tanpa usulan", ""}})
	for range 2 {
		w.takeList(t, "tapd", order("apbd", openTable(t, answered)))
	}
	_, appeared := w.fates(t)
	if appeared != 900_000_000 {
		t.Errorf("%s appeared in the budget without a proposal", appeared)
	}
	before := w.head()
	if again := w.takeList(t, "tapd", order("apbd", apbd)); w.head() != before || len(again.Unchanged) != 3 {
		t.Errorf("the budget again: %d events, %d unchanged", w.head()-before, len(again.Unchanged))
	}

	change := workbook(t, slices.Concat(budget, []any{"Kode alasan", "Penjelasan"}),
		[]any{n[0], subKegiatan, account, "D1", 180_000_000, "", "DAU", "", "", "", ""},
		[]any{n[0], subKegiatan, account, "D9", 15_000_000, "", "PAD", "", "", "", ""},
		[]any{n[1], "", "", "", "", "", "", "", "", "FIS-EFISIENSI", "Efisiensi belanja"})
	if r := w.takeList(t, "tapd", order("perubahan", change)); len(r.Decided) != 3 {
		t.Errorf("the change decided %d: %v", len(r.Decided), codes(r.Refused))
	}
	if p := w.state(n[0]); p.Granted() != 195_000_000 || w.state(n[1]).At != "cancelled" {
		t.Errorf("after the change %s with %s, %s stands at %s", n[0], p.Granted(), n[1], w.state(n[1]).At)
	}
	w.drifts(t)
}

// drifts holds that what the documents set aside adds up from one to the next.
func (w *town) drifts(t *testing.T) {
	w.caughtUp()
	var drift projections.BudgetDrift
	after, pages := projections.Cursor(""), 0
	for ; pages == 0 || after != ""; pages++ {
		page, err := projections.Proposals{DB: w.pool}.Budget(t.Context(), year, after, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Items {
			drift.Add(r)
		}
		after = page.Next
	}
	for name, s := range map[string]projections.BudgetStep{"KUA-PPAS": drift.ToPPAS, "APBD": drift.ToAPBD} {
		if got := s.From.Amount - s.Dropped.Amount - s.Waiting.Amount - s.Lowered.Amount + s.Raised.Amount + s.Joined.Amount; got != s.To.Amount {
			t.Errorf("to the %s: %s, want %s of %+v", name, got, s.To.Amount, s)
		}
	}
	want := projections.BudgetStep{From: projections.BudgetPart{Count: 4, Amount: 1_078_400_000}, Lowered: projections.BudgetPart{Count: 1, Amount: 8_400_000}, To: projections.BudgetPart{Count: 4, Amount: 1_070_000_000}}
	if drift.ToPPAS != want {
		t.Errorf("to the KUA-PPAS: %+v, want %+v", drift.ToPPAS, want)
	}
	if s := drift.ToAPBD; s.Joined.Amount != 900_000_000 || s.Waiting.Count != 2 || s.Dropped.Count != 1 {
		t.Errorf("to the APBD: %+v", s)
	}
}

// fates returns how many events the log has of each kind, and what appeared in
// the budget.
func (w *town) fates(t *testing.T) (map[string]int, domain.Rupiah) {
	var appeared domain.Rupiah
	count := map[string]int{}
	for r, err := range w.server.Store.Since(t.Context(), 0, 0, eventstore.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		count[r.Type]++
		if e, ok := r.Event.(*proposal.AppearedInBudget); ok {
			appeared += e.Amount
		}
	}
	return count, appeared
}

func code(err error) string {
	if e, ok := errors.AsType[*domain.Error](err); ok {
		return e.Code
	}
	return fmt.Sprint(err)
}

// answer writes the workbook to confirm and fills in answers by row of the list:
// what was chosen, and a number.
func answer(t rapid.TB, r *api.ListReport, answers map[int][2]string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := lists.Confirm(&b, r.List, r.Waiting, r.Meta, r.Registers, text.ID); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("Cocokkan")
	if err != nil {
		t.Fatal(err)
	}
	chosen, number := slices.Index(rows[0], "Keputusan"), slices.Index(rows[0], "Nomor pilihan")
	for i, row := range rows[1:] {
		of, _ := strconv.Atoi(row[0])
		for column, value := range map[int]string{chosen: answers[of][0], number: answers[of][1]} {
			at, _ := excelize.CoordinatesToCellName(column+1, i+2)
			if err := f.SetCellStr("Cocokkan", at, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	b.Reset()
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Whatever stands in the cells: nothing panics, every row and rupiah is
// accounted for, and a list that was taken in says nothing new.
func TestMangledListsLoseNothing(t *testing.T) {
	w := newTown(t)
	n := w.agreed(t, 12)
	head := []any{"Kode sub kegiatan", "Nomor usulan", "ID SIPD", "Kode rekening", "Kode rincian", "Uraian", "Desa", "Nilai", "Nilai rincian", "Sumber dana", "Kode alasan", "Keputusan", "Saran 1", "Baris daftar"}
	cell := rapid.OneOf(
		rapid.SampledFrom([]any{"", nil, " ", "\u200b", "-", "=1+1", "@x", "JUMLAH", "ya", "tidak", "tanpa usulan", "#REF!", true, 12.5, -3, 1e20, "1,2 juta", "Rp1.000.000,00", 1_000_000, 2_000_000,
			subKegiatan, "1.03", village, "Contoh Satu", "PAG-KURANG", "LNY", "D1", "9003", "5.2.04.01.01.0003", "DAU", "9901014101850001"}),
		rapid.Map(rapid.SampledFrom(n), func(s string) any { return s }),
		rapid.Map(rapid.StringN(0, 12, 40), func(s string) any { return strings.Map(printable, s) }),
	)
	rapid.Check(t, func(t *rapid.T) {
		table := [][]any{head[:rapid.IntRange(8, len(head)).Draw(t, "columns")]}
		for range rapid.IntRange(1, 6).Draw(t, "rows") {
			row := make([]any, len(table[0]))
			for i := range row {
				row[i] = cell.Draw(t, "cell")
			}
			if rapid.Bool().Draw(t, "plain") {
				row[0], row[7] = subKegiatan, 1_000_000*rapid.IntRange(1, 9).Draw(t, "amount")
			}
			table = append(table, row)
		}
		o := order(rapid.SampledFrom(lists.Kinds).Draw(t, "kind"), workbook(t, table...))
		who := map[string]string{"rkpd": "head_of_planning"}[o.Kind]
		if who == "" {
			who = "tapd"
		}
		r, err := w.server.ImportList(w.Context(), w.caller(who), o)
		if err != nil {
			if code(err) != "lists.confirmation_bare" {
				t.Fatalf("%v", err)
			}
			return
		}
		conserved(t, r)
		before := w.head()
		again, err := w.server.ImportList(w.Context(), w.caller(who), o)
		if err != nil || w.head() != before {
			t.Fatalf("again: %d events, %v", w.head()-before, err)
		}
		conserved(t, again)
	})
}

func printable(r rune) rune {
	if r < ' ' || r == 0xFFFE || r == 0xFFFF {
		return '?'
	}
	return r
}

// A list of a whole kabupaten comes in several appends, the lines of a budget
// never apart.
func TestBatchesKeepTogetherWhatIsJudgedTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []lists.Decided
		for i := range rapid.IntRange(0, 400).Draw(t, "rows") {
			all = append(all, lists.Decided{Row: &lists.Row{Number: i}, Decision: act.Decision{
				Proposal: fmt.Sprint("U-", rapid.IntRange(0, 300).Draw(t, "proposal")),
				Ask:      &proposal.Funded{Line: fmt.Sprint("D", rapid.IntRange(0, 200).Draw(t, "line")), LineTotal: 1}}})
		}
		where, rows := map[string]int{}, map[int]bool{}
		for b, batch := range lists.Batches(all) {
			for _, d := range batch {
				rows[d.Row.Number] = true
				for _, key := range []string{d.Decision.Proposal, d.Decision.Ask.(*proposal.Funded).Line} {
					if at, seen := where[key]; seen && at != b {
						t.Fatalf("%s stands in appends %d and %d", key, at, b)
					}
					where[key] = b
				}
			}
		}
		if len(rows) != len(all) {
			t.Fatalf("%d of %d rows are in a batch: %v", len(rows), len(all), slices.Sorted(maps.Keys(rows)))
		}
	})
}
