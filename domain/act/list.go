package act

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// FinalizeList makes a ranked list final and gives each proposal on it its
// outcome, in one append. Quotas and ceilings are checked here and nowhere
// else; what they were, what is used of them and where the line falls are facts
// of the list from then on.
//
// After a window was opened again by decree, a list may supersede the one that
// was made before. Whoever falls by that must not have been dealt with at a
// later stage yet.
type FinalizeList struct {
	Forum      string            // forum stream
	List       string            // "L1": a draft of the forum, or the name of a new list
	Stage      string            // desa, kecamatan, pokir, kabupaten; empty: the draft's
	Scope      domain.Scope      // whose list it is; zero: the draft's
	Criteria   []forum.Criterion // empty: the draft's
	Entries    []forum.Entry     // best first; empty: the draft's
	In         int               // how many are in; 0: as many as the limit holds
	Supersedes string            // list of this forum that it replaces
	Decree     domain.Document   // that opened the window again; empty: as the cycle has it
}

// Name implements Act.
func (a FinalizeList) Name() string { return "finalize_list" }

// Reads implements Act.
func (a FinalizeList) Reads(h Histories) []string {
	f := forum.Fold(h.Now(a.Forum))
	streams := []string{a.Forum}
	if f.Convened != nil {
		streams = append(streams, cycleStream(f.Cycle))
	}
	for _, e := range a.entries(f) {
		streams = append(streams, streamsOf(e.Proposal)...)
	}
	if old := f.Final[a.Supersedes]; old != nil {
		for _, e := range old.Entries {
			streams = append(streams, streamsOf(e.Proposal)...)
		}
	}
	return streams
}

func (a FinalizeList) entries(f forum.State) []forum.Entry {
	if draft := f.Drafts[a.List]; len(a.Entries) == 0 && draft != nil {
		return draft.Entries
	}
	return a.Entries
}

// A ranking is the making of one final list.
type ranking struct {
	*sitting
	forum forum.State
	ask   *forum.ListFinalized
	old   *forum.ListFinalized // the list it supersedes
	kind  domain.ScopeKind     // whose place decides who belongs on it
	cut   string               // what it is cut by: quota, ceiling, quota_or_ceiling
	in    string               // event of those who are in: prioritized or agreed
	on    map[string]proposal.State
}

// Decide implements Act.
func (a FinalizeList) Decide(h Histories, r Rules) ([]event.Change, error) {
	l, err := a.open(h, r)
	if err != nil {
		return nil, err
	}
	if err := l.load(); err != nil {
		return nil, err
	}
	l.ask.Limit = l.limit()
	final, err := forum.Finalize(l.forum, l.ask, l.forumRules())
	if err != nil {
		return nil, err
	}
	stream := forum.Stream(l.forum.ID)
	if l.old != nil {
		decree, err := l.supersede(a.Decree)
		if err != nil {
			return nil, err
		}
		l.add(stream, &forum.ListSuperseded{List: a.Supersedes, By: final.List, Decree: decree}, nil)
	}
	decided := l.add(stream, final, nil)
	for i := range final.Entries {
		if err := l.outcome(final, i, decided); err != nil {
			return nil, err
		}
	}
	return l.done()
}

// open gathers what the list is of: forum, stage, scope, entries.
func (a FinalizeList) open(h Histories, r Rules) (*ranking, error) {
	f := forum.Fold(h.Now(a.Forum))
	if f.Convened == nil {
		return nil, domain.Refuse(domain.NotFound, "forum.not_convened", "forum", a.Forum)
	}
	s, err := sit(h, r, f.Cycle)
	if err != nil {
		return nil, err
	}
	l := &ranking{sitting: s, forum: s.forum(a.Forum), on: make(map[string]proposal.State)}
	ask := &forum.ListFinalized{List: a.List, Stage: a.Stage, Scope: a.Scope, Supersedes: a.Supersedes,
		Criteria: a.Criteria, Entries: slices.Clone(a.entries(f)), Cutoff: a.In}
	if draft := f.Drafts[a.List]; draft != nil {
		ask.Stage = cmp.Or(ask.Stage, draft.Stage)
		ask.Scope = cmp.Or(ask.Scope, draft.Scope)
		if len(ask.Criteria) == 0 {
			ask.Criteria = draft.Criteria
		}
	}
	ask.Stage = cmp.Or(ask.Stage, f.Convened.Stage)
	ask.Scope = cmp.Or(ask.Scope, f.Convened.Scope)
	l.ask, l.old = ask, f.Final[a.Supersedes]
	return l, l.stage()
}

// stage finds how lists of the stage are made.
func (l *ranking) stage() error {
	for _, t := range l.def.All() {
		if t.Event != "prioritized" && t.Event != "agreed" {
			continue
		}
		if !slices.ContainsFunc(t.From, func(s workflow.State) bool { return l.def.StageOf(t, s) == l.ask.Stage }) {
			continue
		}
		l.in = t.Event
		l.kind = l.ask.Scope.Kind
		if t.Rank != nil {
			l.kind, l.cut = t.Rank.Scope, t.Rank.Cutoff
		}
		if t.Quota != "" && !strings.Contains(l.cut, "quota") {
			l.kind, l.cut = domain.ScopeKind(t.Quota), "quota"
		}
		if l.ask.Scope.Kind != l.kind {
			return domain.Refuse(domain.Invalid, "list.scope", "stage", l.ask.Stage, "scope", l.ask.Scope.String(), "wanted", string(l.kind)).At("/scope")
		}
		return nil
	}
	return domain.Refuse(domain.Invalid, "list.stage", "stage", l.ask.Stage).At("/stage")
}

// load reads every proposal on the list, and examines that it belongs there.
// What an entry counts against a ceiling is the proposal's estimate unless the
// forum set another amount.
func (l *ranking) load() error {
	for i := range l.ask.Entries {
		e := &l.ask.Entries[i]
		p, err := l.proposal(e.Proposal)
		if err != nil {
			return err
		}
		e.Proposal = p.Number
		if place := p.Place(l.kind); place != cycle.Wide(l.ask.Scope) {
			return domain.Refuse(domain.Invalid, "list.foreign", "proposal", p.Number, "place", place.String(), "list", l.ask.List, "scope", l.ask.Scope.String()).At("/entries/" + itoa(i))
		}
		if e.Amount == 0 {
			e.Amount = p.Estimate
		}
		if err := l.reasoned(*e, i); err != nil {
			return err
		}
		l.on[p.Number] = p
	}
	return nil
}

// reasoned examines a reason of an entry's own.
func (l *ranking) reasoned(e forum.Entry, i int) error {
	code := l.def.Codes[e.Reason]
	if e.Reason == "" || code != nil && (code.Selectable && code.MinWords == 0) {
		return nil
	}
	return domain.Refuse(domain.Invalid, "list.reason", "proposal", e.Proposal, "code", e.Reason).At("/entries/" + itoa(i) + "/reason")
}

// limit returns what the list may not pass. Where both a quota and a ceiling
// are set it is the one that binds first.
func (l *ranking) limit() forum.Limit {
	best := forum.Limit{Kind: forum.LimitNone}
	most := len(l.ask.Entries) + 1
	try := func(kind string, set cycle.Limited, ok bool) {
		limit := forum.Limit{Kind: kind, Value: set.Value, Source: set.By.String()}
		if !ok || !strings.Contains(l.cut, kind) {
			return
		}
		if n, _, _, _ := forum.Cut(l.ask.Entries, limit); n < most {
			best, most = limit, n
		}
	}
	quota, ok := l.cycle.Quota(l.ask.Stage, l.ask.Scope)
	try(forum.LimitQuota, quota, ok)
	ceiling, ok := l.cycle.Ceiling(l.ask.Stage, l.ask.Scope)
	try(forum.LimitCeiling, ceiling, ok)
	return best
}

func (l *ranking) forumRules() forum.Rules {
	return forum.Rules{Actor: l.Actor, Second: l.Second, Now: l.Now, Occurred: l.Occurred, Since: l.cycle.OpenedAt, Definition: l.def}
}

// name returns how proposals refer to the list: "forum-…/L1".
func (l *ranking) name(list string) string { return forum.Stream(l.forum.ID) + "/" + list }

// outcome decides what the list makes of its i-th entry. Under a list that
// supersedes another, who stays on the same side of the line keeps the state it
// has; the new place is read off the list.
func (l *ranking) outcome(final *forum.ListFinalized, i int, decided *fact) error {
	entry := final.Entries[i]
	p := l.on[entry.Proposal]
	in := i < final.Cutoff
	if l.old != nil {
		was := slices.IndexFunc(l.old.Entries, func(e forum.Entry) bool { return e.Proposal == entry.Proposal })
		if was >= 0 && (was < l.old.Cutoff) == in && l.def.Taking(p.At, l.event(in)) == nil {
			return nil
		}
		if was >= 0 && was < l.old.Cutoff && !in {
			if err := l.unhindered(p); err != nil {
				return err
			}
		}
	}
	rules := l.rules()
	rules.Forum, rules.List = l.forum, final
	e, err := l.decide(p, l.asked(final, i), rules)
	if err != nil {
		return err
	}
	l.record(p, e, decided)
	return nil
}

func (l *ranking) event(in bool) string {
	if in {
		return l.in
	}
	return "below_cutoff"
}

// asked returns the event that a place on a list amounts to.
func (l *ranking) asked(final *forum.ListFinalized, i int) proposal.Event {
	entry := final.Entries[i]
	place := proposal.Ranking{List: l.name(final.List), Rank: i + 1, Of: len(final.Entries), Score: entry.Score, Cutoff: final.Cutoff, Amount: entry.Amount}
	step := proposal.Step{Stage: final.Stage}
	stream := forum.Stream(l.forum.ID)
	switch {
	case i >= final.Cutoff:
		return &proposal.BelowCutoff{Step: step, Ranking: place, Reason: l.reason(final, entry), Forum: stream}
	case l.in == "agreed":
		agreed := &proposal.Agreed{Step: step, Ranking: place, Forum: stream}
		if final.Limit.Kind == forum.LimitCeiling {
			agreed.Ceiling = domain.Rupiah(final.Limit.Value)
		}
		return agreed
	}
	return &proposal.Prioritized{Step: step, Ranking: place, Forum: stream}
}

// reason returns why an entry is below the line: its own reason, that the limit
// holds no more, or that the forum drew the line above it.
func (l *ranking) reason(final *forum.ListFinalized, entry forum.Entry) string {
	if entry.Reason != "" {
		return entry.Reason
	}
	code := "PRI-SKOR"
	most, _, _, _ := forum.Cut(final.Entries, final.Limit)
	if final.Cutoff >= most {
		switch {
		case final.Limit.Kind == forum.LimitQuota:
			code = "KUO-LEBIH"
		case final.Limit.Kind == forum.LimitCeiling && l.kind == domain.ScopeKecamatan:
			code = "PAG-KECAMATAN"
		case final.Limit.Kind == forum.LimitCeiling:
			code = "PAG-KURANG"
		}
	}
	if l.def.Codes[code] == nil {
		return ""
	}
	return code
}

// supersede examines that the list may replace the old one: its window was
// opened again by decree after that, and nobody on the old list is left out.
func (l *ranking) supersede(decree domain.Document) (domain.Document, error) {
	again, ok := l.reopening()
	if !ok {
		return decree, domain.Refuse(domain.Conflict, "list.not_reopened", "list", l.ask.Supersedes, "stage", l.ask.Stage, "scope", l.ask.Scope.String())
	}
	if !decree.IsZero() && decree.Number != again.Decree.Number {
		return decree, domain.Refuse(domain.Invalid, "list.other_decree", "decree", decree.Number, "wanted", again.Decree.Number).At("/decree")
	}
	for _, e := range l.old.Entries {
		if _, on := l.on[e.Proposal]; on {
			continue
		}
		p, err := l.proposal(e.Proposal)
		if err != nil {
			return decree, err
		}
		if l.def.States[p.At].Final == "" {
			return decree, domain.Refuse(domain.Invalid, "list.incomplete", "proposal", p.Number, "list", l.ask.List, "old", l.ask.Supersedes).At("/entries")
		}
	}
	return again.Decree, nil
}

// reopening returns the last re-opening of the list's window for its scope
// since the old list was made final.
func (l *ranking) reopening() (*cycle.WindowReopened, bool) {
	window := ""
	for _, t := range l.def.All() {
		if t.Event == l.in && l.def.StageOf(t, t.From[0]) == l.ask.Stage {
			window = t.Window
		}
	}
	since := int64(0)
	for _, r := range l.see(forum.Stream(l.forum.ID)) {
		if e, ok := r.Event.(*forum.ListFinalized); ok && e.List == l.ask.Supersedes {
			since = r.Position
		}
	}
	var last *cycle.WindowReopened
	for _, r := range l.see(cycleStream(l.year)) {
		e, ok := r.Event.(*cycle.WindowReopened)
		covers := ok && e.Window == window && (e.Scope.Code == "" || e.Scope == l.ask.Scope)
		if covers && r.Position > since {
			last = e
		}
	}
	return last, last != nil
}

// unhindered examines that nobody has dealt with a proposal at a later stage
// since the old list sent it on: else it may not fall any more.
func (l *ranking) unhindered(p proposal.State) error {
	return l.noLaterAct(p, l.name(l.ask.Supersedes), l.ask.Stage)
}

// noLaterAct examines that since the event by which a list decided on p nobody
// has acted on it at a later stage than the list's.
func (s *sitting) noLaterAct(p proposal.State, list, stage string) error {
	order := s.def.Stages[stage].Order
	decided := false
	for _, r := range s.see(proposal.Stream(p.Number)) {
		e, ok := r.Event.(proposal.Event)
		if !ok {
			continue
		}
		if place, on := proposal.PlaceOf(e); on && place.List == list {
			decided = true
			continue
		}
		step := e.Base()
		at := s.def.Stages[step.Stage]
		if !decided || at == nil || at.Order <= order || step.Observed != nil || !s.human(step.Via) {
			continue
		}
		return domain.Refuse(domain.Conflict, "list.later_act", "proposal", p.Number, "event", proposal.EventName(e), "stage", step.Stage, "at", r.Effective().Format(time.RFC3339))
	}
	return nil
}

// human reports whether a transition is one by which people deal with a
// proposal, rather than keep its record.
func (s *sitting) human(via string) bool {
	t := s.def.Transitions[via]
	return t != nil && slices.ContainsFunc(t.By, func(r domain.Role) bool {
		return r != domain.RoleSystem && r != cycle.Importer && r != cycle.Approver
	})
}
