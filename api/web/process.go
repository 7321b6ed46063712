package web

import (
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"runut/domain"
	"runut/domain/history"
	"runut/domain/process"
	"runut/projections"
)

// Work is the page of how the work of a year went: time at each stage, ways
// taken, handovers, what was done again, and what does not follow its own rules.
type Work struct {
	Shell
	Years     []Choice
	Lead      string
	Stages    []StageRowTime
	Days      []string // heads of the columns of the curves
	Ways      string
	Variants  []VariantRow
	Handovers []HandoverRow
	Few       []HandoverRow // handovers that are rarer
	Rework    []HandoverRow
	Fit       string
	Observed  string
	Misfits   []MisfitRow
	More      string
	JSON      string
	Ocel      string
}

// A VariantRow is a way that proposals took.
type VariantRow struct {
	Steps        []string
	Count, Share string
	Width        string
	Fates        string
	Example      Link
}

// A HandoverRow counts something, with a bar.
type HandoverRow struct{ What, Count, Width string }

// A MisfitRow is a proposal whose history its rules do not allow.
type MisfitRow struct {
	Proposal Link
	Why, At  string
}

// A Curve is how many of those that came are still there after so many days, as
// a drawing and as numbers.
type Curve struct {
	Drawing template.HTML
	Shares  []string // after curveDays
}

// curveDays are the days at which the table beside a curve reads it.
var curveDays = []float64{7, 14, 30, 60, 90, 180}

// What the page tells at once: ways, and handovers before the rarer ones.
const mostWays, mostHandovers = 20, 12

func (v *visit) work() error {
	if ok, err := v.inspectorsOnly(); !ok {
		return err
	}
	c := v.chosen()
	if c == nil {
		return v.show(http.StatusOK, "process", &Work{Shell: v.shell("audit", v.t("work.title"), nil)})
	}
	view, err := v.desk().View(v.ctx(), c.Year, "", v.query("diketahui"))
	if err != nil {
		return err
	}
	report, position, err := v.Kept.Process(v.ctx(), v.desk(), c.Year, view.Known)
	if err != nil {
		return err
	}
	v.position = position
	offices, err := v.officesOf(report.Handovers)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "process", v.workPage(report, position, offices))
}

func (v *visit) workPage(r process.Report, known int64, offices names) *Work {
	year := strconv.Itoa(r.Cycle)
	page := &Work{Shell: v.shell("audit", v.t("work.title"), v.cycle(r.Cycle), Link{v.t("audit.title"), "/auditor?tahun=" + year}), Years: v.years(r.Cycle, "/proses?"),
		Lead: v.t("work.lead", "proposals", v.count(r.Proposals), "events", v.count(r.Events)), Stages: v.stageTimes(r), Ways: v.t("audit.ways", "n", v.count(r.Ways)),
		Fit: v.t("work.fit", "fit", v.count(r.Fitness.Fit), "of", v.count(r.Fitness.Replayed)), Observed: v.t("work.observed", "observed", v.count(r.Fitness.Observed), "late", v.count(r.Fitness.Late)),
		JSON: "/api/v1/process?cycle=" + year + "&known_at=" + strconv.FormatInt(known, 10), Ocel: "/data/ocel/" + year + ".json"}
	page.Here = workURL(r.Cycle, known)
	for _, d := range curveDays {
		page.Days = append(page.Days, v.t("hits.days", "n", v.count(int(d))))
	}
	for _, x := range r.Variants[:min(mostWays, len(r.Variants))] {
		row := VariantRow{Count: v.count(x.Count), Share: v.lang.Percent(int64(x.Count), int64(r.Proposals)), Width: width(int64(x.Count), int64(r.Variants[0].Count)), Example: Link{x.Example, proposalURL(x.Example)}}
		for _, s := range x.Steps {
			row.Steps = append(row.Steps, v.step(s))
		}
		row.Fates = v.fates(x.Fates)
		page.Variants = append(page.Variants, row)
	}
	for i, h := range r.Handovers {
		row := HandoverRow{v.handed(offices, h.From) + " → " + v.handed(offices, h.To), v.count(h.Count), width(int64(h.Count), int64(r.Handovers[0].Count))}
		if i < mostHandovers {
			page.Handovers = append(page.Handovers, row)
		} else {
			page.Few = append(page.Few, row)
		}
	}
	most := 0
	for _, x := range r.Rework {
		most = max(most, x.Count)
	}
	for _, x := range r.Rework {
		what := v.t("rework." + x.What)
		if x.Where != "" {
			what += " · " + v.stage(x.Where)
		}
		page.Rework = append(page.Rework, HandoverRow{what, v.count(x.Count), width(int64(x.Count), int64(most))})
	}
	for _, m := range r.Fitness.Misfits {
		page.Misfits = append(page.Misfits, MisfitRow{Link{m.Proposal, proposalURL(m.Proposal)}, v.lang.Or("misfit."+strings.TrimPrefix(m.Code, "history."), m.Code), m.At})
	}
	if r.Fitness.More > 0 {
		page.More = v.t("work.more", "n", v.count(r.Fitness.More))
	}
	return page
}

// workURL is the address of how a year went, as known at a position.
func workURL(year int, known int64) string {
	return "/proses?" + url.Values{"tahun": {strconv.Itoa(year)}, "diketahui": {strconv.FormatInt(known, 10)}}.Encode()
}

// stageTimes puts times into words. Who still waits counts: where fewer than half
// have left, nobody can say when half will have.
func (v *visit) stageTimes(r process.Report) []StageRowTime {
	longest := 0.0
	for _, s := range r.Stages {
		longest = max(longest, s.Median)
	}
	out := make([]StageRowTime, len(r.Stages))
	for i, s := range r.Stages {
		x := StageRowTime{Stage: s.Stage, Title: v.stage(s.Stage), Left: v.count(s.Left), Open: v.count(s.Open), Median: v.days(s.Median), P90: v.days(s.P90), Width: "100", Unsure: s.Median < 0, Curve: v.curve(s)}
		if s.Median >= 0 {
			x.Width = width(int64(s.Median*10), max(1, int64(longest*10)))
		}
		out[i] = x
	}
	return out
}

func (v *visit) days(n float64) string {
	if n < 0 {
		return v.t("work.unsure")
	}
	return v.t("hits.days", "n", v.lang.Decimal(strconv.FormatFloat(n, 'f', 1, 64)))
}

// Sizes of a curve, in its own units.
const curveWide, curveHigh = 220, 60

// curve draws how many are still there as time goes by. What it shows stands in
// the table beside it too.
func (v *visit) curve(s process.StageTime) Curve {
	var out Curve
	if len(s.Survival) == 0 {
		return out
	}
	last := s.Survival[len(s.Survival)-1].Days
	span := max(last, 1)
	var b strings.Builder
	fmt.Fprintf(&b, "M0 0")
	for _, p := range s.Survival {
		fmt.Fprintf(&b, "H%.1fV%.1f", p.Days/span*curveWide, (1-p.Share)*curveHigh)
	}
	fmt.Fprintf(&b, "H%d", curveWide)
	title := v.t("work.curve", "stage", v.stage(s.Stage), "days", v.lang.Decimal(strconv.FormatFloat(last, 'f', 0, 64)))
	out.Drawing = template.HTML(fmt.Sprintf(`<svg class="curve" role="img" aria-label="%s" viewBox="-1 -1 %d %d" width="%d" height="%d"><path class="half" d="M0 %dH%d"/><path class="line" d="%s"/></svg>`,
		template.HTMLEscapeString(title), curveWide+2, curveHigh+2, curveWide, curveHigh, curveHigh/2, curveWide, b.String()))
	for _, day := range curveDays {
		share := 1.0
		for _, p := range s.Survival {
			if p.Days <= day {
				share = p.Share
			}
		}
		out.Shares = append(out.Shares, v.lang.Percent(int64(share*1000), 1000))
	}
	return out
}

// step writes a step of a way: a transition, or what a window's closing did.
func (v *visit) step(name string) string {
	if window, closed := strings.CutPrefix(name, "close:"); closed {
		return v.t("work.closed", "window", v.window(window))
	}
	if t := v.flow.Transitions[name]; t != nil {
		return v.label(t.Title)
	}
	return v.lang.Term("proposal." + name)
}

func (v *visit) fates(counts map[history.Fate]int) string {
	var out []string
	for _, f := range append(slices.Clone(history.Fates), "merged") {
		if n := counts[f]; n > 0 {
			word := v.fate(string(f))
			if f == "merged" {
				word = v.t("work.absorbed")
			}
			out = append(out, v.count(n)+" "+word)
		}
	}
	return strings.Join(out, ", ")
}

// officesOf returns the names of the offices in handovers.
func (v *visit) officesOf(all []process.Handover) (names, error) {
	var codes []string
	for _, h := range all {
		codes = append(codes, h.From, h.To)
	}
	return v.names(projections.RegisterOPD, codes...)
}

// handed writes who handed over: a role, or an OPD.
func (v *visit) handed(offices names, who string) string {
	if name := offices[who]; name != "" {
		return name
	}
	return v.role(domain.Role(who))
}
