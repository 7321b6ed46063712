package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"runut/domain"
	"runut/domain/proposal"
	"runut/projections"
)

// Proposal is the page of one usulan.
type Proposal struct {
	Shell
	Number    string
	Heading   string
	Badge     Badge
	Contested bool
	Sentence  string
	Recorded  string // position of what was just recorded here, "" else
	Receipt   string // address of its receipt, "" where there is none to show
	Answer    *Answered
	Filing    *Filing // nil: nothing is signed yet
	Past      *Past   // officers only
	Facts     []Pair
	Written   []Pair // what people wrote; officers only
	Timeline  []Group
	Events    int
	Hidden    string // relatives that were not announced
	Lineage   *Lineage
	Pictures  []Link // the lineage in other forms; officers only
	Shares    []ShareRow
	Docs      []Doc
	Windows   []NextWindow // visitors: who can act next
	Steps     []Step       // officers: what they can do
	Closed    []Step       // officers: what they cannot, and why
	Version   int
}

// A Pair is a fact with its name.
type Pair struct{ Label, Value, URL string }

// A Doc is a document by what stands on it.
type Doc struct{ Name, Kind, Number, Date string }

// A ShareRow is the part of an origin that one heir holds.
type ShareRow struct {
	Number, URL string
	Part        string
	Asked       string
	Granted     string
	Badge       Badge
	Reason      string
}

// A subject is everything known of a proposal to whoever looks.
type subject struct {
	summary
	steps  []projections.Step
	family family
	shares []projections.OriginShare
	detail projections.Detail                // officers only
	hidden int                               // relatives that were not announced
	forums map[int64]projections.PublicForum // by the position of what was decided there
	places names
	opd    names
	answer *Answered
	past   *Past // officers only
}

func (v *visit) proposal() error {
	typed := chi.URLParam(v.r, "number")
	number, err := domain.ParseNumber(typed)
	if err != nil {
		return err
	}
	if number != typed {
		http.Redirect(v.w, v.r, proposalURL(number), http.StatusMovedPermanently)
		return nil
	}
	s, err := v.subject(number)
	if err != nil {
		return err
	}
	page := v.proposalPage(s)
	if n, err := strconv.ParseInt(v.query("tercatat"), 10, 64); err == nil && n > 0 && n <= v.position {
		page.Recorded = v.lang.Count(n)
		page.Receipt = v.receiptAt(s, n)
	}
	if v.official() {
		if err := page.steps(v, s, attempt{}); err != nil {
			return err
		}
	}
	return v.show(http.StatusOK, "proposal", page)
}

// short sends the short address of letters and receipts to the long one.
func (v *visit) short() error {
	number, err := domain.ParseNumber(chi.URLParam(v.r, "number"))
	if err != nil {
		return err
	}
	http.Redirect(v.w, v.r, proposalURL(number), http.StatusMovedPermanently)
	return nil
}

func (v *visit) proposalPage(s *subject) *Proposal {
	c := v.cycle(s.Cycle)
	crumbs := []Link{{v.t("list.title"), listURL(s.Cycle)}}
	if s.Kecamatan != "" {
		crumbs = append(crumbs, Link{titled(v.t("place.kecamatan"), s.places.of(s.Kecamatan)), listURL(s.Cycle, "kecamatan", s.Kecamatan)})
	}
	if domain.IsVillage(s.Village) {
		crumbs = append(crumbs, Link{s.places.of(s.Village), listURL(s.Cycle, "desa", s.Village)})
	}
	page := &Proposal{Shell: v.shell("list", s.Number+" · "+v.titleOf(s.summary), c, crumbs...), Number: s.Number, Heading: v.titleOf(s.summary),
		Badge: v.badge(s.summary), Contested: s.Contested}
	page.Sentence = v.sentence(s.summary)
	if !v.official() && !s.Released.IsZero() {
		page.Released = v.day(s.Released)
	}
	page.Answer, page.Past, page.Filing = s.answer, s.past, v.filing(s)
	page.Facts = v.facts(s)
	page.Written = v.written(s)
	page.Timeline, page.Docs = v.timeline(s)
	page.Events = len(s.steps)
	if s.hidden > 0 {
		page.Hidden = v.t("proposal.hidden", "n", v.count(s.hidden))
	}
	page.Lineage = v.lineage(s)
	if v.official() {
		page.Pictures = s.pictures()
	}
	page.Shares = v.shares(s)
	if !v.official() {
		page.Windows = v.nextWindows(s)
	}
	return page
}

// post writes "camat@99.01.03" as people say it, with the name of the place or
// office where it stands by its code.
func (s *subject) post(v *visit, at string) string {
	role, office, _ := strings.Cut(at, "@")
	return v.who(domain.Role(role), s.opd.of(s.places.of(office)))
}

// String is what stands on a document, in one line.
func (d Doc) String() string {
	return strings.TrimRight(strings.Join(slices.DeleteFunc([]string{d.Kind, d.Number, d.Date}, func(s string) bool { return s == "" }), " · "), " ")
}

// facts are what the proposal asks for and what it has been given.
func (v *visit) facts(s *subject) []Pair {
	var out []Pair
	add := func(code, value, url string) {
		if value != "" {
			out = append(out, Pair{v.t(code), value, url})
		}
	}
	money := func(r domain.Rupiah) string {
		if r == 0 {
			return ""
		}
		return v.lang.Rupiah(r)
	}
	if domain.IsVillage(s.Village) {
		add("fact.village", s.places.of(s.Village), listURL(s.Cycle, "desa", s.Village))
	}
	if s.Kecamatan != "" {
		add("fact.kecamatan", s.places.of(s.Kecamatan), listURL(s.Cycle, "kecamatan", s.Kecamatan))
	}
	if s.OPD != "" {
		add("fact.opd", s.opd.of(s.OPD), listURL(s.Cycle, "opd", s.OPD))
	}
	add("fact.year", strconv.Itoa(s.Cycle), "/?tahun="+strconv.Itoa(s.Cycle))
	add("fact.lane", v.lane(string(s.Lane)), listURL(s.Cycle, "jalur", string(s.Lane)))
	add("fact.kamus", s.Kamus, "")
	if s.Basic != "" {
		add("fact.basic", v.lang.Or("basic."+s.Basic, s.Basic), "")
	}
	if !s.Volume.IsZero() {
		add("fact.volume", v.volume(s.Volume), "")
	}
	add("fact.asked", money(s.Asked), "")
	if s.Estimate != s.Asked {
		add("fact.estimate", money(s.Estimate), "")
	}
	add("fact.accepted", money(s.Accepted), "")
	add("fact.granted", money(s.Granted), "")
	if s.Rank > 0 {
		add("fact.rank", v.lang.Rank(s.Rank, s.RankOf, s.Cutoff), "")
	}
	if s.Parent != "" {
		add("fact.parent", s.Parent, proposalURL(s.Parent))
	}
	return out
}

// written are the words of the proposer and others, for officers.
func (v *visit) written(s *subject) []Pair {
	var out []Pair
	for _, x := range []struct{ code, value string }{
		{"written.problem", s.detail.Problem}, {"written.description", s.detail.Description}, {"written.location", s.detail.Location},
		{"written.sub_kegiatan", s.detail.SubKegiatan}, {"written.issues", strings.Join(s.detail.Issues, ", ")},
	} {
		if x.value != "" {
			out = append(out, Pair{Label: v.t(x.code), Value: x.value})
		}
	}
	return out
}

func (v *visit) volume(x domain.Volume) string {
	return strings.TrimSpace(v.lang.Decimal(x.Amount) + " " + x.Unit)
}

func (v *visit) shares(s *subject) []ShareRow {
	if len(s.shares) == 0 || len(s.shares) == 1 && s.shares[0].Heir == s.Number {
		return nil // all of it is its own
	}
	var out []ShareRow
	for _, x := range s.shares {
		row := ShareRow{Number: x.Heir, URL: proposalURL(x.Heir), Part: v.lang.Percent(int64(x.Count), int64(projections.One)),
			Asked: v.lang.Rupiah(x.Asked), Granted: v.lang.Rupiah(x.Granted), Badge: Badge{v.fate(x.Fate), tones[x.Fate]}}
		if lost(x.Fate) {
			row.Reason = v.reason(x.Reason)
		}
		out = append(out, row)
	}
	return out
}

// subject reads all there is of a proposal, for whoever looks.
func (v *visit) subject(number string) (*subject, error) {
	s := &subject{forums: make(map[int64]projections.PublicForum)}
	read := s.readPublic
	if v.official() {
		read = s.readInternal
	}
	if err := read(v, number); err != nil {
		return nil, err
	}
	if err := v.answered(s); err != nil {
		return nil, err
	}
	return s, s.name(v)
}

// mostSteps of a timeline are shown; nothing in life has so many.
const mostSteps = projections.MaxLimit

func (s *subject) readPublic(v *visit, number string) error {
	public := projections.Public{DB: v.Public}
	p, err := public.Get(v.ctx(), number)
	if err != nil {
		return err
	}
	steps, err := public.Timeline(v.ctx(), number, "", mostSteps)
	if err != nil {
		return err
	}
	related, err := public.Lineage(v.ctx(), number)
	if err != nil {
		return err
	}
	v.position = p.Position
	s.summary, s.family, s.hidden = summaryOfPublic(p.Value), familyOfPublic(related.Value), max(p.Value.Hidden, related.Value.Hidden)
	for _, x := range steps.Items {
		s.steps = append(s.steps, stepOfPublic(x))
		if x.Forum != nil {
			s.forums[x.Position] = *x.Forum
		}
	}
	return nil
}

func (s *subject) readInternal(v *visit, number string) error {
	p, err := projections.Proposals{DB: v.DB}.Get(v.ctx(), number)
	if err != nil {
		return err
	}
	steps, err := projections.Timeline{DB: v.DB}.Of(v.ctx(), number, "", mostSteps)
	if err != nil {
		return err
	}
	related, err := projections.Lineage{DB: v.DB}.Of(v.ctx(), number)
	if err != nil {
		return err
	}
	v.position = p.Position
	s.summary, s.detail, s.steps, s.family = summaryOf(p.Value.Proposal), p.Value.Detail, steps.Items, familyOf(related.Value)
	if d := v.Definitions(p.Value.Definition); d != nil {
		v.flow = d
	}
	if err := s.readForums(v); err != nil || !p.Value.Origin {
		return err
	}
	origin, err := projections.Funnel{DB: v.DB}.Origin(v.ctx(), number)
	if missingFrom(err) {
		return nil // the sums stand a little behind
	}
	s.shares = origin.Value.Shares
	return err
}

// readForums reads the sessions in which something was decided.
func (s *subject) readForums(v *visit) error {
	known := make(map[string]projections.PublicForum)
	for _, x := range s.steps {
		if x.Forum == "" {
			continue
		}
		f, ok := known[x.Forum]
		if !ok {
			found, err := projections.Forums{DB: v.DB}.Get(v.ctx(), x.Forum)
			if missingFrom(err) {
				continue
			}
			if err != nil {
				return err
			}
			f = projections.PublicForum{Kind: found.Value.Kind, Scope: found.Value.Scope, Date: found.Value.Date}
			known[x.Forum] = f
		}
		s.forums[x.Position] = f
	}
	return nil
}

// name looks up the names of all codes that the page mentions.
func (s *subject) name(v *visit) (err error) {
	places, offices := []string{s.Village, s.Kecamatan}, []string{s.OPD}
	for _, step := range s.steps {
		for _, post := range append(slices.Clone(step.CouldAct), step.Holder) {
			_, code, _ := strings.Cut(post, "@")
			offices, places = append(offices, code), append(places, code)
		}
		for _, c := range step.Changes {
			switch c.Field {
			case "opd":
				offices = append(offices, c.Old, c.New)
			case "village":
				places = append(places, c.Old, c.New)
			}
		}
		for _, f := range step.Facts {
			offices, places = append(offices, f.Value), append(places, f.Value)
		}
	}
	for _, n := range s.family.nodes {
		places = append(places, n.village)
	}
	if s.places, err = v.names(projections.RegisterWilayah, places...); err != nil {
		return err
	}
	s.opd, err = v.names(projections.RegisterOPD, offices...)
	return err
}

// stepOfPublic writes a released step the way internal ones are.
func stepOfPublic(p projections.PublicStep) projections.Step {
	s := projections.Step{Position: p.Position, Number: p.Number, Type: p.Type, Effective: p.Effective, Recorded: p.Recorded, Role: p.Role, Office: p.Office,
		From: p.From, To: p.To, Stage: p.Stage, Kind: p.Kind, Reason: p.Reason, Changes: p.Changes, Link: p.Link, Rank: p.Rank, Late: p.Late,
		Facts: p.Facts, Corrected: p.Corrected, Holder: p.Holder, CouldAct: p.CouldAct}
	if p.Observed {
		s.Observed = new(proposal.Observed)
	}
	for _, d := range p.Docs {
		s.Docs = append(s.Docs, projections.Evidence{Document: domain.Document{Kind: d.Kind, Number: d.Number, Date: d.Date}})
	}
	s.Minor = p.From == p.To && len(p.Changes) == 0 && p.Rank == nil && p.Reason == ""
	return s
}

func (v *visit) when(s projections.Step) string {
	if s.Occurred.Precision == domain.BetweenExports {
		return v.t("when.between", "from", v.day(s.Occurred.From), "to", v.day(s.Occurred.To))
	}
	day := v.day(s.Effective)
	if s.Recorded.Sub(s.Effective) > 24*time.Hour {
		return v.t("when.recorded", "day", day, "recorded", v.day(s.Recorded))
	}
	return day
}

func missingFrom(err error) bool {
	e, ok := errors.AsType[*domain.Error](err)
	return ok && e.Kind == domain.NotFound
}
