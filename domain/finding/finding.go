// Package finding looks for what an auditor should look at: rules over the log,
// each small, named, versioned and with a source. A finding is no accusation;
// it names the events that need explaining. What each rule measures, to the
// word, stands in docs/findings.md.
//
// An Inspector is given the histories of a fiscal year, one proposal after the
// other, and says what it found. It is pure: the same log gives the same
// findings on any machine.
//
//	i := finding.NewInspector(year, now, charts, streams) // the cycle, its forums and letters, the holidays
//	for … { found = append(found, i.Proposal(records)...) }
//	found = append(found, i.Rest()...)
package finding

import (
	"cmp"
	"time"

	"github.com/google/uuid"

	"runut/domain/event"
	"runut/domain/workflow"
)

// A Rule is what is looked for.
type Rule struct {
	Code    string         `json:"code"`    // "A1"
	Name    string         `json:"name"`    // "no_reason"
	Version int            `json:"version"` // of what is measured
	Title   workflow.Label `json:"title"`
	About   string         `json:"about"`           // proposal, line or village
	Limit   string         `json:"limit,omitzero"`  // threshold, as people write it
	Source  string         `json:"source,omitzero"` // law, or "Runut" for a rule of our own
}

// A Finding is one thing that a rule found.
type Finding struct {
	Rule     string `json:"rule"` // code
	Cycle    int    `json:"cycle"`
	Proposal string `json:"proposal,omitzero"` // number
	Village  string `json:"village,omitzero"`  // kode wilayah
	OPD      string `json:"opd,omitzero"`      // that had the proposal
	// Event is what shows it; absent where the finding is that nothing happened.
	Event    uuid.UUID `json:"event,omitzero"`
	Position int64     `json:"position,omitzero"`
	At       time.Time `json:"at,omitzero"`
	// Measured is what was measured, in the rule's unit: days, minutes, hours or
	// thousandths; 0 where the rule measures nothing.
	Measured int64  `json:"measured,omitzero"`
	Unit     string `json:"unit,omitzero"`
}

// The rules, in the order they are shown. A1 to A8 are those of the audit page,
// B those an auditor asks besides.
var Rules = []Rule{
	{Code: "A1", Name: "no_reason", Version: 1, About: "proposal", Limit: "30 hari", Source: "UU 30/2014 pasal 55",
		Title: workflow.Label{ID: "Gugur tanpa alasan atau berita acara", EN: "Lost without a reason or signed minutes"}},
	{Code: "A2", Name: "late_recording", Version: 1, About: "proposal", Source: "Runut",
		Title: workflow.Label{ID: "Keputusan dicatat setelah masa ditutup", EN: "Decision recorded after its window had closed"}},
	{Code: "A3", Name: "score_changed", Version: 1, About: "proposal", Source: "Runut",
		Title: workflow.Label{ID: "Skor berubah setelah peringkat ditetapkan", EN: "Score changed after the ranking was final"}},
	{Code: "A4", Name: "rank_leapfrogged", Version: 1, About: "proposal", Source: "Runut",
		Title: workflow.Label{ID: "Peringkat dilompati", EN: "A better rank was passed over"}},
	{Code: "A5", Name: "cost_increase", Version: 1, About: "proposal", Limit: "25 %", Source: "Runut",
		Title: workflow.Label{ID: "Biaya naik lebih dari seperempat setelah diterima OPD", EN: "Cost up by more than a quarter since the OPD accepted it"}},
	{Code: "A6", Name: "no_village_trace", Version: 1, About: "proposal", Source: "UU 25/2004; Permendagri 114/2014",
		Title: workflow.Label{ID: "Tanpa jejak desa", EN: "No trace of a village"}},
	{Code: "A7", Name: "merge_dropped", Version: 1, About: "proposal", Source: "Runut",
		Title: workflow.Label{ID: "Digabung, lalu hilang tanpa keputusan", EN: "Merged, then lost with no decision"}},
	{Code: "A8", Name: "silent", Version: 1, About: "proposal", Limit: "30 hari", Source: "Runut",
		Title: workflow.Label{ID: "Diam lebih dari 30 hari", EN: "Silent for more than 30 days"}},
	{Code: "B1", Name: "money_without_proposal", Version: 1, About: "line", Source: "UU 25/2004",
		Title: workflow.Label{ID: "Anggaran tanpa usulan", EN: "Money without a proposal"}},
	{Code: "B2", Name: "late_entry", Version: 1, About: "proposal", Source: "Permendagri 86/2017",
		Title: workflow.Label{ID: "Masuk terlambat", EN: "Handed in late"}},
	{Code: "B3", Name: "backdated", Version: 1, About: "proposal", Limit: "24 jam", Source: "Runut",
		Title: workflow.Label{ID: "Keputusan bertanggal mundur", EN: "Back-dated decision"}},
	{Code: "B4", Name: "last_hour", Version: 1, About: "proposal", Limit: "60 menit", Source: "Runut",
		Title: workflow.Label{ID: "Keputusan pada jam terakhir", EN: "Decision in the last hour"}},
	{Code: "B5", Name: "ping_pong", Version: 1, About: "proposal", Source: "Runut",
		Title: workflow.Label{ID: "Bolak-balik antar-OPD", EN: "Back and forth between offices"}},
	{Code: "B6", Name: "late_handover", Version: 1, About: "proposal", Limit: "3 hari kerja", Source: "Runut",
		Title: workflow.Label{ID: "Diserahkan mepet penutupan", EN: "Handed over just before the end"}},
	{Code: "B7", Name: "token_funding", Version: 1, About: "proposal", Limit: "10 %", Source: "Runut",
		Title: workflow.Label{ID: "Didanai sekadarnya", EN: "Token funding"}},
	{Code: "B8", Name: "never_informed", Version: 1, About: "village", Limit: "60 hari", Source: "Permendagri 114/2014 pasal 51",
		Title: workflow.Label{ID: "Desa tidak pernah diberi tahu", EN: "Village never informed"}},
}

// RuleOf returns the rule of a code.
func RuleOf(code string) (Rule, bool) {
	for _, r := range Rules {
		if r.Code == code {
			return r, true
		}
	}
	return Rule{}, false
}

// Compare puts findings in the order they are shown: by rule, then by what they
// are about.
func Compare(a, b Finding) int {
	return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Proposal, b.Proposal), cmp.Compare(a.Village, b.Village), cmp.Compare(a.Position, b.Position))
}

// found notes a finding shown by an event.
func (c *subject) found(rule string, r *event.Record) *Finding {
	f := Finding{Rule: rule, Cycle: c.Year, Proposal: c.number, Village: c.now.Village, OPD: c.now.OPD}
	if r != nil {
		f.Event, f.Position, f.At = r.ID, r.Position, r.Effective()
	}
	c.out = append(c.out, f)
	return &c.out[len(c.out)-1]
}
