package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	say "runut/api/answer"
	"runut/domain"
	"runut/domain/finding"
	"runut/domain/history"
	"runut/domain/process"
	"runut/domain/proposal"
	"runut/domain/workflow"
	"runut/projections"
)

// Audit is the auditor's desk: a year's proposals as of two moments, what the
// rules found, and how the work went. Its address is the whole question; the
// permanent one pins what was known to a position, and so has one answer.
type Audit struct {
	Shell
	Year     int
	Years    []Choice
	Then     say.Moment // as typed
	Now      say.Moment
	Days     []Link // days worth looking at, with what closed then
	Filters  []Filter
	Least    string
	All      bool
	Hidden   []Link // filters that have no field of their own
	Chips    []Chip // what narrows the list, each with the way to drop it
	Clear    string
	Compares bool
	Found    string // how many there are, in a sentence
	Between  string // which two moments
	Tally    string
	Rows     []AuditRow
	Next     string
	First    string
	Link     string // permanent
	CSV      string
	JSON     string
	Ask      []Link // hidden fields that ask for a dossier of all that was found
	At       []Link // and those of the moment that a dossier of some is to be as of
	Count    int
	Rules    []RuleRow
	Work     *Panel
}

// An AuditRow is one proposal at two moments.
type AuditRow struct {
	Number, URL, Title, Place string
	Then, Now                 *Badge
	Matches                   string // where it fits at one moment only
	Act, ActURL, By, When     string // that decided on it
	Reason, Code              string
	Silent                    bool
	Asked, Granted            string
	Rules                     []Link
}

// A RuleRow is a rule and how often it found something.
type RuleRow struct {
	Code, Title, Count, URL string
	None                    bool
}

// A Panel is the process of a year in a few lines.
type Panel struct {
	Stages    []StageRowTime
	Ways      string
	Usual     string
	Handovers []Pair
	URL       string
	Misfits   string
}

// A StageRowTime is how long proposals stay at a stage.
type StageRowTime struct {
	Stage, Title string
	Left, Open   string
	Median, P90  string // days, or that nobody can say
	Width        string // of a bar, by the median
	Curve        Curve
	Unsure       bool
}

const auditRows = 20

func (v *visit) audit() error {
	if ok, err := v.inspectorsOnly(); !ok {
		return err
	}
	c := v.chosen()
	if c == nil {
		return v.show(http.StatusOK, "audit", &Audit{Shell: v.shell("audit", v.t("audit.title"), nil)})
	}
	found, err := v.sought(c.Year)
	if err != nil {
		return err
	}
	v.position = found.Now.Known
	f := found.Filter
	page := &Audit{Shell: v.shell("audit", v.t("audit.title"), c), Year: f.Year, Years: v.years(c.Year, "/auditor?"), Compares: f.Compares(), All: f.All, Count: len(found.Rows),
		Clear: "/auditor?tahun=" + strconv.Itoa(c.Year), Link: "/auditor?" + f.Values().Encode(), CSV: "/auditor.csv?" + f.Values().Encode(), JSON: apiOf(f)}
	page.Here = page.Link
	page.Then, page.Now = say.Moment{AsOf: v.query("pada"), Known: v.query("diketahui")}, say.Moment{AsOf: v.query("pada_kini"), Known: v.query("diketahui_kini")}
	page.Days = v.markers(c)
	page.said(v, found)
	for name, values := range f.Values() {
		for _, x := range values {
			page.Ask = append(page.Ask, Link{name, x})
		}
	}
	slices.SortFunc(page.Ask, func(a, b Link) int { return cmp.Or(strings.Compare(a.Text, b.Text), strings.Compare(a.URL, b.URL)) })
	for _, said := range []Link{{"as_of", page.Now.AsOf}, {"known_at", page.Now.Known}} {
		if said.URL != "" {
			page.At = append(page.At, said)
		}
	}
	if err := page.filters(v, c, f); err != nil {
		return err
	}
	after := v.query("setelah")
	rows, matches, next := found.Page(after, auditRows)
	if err := found.Decide(v.ctx(), v.desk(), rows); err != nil {
		return err
	}
	if page.Rows, err = v.auditRows(f, rows, matches); err != nil {
		return err
	}
	here := v.r.URL.Query()
	here.Del("lang")
	if here.Del("setelah"); after != "" {
		page.First = "/auditor?" + here.Encode()
	}
	if next != "" {
		q := f.Values() // the next page of this very answer, whatever happens meanwhile
		q.Set("setelah", next)
		page.Next = "/auditor?" + q.Encode()
	}
	if page.Rules, err = v.ruleRows(f.Year, found.Now.Known); err != nil {
		return err
	}
	report, _, err := v.Kept.Process(v.ctx(), v.desk(), f.Year, found.Now.Known)
	if err != nil {
		return err
	}
	page.Work, err = v.panel(report, found.Now.Known)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "audit", page)
}

func (v *visit) desk() say.Desk {
	return say.Desk{Store: v.Store, DB: v.DB, Charts: v.Charts, Shelf: v.Shelf}
}

// sought answers the question of the address, about a year where it names none.
func (v *visit) sought(year int) (say.Found, error) {
	q := v.r.URL.Query()
	if q.Get("tahun") == "" && q.Get("year") == "" {
		q.Set("tahun", strconv.Itoa(year))
	}
	f, err := say.ParseFilter(q)
	if err != nil {
		return say.Found{}, err
	}
	if err := v.desk().Check(v.ctx(), f.Year, f.Sought, say.Typed); err != nil {
		return say.Found{}, err
	}
	return v.Kept.Find(v.ctx(), v.desk(), f)
}

// said puts into sentences what was found.
func (a *Audit) said(v *visit, found say.Found) {
	t := found.Tally()
	if !a.Compares {
		a.Found = v.t("audit.found", "n", v.count(len(found.Rows)))
		a.Between = v.t("audit.at", "moment", v.viewed(found.Filter.Now))
		return
	}
	changed := 0
	for i := range found.Rows {
		if found.Rows[i].Changed() {
			changed++
		}
	}
	a.Found = v.t("audit.changed", "n", v.count(changed))
	a.Between = v.t("audit.between", "then", v.viewed(found.Filter.Then), "now", v.viewed(found.Filter.Now))
	a.Tally = v.t("audit.tally", "then", v.count(t.Then), "now", v.count(t.Now), "both", v.count(t.Both))
}

// viewed writes a pinned moment: "28 Februari 2026, diketahui sampai #35.194".
func (v *visit) viewed(m say.Moment) string {
	known, _ := strconv.ParseInt(m.Known, 10, 64)
	position := v.lang.Count(known)
	if m.AsOf == "" {
		return v.t("audit.moment_known", "position", position)
	}
	at, err := time.Parse(time.RFC3339, m.AsOf)
	if err != nil {
		return m.AsOf
	}
	return v.t("audit.moment", "moment", v.moment(at), "position", position)
}

// markers are the days on which a window of the whole kabupaten closes: what one
// wants to look at is mostly how it stood then.
func (v *visit) markers(c *projections.PublicCycle) []Link {
	var out []Link
	for _, w := range c.Windows {
		if w.Scope.Kind == domain.ScopeKabupaten {
			out = append(out, Link{v.t("audit.marker", "window", v.window(w.Window)), w.ClosesAt.In(v.zone).Format("2006-01-02")})
		}
	}
	slices.SortFunc(out, func(a, b Link) int { return cmp.Or(strings.Compare(a.URL, b.URL), strings.Compare(a.Text, b.Text)) })
	return slices.Compact(out)
}

// filters fills the fields of the form and the chips.
func (a *Audit) filters(v *visit, c *projections.PublicCycle, f say.Filter) error {
	facets, err := projections.Proposals{DB: v.DB}.Facets(v.ctx(), projections.ProposalFilter{Cycle: c.Year})
	if err != nil {
		return err
	}
	of := func(counts []projections.Count) (out []string) {
		for _, x := range counts {
			if x.Value != "" {
				out = append(out, x.Value)
			}
		}
		return out
	}
	kecamatan, offices := of(facets.Value.Kecamatans), of(facets.Value.OPDs)
	places, err := v.names(projections.RegisterWilayah, slices.Concat(kecamatan, f.Kecamatan, f.Village)...)
	if err != nil {
		return err
	}
	opd, err := v.names(projections.RegisterOPD, slices.Concat(offices, f.OPD)...)
	if err != nil {
		return err
	}
	fates := []string{say.AfterAcceptance}
	for _, x := range history.Fates {
		fates = append(fates, string(x))
	}
	var rules []string
	for _, r := range finding.Rules {
		if r.About == "proposal" || r.About == "line" {
			rules = append(rules, r.Code)
		}
	}
	reasons := slices.DeleteFunc(of(facets.Value.Reasons), func(s string) bool { return s == proposal.ReasonUnsaid })
	fields := []struct {
		name   string
		values []string
		chosen []string
		word   func(string) string
		sorted bool
	}{
		{"kecamatan", kecamatan, f.Kecamatan, places.of, true},
		{"opd", offices, f.OPD, opd.of, true},
		{"nasib", fates, f.Fate, v.outcome, false},
		{"alasan", append([]string{proposal.ReasonUnsaid}, reasons...), f.Reason, v.coded, false},
		{"aturan", rules, f.Rule, v.ruled, false},
		{"desa", nil, f.Village, places.of, false},
		{"jalur", nil, f.Lane, v.lane, false},
		{"tahap", nil, f.Stage, v.stage, false},
		{"status", nil, f.State, func(s string) string { return v.state(workflow.State(s)) }, false},
	}
	values := f.Values()
	for _, x := range fields {
		for _, value := range x.chosen {
			a.Chips = append(a.Chips, Chip{v.t("filter."+x.name) + ": " + x.word(value), a.without(values, x.name, value)})
			if x.values == nil || len(x.chosen) > 1 {
				a.Hidden = append(a.Hidden, Link{x.name, value})
			} else if !slices.Contains(x.values, value) {
				x.values = append(x.values, value)
			}
		}
		if x.values == nil {
			continue
		}
		field := Filter{Name: x.name, Label: v.t("filter." + x.name)}
		for _, value := range x.values {
			field.Options = append(field.Options, Option{value, x.word(value), len(x.chosen) == 1 && x.chosen[0] == value})
		}
		if x.sorted {
			slices.SortFunc(field.Options, func(a, b Option) int { return strings.Compare(a.Text, b.Text) })
		}
		a.Filters = append(a.Filters, field)
	}
	if f.Origins {
		a.Chips = append(a.Chips, Chip{v.t("filter.asal"), a.without(values, "asal", "1")})
		a.Hidden = append(a.Hidden, Link{"asal", "1"})
	}
	if f.Least > 0 {
		a.Least = v.lang.Count(int64(f.Least))
		a.Chips = append(a.Chips, Chip{v.t("audit.least") + " " + v.lang.Rupiah(f.Least), a.without(values, "nilai", values.Get("nilai"))})
	}
	return nil
}

// without returns the address of the same question without one of its words.
func (a *Audit) without(values url.Values, name, value string) string {
	q := url.Values{}
	for k, list := range values {
		for _, x := range list {
			if k != name || x != value {
				q.Add(k, x)
			}
		}
	}
	return "/auditor?" + q.Encode()
}

func (v *visit) outcome(fate string) string {
	if fate == say.AfterAcceptance {
		return v.t("audit.after_acceptance")
	}
	return v.fate(fate)
}

// coded writes a reason with its code.
func (v *visit) coded(code string) string {
	if code == proposal.ReasonUnsaid {
		return v.t("reason.none")
	}
	return code + " " + v.reason(code)
}

func (v *visit) ruled(code string) string {
	r, _ := finding.RuleOf(code)
	return code + " " + v.label(r.Title)
}

// auditRows puts rows into words, a few queries for all of them.
func (v *visit) auditRows(f say.Filter, rows []say.Row, matches []string) ([]AuditRow, error) {
	numbers, villages := make([]string, len(rows)), make([]string, 0, 2*len(rows))
	for i, r := range rows {
		numbers[i] = r.Number
		villages = append(villages, r.Village, domain.KecamatanOf(r.Village))
	}
	titles, err := projections.Proposals{DB: v.DB}.Some(v.ctx(), numbers)
	if err != nil {
		return nil, err
	}
	places, err := v.names(projections.RegisterWilayah, villages...)
	if err != nil {
		return nil, err
	}
	out := make([]AuditRow, len(rows))
	for i, r := range rows {
		p := titles.Value[r.Number]
		x := AuditRow{Number: r.Number, URL: v.at(f, r.Number), Title: v.titleOf(summaryOf(p)), Then: v.standing(r.Then), Now: v.standing(r.Now)}
		x.Place = v.placed(places, r.Village)
		if f.Compares() && matches[i] != "both" {
			x.Matches = v.t("audit.matches." + matches[i])
		}
		if last := cmp.Or(r.Now, r.Then); last != nil {
			x.Asked = v.lang.Short(last.Asked)
			if last.Granted > 0 {
				x.Granted = v.lang.Short(last.Granted)
			}
		}
		v.decidedBy(&x, f, r)
		for _, code := range r.Rules {
			x.Rules = append(x.Rules, Link{code, v.hitsURL(f.Year, code, f.Now.Known)})
		}
		out[i] = x
	}
	return out, nil
}

// placed writes a village with its kecamatan, or a kecamatan.
func (v *visit) placed(places names, code string) string {
	kecamatan := domain.KecamatanOf(code)
	switch {
	case code == "":
		return ""
	case kecamatan == code:
		return titled(v.t("place.kecamatan"), places.of(code))
	case kecamatan == "":
		return places.of(code)
	}
	return places.of(code) + ", " + titled(v.t("place.kecamatan"), places.of(kecamatan))
}

// decidedBy tells the act that decided on a proposal, or the last one that moved
// what nobody decided on yet.
func (v *visit) decidedBy(x *AuditRow, f say.Filter, r say.Row) {
	d := r.Deciding
	if d == nil {
		if r.By == nil {
			return
		}
		d = &say.Deciding{Mention: r.By.Mention, Role: r.By.Role, Reason: r.By.Reason}
	}
	x.Act = "#" + v.lang.Count(d.Position)
	x.ActURL = v.proves(f, d.Mention)
	x.When = v.day(d.Occurred.Effective(d.Recorded))
	switch {
	case d.Kind == history.ByOmission:
		x.By = v.t("audit.kind.omission")
	case d.Kind == history.ByRule:
		x.By = v.t("audit.kind.rule")
	case d.Kind == history.ByMigration:
		x.By = v.t("audit.kind.migration")
	case d.Role == "":
		x.By = v.lang.Term(d.Type)
	default:
		x.By = v.who(d.Role, d.Office)
	}
	switch {
	case d.Silent:
		x.Reason, x.Silent = v.t("reason.none"), true
	case d.Reason != "":
		x.Code, x.Reason = d.Reason, v.reason(d.Reason)
	}
}

// proves returns where an event is told: on its proposal's page, else its receipt.
func (v *visit) proves(f say.Filter, m history.Mention) string {
	if number, ok := proposal.NumberOf(m.Stream); ok {
		return v.at(f, number) + "#" + anchor(m.Position)
	}
	if v.Book == nil {
		return ""
	}
	return "/tanda-terima/" + m.Event.String()
}

// at returns the page of a proposal as of the moment that was asked about.
func (v *visit) at(f say.Filter, number string) string {
	m := f.Then
	if !f.Compares() {
		m = f.Now
	}
	q := url.Values{}
	if m.AsOf != "" {
		q.Set("pada", m.AsOf)
	}
	if m.Known != "" {
		q.Set("diketahui", m.Known)
	}
	if len(q) == 0 {
		return proposalURL(number)
	}
	return proposalURL(number) + "?" + q.Encode()
}

// standing says where a proposal stands, nil where it was not there.
func (v *visit) standing(s *history.Standing) *Badge {
	if s == nil {
		return &Badge{v.t("audit.absent"), "plain"}
	}
	b := v.badge(summary{State: s.State, Fate: cmp.Or(string(s.Fate), "unknown")})
	if s.Fate == "" {
		b = Badge{v.state(s.State), "move"}
	}
	return &b
}

// ruleRows returns every rule with how often it found something.
func (v *visit) ruleRows(year int, known int64) ([]RuleRow, error) {
	all, _, err := v.Kept.Findings(v.ctx(), v.desk(), year, known)
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	for _, f := range all {
		counts[f.Rule]++
	}
	out := make([]RuleRow, len(finding.Rules))
	for i, r := range finding.Rules {
		out[i] = RuleRow{r.Code, v.label(r.Title), v.count(counts[r.Code]), v.hitsURL(year, r.Code, strconv.FormatInt(known, 10)), counts[r.Code] == 0}
	}
	return out, nil
}

func (v *visit) panel(r process.Report, known int64) (*Panel, error) {
	p := &Panel{Stages: v.stageTimes(r), URL: workURL(r.Cycle, known), Ways: v.t("audit.ways", "n", v.count(r.Ways)),
		Misfits: v.t("work.fit", "fit", v.count(r.Fitness.Fit), "of", v.count(r.Fitness.Replayed))}
	if len(r.Variants) > 0 && r.Proposals > 0 {
		p.Usual = v.t("audit.usual", "share", v.lang.Percent(int64(r.Variants[0].Count), int64(r.Proposals)))
	}
	names, err := v.officesOf(r.Handovers[:min(3, len(r.Handovers))])
	if err != nil {
		return nil, err
	}
	for _, h := range r.Handovers[:min(3, len(r.Handovers))] {
		p.Handovers = append(p.Handovers, Pair{Label: v.handed(names, h.From) + " → " + v.handed(names, h.To), Value: v.count(h.Count)})
	}
	return p, nil
}

// apiOf returns the address of the same question to the JSON API.
func apiOf(f say.Filter) string {
	q := url.Values{"cycle": {strconv.Itoa(f.Year)}}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("as_of", f.Then.AsOf)
	set("known_at", f.Then.Known)
	set("now_as_of", f.Now.AsOf)
	set("now_known_at", f.Now.Known)
	for name, list := range map[string][]string{"kecamatan": f.Kecamatan, "village": f.Village, "opd": f.OPD, "lane": f.Lane, "stage": f.Stage,
		"state": f.State, "fate": f.Fate, "reason": f.Reason, "rule": f.Rule} {
		set(name, strings.Join(list, ","))
	}
	if f.Least > 0 {
		set("least", strconv.FormatInt(int64(f.Least), 10))
	}
	if f.Origins {
		set("origins", "true")
	}
	if f.Compares() && !f.All {
		set("changed", "true")
	}
	return "/api/v1/compare?" + q.Encode()
}
