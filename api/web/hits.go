package web

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/go-chi/chi/v5"

	say "runut/api/answer"
	"runut/domain"
	"runut/domain/finding"
	"runut/projections"
)

// Hits is the page of one rule: what it looks for, and everything it found in a
// year.
type Hits struct {
	Shell
	Code, Heading string
	Means         string
	Facts         []Pair
	Years         []Choice
	Found         string
	Village       bool // the rule is about villages
	Rows          []HitRow
	Next, First   string
	JSON          string
	Desk          string // the auditor's page with what the rule found
	Others        []Choice
}

// A HitRow is one thing that a rule found.
type HitRow struct {
	Number, URL, Title, Place, Office string
	Event, EventURL, When             string // that shows it
	Measured                          string
	Receipt                           string
}

const hitRows = 50

func (v *visit) hits() error {
	if ok, err := v.inspectorsOnly(); !ok {
		return err
	}
	rule, known := finding.RuleOf(chi.URLParam(v.r, "rule"))
	if !known {
		return domain.Refuse(domain.NotFound, "filter.rule", "value", clipBytes(chi.URLParam(v.r, "rule"), 20))
	}
	c := v.chosen()
	if c == nil {
		return domain.Refuse(domain.NotFound, "workflow.cycle_unopened", "year", v.query("tahun"))
	}
	view, err := v.desk().View(v.ctx(), c.Year, "", v.query("diketahui"))
	if err != nil {
		return err
	}
	all, position, err := v.Kept.Findings(v.ctx(), v.desk(), c.Year, view.Known)
	if err != nil {
		return err
	}
	v.position = position
	pinned := strconv.FormatInt(position, 10)
	page := &Hits{Shell: v.shell("audit", rule.Code+" "+v.label(rule.Title), c, Link{v.t("audit.title"), "/auditor?tahun=" + strconv.Itoa(c.Year)}),
		Code: rule.Code, Heading: v.label(rule.Title), Means: v.t("rule." + rule.Code), Years: v.years(c.Year, "/auditor/temuan/"+rule.Code+"?"), Village: rule.About == "village",
		JSON: "/api/v1/findings?cycle=" + strconv.Itoa(c.Year) + "&rule=" + rule.Code + "&known_at=" + pinned}
	if !page.Village {
		page.Desk = "/auditor?" + say.Filter{Year: c.Year, Now: say.Moment{Known: pinned}, Then: say.Moment{Known: pinned}, Sought: say.Sought{Rule: []string{rule.Code}}}.Values().Encode()
	}
	page.Here = v.hitsURL(c.Year, rule.Code, pinned)
	page.Facts = []Pair{{Label: v.t("hits.rule"), Value: rule.Code + " · " + rule.Name}, {Label: v.t("hits.version"), Value: v.count(rule.Version)}}
	if rule.Limit != "" {
		page.Facts = append(page.Facts, Pair{Label: v.t("hits.limit"), Value: rule.Limit})
	}
	source := rule.Source
	if source == "Runut" {
		source = v.t("hits.own")
	}
	page.Facts = append(page.Facts, Pair{Label: v.t("hits.source"), Value: source})
	for _, r := range finding.Rules {
		page.Others = append(page.Others, Choice{Link{r.Code, v.hitsURL(c.Year, r.Code, pinned)}, r.Code == rule.Code})
	}
	var mine []finding.Finding
	for _, f := range all {
		if f.Rule == rule.Code {
			mine = append(mine, f)
		}
	}
	page.Found = v.t("hits.found", "n", v.count(len(mine)), "year", strconv.Itoa(c.Year))
	from, _ := strconv.Atoi(v.query("setelah"))
	from = min(max(from, 0), len(mine))
	to := min(from+hitRows, len(mine))
	if page.Rows, err = v.hitRows(mine[from:to], pinned); err != nil {
		return err
	}
	if from > 0 {
		page.First = page.Here
	}
	if to < len(mine) {
		page.Next = page.Here + "&setelah=" + strconv.Itoa(to)
	}
	return v.show(http.StatusOK, "hits", page)
}

// hitsURL is the address of what a rule found, as known at a position.
func (v *visit) hitsURL(year int, code, known string) string {
	q := url.Values{"tahun": {strconv.Itoa(year)}}
	if known != "" {
		q.Set("diketahui", known)
	}
	return "/auditor/temuan/" + code + "?" + q.Encode()
}

func (v *visit) hitRows(found []finding.Finding, known string) ([]HitRow, error) {
	var numbers, villages, offices []string
	for _, f := range found {
		if f.Proposal != "" {
			numbers = append(numbers, f.Proposal)
		}
		villages, offices = append(villages, f.Village, domain.KecamatanOf(f.Village)), append(offices, f.OPD)
	}
	titles, err := projections.Proposals{DB: v.DB}.Some(v.ctx(), numbers)
	if err != nil {
		return nil, err
	}
	places, err := v.names(projections.RegisterWilayah, villages...)
	if err != nil {
		return nil, err
	}
	opd, err := v.names(projections.RegisterOPD, offices...)
	if err != nil {
		return nil, err
	}
	out := make([]HitRow, len(found))
	for i, f := range found {
		x := HitRow{Number: f.Proposal, Office: opd.of(f.OPD), Measured: v.measured(f)}
		x.Place = v.placed(places, f.Village)
		if f.Proposal != "" {
			x.URL, x.Title = proposalURL(f.Proposal)+"?diketahui="+known, v.titleOf(summaryOf(titles.Value[f.Proposal]))
		} else if f.Village != "" {
			x.URL = "/surat/" + f.Village + "/" + strconv.Itoa(f.Cycle)
		}
		if f.Position > 0 {
			x.Event, x.When = "#"+v.lang.Count(f.Position), v.moment(f.At)
			if x.URL != "" {
				x.EventURL = x.URL + "#" + anchor(f.Position)
			}
			if v.Book != nil {
				x.Receipt = "/tanda-terima/" + f.Event.String()
			}
		}
		out[i] = x
	}
	return out, nil
}

// measured writes what a rule measured, in its unit.
func (v *visit) measured(f finding.Finding) string {
	switch f.Unit {
	case "":
		return ""
	case "thousandths":
		return v.lang.Percent(f.Measured, 1000)
	}
	return v.t("hits."+f.Unit, "n", v.lang.Count(f.Measured))
}
