package web

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"runut/domain"
	"runut/domain/history"
	"runut/projections"
)

// Home is the front page: what was asked for in one fiscal year, how far it
// went, and what became of it. Its sums are of origin proposals.
type Home struct {
	Shell
	Year     int
	Years    []Choice
	Empty    bool // nothing is there to be summed up
	Figures  []Figure
	Rate     string // in one sentence: funded of decided, of asked
	Stages   []StageRow
	Fates    []FateRow
	Count    string // of origins
	Asked    string
	Balanced bool
	In, Out  []Sum // both sides of the money's sum
	Total    string
	Unasked  string // money in the budget that nobody asked for; "" for none
	Reasons  []ReasonRow
	Coverage []CoverageRow
	Handed   string // how many villages of how many
}

// A Choice is one of several links, perhaps the current one.
type Choice struct {
	Link
	Current bool
}

// A Figure is one of the large numbers.
type Figure struct {
	Value, Label, Note, URL, Tone string
	Method                        string // anchor of its definition
}

// A Tally is how much of something there is, in words.
type Tally struct{ Count, Money string }

// A StageRow is what came to a stage and what became of it there.
type StageRow struct {
	Title  string
	In, On Tally
	Stayed []FateRow
}

// A FateRow is how much has a fate.
type FateRow struct {
	Tally
	Title, URL, Tone string
	Share            string // of all
	Width            string // of its bar, in per cent
}

// A Sum is one line of the printed sum.
type Sum struct{ Title, Money, URL string }

// A ReasonRow is what was lost for a reason.
type ReasonRow struct {
	FateRow
	Codes   []FateRow // the reasons that come down to it
	Written bool
}

// A CoverageRow is what the villages of a kecamatan handed in.
type CoverageRow struct {
	Name, URL               string
	Villages, Submitted     int
	Width                   string
	Silent                  []string
	Origins, Asked, Granted string
}

func (v *visit) home() error {
	c := v.chosen()
	page := &Home{Shell: v.shell("home", v.t("home.title"), c)}
	if c == nil {
		page.Empty = true
		return v.show(http.StatusOK, "home", page)
	}
	filter := projections.FunnelFilter{Cycle: c.Year}
	sum, err := v.figures().Sum(v.ctx(), filter)
	if err != nil {
		return err
	}
	reasons, err := v.figures().Reasons(v.ctx(), filter)
	if err != nil {
		return err
	}
	covered, err := v.figures().Coverage(v.ctx(), c.Year)
	if err != nil {
		return err
	}
	places, err := v.placesOf(covered.Value)
	if err != nil {
		return err
	}
	v.position = sum.Position
	page.Shell = v.shell("home", v.t("home.title"), c)
	page.Year, page.Years = c.Year, v.years(c.Year, "/?")
	page.Empty = sum.Value.Origins == 0
	page.figures(v, sum.Value, reasons.Value)
	page.stages(v, sum.Value)
	page.ledger(v, sum.Value)
	page.reasons(v, reasons.Value)
	page.coverage(v, covered.Value, places)
	return v.show(http.StatusOK, "home", page)
}

// years returns a link per cycle; address is put before "tahun=".
func (v *visit) years(current int, address string) []Choice {
	var out []Choice
	var practice []Choice // after those that count
	for _, c := range v.cycles {
		year := strconv.Itoa(c.Year)
		choice := Choice{Link{year, address + "tahun=" + year}, c.Year == current}
		if c.Practice {
			choice.Text = v.t("cycle.practice", "year", year)
			practice = append(practice, choice)
			continue
		}
		out = append(out, choice)
	}
	return append(out, practice...)
}

// tones are how fates look.
var tones = map[string]string{
	"funded": "good", "partly": "good", "elsewhere": "move", "pending": "wait", projections.FateUnannounced: "wait",
	"deferred": "bad", "dropped": "bad", "cancelled": "bad", "withdrawn": "plain", "unknown": "plain",
}

// undecided are the fates of what is still on its way.
var undecided = []string{"pending", projections.FateUnannounced}

func (v *visit) fate(name string) string { return v.t("fate." + name) }

func (v *visit) count(n int) string { return v.lang.Count(int64(n)) }

// share writes a count of origins, of which one may be in parts.
func (v *visit) share(s projections.Share) string {
	if s%projections.One == 0 {
		return v.lang.Count(int64(s / projections.One))
	}
	return v.lang.Decimal(strconv.FormatFloat(s.Float(), 'f', 1, 64))
}

func (v *visit) tally(t projections.Tally) Tally {
	return Tally{v.share(t.Count), v.lang.Short(t.Asked)}
}

// unwritten says whether a loss has no reason on record.
func unwritten(r projections.ReasonSum) bool {
	return (r.Reason == "" || r.Reason == noReason) && r.Fate != "withdrawn"
}

func (h *Home) figures(v *visit, t projections.Totals, reasons []projections.ReasonSum) {
	of := make(map[string]int)
	for _, f := range t.Fates {
		of[f.Fate] = f.Headline
	}
	lost := of["dropped"] + of["deferred"] + of["cancelled"]
	waiting, unwrittenCount := 0, 0
	for _, f := range undecided {
		waiting += of[f]
	}
	for _, r := range reasons {
		if unwritten(r) {
			unwrittenCount += r.Headline
		}
	}
	part := func(n int) string {
		return v.t("home.of_all", "share", v.lang.Percent(int64(n), int64(t.Origins)))
	}
	url := func(fates ...string) string {
		var pairs []string
		for _, f := range fates {
			pairs = append(pairs, "nasib", f)
		}
		return listURL(h.Year, append(pairs, "asal", v.originsOnly())...)
	}
	h.Figures = []Figure{
		{v.count(t.Origins), v.t("home.asked"), v.lang.Short(t.Asked), url(), "plain", "asal"},
		{v.count(of["funded"] + of["partly"]), v.t("home.funded"), part(of["funded"] + of["partly"]), url("funded", "partly"), "good", "didanai"},
		{v.count(lost), v.t("home.lost"), part(lost), url("dropped", "deferred", "cancelled"), "bad", "tidak-didanai"},
		{v.count(unwrittenCount), v.t("home.unwritten"), part(unwrittenCount), listURL(h.Year, "tanpa_alasan", "1", "asal", v.originsOnly()), "bad", "tanpa-alasan"},
		{v.count(waiting), v.t("home.waiting"), part(waiting), url(undecided...), "wait", "berjalan"},
		{v.count(t.Merged), v.t("home.merged"), part(t.Merged), v.mergedURL(h.Year), "move", "digabung"},
	}
	decided := t.Origins - waiting
	rate := "home.rate"
	if waiting == 0 {
		rate = "home.rate_all"
	}
	h.Rate = v.t(rate, "funded", v.count(of["funded"]+of["partly"]), "share", v.lang.Percent(int64(of["funded"]+of["partly"]), int64(decided)),
		"decided", v.count(decided), "asked", v.count(t.Origins), "waiting", v.count(waiting))
	h.Count, h.Asked = v.count(t.Origins), v.lang.Rupiah(t.Asked)
	for _, f := range t.Fates {
		if f.Fate == "partly" {
			continue // a headline only: its parts are under other fates
		}
		row := v.fateRow(f.Fate, projections.Tally{Count: f.Count, Asked: f.Asked}, t.Count)
		row.URL = listURL(h.Year, "nasib", f.Fate)
		h.Fates = append(h.Fates, row)
	}
}

// originsOnly is the value of the filter for origins: visitors have none.
func (v *visit) originsOnly() string {
	if v.official() {
		return "1"
	}
	return ""
}

// mergedURL is the list of what was merged; visitors cannot ask for a state.
func (v *visit) mergedURL(year int) string {
	if v.official() {
		return listURL(year, "status", "merged")
	}
	return ""
}

func (v *visit) fateRow(fate string, t projections.Tally, all projections.Share) FateRow {
	return FateRow{Tally: v.tally(t), Title: v.fate(fate), Tone: tones[fate],
		Share: v.lang.Percent(int64(t.Count), int64(all)), Width: width(int64(t.Count), int64(all))}
}

// width is the length of a bar in per cent of the longest.
func width(part, whole int64) string {
	if whole == 0 {
		return "0"
	}
	return strconv.FormatFloat(100*float64(part)/float64(whole), 'f', 1, 64)
}

func (h *Home) stages(v *visit, t projections.Totals) {
	for _, s := range t.Stages {
		in := projections.Tally{Count: s.Entered.Count + s.Came.Count, Asked: s.Entered.Asked + s.Came.Asked}
		row := StageRow{Title: strings.ReplaceAll(v.stage(s.Stage), "/", "/\u200b"), In: v.tally(in), On: v.tally(s.WentOn)}
		stayed := map[string]*projections.Tally{}
		var order []string
		for _, l := range t.Losses {
			if l.Stage != s.Stage {
				continue
			}
			if stayed[l.Fate] == nil {
				stayed[l.Fate] = new(projections.Tally)
				order = append(order, l.Fate)
			}
			stayed[l.Fate].Count += l.Count
			stayed[l.Fate].Asked += l.Asked
		}
		for _, fate := range order {
			r := v.fateRow(fate, *stayed[fate], t.Count)
			r.URL = listURL(h.Year, "tahap", s.Stage, "nasib", fate)
			row.Stayed = append(row.Stayed, r)
		}
		h.Stages = append(h.Stages, row)
	}
}

// ledger prints the sum that must come out even: what was asked and added on
// one side, what became of it on the other, in full rupiah.
func (h *Home) ledger(v *visit, t projections.Totals) {
	line := func(title string, amount domain.Rupiah, url string) Sum {
		return Sum{title, v.lang.Rupiah(amount), url}
	}
	h.Balanced = t.Balanced()
	h.In = []Sum{line(v.t("sum.asked"), t.Asked, listURL(h.Year)), line(v.t("sum.uplift"), t.Uplift, "")}
	if t.Moved != 0 {
		h.In = append(h.In, line(v.t("sum.moved"), t.Moved, ""))
	}
	h.Out = []Sum{line(v.t("sum.granted"), t.Granted, listURL(h.Year, "nasib", string(history.Funded))), line(v.t("sum.cut"), t.Cut, "")}
	for _, f := range t.Fates {
		if f.Fate != string(history.Funded) && f.Fate != "partly" {
			h.Out = append(h.Out, line(v.fate(f.Fate), f.Asked, listURL(h.Year, "nasib", f.Fate)))
		}
	}
	h.Total = v.lang.Rupiah(t.Asked + t.Uplift + t.Moved)
	if t.Unasked != 0 {
		h.Unasked = v.lang.Rupiah(t.Unasked)
	}
}

// reasons groups what was lost by what its reason comes down to, most first;
// what has no written reason stands for itself.
func (h *Home) reasons(v *visit, all []projections.ReasonSum) {
	groups := make(map[string]*projections.Tally)
	codes := make(map[string]map[string]*projections.Tally) // by group
	var total, longest projections.Share
	for _, r := range all {
		if r.Fate == "withdrawn" {
			continue // its proposer's wish is no loss to explain
		}
		group, code := v.meaning(r.Reason), r.Reason
		if unwritten(r) {
			group, code = noReason, ""
		}
		if groups[group] == nil {
			groups[group], codes[group] = new(projections.Tally), make(map[string]*projections.Tally)
		}
		if codes[group][code] == nil {
			codes[group][code] = new(projections.Tally)
		}
		for _, t := range []*projections.Tally{groups[group], codes[group][code]} {
			t.Count += r.Count
			t.Asked += r.Asked
		}
		total, longest = total+r.Count, max(longest, groups[group].Count)
	}
	for _, group := range byCount(groups) {
		row := ReasonRow{Written: group != noReason}
		row.FateRow = v.reasonRow(*groups[group], longest)
		row.Title, row.Share = v.t("reason.none"), v.lang.Percent(int64(groups[group].Count), int64(total))
		row.URL = listURL(h.Year, "tanpa_alasan", "1")
		if row.Written {
			row.Title, row.URL = group, ""
			if l, ok := v.flow.Meanings[group]; ok {
				row.Title = v.label(l)
			}
			var all []string
			for _, code := range byCount(codes[group]) {
				part := v.reasonRow(*codes[group][code], longest)
				part.Title, part.URL = v.reason(code), listURL(h.Year, "alasan", code)
				row.Codes = append(row.Codes, part)
				all = append(all, "alasan", code)
			}
			row.URL = listURL(h.Year, all...)
		}
		h.Reasons = append(h.Reasons, row)
	}
}

// meaning returns what a reason comes down to.
func (v *visit) meaning(code string) string {
	if r := v.flow.Codes[code]; r != nil {
		return r.Means
	}
	return code
}

func (v *visit) reasonRow(t projections.Tally, longest projections.Share) FateRow {
	return FateRow{Tally: v.tally(t), Width: width(int64(t.Count), int64(longest))}
}

// byCount returns the keys of m, that of the most first.
func byCount(m map[string]*projections.Tally) []string {
	return slices.SortedFunc(maps.Keys(m), func(a, b string) int {
		return cmp.Or(cmp.Compare(m[b].Count, m[a].Count), strings.Compare(a, b))
	})
}

func (h *Home) coverage(v *visit, all []projections.Covered, places names) {
	villages, handed := 0, 0
	for _, c := range all {
		villages += c.Villages
		handed += c.Submitted
		row := CoverageRow{Name: titled(v.t("place.kecamatan"), places.of(c.Kecamatan)), URL: listURL(h.Year, "kecamatan", c.Kecamatan),
			Villages: c.Villages, Submitted: c.Submitted, Width: width(int64(c.Submitted), int64(c.Villages)),
			Origins: v.count(c.Origins), Asked: v.lang.Short(c.Asked), Granted: v.lang.Short(c.Granted)}
		for _, code := range c.Silent {
			row.Silent = append(row.Silent, places.of(code))
		}
		h.Coverage = append(h.Coverage, row)
	}
	h.Handed = v.t("home.handed", "handed", v.count(handed), "villages", v.count(villages))
}

// placesOf returns the names of all places that a coverage mentions.
func (v *visit) placesOf(all []projections.Covered) (names, error) {
	var codes []string
	for _, c := range all {
		codes = append(append(codes, c.Kecamatan), c.Silent...)
	}
	return v.names(projections.RegisterWilayah, codes...)
}
