package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	say "runut/api/answer"
	"runut/domain"
	"runut/domain/workflow"
	"runut/projections"
)

// List is the page that finds proposals. Its address says all of the search, so
// it can be kept and shared.
type List struct {
	Shell
	Year    int
	Years   []Choice
	Text    string
	Filters []Filter
	Sorts   []Option
	Chips   []Chip // what narrows the list, each with the way to drop it
	Found   string // how many there are, in a sentence
	Note    string // what the count counts
	Rows    []Row
	Next    string // address of the next page
	First   string // address of the first page, on later ones
	Clear   string // address without filters
	Hidden  []Link // filters that have no field of their own
}

// A Filter is one field of the form, with how many proposals each value has.
type Filter struct {
	Name, Label string
	Options     []Option
}

// An Option is one value of a field.
type Option struct {
	Value, Text string
	Selected    bool
}

// A Chip is one filter that is set, and the address without it.
type Chip struct{ Text, URL string }

// A Row is one proposal in a list.
type Row struct {
	Number, URL, Title string
	Badge              Badge
	Place, Office      string
	Lane, Year         string
	Asked, Granted     string
	Since, Reason      string
	Merged             string // number of what it is merged in
	Contested          bool
}

// A Badge says in a word and a colour what became of something.
type Badge struct{ Text, Tone string }

// rowsPerPage is few enough for a slow line.
const rowsPerPage = 20

// A search is what the address of a list says.
type search struct {
	url.Values
	year int
	text string
}

func (s search) all(name string) []string {
	var out []string
	for _, v := range s.Values[name] {
		if v != "" && len(v) <= 80 && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out[:min(len(out), 50)]
}

func (s search) on(name string) bool { return s.Get(name) == "1" }

// without returns the address of the list without one value of a filter, on its
// first page.
func (s search) without(name, value string) string {
	q := url.Values{}
	for k, vs := range s.Values {
		for _, x := range vs {
			if x != "" && k != "setelah" && k != "lang" && (k != name || x != value) {
				q.Add(k, x)
			}
		}
	}
	if len(q) == 0 {
		return "/usulan"
	}
	return "/usulan?" + q.Encode()
}

var sorts = []projections.ProposalSort{projections.ByNumber, projections.BySince, projections.ByChanged, projections.ByAsked}

func (v *visit) list() error {
	s := search{Values: v.r.URL.Query()}
	s.text = strings.TrimSpace(clipBytes(s.Get("q"), 200))
	if number, err := domain.ParseNumber(s.text); err == nil {
		http.Redirect(v.w, v.r, proposalURL(number), http.StatusSeeOther)
		return nil
	}
	c := v.chosen()
	if c != nil {
		s.year = c.Year
	}
	if s.Get("tahun") == "semua" {
		s.year, c = 0, nil
	}
	sort := projections.ProposalSort(cmp.Or(s.Get("urut"), string(projections.ByNumber)))
	rows, facets, next, err := v.find(s, sort)
	if err != nil {
		return err
	}
	page := &List{Shell: v.shell("list", v.t("list.title"), c), Year: s.year, Text: s.text, Rows: rows, Clear: "/usulan"}
	if s.year != 0 {
		page.Clear = listURL(s.year)
	}
	page.Years = append(v.years(s.year, "/usulan?"), Choice{Link{v.t("list.all_years"), "/usulan?tahun=semua"}, s.year == 0})
	for _, o := range sorts {
		page.Sorts = append(page.Sorts, Option{string(o), v.t("list.sort." + string(o)), o == sort})
	}
	if err := page.filters(v, s, facets); err != nil {
		return err
	}
	page.Found = v.t("list.found", "n", v.count(facets.Total))
	if facets.More {
		page.Found = v.t("list.found_more", "n", v.count(facets.Total))
	}
	if !s.on("asal") {
		page.Note = v.t("list.counts_records")
	}
	q := url.Values{}
	for k, vs := range s.Values {
		if k != "lang" && k != "setelah" {
			q[k] = vs
		}
	}
	if s.Get("setelah") != "" {
		page.First = "/usulan?" + q.Encode()
	}
	if next != "" {
		q.Set("setelah", string(next))
		page.Next = "/usulan?" + q.Encode()
	}
	return v.show(http.StatusOK, "list", page)
}

func clipBytes(s string, n int) string { return s[:min(len(s), n)] }

// find reads a page of the list and its facets, of the model the visitor may see.
func (v *visit) find(s search, sort projections.ProposalSort) ([]Row, projections.Facets, projections.Cursor, error) {
	after := projections.Cursor(s.Get("setelah"))
	if err := v.known(s); err != nil {
		return nil, projections.Facets{}, "", err
	}
	if v.official() {
		return v.findInternal(s, sort, after)
	}
	f := projections.PublicFilter{Cycle: s.year, Kecamatan: s.all("kecamatan"), Village: s.all("desa"), OPD: s.all("opd"), Lane: s.all("jalur"),
		Stage: s.all("tahap"), Fate: s.all("nasib"), Reason: s.all("alasan"), Text: s.text}
	if s.on("tanpa_alasan") {
		f.Reason, f.Fate = []string{"", noReason}, []string{"dropped", "deferred", "cancelled"}
	}
	public := projections.Public{DB: v.Public}
	facets, err := public.Facets(v.ctx(), f)
	if err != nil {
		return nil, facets.Value, "", err
	}
	page, err := public.List(v.ctx(), f, sort, after, rowsPerPage)
	if err != nil {
		return nil, facets.Value, "", err
	}
	v.position = page.Position
	rows := make([]Row, len(page.Items))
	for i, p := range page.Items {
		rows[i] = v.row(summaryOfPublic(p))
	}
	return rows, facets.Value, page.Next, v.nameRows(rows)
}

// known refuses values that are none: a visitor's by the words of the current
// definition and the registers that are public, and by what was released.
func (v *visit) known(s search) error {
	sought := say.Sought{Kecamatan: s.all("kecamatan"), Village: s.all("desa"), OPD: s.all("opd"), Lane: s.all("jalur"), Stage: s.all("tahap"), Fate: s.all("nasib"), Reason: s.all("alasan")}
	terms := say.PublicTerms(projections.Public{DB: v.Public}, v.flow, s.year)
	if v.official() {
		sought.State = s.all("status")
		var err error
		if terms, err = v.desk().Terms(v.ctx(), s.year); err != nil {
			return err
		}
		terms.Fates = say.Standing
	}
	return terms.Check(v.ctx(), sought, say.Typed)
}

func (v *visit) findInternal(s search, sort projections.ProposalSort, after projections.Cursor) ([]Row, projections.Facets, projections.Cursor, error) {
	f := projections.ProposalFilter{Cycle: s.year, Kecamatan: s.all("kecamatan"), Village: s.all("desa"), OPD: s.all("opd"), Lane: s.all("jalur"),
		Stage: s.all("tahap"), State: s.all("status"), Fate: s.all("nasib"), Reason: s.all("alasan"), Text: s.text,
		OriginOnly: s.on("asal"), NoReason: s.on("tanpa_alasan"), Contested: s.on("sanggahan")}
	all := projections.Proposals{DB: v.DB}
	facets, err := all.Facets(v.ctx(), f)
	if err != nil {
		return nil, facets.Value, "", err
	}
	page, err := all.List(v.ctx(), f, sort, after, rowsPerPage)
	if err != nil {
		return nil, facets.Value, "", err
	}
	v.position = page.Position
	rows := make([]Row, len(page.Items))
	for i, p := range page.Items {
		rows[i] = v.row(summaryOf(p))
	}
	return rows, facets.Value, page.Next, v.nameRows(rows)
}

// row puts what a list shows of a proposal into words; places and offices are
// still codes.
func (v *visit) row(p summary) Row {
	r := Row{Number: p.Number, URL: proposalURL(p.Number), Title: v.titleOf(p), Badge: v.badge(p), Place: p.Village, Office: p.OPD, Lane: v.lane(string(p.Lane)),
		Year: strconv.Itoa(p.Cycle), Merged: p.Parent, Contested: p.Contested}
	if p.Asked > 0 {
		r.Asked = v.lang.Short(p.Asked)
	}
	if p.Granted > 0 {
		r.Granted = v.lang.Short(p.Granted)
	}
	if !p.Since.IsZero() {
		r.Since = v.day(p.Since)
	}
	if lost(p.Fate) {
		r.Reason = v.reason(p.Reason)
	}
	return r
}

// nameRows puts names in the place of codes.
func (v *visit) nameRows(rows []Row) error {
	var villages, offices []string
	for _, r := range rows {
		villages = append(villages, r.Place, domain.KecamatanOf(r.Place))
		offices = append(offices, r.Office)
	}
	places, err := v.names(projections.RegisterWilayah, villages...)
	if err != nil {
		return err
	}
	opd, err := v.names(projections.RegisterOPD, offices...)
	if err != nil {
		return err
	}
	for i := range rows {
		code := rows[i].Place
		rows[i].Place, rows[i].Office = places.of(code), opd.of(rows[i].Office)
		if k := domain.KecamatanOf(code); k != "" && k != code {
			rows[i].Place += ", " + titled(v.t("place.kecamatan"), places.of(k))
		}
	}
	return nil
}

// filters fills the fields of the form from the facets, and the chips.
func (l *List) filters(v *visit, s search, f projections.Facets) error {
	var places, offices []string
	for _, c := range f.Kecamatans {
		places = append(places, c.Value)
	}
	for _, c := range f.OPDs {
		offices = append(offices, c.Value)
	}
	places, offices = append(append(places, s.all("kecamatan")...), s.all("desa")...), append(offices, s.all("opd")...)
	named, err := v.names(projections.RegisterWilayah, places...)
	if err != nil {
		return err
	}
	opd, err := v.names(projections.RegisterOPD, offices...)
	if err != nil {
		return err
	}
	kecamatan := func(code string) string { return named.of(code) }
	fields := []struct {
		name   string
		counts []projections.Count
		word   func(string) string
		sorted bool // by word rather than by count
	}{
		{"nasib", f.Fates, v.fate, false},
		{"tahap", f.Stages, v.stage, false},
		{"kecamatan", f.Kecamatans, kecamatan, true},
		{"opd", f.OPDs, opd.of, true},
		{"jalur", f.Lanes, v.lane, false},
		{"alasan", f.Reasons, v.reason, false},
	}
	if v.official() {
		fields = append(fields, struct {
			name   string
			counts []projections.Count
			word   func(string) string
			sorted bool
		}{"status", f.States, func(s string) string { return v.state(workflow.State(s)) }, false})
	}
	for _, x := range fields {
		chosen := s.all(x.name)
		field := Filter{Name: x.name, Label: v.t("filter." + x.name)}
		for _, c := range x.counts {
			text := x.word(c.Value)
			if c.Count > 0 { // else there are too many to count
				text += " (" + v.count(c.Count) + ")"
			}
			field.Options = append(field.Options, Option{c.Value, text, len(chosen) == 1 && chosen[0] == c.Value})
		}
		if x.sorted {
			slices.SortFunc(field.Options, func(a, b Option) int { return strings.Compare(a.Text, b.Text) })
		}
		for _, value := range chosen {
			l.Chips = append(l.Chips, Chip{v.t("filter."+x.name) + ": " + x.word(value), s.without(x.name, value)})
			if len(chosen) > 1 { // a field holds one; the others go along unseen
				l.Hidden = append(l.Hidden, Link{x.name, value})
			} else if !slices.ContainsFunc(field.Options, func(o Option) bool { return o.Value == value }) {
				field.Options = append(field.Options, Option{value, x.word(value) + " (0)", true})
			}
		}
		if len(field.Options) > 0 {
			l.Filters = append(l.Filters, field)
		}
	}
	for _, code := range s.all("desa") {
		l.Chips = append(l.Chips, Chip{v.t("filter.desa") + ": " + named.of(code), s.without("desa", code)})
		l.Hidden = append(l.Hidden, Link{"desa", code})
	}
	for _, flag := range []string{"tanpa_alasan", "asal", "sanggahan"} {
		if s.on(flag) {
			l.Chips = append(l.Chips, Chip{v.t("filter." + flag), s.without(flag, "1")})
			l.Hidden = append(l.Hidden, Link{flag, "1"})
		}
	}
	if s.text != "" {
		l.Chips = append(l.Chips, Chip{"“" + s.text + "”", s.without("q", s.Get("q"))})
	}
	return nil
}
