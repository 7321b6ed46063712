package lists

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"runut/domain"
	"runut/domain/workflow"
)

// A Candidate is what is known of one proposal when a list is matched.
type Candidate struct {
	Number      string
	State       workflow.State
	Standing    string // the state in words
	Village     string // kode wilayah; of a merged proposal perhaps the kecamatan's
	OPD         string
	SubKegiatan string // as accepted or planned last; "" before
	Title       string // masked, like all that people wrote
	Location    string
	Amount      domain.Rupiah // set aside last, else accepted, else asked
	Source      string        // id in the system it came from
	Parent      string        // number of the proposal it is merged in
	Lines       map[string]domain.Rupiah
	Said        []Said // what the document at hand has decided of it already

	words []string
}

// A Said is what a document decided of one proposal, as the log holds it.
type Said struct {
	Line        string // budget line; "" before the APBD
	SubKegiatan string
	Amount      domain.Rupiah // as the document says last
	Out         bool          // left out or cancelled
}

// A Suggestion is a proposal that a row may mean. It decides nothing.
type Suggestion struct {
	Of    *Candidate
	Score int // of 100
	Why   []Why
}

// A Why is one thing that speaks for a suggestion: a code of the catalogue of
// words, what it mentions, and how much it counts.
type Why struct {
	Code   string
	Params []string // alternating names and values
	Points int
}

// How much each likeness counts; together 100.
const (
	forPlace  = 30
	forWork   = 25 // sub kegiatan
	forWords  = 30
	forAmount = 15
)

// Least is the score below which two are not worth an officer's time.
const Least = 45

// most is how many suggestions a row gets.
const most = 3

// common is how many proposals may share a word for it to lead from a row to
// them: without a place or a sub kegiatan in common only rare words do.
const common = 60

// An Index finds the proposals that a row may mean.
type Index struct {
	all     []*Candidate
	scale   scale
	byPlace map[string][]int
	byWork  map[string][]int
	byWord  map[string][]int
}

// NewIndex returns an index of proposals.
func NewIndex(all []*Candidate) *Index {
	x := &Index{all: all, scale: scale{known: map[string]int{}, of: len(all)},
		byPlace: map[string][]int{}, byWork: map[string][]int{}, byWord: map[string][]int{}}
	for i, c := range all {
		c.words = wordsOf(c.Title, c.Location)
		x.byPlace[c.Village] = append(x.byPlace[c.Village], i)
		if c.SubKegiatan != "" {
			x.byWork[c.SubKegiatan] = append(x.byWork[c.SubKegiatan], i)
		}
		for _, w := range c.words {
			x.scale.known[w]++
			x.byWord[w] = append(x.byWord[w], i)
		}
	}
	return x
}

// Suggest returns the proposals that a row may mean, the likeliest first.
// Taken says of which proposals it is known already which row means them.
func (x *Index) Suggest(r *Row, taken func(number string) bool) []Suggestion {
	words := wordsOf(r.Text, r.Location)
	var out []Suggestion
	for _, i := range x.near(r, words) {
		c := x.all[i]
		if taken(c.Number) {
			continue
		}
		if s := x.compare(r, words, c); s.Score >= Least {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b Suggestion) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Of.Number, b.Of.Number))
	})
	return out[:min(len(out), most)]
}

// near returns which proposals have something in common with a row.
func (x *Index) near(r *Row, words []string) []int {
	var out []int
	for _, v := range r.Villages {
		out = append(out, x.byPlace[v]...)
		out = append(out, x.byPlace[domain.KecamatanOf(v)]...)
	}
	out = append(out, x.byWork[r.SubKegiatan]...)
	for _, w := range words {
		if found := x.byWord[w]; len(found) <= common {
			out = append(out, found...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// compare says how alike a row and a proposal are, and why.
func (x *Index) compare(r *Row, words []string, c *Candidate) Suggestion {
	s := Suggestion{Of: c}
	add := func(points int, code string, params ...string) {
		if points > 0 {
			s.Score += points
			s.Why = append(s.Why, Why{code, params, points})
		}
	}
	add(place(r, c), "match.place", "place", c.Village)
	if points := work(r, c); points == forWork {
		add(points, "match.work", "work", c.SubKegiatan)
	} else {
		add(points, "match.work_near", "work", c.SubKegiatan)
	}
	share, shared := x.scale.alike(words, c.words)
	add(int(share*forWords+0.5), "match.words", "words", strings.Join(shared[:min(len(shared), 6)], ", "))
	points, apart := amount(r.Amount, c.Amount)
	if apart == 0 {
		add(points, "match.amount", "amount", c.Amount.String())
	} else {
		add(points, "match.amount_near", "amount", c.Amount.String(), "percent", strconv.Itoa(apart))
	}
	return s
}

func place(r *Row, c *Candidate) int {
	best := 0
	for _, v := range r.Villages {
		switch {
		case v == c.Village && len(r.Villages) == 1:
			return forPlace
		case v == c.Village: // a name that several villages bear
			best = max(best, forPlace*2/3)
		case domain.Within(v, c.Village) || domain.KecamatanOf(v) == domain.KecamatanOf(c.Village) && c.Village == domain.KecamatanOf(v):
			best = max(best, forPlace*2/3)
		}
	}
	return best
}

func work(r *Row, c *Candidate) int {
	switch {
	case r.SubKegiatan == "" || c.SubKegiatan == "":
		return 0
	case r.SubKegiatan == c.SubKegiatan:
		return forWork
	case parent(r.SubKegiatan) == parent(c.SubKegiatan):
		return forWork / 3
	}
	return 0
}

// parent returns the kegiatan of a sub kegiatan.
func parent(code string) string {
	i := strings.LastIndexByte(code, '.')
	return code[:max(i, 0)]
}

// amount returns how much two amounts speak for each other, and by how many per
// cent they differ.
func amount(a, b domain.Rupiah) (points, apart int) {
	if a <= 0 || b <= 0 {
		return 0, 0
	}
	low, high := min(a, b), max(a, b)
	apart = int((high - low) * 100 / high)
	if low != high {
		apart = max(apart, 1)
	}
	switch {
	case apart == 0:
		return forAmount, 0
	case apart <= 10:
		return forAmount * 2 / 3, apart
	case apart <= 30:
		return forAmount / 3, apart
	}
	return 0, apart
}
