// Package answer puts what history.Explain found into sentences that a villager
// understands. Page, letter, feed, API and command all speak through it, so they
// cannot disagree: it adds nothing to an explanation and decides nothing.
package answer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"runut/api/text"
	"runut/domain"
	"runut/domain/history"
	"runut/domain/proposal"
	"runut/domain/workflow"
	"runut/projections"
)

// A Speaker is what the sentences need besides the explanation.
type Speaker struct {
	Lang       text.Lang
	Definition *workflow.Definition     // of the cycle; nil: names of the process stand as they are stored
	Name       func(code string) string // of a place or an office; nil, or "": the code stands for it
	Zone       *time.Location           // nil: WITA
}

// An Answer is an explanation in words.
type Answer struct {
	Headline  string   `json:"headline"`          // one sentence: what became of it
	Sentences []string `json:"sentences"`         // the way it went, who decided, why
	Would     []string `json:"would,omitempty"`   // what would have got it in
	Bore      []string `json:"bore_on,omitempty"` // what had changed before
	Gaps      []string `json:"missing,omitempty"` // what is missing for a full answer
}

// String returns headline and sentences as one paragraph.
func (a Answer) String() string {
	return strings.Join(append([]string{a.Headline}, a.Sentences...), " ")
}

// Of puts an explanation into words.
func (s Speaker) Of(x history.Explanation) Answer {
	a := Answer{Headline: s.headline(x)}
	say := func(sentence string) {
		if sentence != "" {
			a.Sentences = append(a.Sentences, sentence)
		}
	}
	s.way(x, say)
	told := map[string]bool{}
	s.lost(x, told, say)
	for _, d := range x.Won {
		if sentence := s.won(d); !told[sentence] {
			told[sentence] = true
			say(sentence)
		}
	}
	if x.EnteredLate {
		say(s.t("answer.entered_late"))
	}
	switch {
	case x.Granted > 0 && x.Root == history.InBudget:
		say(s.t("answer.money_unasked", "granted", s.Lang.Rupiah(x.Granted)))
	case x.Granted > 0:
		say(s.t("answer.money", "asked", s.Lang.Rupiah(x.Asked), "granted", s.Lang.Rupiah(x.Granted)))
	}
	say(s.delivery(x))
	if x.Outcome == history.Pending || x.Outcome == history.Partly {
		say(s.turn(x.Next))
	}
	if x.Contested {
		say(s.t("answer.contested"))
	}
	for _, l := range x.Later {
		say(s.t("answer.later", "year", fmt.Sprint(l.Cycle), "number", l.Proposal, "fate", s.fate(l.Outcome)))
	}
	for _, c := range x.WouldHave {
		a.Would = append(a.Would, s.would(c))
	}
	for _, c := range x.Contributing {
		if sentence := s.bore(c); sentence != "" {
			a.Bore = append(a.Bore, sentence)
		}
	}
	a.Gaps = s.gaps(x)
	return a
}

// lost tells of every part who decided on it and why, once where that is the same
// for several, and of which part it speaks where it is not.
func (s Speaker) lost(x history.Explanation, told map[string]bool, say func(string)) {
	var all [][]string
	for _, d := range x.Decisive {
		all = append(all, s.decided(x, d))
	}
	differ := slices.ContainsFunc(all, func(one []string) bool { return !slices.Equal(one, all[0]) })
	for i, d := range x.Decisive {
		named := false
		for _, sentence := range all[i] {
			if told[sentence] {
				continue
			}
			if differ && !named {
				named = true
				say(s.t("answer.of_part", "number", d.End))
			}
			told[sentence] = true
			say(sentence)
		}
	}
}

func (s Speaker) t(code string, params ...string) string { return s.Lang.T(code, params...) }

func (s Speaker) headline(x history.Explanation) string {
	for _, g := range x.Gaps {
		switch {
		case g.Code == "not_handed_in":
			return s.t("answer.not_yet")
		case g.Code == "dissolved" && g.About == x.Proposal:
			return s.t("answer.dissolved")
		}
	}
	switch {
	case x.Root == history.InBudget:
		return s.t("answer.unasked")
	case x.Outcome == projections.FateUnannounced:
		return s.t("answer.unannounced", "day", s.day(x.AsOf))
	}
	return s.t("answer." + string(x.Outcome))
}

// way tells of merging and splitting.
func (s Speaker) way(x history.Explanation, say func(string)) {
	at := x.Proposal
	for _, t := range x.Chain {
		if t.Kind != history.MergedInto || t.From != at {
			continue
		}
		if t.Dropped {
			say(s.t("answer.dropped_within", "parent", t.To))
			return
		}
		code := "answer.merged"
		if at != x.Proposal {
			code = "answer.merged_again"
		}
		say(s.t(code, "from", at, "n", s.Lang.Count(int64(len(t.Siblings))), "parent", t.To))
		at = t.To
	}
	if len(x.Ends) < 2 {
		return
	}
	say(s.t("answer.split", "n", s.Lang.Count(int64(len(x.Ends)))))
	for _, e := range x.Ends {
		say(s.t("answer.part", "number", e.Proposal, "share", s.Lang.Percent(e.Millionths, history.Whole), "fate", s.fate(e.Fate)))
	}
}

func (s Speaker) fate(f history.Fate) string { return s.t("fate." + string(f)) }

func (s Speaker) delivery(x history.Explanation) string {
	d := x.Delivery
	if d == nil || d.State == "none" {
		return ""
	}
	return s.t("answer.delivery."+d.State, "physical", s.percent(d.Physical), "financial", s.percent(d.Financial))
}

func (s Speaker) percent(p proposal.Percent) string { return s.Lang.Percent(int64(p), 10_000) }

func (s Speaker) turn(n *history.Turn) string {
	switch {
	case n == nil:
		return ""
	case n.Holder == "" || n.Window == "":
		return s.t("answer.turn_nobody", "stage", s.stage(n.Stage))
	case n.Opens:
		return s.t("answer.turn_opens", "holder", s.Post(n.Holder), "window", s.window(n.Window))
	}
	return s.t("answer.turn", "holder", s.Post(n.Holder), "window", s.window(n.Window), "day", s.day(n.Until))
}

func (s Speaker) would(c history.Counterfactual) string {
	number := func(n int64) string {
		switch c.Unit {
		case "rupiah":
			return s.Lang.Rupiah(domain.Rupiah(n))
		case "thousandths":
			return s.Score(n)
		}
		return s.Lang.Count(n)
	}
	return s.t("answer.would."+c.What, "need", number(c.Need), "was", number(c.Was), "more", number(c.Need-c.Was))
}

// Score writes thousandths of a point.
func (s Speaker) Score(thousandths int64) string {
	return s.Lang.Decimal(fmt.Sprintf("%d.%03d", thousandths/1000, thousandths%1000))
}

func (s Speaker) bore(c history.Contribution) string {
	switch c.What {
	case "ceiling_set", "ceiling_later", "quota_set", "quota_later", "list_superseded":
	default:
		return ""
	}
	if c.Was == 0 {
		return ""
	}
	number := s.Lang.Count
	if strings.HasPrefix(c.What, "ceiling") {
		number = func(n int64) string { return s.Lang.Rupiah(domain.Rupiah(n)) }
	}
	out := s.t("answer.bore."+c.What, "was", number(c.Was), "is", number(c.Is), "day", s.day(c.Occurred.Effective(c.Recorded)))
	if c.Pivotal != nil && *c.Pivotal {
		out += " " + s.t("answer.bore.pivotal")
	}
	return out
}

func (s Speaker) gaps(x history.Explanation) []string {
	var out []string
	var unsaid []string
	for _, g := range x.Gaps {
		switch g.Code {
		case "not_handed_in", "dissolved", "unknown_state":
			continue // the headline says so
		case "source_does_not_say":
			unsaid = append(unsaid, s.member(g.About))
			continue
		}
		out = append(out, s.t("answer.gap."+g.Code, "about", g.About))
	}
	if len(unsaid) > 0 {
		out = append(out, s.t("answer.gap.source_does_not_say", "about", strings.Join(unsaid, ", ")))
	}
	if n := len(x.Uncertain); n > 0 {
		out = append(out, s.t("answer.gap.uncertain", "n", s.Lang.Count(int64(n))))
	}
	return out
}

// member names a fact of an event by the word pages have for it.
func (s Speaker) member(name string) string {
	if code := "field." + name; text.Has(code) {
		return s.t(code)
	}
	return name
}

// The names of the process, of people's offices and of days.

func (s Speaker) stage(name string) string {
	if s.Definition != nil {
		if spec := s.Definition.Stages[name]; spec != nil {
			return spec.Title.In(string(s.Lang))
		}
	}
	return cmp.Or(name, s.t("stage.none"))
}

func (s Speaker) window(name string) string {
	if s.Definition != nil {
		if spec := s.Definition.Windows[name]; spec != nil {
			return lowerFirst(spec.Title.In(string(s.Lang)), s.Lang)
		}
	}
	return name
}

// lowerFirst fits a title into a sentence.
func lowerFirst(title string, l text.Lang) string {
	if l == text.EN {
		return "the " + lowerInitial(title)
	}
	return lowerInitial(title)
}

func (s Speaker) role(r domain.Role) string {
	if s.Definition != nil {
		if spec := s.Definition.Roles[r]; spec != nil {
			return spec.Title.In(string(s.Lang))
		}
	}
	if code := "role." + string(r); text.Has(code) {
		return s.t(code)
	}
	return string(r)
}

// Roles returns the titles of roles.
func (s Speaker) Roles(roles []domain.Role) []string {
	out := make([]string, len(roles))
	for i, r := range roles {
		out[i] = s.role(r)
	}
	return out
}

// Post writes "camat@99.01.03" as "Camat, Kecamatan Contoh".
func (s Speaker) Post(at string) string {
	role, code, _ := strings.Cut(at, "@")
	if code == string(domain.ScopeKabupaten) {
		code = "" // an office of the whole kabupaten
	}
	return s.office(domain.Role(role), s.name(code))
}

// office writes a role with where it is held, unless the role says so itself.
func (s Speaker) office(r domain.Role, where string) string {
	role := s.role(r)
	if where == "" || strings.HasSuffix(strings.ToLower(role), strings.ToLower(where)) {
		return role
	}
	return role + ", " + where
}

func (s Speaker) name(code string) string {
	if s.Name != nil {
		if name := s.Name(code); name != "" {
			return name
		}
	}
	return code
}

func (s Speaker) day(t time.Time) string {
	zone := s.Zone
	if zone == nil {
		zone = domain.Zones["WITA"]
	}
	return s.Lang.Day(t, zone)
}
