package cycle_test

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/workflow"
)

const tenant = "99.01"

// at returns noon UTC of a day of the planning year 2026.
func at(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 12, 0, 0, 0, time.UTC)
}

func kabupaten() domain.Scope { return domain.Scope{Kind: domain.ScopeKabupaten} }
func kecamatan(code string) domain.Scope {
	return domain.Scope{Kind: domain.ScopeKecamatan, Code: code}
}
func village(code string) domain.Scope { return domain.Scope{Kind: domain.ScopeVillage, Code: code} }
func opd(code string) domain.Scope     { return domain.Scope{Kind: domain.ScopeOPD, Code: code} }

func actor(role domain.Role) domain.Actor {
	return domain.Actor{Person: "p-" + string(role), Role: role, Scope: kabupaten()}
}

func decree(day string) domain.Document {
	return domain.Document{Kind: "sk", Number: "050/12/2026", Date: day}
}

func digest() string { return strings.Repeat("0a", 32) }

// calendar is a small definition with the windows of a planning year.
func calendar() *workflow.Definition {
	return &workflow.Definition{
		Name: "musrenbang", Version: 1, Status: "published",
		Stages: map[string]*workflow.Stage{
			"desa": {Order: 1}, "kecamatan": {Order: 2}, "forum_opd": {Order: 3}, "kabupaten": {Order: 4}, "rkpd": {Order: 5},
		},
		Windows: map[string]*workflow.Window{
			"desa":      {Scope: domain.ScopeVillage, Stage: "desa"},
			"kecamatan": {Scope: domain.ScopeKecamatan, Stage: "kecamatan", After: []string{"desa"}},
			"forum_opd": {Scope: domain.ScopeOPD, Stage: "forum_opd", After: []string{"kecamatan"}},
			"kabupaten": {Scope: domain.ScopeKabupaten, Stage: "kabupaten", After: []string{"forum_opd"}},
			"objection": {Scope: domain.ScopeKabupaten, Stage: "rkpd"},
		},
		Groups: map[string]*workflow.ReasonGroup{"PAG": {}, "KWN": {}},
		States: map[workflow.State]*workflow.StateSpec{"submitted": {Stage: "desa"}, "at_kecamatan": {Stage: "kecamatan"}, "accepted": {Stage: "kabupaten"}},
		Transitions: map[string]*workflow.Transition{
			"prioritize_desa": {From: []workflow.State{"submitted"}, Window: "desa", Quota: "village"},
			"prioritize_kec":  {From: []workflow.State{"at_kecamatan"}, Window: "kecamatan", Rank: &workflow.Rank{Scope: domain.ScopeKecamatan, Cutoff: "quota_or_ceiling"}},
			"agree":           {From: []workflow.State{"accepted"}, Window: "kabupaten", Rank: &workflow.Rank{Scope: domain.ScopeOPD, Cutoff: "ceiling"}},
		},
	}
}

// A past is the events of one cycle, as they were recorded.
type past []event.Record

// begun is a cycle that was opened on 1 January.
func begun() past {
	return past{}.then(at(1, 1), &cycle.Opened{Year: 2027, Kabupaten: tenant, Title: "Kabupaten Contoh", Zone: "WITA", Definition: cycle.Pin{Name: "musrenbang", Version: 1}})
}

// then adds an event that was recorded at a moment.
func (p past) then(t time.Time, events ...cycle.Event) past {
	out := append(past{}, p...)
	for _, e := range events {
		n := len(out) + 1
		out = append(out, event.Record{
			Envelope: event.Envelope{ID: id(n), Stream: "cycle-2027", Version: n, Occurred: domain.Moment(t), RecordedAt: t},
			Position: int64(n), Event: e,
		})
	}
	return out
}

func (p past) fold() cycle.State { return cycle.Fold(event.Sequence(p, event.View{})) }

// id is the id of the n-th event of a past.
func id(n int) uuid.UUID {
	var u uuid.UUID
	binary.BigEndian.PutUint32(u[12:], uint32(n))
	return u
}

func rules(role domain.Role, now time.Time) cycle.Rules {
	return cycle.Rules{Actor: actor(role), Now: now, Definition: calendar(), Tenant: tenant}
}

// refusal returns the codes of a refusal, first one first; none for no error.
func refusal(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	e, ok := err.(*domain.Error)
	if !ok {
		t.Fatalf("not a refusal: %v", err)
	}
	codes := []string{e.Code}
	for _, more := range e.All {
		codes = append(codes, more.Code)
	}
	failed := 0
	for _, c := range e.Checks {
		if !c.OK {
			failed++
		}
	}
	if failed != len(codes) {
		t.Errorf("%d codes for %d failed checks: %v", len(codes), failed, err)
	}
	return codes
}

func window(name string, s domain.Scope, opens, closes time.Time) *cycle.WindowOpened {
	return &cycle.WindowOpened{Window: name, Scope: s, OpensAt: opens, ClosesAt: closes}
}

func shut(name string, s domain.Scope, closes time.Time) *cycle.WindowClosed {
	return &cycle.WindowClosed{Window: name, Scope: s, ClosesAt: closes}
}
