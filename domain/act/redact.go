package act

import (
	"runut/domain"
	"runut/domain/event"
	"runut/domain/proposal"
)

// texts tells which texts an event holds: those that the log keeps beside its
// record.
var texts = event.NewCatalog(proposal.Types...)

// closable examines that a text which is to be closed is there: an event of
// this proposal holds it. An order that names nothing would be on record for
// ever and close nothing.
func (s *sitting) closable(p proposal.State, order *proposal.TextRedacted) error {
	for _, r := range s.histories[proposal.Stream(p.Number)] {
		if r.ID.String() != order.Target {
			continue
		}
		held, err := texts.Encode(r.Event)
		if err != nil {
			return err
		}
		if _, there := held.Texts[order.Field]; !there {
			return domain.Refuse(domain.Invalid, "redact.field", "field", order.Field).At("/field")
		}
		return nil
	}
	return domain.Refuse(domain.NotFound, "correct.unknown", "proposal", p.Number, "target", order.Target).At("/target")
}
