package lists_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"runut/api/intake/lists"
	"runut/domain"
	"runut/domain/reference"
)

const drainage, road = "1.03.06.2.01.0002", "1.03.10.2.01.0005"

func candidates() []*lists.Candidate {
	return []*lists.Candidate{
		{Number: "U-28-A", Village: "99.01.02.2001", SubKegiatan: drainage, Title: "Pembangunan drainase RT 01 Dusun Mekar", Amount: 64_800_000},
		{Number: "U-28-B", Village: "99.01.02.2001", SubKegiatan: drainage, Title: "Pembangunan drainase RT 07 Dusun Hilir", Amount: 64_800_000},
		{Number: "U-28-C", Village: "99.01.02.2001", SubKegiatan: road, Title: "Peningkatan jalan lingkungan RT 01", Amount: 280_000_000},
		{Number: "U-28-D", Village: "99.01.03.2002", SubKegiatan: drainage, Title: "Pembangunan drainase RT 01 Dusun Mekar", Amount: 64_800_000},
		{Number: "U-28-E", Village: "99.01.02", SubKegiatan: road, Title: "Peningkatan jalan lingkungan di 2 lokasi", Amount: 603_500_000},
	}
}

func nobody(string) bool { return false }

func numbers(found []lists.Suggestion) (out []string) {
	for _, s := range found {
		out = append(out, s.Of.Number)
	}
	return out
}

// A suggestion says why, and what it says adds up to its score.
func TestSuggestionsAreExplained(t *testing.T) {
	x := lists.NewIndex(candidates())
	row := &lists.Row{Villages: []string{"99.01.02.2001"}, SubKegiatan: drainage, Text: "Pemb. drainase RT 1 Dsn Mekar", Amount: 64_000_000}
	found := x.Suggest(row, nobody)
	if d := cmp.Diff([]string{"U-28-A", "U-28-B", "U-28-D"}, numbers(found)); d != "" {
		t.Fatal(d)
	}
	var why []string
	sum := 0
	for _, y := range found[0].Why {
		why, sum = append(why, y.Code), sum+y.Points
	}
	if d := cmp.Diff([]string{"match.place", "match.work", "match.words", "match.amount_near"}, why); d != "" || sum != found[0].Score {
		t.Errorf("score %d of %d: %s", found[0].Score, sum, d)
	}
	taken := func(number string) bool { return number == "U-28-A" }
	if got := numbers(x.Suggest(row, taken)); slices.Contains(got, "U-28-A") {
		t.Errorf("one that another row means is suggested: %v", got)
	}
	far := &lists.Row{Text: "Pengadaan kendaraan dinas", Amount: 500_000_000}
	if got := x.Suggest(far, nobody); len(got) > 0 {
		t.Errorf("a car may mean %v", numbers(got))
	}
	merged := &lists.Row{Villages: []string{"99.01.02.2004"}, SubKegiatan: road, Text: "Peningk. jln lingkungan 2 lokasi", Amount: 603_500_000}
	if got := x.Suggest(merged, nobody); len(got) == 0 || got[0].Of.Number != "U-28-E" {
		t.Errorf("what villages of one kecamatan share may mean %v", numbers(got))
	}
}

// Whatever a row says, a score stays within 100, at most three are suggested,
// best first, and asking again gives the same.
func TestSuggestionsAreOrdered(t *testing.T) {
	x := lists.NewIndex(candidates())
	rapid.Check(t, func(t *rapid.T) {
		row := &lists.Row{
			Villages:    rapid.SliceOfN(rapid.SampledFrom([]string{"99.01.02.2001", "99.01.03.2002", "99.01.02.2004", ""}), 0, 3).Draw(t, "villages"),
			SubKegiatan: rapid.SampledFrom([]string{"", drainage, road, "1.03.10.2.01.0099"}).Draw(t, "work"),
			Text:        rapid.StringMatching(`((drainase|jalan|mekar|RT 0?[0-9]|gapura|[a-zé ]{0,5}) ?){0,6}`).Draw(t, "text"),
			Amount:      domain.Rupiah(rapid.Int64Range(0, 1e12).Draw(t, "amount")),
		}
		found := x.Suggest(row, nobody)
		if len(found) > 3 {
			t.Fatalf("%d suggestions", len(found))
		}
		for i, s := range found {
			if s.Score < lists.Least || s.Score > 100 || i > 0 && s.Score > found[i-1].Score {
				t.Fatalf("scores %v", found)
			}
		}
		if again := x.Suggest(row, nobody); !slices.Equal(numbers(again), numbers(found)) {
			t.Fatalf("%v, then %v", numbers(found), numbers(again))
		}
	})
}

func TestVillagesAreFoundByWhatPeopleWrite(t *testing.T) {
	entry := func(code, name string) reference.Entry { return reference.Entry{Code: code, Name: name} }
	places := &reference.Edition{Entries: []reference.Entry{
		entry("99.01.01", "Contoh Kota"), entry("99.01.02", "Contoh Hulu"),
		entry("99.01.01.2001", "Desa Sumber Jaya"), entry("99.01.02.2001", "Desa Sumber Jaya"), entry("99.01.02.2002", "Desa Sumber"), entry("99.01.01.1003", "Kelurahan Kota Baru"),
	}}
	r := lists.NewRegisters(places, &reference.Edition{Entries: []reference.Entry{entry("1.03.0.00.0.00.01.0000", "Dinas Pekerjaan Umum")}})
	for _, test := range []struct {
		village, kecamatan, location string
		want                         []string
	}{
		{"99.01.02.2002", "", "", []string{"99.01.02.2002"}},
		{"99.01.02.2002 Sumber", "", "", []string{"99.01.02.2002"}},
		{"SUMBER JAYA", "", "", []string{"99.01.01.2001", "99.01.02.2001"}},
		{"Ds. Sumber Jaya", "Kec. Contoh Hulu", "", []string{"99.01.02.2001"}},
		{"Sumber-Jaya", "99.01.01", "", []string{"99.01.01.2001"}},
		{"Sumber Jaya", "Entah", "", []string{"99.01.01.2001", "99.01.02.2001"}},
		{"", "", "RT 03 Dusun Hilir, Kel. Kota Baru", []string{"99.01.01.1003"}},
		{"", "Contoh Kota", "Jl. Mawar, Desa Sumber Jaya RT 1", []string{"99.01.01.2001"}},
		{"Antah Berantah", "", "RT 03", nil},
	} {
		if d := cmp.Diff(test.want, r.Villages(test.village, test.kecamatan, test.location)); d != "" {
			t.Errorf("%q, %q, %q: %s", test.village, test.kecamatan, test.location, d)
		}
	}
	for written, want := range map[string]string{"dinas pekerjaan umum": "1.03.0.00.0.00.01.0000", "1.03.0.00.0.00.01.0000 Dinas PU": "1.03.0.00.0.00.01.0000", "Dinas Entah": "", "": ""} {
		if got := r.Office(written); got != want {
			t.Errorf("%q is the office %q, want %q", written, got, want)
		}
	}
	if got := fmt.Sprint(r.Name("99.01.02.2002"), r.Name("1")); got != "Desa Sumber" {
		t.Errorf("names %q", got)
	}
}
