package workflow

import (
	"slices"
	"strconv"

	"runut/domain"
)

// grantable reports whether a role can be held by somebody, or is the system.
// Of a role that is not declared, check 11 speaks.
func (c *checker) grantable(r domain.Role) bool {
	role := c.d.Roles[r]
	return role == nil || role.Scope != domain.ScopeNone || r == domain.RoleSystem
}

// dutiesSeparate is check 11: every role is declared, and nobody decides on
// what he entered himself: no role that enters a request may take a deciding
// act in any state the request can come to. Roles that observe record what
// others decided elsewhere, and so decide nothing.
func (c *checker) dutiesSeparate() {
	for _, t := range c.d.All() {
		for _, r := range t.By {
			if c.d.Roles[r] == nil {
				c.bad(at("transitions", t.Name, "by"), "role_unknown", act("act", t), p("role", string(r)))
			}
		}
		if !t.Decides && c.settles(t) {
			c.bad(at("transitions", t.Name), "decision_undeclared", act("act", t))
		}
	}
	for _, enter := range c.d.From(c.d.Initial) {
		to := c.d.States[enter.To]
		if to == nil || to.Goal != "" { // recording what was decided elsewhere is no request
			continue
		}
		reach := c.reach(enter.To, forward)
		for _, t := range c.d.All() {
			if !t.Decides || !slices.ContainsFunc(t.From, func(s State) bool { return reach[s] && s != c.d.Initial }) {
				continue
			}
			for _, r := range enter.By {
				if role := c.d.Roles[r]; role != nil && !role.Observes && r != domain.RoleSystem && slices.Contains(t.By, r) {
					c.bad(at("transitions", t.Name, "by"), "enters_and_decides", act("enter", enter), act("act", t), param{"role", string(r), role.Title})
				}
			}
		}
	}
}

// settles reports whether t settles a fate by its shape, so that it has to say
// so: it goes by a final list, gives money, or ends a proposal in a loss. A loss
// that needs a letter is somebody else's decision, put on record here.
func (c *checker) settles(t *Transition) bool {
	to := c.d.States[t.To]
	if t.Rank != nil {
		return true
	}
	if to == nil || t.Remedy || slices.Contains(t.From, c.d.Initial) {
		return false
	}
	funds := to.Final == "" && to.Goal == GoalFunded
	return funds || to.Final == FinalLost && !slices.Contains(t.Need, "letter")
}

// evidence are the fields that lead to a paper or a meeting: what proves a loss.
var evidence = []string{"forum", "list", "document", "letter", "legal_ground"}

// lossesExplained is check 12: whoever loses a proposal says why, by a code of a
// list, and where that is written down; so does the row of a closing.
func (c *checker) lossesExplained() {
	for _, t := range c.d.All() {
		path := at("transitions", t.Name)
		if t.Reason != "" && len(c.choices(t.Reason)) == 0 {
			c.bad(append(path, "reason"), "reason_list_empty", act("act", t), p("list", t.Reason))
		}
		if to := c.d.States[t.To]; to == nil || to.Final != FinalLost || t.Remedy {
			continue
		}
		if t.Reason == "" {
			c.bad(path, "loss_without_reason", act("act", t), c.state("state", t.To))
		}
		if !slices.ContainsFunc(t.Need, func(f string) bool { return slices.Contains(evidence, f) }) {
			c.bad(path, "loss_without_evidence", act("act", t), p("known", commas(evidence)))
		}
	}
	for _, r := range c.d.allRows() {
		to := c.d.States[r.To]
		if to != nil && to.Final == FinalLost && r.Reason == "" {
			c.bad(r.path(), "row_without_reason", c.state("state", r.State), c.window(r.Window))
		}
		if r.Reason != "" && r.Reason != ReasonFromList && c.d.Codes[r.Reason] == nil {
			c.bad(r.path(), "code_unknown", p("code", r.Reason))
		}
	}
}

// choices returns the codes a person may choose from a list.
func (c *checker) choices(list string) []string {
	return kept(sortedKeys(c.d.Reasons[list]), func(code string) bool { return c.d.Codes[code].Selectable })
}

// systemReasons is check 24: what nobody said is never put on record as a
// reason. A row carries a code that no person can choose, or repeats the cutoff
// of a final list; an act offers no code that only the system gives.
func (c *checker) systemReasons() {
	for _, r := range c.d.allRows() {
		if (r.Kind == KindRule) != (r.Reason == ReasonFromList) {
			c.bad(r.path(), "kind_and_reason", c.state("state", r.State), c.window(r.Window), p("kind", r.Kind), p("code", r.Reason))
			continue
		}
		if code := c.d.Codes[r.Reason]; code != nil && code.Selectable {
			c.bad(r.path(), "system_claims", param{"code", r.Reason, code.Title}, c.window(r.Window))
		}
	}
	for _, t := range c.d.All() {
		if l := c.d.Lists[t.Reason]; l != nil && l.Engine {
			c.bad(at("transitions", t.Name, "reason"), "act_uses_engine_list", act("act", t), p("list", t.Reason))
		}
	}
	for _, name := range sortedKeys(c.d.Codes) {
		code := c.d.Codes[name]
		for _, l := range code.Lists {
			if list := c.d.Lists[l]; list != nil && !list.Engine && !code.Selectable {
				c.bad(at("reasons", name, "lists"), "system_code_offered", p("code", name), p("list", l))
			}
		}
	}
}

// minutes are the names of berita acara that are made from decisions.
var minutes = []string{"minutes", "berita_acara", "minutes_signed"}

// evidenceNotCircular is check 21: the berita acara is made from the decisions,
// so no decision can ask for it beforehand. Decisions name the session; the
// signature binds the minutes to it afterwards.
func (c *checker) evidenceNotCircular() {
	for _, t := range c.d.All() {
		for _, f := range t.Need {
			if slices.Contains(minutes, f) {
				c.bad(at("transitions", t.Name, "need"), "circular_evidence", act("act", t), p("field", f))
			}
		}
	}
}

// outcomes maps the ends that have one fixed headline to it; a loss may be
// dropped, deferred or cancelled.
var outcomes = map[string][]string{
	FinalDone:      {"funded"},
	FinalElsewhere: {"elsewhere"},
	FinalLost:      {"dropped", "deferred", "cancelled"},
	FinalWithdrawn: {"withdrawn"},
	FinalAbsorbed:  {""},
	FinalDissolved: {""},
}

// absorbedWhole is check 13: who disappears in a merge or a split has a parent
// or parts to look for, nobody else does, and every other end says by itself
// what became of the proposal.
func (c *checker) absorbedWhole() {
	for _, name := range sortedKeys(c.d.States) {
		s := c.d.States[name]
		path := at("states", string(name))
		if (s.Final == FinalAbsorbed) != (s.FateFollows != "") {
			c.bad(path, "fate_follows_nobody", c.state("state", name))
		}
		if s.Final != "" && !slices.Contains(outcomes[s.Final], s.Outcome) {
			c.bad(path, "no_outcome", c.state("state", name), p("outcome", s.Outcome))
		}
		if s.Goal != "" && s.Goal != s.Outcome {
			c.bad(path, "goal_without_outcome", c.state("state", name), p("goal", s.Goal))
		}
	}
	for _, t := range c.d.All() {
		c.absorbs(t)
	}
	for _, r := range c.d.allRows() {
		if to := c.d.States[r.To]; to != nil && to.Final == FinalAbsorbed {
			c.bad(r.path(), "absorbed_alone", p("act", r.Via()), c.state("state", r.To))
		}
	}
}

func (c *checker) absorbs(t *Transition) {
	path := at("transitions", t.Name)
	follows := ""
	switch e := t.Effect; {
	case e.Merge != nil:
		follows = "parent"
		if e.Merge.Min < 2 {
			c.bad(append(path, "effect", "merge", "min"), "merge_of_one", act("act", t), p("min", strconv.Itoa(e.Merge.Min)))
		}
	case e.Split != nil:
		follows = "parts"
		if e.Split.Min < 2 {
			c.bad(append(path, "effect", "split", "min"), "split_in_one", act("act", t), p("min", strconv.Itoa(e.Split.Min)))
		}
	}
	to := c.d.States[t.To]
	if to == nil {
		if follows != "" {
			c.bad(append(path, "to"), "absorbs_nobody", act("act", t), p("follows", follows))
		}
		return
	}
	if to.Final == FinalAbsorbed && follows == "" {
		c.bad(append(path, "to"), "absorbed_alone", act("act", t), c.state("state", t.To))
	}
	if follows != "" && to.FateFollows != follows {
		c.bad(append(path, "to"), "absorbs_nobody", act("act", t), p("follows", follows))
	}
}

// carryOverStarts is the part of check 15 one definition shows by itself: every
// lane has a state to start the next cycle in.
func (c *checker) carryOverStarts() {
	for _, t := range c.d.All() {
		o := t.Effect.CarryOver
		if o == nil {
			continue
		}
		path := at("transitions", t.Name, "effect", "carry_over")
		if o.Cycle < 1 {
			c.bad(append(path, "cycle"), "carry_over_to_same_year", act("act", t))
		}
		for _, lane := range sortedKeys(c.d.Lanes) {
			if _, ok := o.StartsIn[lane]; !ok {
				c.bad(append(path, "starts_in"), "lane_without_start", act("act", t), param{"lane", lane, c.d.Lanes[lane]})
			}
		}
	}
}

// cutoffsSourced is check 16: what a quota or a rank is counted by is a scope
// the cycle can set numbers for.
func (c *checker) cutoffsSourced() {
	counted := []string{string(domain.ScopeVillage), string(domain.ScopeKecamatan), string(domain.ScopeOPD), string(domain.ScopeKabupaten)}
	for _, t := range c.d.All() {
		path := at("transitions", t.Name)
		if t.Quota != "" && !slices.Contains(counted, t.Quota) {
			c.bad(append(path, "quota"), "no_counter", act("act", t), p("scope", t.Quota), p("known", commas(counted)))
		}
		if t.Rank == nil {
			continue
		}
		if !slices.Contains(counted, string(t.Rank.Scope)) {
			c.bad(append(path, "rank"), "no_counter", act("act", t), p("scope", string(t.Rank.Scope)), p("known", commas(counted)))
		}
		if !slices.Contains(t.Need, "list") {
			c.bad(append(path, "rank"), "rank_without_list", act("act", t))
		}
	}
}

// versionStated is the part of check 18 that one definition shows by itself.
func (c *checker) versionStated() {
	if c.d.Version < 1 {
		c.bad(at("version"), "version_not_positive", p("version", strconv.Itoa(c.d.Version)))
	}
}
