package api_test

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"runut/api"
	"runut/api/intake/sheet"
	"runut/domain"
	"runut/domain/event"
	"runut/domain/reference"
)

// written returns a csv file of some text.
func written(t *testing.T, text string) *sheet.File {
	t.Helper()
	f, err := sheet.OpenReader("berkas.csv", strings.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// publish imports an edition as somebody, and returns the code of a refusal.
func (w *town) publish(t *testing.T, who string, o api.RegisterOrder) (*api.RegisterReport, string) {
	t.Helper()
	r, err := w.server.ImportRegister(w.Context(), w.caller(who), o)
	if r != nil && r.Table.Quarantine != nil {
		t.Cleanup(func() { r.Table.Quarantine.Close() })
	}
	return r, refusal(t, err)
}

// refusal returns the code of a refusal, "" of none.
func refusal(t *testing.T, err error) string {
	t.Helper()
	if refusal, ok := errors.AsType[*domain.Error](err); ok {
		return refusal.Code
	}
	if err != nil {
		t.Fatal(err)
	}
	return ""
}

const villages = `kode;nama
99.01;Kabupaten Contoh
99.01.03;Contoh
99.01.04;Contoh Jauh
99.01.03.2001;Contoh Satu
99.01.03.2002;Contoh Dua Baru
99.01.03.1003;Contoh Tiga
99.01.04.2001;Contoh Jauh Satu
99.02;Lain
`

func TestAnEditionIsPublishedOnce(t *testing.T) {
	w := newTown(t)
	order := func(text string) api.RegisterOrder {
		return api.RegisterOrder{Register: "wilayah", File: written(t, text), Edition: "2026", ValidFrom: "2026-01-01"}
	}
	tried := order(villages)
	tried.Try = true
	before := w.head()
	r, code := w.publish(t, "planner", tried)
	if code != "" || r.Events != 1 || r.Published || w.head() != before {
		t.Fatalf("a trial: %q, %d events, log from %d to %d", code, r.Events, before, w.head())
	}
	if d := r.Difference; len(d.New) != 1 || len(d.Gone) != 1 || len(d.Renamed) != 1 || d.Unchanged != 5 || len(d.Guesses) != 1 || d.Guesses[0].To.Code != "99.01.03.1003" || d.Against != "tes" {
		t.Errorf("a trial tells %+v", d)
	}
	if _, code := w.publish(t, "camat", order(villages)); code != "reference.role_missing" {
		t.Errorf("by a camat: %q", code)
	}
	if r, code := w.publish(t, "planner", order(villages)); code != "" || !r.Published || w.head() != before+1 {
		t.Fatalf("%q, %+v", code, r)
	}
	if r, code := w.publish(t, "planner", order(villages)); code != "" || !r.Already || r.Published || w.head() != before+1 {
		t.Errorf("the same file again: %q, %+v", code, r)
	}
	for name, test := range map[string]struct {
		change func(*api.RegisterOrder)
		want   string
	}{
		"the same under another name":      {func(o *api.RegisterOrder) { o.Edition = "2026b" }, "register.nothing_new"},
		"an older one":                     {func(o *api.RegisterOrder) { o.Edition, o.ValidFrom = "2024", "2024-01-01" }, "register.older_edition"},
		"another file under the same name": {func(o *api.RegisterOrder) { o.File = written(t, villages+"99.01.04.2002;Baru\n") }, "reference.edition_published"},
		"one with a faulty row":            {func(o *api.RegisterOrder) { o.Edition, o.File = "2027", written(t, villages+"99.01.4;Cacat\n") }, "register.faulty_rows"},
	} {
		o := order(villages)
		test.change(&o)
		if _, code := w.publish(t, "planner", o); code != test.want {
			t.Errorf("%s: %q, want %q", name, code, test.want)
		}
	}
	if w.head() != before+1 {
		t.Errorf("what was refused wrote %d events", w.head()-before-1)
	}
	skipping := order(villages + "99.01.4;Cacat\n99.01.04.2002;Baru\n")
	skipping.Edition, skipping.ValidFrom, skipping.SkipFaulty = "2027", "2026-02-01", true
	if r, code := w.publish(t, "planner", skipping); code != "" || !r.Published || r.Table.Faulty != 1 {
		t.Errorf("without its faulty row: %q", code)
	}
	if e := w.edition("wilayah"); e.Name != "2027" || e.Rows != 8 {
		t.Errorf("the edition in force is %s with %d rows", e.Name, e.Rows)
	}
}

// edition returns the edition of a register that holds now, by the log.
func (w *town) edition(register string) *reference.Edition {
	w.Helper()
	stream := reference.Stream(register)
	histories, err := w.server.Store.Streams(w.Context(), []string{stream})
	if err != nil {
		w.Fatal(err)
	}
	return reference.Fold(event.Sequence(histories[stream], event.View{})).On("")
}

func TestOpenProposalsMoveAlongWithVillagesAndOffices(t *testing.T) {
	w := newTown(t)
	moving, staying := w.submit(nil), w.submit(nil)
	w.caughtUp()
	if r, code := w.publish(t, "planner", api.RegisterOrder{Register: "wilayah", File: written(t, strings.Replace(villages, "99.01.03.2001", "99.01.03.1001", 1)), Edition: "2026", ValidFrom: "2026-01-01"}); code != "" {
		t.Fatal(code, r)
	}
	follow := func(register, text string, try bool) *api.SuccessionReport {
		t.Helper()
		w.caughtUp()
		r, err := w.server.RecordSuccession(w.Context(), w.caller("head_of_planning"), api.SuccessionOrder{Register: register, Year: year, File: written(t, text), Try: try})
		if err != nil || len(r.Done) != 1 || r.Done[0].Refused != nil {
			t.Fatalf("%v %+v", err, r)
		}
		return r
	}
	const merged = "Dari,Ke,Dasar,Tanggal\n99.01.03.2001,99.01.03.1001,Perda Nomor 5 Tahun 2025,2026-01-05\n"
	both := slices.Sorted(slices.Values([]string{moving, staying}))
	before := w.head()
	if r := follow("wilayah", merged, true); !slices.Equal(slices.Sorted(slices.Values(r.Done[0].Moved)), both) || w.head() != before {
		t.Errorf("a trial would move %v, log from %d to %d", r.Done[0].Moved, before, w.head())
	}
	if r := follow("wilayah", merged, false); !slices.Equal(slices.Sorted(slices.Values(r.Done[0].Moved)), both) || w.head() != before+3 {
		t.Errorf("%v moved, %d events", r.Done[0].Moved, w.head()-before)
	}
	for _, n := range both {
		if got := w.state(n).Village; got != "99.01.03.1001" {
			t.Errorf("%s lies in %s", n, got)
		}
	}
	if r := follow("wilayah", merged, false); !r.Done[0].Already || w.head() != before+3 {
		t.Errorf("the same file again: %+v, %d events", r.Done[0], w.head()-before)
	}

	if _, code := w.publish(t, "planner", api.RegisterOrder{Register: "opd", File: written(t, "Kode OPD,Nama OPD\n"+otherOPD+",Dinas Kesehatan\n1.03.0.00.0.00.02.0000,Dinas Bina Marga\n1.03.0.00.0.00.03.0000,Dinas Cipta Karya\n"), Edition: "2026", ValidFrom: "2026-01-01"}); code != "" {
		t.Fatal(code)
	}
	const divided = "Dari,Ke,Dasar,Tanggal,Usulan\n" + opd + ",1.03.0.00.0.00.02.0000,Perbup 7/2026,2026-01-06,%1\n" + opd + ",1.03.0.00.0.00.03.0000,Perbup 7/2026,2026-01-06,%2\n"
	follow("opd", strings.NewReplacer("%1", moving, "%2", staying).Replace(divided), false)
	if a, b := w.state(moving).OPD, w.state(staying).OPD; a != "1.03.0.00.0.00.02.0000" || b != "1.03.0.00.0.00.03.0000" {
		t.Errorf("the divided office's proposals are with %s and %s", a, b)
	}
	r, err := w.server.RecordSuccession(w.Context(), w.caller("head_of_planning"), api.SuccessionOrder{Register: "wilayah", Year: year, File: written(t, "dari,ke,dasar,tanggal\n99.01.03.2002,99.01.03.9999,Perda 5/2025,2026-01-05\n")})
	if code := refusal(t, err); code != "register.faulty_rows" || r.Table.Faults[0].Err.Code != "register.not_in_force" {
		t.Errorf("a village that nobody knows: %q", code)
	}
	if r != nil && r.Table.Quarantine != nil {
		r.Table.Quarantine.Close()
	}
	if _, err := w.server.RecordSuccession(w.Context(), w.caller("head_of_planning"), api.SuccessionOrder{Register: "kamus", Year: year, File: written(t, "a,b\n1,2\n")}); refusal(t, err) != "register.no_succession" {
		t.Errorf("a kamus that is succeeded: %v", err)
	}
}

// TestTheWholeCountryIsOneEdition publishes the public list of places, where it
// is at hand.
func TestTheWholeCountryIsOneEdition(t *testing.T) {
	path := filepath.Join(cmp.Or(os.Getenv("RUNUT_SHARED_DATA"), filepath.Join("..", "..", "shared", "data")), "wilayah_2025.csv")
	if _, err := os.Stat(path); err != nil {
		t.Skipf("public data are not at hand: RUNUT_SHARED_DATA, else %s", path)
	}
	f, err := sheet.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := newTown(t)
	r, code := w.publish(t, "importer", api.RegisterOrder{Register: "wilayah", File: f, Edition: "2025", ValidFrom: "2026-01-01", All: true})
	if code != "" || !r.Published || r.Events != 92 || len(r.Table.Entries) != 91_599 {
		t.Fatalf("%q, %d events", code, r.Events)
	}
	e := w.edition("wilayah")
	if d := gocmp.Diff([]int{91_599, 18, 9}, []int{len(e.Entries), len(e.Under("64.08")), len(e.Under("64.08.01"))}); d != "" {
		t.Error(d)
	}
}
