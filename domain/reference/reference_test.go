package reference_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"runut/domain"
	"runut/domain/event"
	"runut/domain/reference"
)

var now = time.Date(2026, 7, 20, 4, 0, 0, 0, time.UTC)

func digest() string { return strings.Repeat("0a", 32) }

func rules() reference.Rules {
	return reference.Rules{Actor: domain.Actor{Role: "planner"}, Now: now}
}

func fold(events ...reference.Event) reference.Register {
	records := make([]event.Record, len(events))
	for i, e := range events {
		records[i] = event.Record{Envelope: event.Envelope{Stream: "reference-wilayah", Version: i + 1}, Position: int64(i + 1), Event: e}
	}
	return reference.Fold(records)
}

func edition(name, from string, entries ...reference.Entry) *reference.EditionPublished {
	return &reference.EditionPublished{Register: "wilayah", Edition: name, ValidFrom: from, Digest: digest(), Entries: entries}
}

func whole(name, from string, entries ...reference.Entry) *reference.EditionPublished {
	e := edition(name, from, entries...)
	e.Rows, e.Part, e.Parts = len(entries), 1, 1
	return e
}

var (
	kecamatan = reference.Entry{Code: "99.01.03", Name: "Contoh Tiga"}
	village   = reference.Entry{Code: "99.01.03.2001", Name: "Sumber Jaya", Parent: "99.01.03"}
)

func TestDecide(t *testing.T) {
	part := func(n, of, rows int, entries ...reference.Entry) *reference.EditionPublished {
		e := edition("2025", "2025-06-01", entries...)
		e.Part, e.Parts, e.Rows = n, of, rows
		return e
	}
	for _, test := range []struct {
		name  string
		given reference.Register
		ask   *reference.EditionPublished
		then  *reference.EditionPublished
		codes []string
	}{
		{"a whole edition", reference.Register{}, edition("2025", "2025-06-01", kecamatan, village), whole("2025", "2025-06-01", kecamatan, village), nil},
		{"its first part", reference.Register{}, part(1, 2, 2, kecamatan), part(1, 2, 2, kecamatan), nil},
		{"its second part", fold(part(1, 2, 2, kecamatan)), part(2, 2, 2, village), part(2, 2, 2, village), nil},
		{"a beginning that is begun again", fold(part(1, 2, 2, kecamatan)), part(1, 2, 2, kecamatan), part(1, 2, 2, kecamatan), nil},
		{"a part out of order", reference.Register{}, part(2, 2, 2, village), nil, []string{"reference.part_out_of_order", "reference.rows_wrong", "reference.parent_unknown"}},
		{"a part of another edition", fold(part(1, 2, 3, kecamatan)), part(2, 2, 2, village), nil, []string{"reference.part_of_another"}},
		{"fewer rows than announced", fold(part(1, 2, 3, kecamatan)), part(2, 2, 3, village), nil, []string{"reference.rows_wrong"}},
		{"a part that is none", reference.Register{}, part(3, 2, 2, village), nil, []string{"reference.part_wrong", "reference.part_out_of_order", "reference.rows_wrong", "reference.parent_unknown"}},
		{"an edition twice", fold(whole("2025", "2025-06-01", kecamatan)), edition("2025", "2026-01-01", kecamatan), nil, []string{"reference.edition_published"}},
		{"a code twice", reference.Register{}, edition("2025", "2025-06-01", kecamatan, kecamatan), nil, []string{"reference.code_twice"}},
		{"a code twice over parts", fold(part(1, 2, 2, kecamatan)), part(2, 2, 2, kecamatan), nil, []string{"reference.code_twice"}},
		{"a code of another register", reference.Register{}, edition("2025", "2025-06-01", reference.Entry{Code: "1.03.X", Name: "x"}), nil, []string{"reference.code_malformed"}},
		{"an entry without a name, one that ceased on no day", reference.Register{}, edition("2025", "2025-06-01", reference.Entry{Code: "99"}, reference.Entry{Code: "98", Name: "x", Until: "2026"}), nil,
			[]string{"reference.name_missing", "reference.day_wrong"}},
		{"a parent nobody knows", reference.Register{}, edition("2025", "2025-06-01", village), nil, []string{"reference.parent_unknown"}},
		{"nothing at all", reference.Register{}, &reference.EditionPublished{}, nil,
			[]string{"reference.register_unknown", "reference.missing", "reference.day_wrong", "reference.digest_malformed", "reference.missing"}},
		{"another register's edition", fold(whole("2025", "2025-06-01", kecamatan)), &reference.EditionPublished{Register: "kamus", Edition: "1", ValidFrom: "2026-01-01", Digest: digest(), Entries: []reference.Entry{{Code: "1", Name: "Taman"}}}, nil,
			[]string{"reference.register_unknown"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := reference.Decide(test.given, test.ask, rules())
			var codes []string
			if e, ok := err.(*domain.Error); ok {
				codes = []string{e.Code}
				for _, more := range e.All {
					codes = append(codes, more.Code)
				}
			}
			if d := cmp.Diff(test.codes, codes); d != "" {
				t.Errorf("refusal (-want +got):\n%s", d)
			}
			var want []reference.Event
			if test.then != nil {
				want = []reference.Event{test.then}
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("events (-want +got):\n%s", d)
			}
		})
	}
	r := rules()
	r.Actor.Role, r.Occurred = "camat", domain.Moment(now.Add(time.Hour))
	_, err := reference.Decide(reference.Register{}, edition("2025", "2025-06-01", kecamatan), r)
	if e, ok := err.(*domain.Error); !ok || e.Code != "reference.role_missing" || len(e.All) != 1 || e.All[0].Code != "reference.occurred_in_future" {
		t.Errorf("by a camat, tomorrow: %v", err)
	}
}

func TestLookupReadsACodeAsItWasMeant(t *testing.T) {
	renamed := village
	renamed.Name = "Sumber Makmur"
	ceased := reference.Entry{Code: "99.01.03.2002", Name: "Lama", Parent: "99.01.03", Until: "2026-04-01"}
	r := fold(
		whole("2026", "2026-01-01", kecamatan, renamed, ceased), // published first, holds later
		whole("2025", "2025-06-01", kecamatan, village))
	for _, test := range []struct {
		code, day, want string // want "": none
	}{
		{"99.01.03.2001", "2025-05-31", ""},
		{"99.01.03.2001", "2025-06-01", "Sumber Jaya"},
		{"99.01.03.2001", "2025-12-31", "Sumber Jaya"},
		{"99.01.03.2001", "2026-01-01", "Sumber Makmur"},
		{"99.01.03.2001", "", "Sumber Makmur"},
		{"99.01.03.2002", "2025-12-31", ""},
		{"99.01.03.2002", "2026-03-31", "Lama"},
		{"99.01.03.2002", "2026-04-01", ""},
		{"99.01.03.2002", "", "Lama"},
		{"99.01.09", "", ""},
	} {
		got, ok := r.Lookup(test.code, test.day)
		if ok != (test.want != "") || ok && got.Name != test.want {
			t.Errorf("%s on %q is %q, %v; want %q", test.code, test.day, got.Name, ok, test.want)
		}
	}
	if got := r.On("2025-07-01").Under("99.01.03"); len(got) != 1 || got[0].Name != "Sumber Jaya" {
		t.Errorf("villages of the kecamatan: %v", got)
	}
	if _, ok := (reference.Register{}).Lookup("99", ""); ok || (reference.Register{}).On("").Under("") != nil {
		t.Error("an empty register knows something")
	}
}

func TestAnEditionCountsOnceItIsComplete(t *testing.T) {
	first := whole("2025", "2025-06-01", kecamatan)
	first.Parts, first.Rows = 2, 2
	r := fold(first)
	if _, ok := r.Lookup("99.01.03", ""); ok || r.Pending == nil || r.Version != 1 {
		t.Errorf("half an edition counts: %+v", r)
	}
	last := whole("2025", "2025-06-01", village)
	last.Part, last.Parts, last.Rows = 2, 2, 2
	r = fold(first, last)
	if _, ok := r.Lookup("99.01.03.2001", ""); !ok || r.Pending != nil || r.Named("2025") == nil {
		t.Errorf("a complete edition does not count: %+v", r)
	}
}

func TestTheLaterOfTwoEditionsOfOneDayCounts(t *testing.T) {
	other := kecamatan
	other.Name = "Contoh Baru"
	if got, _ := fold(whole("a", "2025-06-01", kecamatan), whole("b", "2025-06-01", other)).Lookup("99.01.03", "2025-06-01"); got.Name != "Contoh Baru" {
		t.Errorf("got %q", got.Name)
	}
}

// However long an edition is, what Decide divides and Fold puts together again
// is the same, and every entry is found.
func TestAnEditionSurvivesDivision(t *testing.T) {
	const size = reference.PartSize
	for _, n := range []int{1, size - 1, size, size + 1, 2 * size, 3*size + 7} {
		entries := make([]reference.Entry, n)
		for i := range entries {
			entries[i] = reference.Entry{Code: fmt.Sprintf("99.%02d.%02d.%04d", i/1000, i%100, 2000+i), Name: fmt.Sprint("Desa ", i)}
		}
		events, err := reference.Decide(reference.Register{}, edition("2025", "2025-06-01", entries...), rules())
		if err != nil {
			t.Fatal(err)
		}
		if want := (n + size - 1) / size; len(events) != want {
			t.Errorf("%d entries make %d parts, want %d", n, len(events), want)
		}
		for i, e := range events { // each part is good by itself, too
			if _, err := reference.Decide(fold(events[:i]...), e, rules()); err != nil {
				t.Fatalf("part %d: %v", i+1, err)
			}
		}
		r := fold(events...)
		if d := cmp.Diff(entries, r.On("").Entries); d != "" {
			t.Fatal(d)
		}
		for _, e := range entries {
			if got, ok := r.Lookup(e.Code, "2025-06-01"); !ok || got.Name != e.Name {
				t.Fatalf("%s is %v, %v", e.Code, got, ok)
			}
		}
	}
}
