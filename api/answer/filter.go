package answer

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"runut/domain"
	"runut/domain/history"
	"runut/domain/proposal"
)

// A Filter is an auditor's question about a year: two moments, and what a
// proposal must be like. Its words are the query of the auditor's page, so that an
// address is the question: ParseFilter reads one, Values writes it.
//
//	tahun (or year)               fiscal year
//	pada, diketahui               then: what was in effect, and what was known (event.ViewAt)
//	pada_kini, diketahui_kini     the other moment; left out: now
//	kecamatan, desa, opd          where it comes from, who has it; each may be given several times, as all below
//	jalur, tahap, status, nasib   lane, stage, state, fate; nasib may be AfterAcceptance
//	alasan                        code of the reason of the deciding act; ALS-KOSONG for none written
//	aturan                        code of a rule that found something
//	nilai                         asked for at least so many rupiah; dots and "Rp" are passed over
//	asal=1                        origin proposals only
//	semua=1                       where two moments are compared, what is the same at both too
type Filter struct {
	Year      int
	Then, Now Moment
	All       bool // where two moments are compared, what is the same at both too
	Sought
}

// A Moment is a view as people write it.
type Moment struct{ AsOf, Known string }

// Names of the query.
const (
	qYear, qYearToo        = "tahun", "year"
	qAsOf, qKnown          = "pada", "diketahui"
	qAsOfNow, qKnownNow    = "pada_kini", "diketahui_kini"
	qLeast, qOrigins, qAll = "nilai", "asal", "semua"
)

// most bounds what an address may say of one thing.
const most = 50

// lists are the members of a filter that may be given several times, by their names
// in the query of a page.
func (f *Filter) lists() map[string]*[]string {
	all := make(map[string]*[]string, len(named))
	for _, n := range named {
		all[n.typed] = n.of(&f.Sought)
	}
	return all
}

// ParseFilter reads a filter out of a query; names it does not know are passed
// over. It refuses a year, an amount, a fate or a rule that is none
// (filter.year, filter.amount, filter.fate, filter.rule).
func ParseFilter(q url.Values) (Filter, error) {
	var f Filter
	year := first(q, qYear, qYearToo)
	n, err := strconv.Atoi(year)
	if err != nil || n < 2000 || n > 2099 {
		return f, domain.Refuse(domain.Invalid, "filter.year", "value", brief(year)).At("/" + qYear)
	}
	f.Year = n
	f.Then = Moment{brief(q.Get(qAsOf)), brief(q.Get(qKnown))}
	f.Now = Moment{brief(q.Get(qAsOfNow)), brief(q.Get(qKnownNow))}
	f.Origins, f.All = q.Get(qOrigins) == "1", q.Get(qAll) == "1"
	for name, list := range f.lists() {
		for _, word := range q[name] {
			if word = brief(word); word != "" && !slices.Contains(*list, word) && len(*list) < most {
				*list = append(*list, word)
			}
		}
	}
	if err := f.Check(Typed); err != nil {
		return f, err
	}
	if said := q.Get(qLeast); strings.TrimSpace(said) != "" {
		digits := strings.NewReplacer(".", "", " ", "", "\u00a0", "", "Rp", "", "rp", "").Replace(said)
		amount, err := strconv.ParseUint(digits, 10, 62)
		if err != nil {
			return f, domain.Refuse(domain.Invalid, "filter.amount", "value", brief(said)).At("/" + qLeast)
		}
		f.Least = domain.Rupiah(amount)
	}
	return f, nil
}

// Values writes a filter as ParseFilter reads it. Encoded, equal filters are equal.
func (f Filter) Values() url.Values {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set(qYear, strconv.Itoa(f.Year))
	set(qAsOf, f.Then.AsOf)
	set(qKnown, f.Then.Known)
	set(qAsOfNow, f.Now.AsOf)
	set(qKnownNow, f.Now.Known)
	for name, list := range f.lists() {
		for _, word := range *list {
			q.Add(name, word)
		}
	}
	if f.Least > 0 {
		q.Set(qLeast, strconv.FormatInt(int64(f.Least), 10))
	}
	if f.Origins {
		q.Set(qOrigins, "1")
	}
	if f.All {
		q.Set(qAll, "1")
	}
	return q
}

// Compares reports whether a filter names two moments.
func (f Filter) Compares() bool { return f.Then != f.Now }

// Matches says at which of the two moments a proposal is what is sought: "then",
// "now", "both", or "" for neither.
func (f Filter) Matches(r Row) string {
	if f.Compares() && !f.All && !r.Changed() {
		return ""
	}
	return f.Sought.Matches(r)
}

// A Row is one proposal at two moments, with the act that decided on it as the
// later one shows it and the codes of the rules that found something.
type Row struct {
	history.Move
	Deciding *Deciding `json:"deciding,omitempty"` // absent while nothing is decided
	Rules    []string  `json:"rules,omitempty"`
}

// A Deciding is in short what history.Deciding says of the largest part.
type Deciding struct {
	history.Mention
	Kind   history.DecisionKind `json:"kind,omitzero"` // absent where it was won
	Stage  string               `json:"stage,omitzero"`
	Role   domain.Role          `json:"role,omitzero"`
	Office string               `json:"office,omitzero"`
	Scope  domain.Scope         `json:"scope,omitzero"`
	Reason string               `json:"reason,omitzero"` // code
	Silent bool                 `json:"silent,omitzero"` // lost with no reason on record
}

// AfterAcceptance is sought like a fate: lost after an OPD had accepted it.
const AfterAcceptance = "lost_after_acceptance"

// A Sought is what a proposal must be like to be in a list; empty fields do not
// narrow. The same words are put to both views, and the list says which of them
// fits.
type Sought struct {
	Fate, State, Stage, OPD, Kecamatan, Village, Lane []string

	Reason  []string      // code of the deciding act's reason; proposal.ReasonUnsaid for none written
	Rule    []string      // codes of rules, one of which must have found something
	Least   domain.Rupiah // asked
	Origins bool          // origin proposals only
	Changed bool          // those that differ only
}

// Matches says in which of two views a proposal is what is sought: "then", "now",
// "both", or "" for neither.
func (s Sought) Matches(r Row) string {
	if s.Origins && !r.Origin || s.Changed && !r.Changed() || !within(s.Lane, string(r.Lane)) ||
		!inside(s.Village, r.Village) || !inside(s.Kecamatan, r.Village) || !s.because(r) || !oneOf(s.Rule, r.Rules) {
		return ""
	}
	switch then, now := s.fits(r.Then), s.fits(r.Now); {
	case then && now:
		return "both"
	case then:
		return "then"
	case now:
		return "now"
	}
	return ""
}

func (s Sought) because(r Row) bool {
	if len(s.Reason) == 0 {
		return true
	}
	d := r.Deciding
	return d != nil && (slices.Contains(s.Reason, d.Reason) || d.Silent && slices.Contains(s.Reason, proposal.ReasonUnsaid))
}

func (s Sought) fits(x *history.Standing) bool {
	return x != nil && s.fated(x) && within(s.State, string(x.State)) && within(s.Stage, x.Stage) && within(s.OPD, x.OPD) && x.Asked >= s.Least
}

func (s Sought) fated(x *history.Standing) bool {
	return within(s.Fate, string(x.Fate)) || x.Accepted && Lost(x.Fate) && slices.Contains(s.Fate, AfterAcceptance)
}

// Lost reports whether a fate is one that nothing comes of, in this cycle.
func Lost(f history.Fate) bool {
	switch f {
	case history.Dropped, history.Deferred, history.Cancelled, history.Withdrawn:
		return true
	}
	return false
}

func within(list []string, word string) bool { return len(list) == 0 || slices.Contains(list, word) }

func oneOf(list, words []string) bool {
	return len(list) == 0 || slices.ContainsFunc(words, func(w string) bool { return slices.Contains(list, w) })
}

func inside(areas []string, village string) bool {
	return len(areas) == 0 || slices.ContainsFunc(areas, func(area string) bool { return domain.Within(village, area) })
}

func first(q url.Values, names ...string) string {
	for _, name := range names {
		if said := q.Get(name); said != "" {
			return brief(said)
		}
	}
	return ""
}

// brief keeps what somebody typed short.
func brief(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 80 {
		s = strings.ToValidUTF8(s[:80], "")
	}
	return s
}
