package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	say "runut/api/answer"
	log "runut/domain/event"
	"runut/domain/history"
	"runut/domain/proposal"
	"runut/projections"
)

// An Answered says in sentences what became of a proposal, and why.
type Answered struct {
	Title string // heading: when it was so
	say.Answer
	See  []Link // where the deciding events are told
	Lost bool
}

// A Past is the form by which an officer looks at an earlier moment, and what was
// asked there.
type Past struct {
	URL           string
	AsOf, KnownAt string // as typed
	Looking       bool   // a moment was named
	Link          string // permanent, to the answer as it stands
	Position      string
	Then          *Answered // what was so at that moment
	Hidden        int       // events of later on, which are left out below
}

// answered adds the answer to a subject: for visitors from what was released,
// for officers from the log, as of now and as of the moment they ask about.
func (v *visit) answered(s *subject) error {
	if !v.official() {
		full, _, err := say.Announced(v.ctx(), projections.Public{DB: v.Public}, s.Number, v.lang, v.flow)
		if missingFrom(err) {
			return nil // the policy of the cycle does not let outcomes be told
		}
		s.answer = v.box(s, full, v.t("answer.box"))
		return err
	}
	desk := v.desk()
	now, err := desk.View(v.ctx(), s.Cycle, "", "")
	if err != nil {
		return err
	}
	full, err := desk.Explain(v.ctx(), s.Number, now, v.lang)
	if err != nil {
		return err
	}
	s.answer = v.box(s, full, v.t("answer.box"))
	past := &Past{URL: proposalURL(s.Number), AsOf: v.query("pada"), KnownAt: v.query("diketahui")}
	s.past = past
	past.Link, past.Position = proposalURL(s.Number)+"?diketahui="+strconv.FormatInt(now.Known, 10), v.lang.Count(now.Known)
	if past.AsOf == "" && past.KnownAt == "" {
		return nil
	}
	then, err := desk.View(v.ctx(), s.Cycle, past.AsOf, past.KnownAt)
	if err != nil {
		return err
	}
	earlier, err := desk.Explain(v.ctx(), s.Number, then, v.lang)
	if err != nil {
		return err
	}
	past.Looking = true
	past.Then = v.box(s, earlier, v.t("past.then"))
	m := say.MomentOf(then)
	q := url.Values{"diketahui": {m.Known}}
	if m.AsOf != "" {
		q.Set("pada", m.AsOf)
	}
	past.Link, past.Position = proposalURL(s.Number)+"?"+q.Encode(), v.lang.Count(then.Known)
	s.answer.Title = v.t("past.now")
	family, err := desk.Family(v.ctx(), s.Number, then)
	if err != nil {
		return err
	}
	s.family, past.Hidden = familyOf(family), s.upTo(then)
	for i, l := range s.answer.See { // of now: perhaps left out below
		if strings.HasPrefix(l.URL, "#") {
			s.answer.See[i].URL = past.URL + l.URL
		}
	}
	return nil
}

// upTo leaves out of the timeline what a moment does not show, and returns how
// much that is.
func (s *subject) upTo(at log.View) int {
	var shown []projections.Step
	for _, x := range s.steps {
		if x.Position <= at.Known && (at.AsOf.IsZero() || !x.Effective.After(at.AsOf)) {
			shown = append(shown, x)
		}
	}
	hidden := len(s.steps) - len(shown)
	s.steps = shown
	return hidden
}

func (v *visit) box(s *subject, full say.Full, title string) *Answered {
	out := &Answered{Title: title, Answer: full.Answer, Lost: say.Lost(full.Outcome) || full.Outcome == history.Partly}
	for _, d := range slices.Concat(full.Decisive, full.Won) {
		if url := s.toldAt(v, d.Mention); url != "" && !slices.ContainsFunc(out.See, func(l Link) bool { return l.URL == url }) {
			out.See = append(out.See, Link{v.t("answer.see", "position", v.lang.Count(d.Position)), url})
		}
	}
	return out
}

// toldAt returns where an event is told: on this page, or on that of a relative
// that whoever looks may see.
func (s *subject) toldAt(v *visit, m history.Mention) string {
	number, ok := proposal.NumberOf(m.Stream)
	switch {
	case !ok:
		return ""
	case number == s.Number:
		if slices.ContainsFunc(s.steps, func(x projections.Step) bool { return x.Position == m.Position }) {
			return "#" + anchor(m.Position)
		}
	case v.official() || slices.ContainsFunc(s.family.nodes, func(n relative) bool { return n.Number == number }):
		return proposalURL(number) + "#" + anchor(m.Position)
	}
	return ""
}

// pictures are the lineage as of the moment looked at, in other forms.
func (s *subject) pictures() []Link {
	q := url.Values{}
	if s.past != nil && s.past.Looking {
		q.Set("as_of", s.past.AsOf)
		q.Set("known_at", s.past.KnownAt)
	}
	var out []Link
	for _, form := range []string{"svg", "dot", "json"} {
		q.Set("format", form)
		out = append(out, Link{strings.ToUpper(form), "/api/v1/proposals/" + s.Number + "/lineage?" + q.Encode()})
	}
	return out
}
