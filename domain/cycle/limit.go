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
	v := domain.Verdict{Noun: "cycle"}
	isOpen(&v, s)
	mayAsk(&v, Duties["cycle.ceiling_set"], r)
	inTime(&v, s, r)
	v.Hold(e.Amount > 0, "amount", "above zero", e.Amount.String(),
		domain.Refuse(domain.Invalid, "cycle.not_positive", "value", e.Amount.String(), "field", "amount").At("/amount"))
	inside(&v, "/scope", e.Scope, s.kabupaten())
	if !e.Decree.IsZero() {
		v.Document("/decree", e.Decree, r.Now)
	}
	if knowsDefinition(&v, r) {
		limits(&v, "ceiling", e.Stage, e.Scope, r.Definition)
	}
	lastWord(&v, s, about(&e), r)
	e.Old = domain.Rupiah(s.Ceilings[LimitKey{e.Stage, e.Scope}].Value)
	return done(&v, &e)
}

func decideQuota(s State, e QuotaSet, r Rules) ([]Event, error) {
	v := domain.Verdict{Noun: "cycle"}
	isOpen(&v, s)
	mayAsk(&v, Duties["cycle.quota_set"], r)
	inTime(&v, s, r)
	v.Hold(e.Count > 0, "count", "above zero", strconv.Itoa(e.Count),
		domain.Refuse(domain.Invalid, "cycle.not_positive", "value", strconv.Itoa(e.Count), "field", "count").At("/count"))
	inside(&v, "/scope", e.Scope, s.kabupaten())
	if !e.Decree.IsZero() {
		v.Document("/decree", e.Decree, r.Now)
	}
	if knowsDefinition(&v, r) {
		limits(&v, "quota", e.Stage, e.Scope, r.Definition)
	}
	lastWord(&v, s, about(&e), r)
	e.Old = int(s.Quotas[LimitKey{e.Stage, e.Scope}].Value)
	return done(&v, &e)
}

// limits examines that some list of the stage is cut by a limit of that sort,
// for that kind of scope: one that nothing reads would only look like a rule.
func limits(v *domain.Verdict, sort, stage string, scope domain.Scope, d *workflow.Definition) {
	_, known := d.Stages[stage]
	if !v.Hold(known, "stage", strings.Join(d.StageNames(), ", "), stage,
		domain.Refuse(domain.Invalid, "cycle.stage_unknown", "stage", stage, "known", strings.Join(d.StageNames(), ", ")).At("/stage")) {
		return
	}
	kinds := limitKinds(sort, stage, d)
	v.Hold(slices.Contains(kinds, scope.Kind), sort+" scope", domain.Words(kinds), string(scope.Kind),
		domain.Refuse(domain.Invalid, "cycle.limit_unused", "limit", sort, "stage", stage, "scope", scope.String(), "wanted", domain.Words(kinds)).At("/scope"))
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
