package cycle

import (
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/workflow"
)

// A LimitKey says for whom and at which stage a limit holds. A scope without a
// code is for everything of its kind that has no limit of its own.
type LimitKey struct {
	Stage string
	Scope domain.Scope
}

// Limited is a limit and the event that set it.
type Limited struct {
	Value int64
	By    uuid.UUID
}

// Ceiling returns how many rupiah may be planned at a stage for a scope, and
// the event that says so.
func (s State) Ceiling(stage string, scope domain.Scope) (Limited, bool) {
	return limit(s.Ceilings, stage, scope)
}

// Quota returns how many proposals of a scope may go on from a stage, and the
// event that says so.
func (s State) Quota(stage string, scope domain.Scope) (Limited, bool) {
	return limit(s.Quotas, stage, scope)
}

func limit(of map[LimitKey]Limited, stage string, scope domain.Scope) (Limited, bool) {
	if l, ok := of[LimitKey{stage, scope}]; ok {
		return l, true
	}
	l, ok := of[LimitKey{stage, domain.Scope{Kind: scope.Kind}}]
	return l, ok
}

func decideCeiling(s State, e CeilingSet, r Rules) ([]Event, error) {
	var v verdict
	v.open(s)
	v.mayAsk(Duties["cycle.ceiling_set"], r)
	v.inTime(s, r)
	v.hold(e.Amount > 0, "amount", "above zero", e.Amount.String(),
		domain.Refuse(domain.Invalid, "cycle.not_positive", "value", e.Amount.String(), "field", "amount").At("/amount"))
	v.scope("/scope", e.Scope, s.kabupaten())
	if !e.Decree.IsZero() {
		v.document("/decree", e.Decree, r, false)
	}
	if v.knowsDefinition(r) {
		v.limited("ceiling", e.Stage, e.Scope, r.Definition)
	}
	v.lastWord(s, about(&e), r)
	e.Old = domain.Rupiah(s.Ceilings[LimitKey{e.Stage, e.Scope}].Value)
	return done(&v, &e)
}

func decideQuota(s State, e QuotaSet, r Rules) ([]Event, error) {
	var v verdict
	v.open(s)
	v.mayAsk(Duties["cycle.quota_set"], r)
	v.inTime(s, r)
	v.hold(e.Count > 0, "count", "above zero", strconv.Itoa(e.Count),
		domain.Refuse(domain.Invalid, "cycle.not_positive", "value", strconv.Itoa(e.Count), "field", "count").At("/count"))
	v.scope("/scope", e.Scope, s.kabupaten())
	if !e.Decree.IsZero() {
		v.document("/decree", e.Decree, r, false)
	}
	if v.knowsDefinition(r) {
		v.limited("quota", e.Stage, e.Scope, r.Definition)
	}
	v.lastWord(s, about(&e), r)
	e.Old = int(s.Quotas[LimitKey{e.Stage, e.Scope}].Value)
	return done(&v, &e)
}

// limited examines that some list of the stage is cut by a limit of that sort,
// for that kind of scope: one that nothing reads would only look like a rule.
func (v *verdict) limited(sort, stage string, scope domain.Scope, d *workflow.Definition) {
	_, known := d.Stages[stage]
	if !v.hold(known, "stage", strings.Join(d.StageNames(), ", "), stage,
		domain.Refuse(domain.Invalid, "cycle.stage_unknown", "stage", stage, "known", strings.Join(d.StageNames(), ", ")).At("/stage")) {
		return
	}
	kinds := limitKinds(sort, stage, d)
	v.hold(slices.Contains(kinds, scope.Kind), sort+" scope", join(kinds), string(scope.Kind),
		domain.Refuse(domain.Invalid, "cycle.limit_unused", "limit", sort, "stage", stage, "scope", scope.String(), "wanted", join(kinds)).At("/scope"))
}

// limitKinds returns the kinds of scope whose lists at a stage a ceiling or a
// quota cuts.
func limitKinds(sort, stage string, d *workflow.Definition) []domain.ScopeKind {
	var kinds []domain.ScopeKind
	add := func(k domain.ScopeKind) {
		if k != "" && !slices.Contains(kinds, k) {
			kinds = append(kinds, k)
		}
	}
	for _, t := range d.Transitions {
		if !slices.ContainsFunc(t.From, func(from workflow.State) bool { return d.StageOf(t, from) == stage }) {
			continue
		}
		if sort == "quota" {
			add(domain.ScopeKind(t.Quota))
		}
		if t.Rank != nil && strings.Contains(t.Rank.Cutoff, sort) {
			add(t.Rank.Scope)
		}
	}
	slices.Sort(kinds)
	return kinds
}

func join(kinds []domain.ScopeKind) string {
	words := make([]string, len(kinds))
	for i, k := range kinds {
		words[i] = string(k)
	}
	return strings.Join(words, ", ")
}
