package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"

	"runut/domain/event"
	"runut/domain/person"
	"runut/domain/proposal"
	"runut/eventstore"
	"runut/eventstore/follower"
	"runut/eventstore/vault"
)

// A closer takes away what events of the log order to be forgotten: a text that
// two persons closed, with the details that were sealed out of it, and what is
// known of a person who was erased. The order comes first and is an event; the
// closer follows it, a moment later, in one process at a time. What it did is
// done for good, and doing it again changes nothing.
type closer struct {
	store *eventstore.Store
	vault *vault.Vault
	log   *slog.Logger
}

// orders are the events that a closer carries out.
var orders = []string{"proposal.text_redacted", "person.erased"}

// run follows the log until ctx is done, from the first event on where no closer
// ever ran: an order that nobody has carried out is never passed over.
func (c *closer) run(ctx context.Context, hub *follower.Hub) error {
	router, err := follower.NewRouter(c.log, longestGoodbye)
	if err != nil {
		return err
	}
	group := &follower.Group{Hub: hub, Filter: eventstore.Filter{Types: orders}}
	router.AddConsumerHandler("closer", "closer", group, func(m *message.Message) error {
		r, err := follower.Record(m)
		if err != nil {
			return err
		}
		return c.carryOut(m.Context(), r)
	})
	if err := router.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("closer: %w", err)
	}
	return nil
}

// carryOut does what one event orders.
func (c *closer) carryOut(ctx context.Context, r event.Record) error {
	by := vault.Erasure{Event: r.ID, Position: r.Position, At: r.RecordedAt}
	switch e := r.Event.(type) {
	case *proposal.TextRedacted:
		return c.closeText(ctx, r, e, by)
	case *person.Erased:
		return c.vault.EraseSubject(ctx, r.Stream, by)
	}
	return nil
}

// closeText closes a text and every detail sealed out of it, the details first:
// should this end half-way, what is left is carried out when the order is handed
// over again. An order that names no event of its proposal closes nothing, and
// must not keep the later ones waiting.
func (c *closer) closeText(ctx context.Context, r event.Record, order *proposal.TextRedacted, by vault.Erasure) error {
	target, err := uuid.Parse(order.Target)
	if err != nil {
		c.log.Error("an order to close a text names no event", "position", r.Position)
		return nil
	}
	position, err := c.store.PositionOf(ctx, r.Stream, target)
	if err != nil {
		return err
	}
	if position == 0 {
		c.log.Error("an order to close a text names an event of another stream", "position", r.Position)
		return nil
	}
	beside, err := c.store.Beside(ctx, position)
	if err != nil {
		return err
	}
	for field := range beside.Sealed {
		if field != order.Field && !strings.HasPrefix(field, order.Field+"#") {
			continue
		}
		if err := c.vault.EraseField(ctx, target, field, by); err != nil {
			return err
		}
		if err := c.store.CloseText(ctx, position, field, r.Position); err != nil {
			return err
		}
	}
	return c.store.CloseText(ctx, position, order.Field, r.Position)
}
