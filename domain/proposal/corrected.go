package proposal

import (
	"reflect"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/event"
)

// Corrected: an earlier event of this proposal was wrong. Two persons say so;
// the wrong event stays for all to see.
type Corrected struct {
	Step
	Target         uuid.UUID           `json:"target"` // event id
	Action         event.CorrectAction `json:"action"` // void, amend, restore
	With           *Amendment          `json:"with,omitempty"`
	Occurred       *domain.Interval    `json:"occurred,omitempty"` // amend: when it really took effect, where that was wrong
	Reason         domain.Text         `json:"reason"`
	SecondApprover string              `json:"second_approver"` // pseudonym
}

// Corrects implements event.Correction.
func (c *Corrected) Corrects() (uuid.UUID, event.CorrectAction) { return c.Target, c.Action }

// Replacement implements event.Correction.
func (c *Corrected) Replacement() (any, domain.Interval) {
	var at domain.Interval
	if c.Occurred != nil {
		at = *c.Occurred
	}
	if c.With == nil {
		return nil, at
	}
	return c.With.Event(), at
}

// An Amendment is the full payload that replaces an event's: exactly one member
// is set.
type Amendment struct {
	Submitted         *Submitted         `json:"submitted,omitempty"`
	SubmittedLate     *SubmittedLate     `json:"submitted_late,omitempty"`
	Revised           *Revised           `json:"revised,omitempty"`
	Returned          *Returned          `json:"returned,omitempty"`
	Verified          *Verified          `json:"verified,omitempty"`
	Recommended       *Recommended       `json:"recommended,omitempty"`
	Responded         *Responded         `json:"responded,omitempty"`
	Prioritized       *Prioritized       `json:"prioritized,omitempty"`
	BelowCutoff       *BelowCutoff       `json:"below_cutoff,omitempty"`
	Transferred       *Transferred       `json:"transferred,omitempty"`
	Referred          *Referred          `json:"referred,omitempty"`
	ReferralAnswered  *ReferralAnswered  `json:"referral_answered,omitempty"`
	AcceptedByOPD     *AcceptedByOPD     `json:"accepted_by_opd,omitempty"`
	Agreed            *Agreed            `json:"agreed,omitempty"`
	Rejected          *Rejected          `json:"rejected,omitempty"`
	Deferred          *Deferred          `json:"deferred,omitempty"`
	IncludedInRKPD    *IncludedInRKPD    `json:"included_in_rkpd,omitempty"`
	IncludedInPPAS    *IncludedInPPAS    `json:"included_in_ppas,omitempty"`
	Funded            *Funded            `json:"funded,omitempty"`
	LeftOut           *LeftOut           `json:"left_out,omitempty"`
	AmountRevised     *AmountRevised     `json:"amount_revised,omitempty"`
	Cancelled         *Cancelled         `json:"cancelled,omitempty"`
	FinancedElsewhere *FinancedElsewhere `json:"financed_elsewhere,omitempty"`
	AppearedInBudget  *AppearedInBudget  `json:"appeared_in_budget,omitempty"`
	Withdrawn         *Withdrawn         `json:"withdrawn,omitempty"`
	ProgressReported  *ProgressReported  `json:"progress_reported,omitempty"`
	Completed         *Completed         `json:"completed,omitempty"`
	ObjectionAnswered *ObjectionAnswered `json:"objection_answered,omitempty"`
}

// Event returns the one member that is set, or nil.
func (a *Amendment) Event() Event {
	v := reflect.ValueOf(a).Elem()
	for _, f := range v.Fields() {
		if !f.IsNil() {
			return f.Interface().(Event)
		}
	}
	return nil
}

// Amend returns the amendment that holds e, or nil where events of its type
// cannot be amended: what binds several streams together is voided and done
// again instead.
func Amend(e Event) *Amendment {
	a := new(Amendment)
	v := reflect.ValueOf(a).Elem()
	for _, f := range v.Fields() {
		if f.Type() == reflect.TypeOf(e) {
			f.Set(reflect.ValueOf(e))
			return a
		}
	}
	return nil
}
