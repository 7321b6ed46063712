package history

import (
	"runut/domain"
	"runut/domain/event"
	"runut/domain/grant"
	"runut/domain/proposal"
)

// Authority is who decided, as an office; persons are never in it.
type Authority struct {
	Role     domain.Role     `json:"role"`
	Office   string          `json:"office,omitzero"`
	Scope    domain.Scope    `json:"scope,omitzero"`
	Capacity domain.Capacity `json:"capacity,omitzero"`
	Grant    string          `json:"grant,omitzero"`  // stream of the grant
	Decree   domain.Document `json:"decree,omitzero"` // of the grant
	// Elsewhere is the government that decided where none of the kabupaten did
	// (provinsi, pusat, desa, bumn); the role is then who recorded the answer.
	Elsewhere string `json:"elsewhere,omitzero"`
}

// authority returns the office an event was written by, with the decree of the
// grant it used.
func (x *explaining) authority(r event.Record) Authority {
	if closingOf(r).Window != "" {
		return Authority{} // nobody decided: whoever closed the window stands in Closing
	}
	a := Authority{Role: r.Actor.Role, Office: r.Actor.Office, Scope: r.Actor.Scope, Capacity: r.Actor.Capacity, Grant: r.Actor.Grant}
	if g := grant.Fold(x.Streams[a.Grant]); g.Given != nil {
		a.Decree = g.Given.Decree
	}
	return a
}

// elsewhere names the government that answered a referral, for whoever recorded
// the answer did not decide it.
func (x *explaining) elsewhere(d *Deciding, r event.Record, e proposal.Event) {
	if _, ok := e.(*proposal.ReferralAnswered); !ok {
		return
	}
	for _, before := range event.Sequence(x.Streams[r.Stream], x.View) {
		if before.ID == r.ID {
			return
		}
		if asked, ok := before.Event.(*proposal.Referred); ok {
			d.Authority.Elsewhere = asked.Target
		}
	}
}
