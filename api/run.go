package api

import (
	"context"
	"encoding/hex"
	"slices"
	"time"

	"github.com/google/uuid"

	"runut/api/proofs"
	"runut/domain"
	"runut/domain/act"
	"runut/domain/event"
	"runut/eventstore"
)

// An Ask is one request to carry out an act.
type Ask struct {
	Act act.Act
	// Gather completes an act that concerns every proposal in some state with
	// those there are. It is asked first at leisure and again while nobody can
	// append, so that none is missed; the read model finds most of them, the tail
	// of the log the rest.
	Gather      func(context.Context) (act.Act, error)
	Actor       domain.Actor
	Second      *domain.Actor
	Command     uuid.UUID // the Idempotency-Key
	Fingerprint [32]byte  // of everything that was asked
	Cycle       int
	Definition  string
	Occurred    domain.Interval // zero: now
	Stream      string          // whose version Version speaks of; kept with a refusal
	Version     int             // If-Match; negative: any
}

// Do carries out an act: loads what it reads, decides, appends; again where
// somebody else was first. Whatever was read is asserted, so the decision holds
// for the log as it stands when it is written.
func (s *Server) Do(ctx context.Context, a Ask) (eventstore.Receipt, error) {
	var now time.Time
	cmd := event.Command{
		ID: a.Command, Fingerprint: a.Fingerprint, Actor: a.Actor, Tenant: s.Tenant,
		Cycle: a.Cycle, Definition: a.Definition,
	}
	return s.Store.Execute(ctx, eventstore.Decision{
		Command: cmd,
		Name:    a.Act.Name(),
		Locked:  a.Gather != nil,
		Clock: func(r *eventstore.Reading) time.Time {
			now = histories(r).Clock(time.Now().UTC().Truncate(time.Microsecond))
			return now
		},
		Read: func(ctx context.Context, r *eventstore.Reading) error {
			if a.Gather != nil {
				found, err := a.Gather(ctx)
				if err != nil {
					return err
				}
				a.Act = found
			}
			if a.Stream != "" {
				if err := r.Load(ctx, a.Stream); err != nil {
					return err
				}
			}
			for {
				missing := unread(a, histories(r))
				if len(missing) == 0 {
					return nil
				}
				if err := r.Load(ctx, missing...); err != nil {
					return err
				}
			}
		},
		Decide: func(r *eventstore.Reading) ([]event.Change, error) {
			if a.Version >= 0 && r.Version(a.Stream) != a.Version {
				return nil, domain.Refuse(domain.Stale, "request.if_match", "have", etag(a.Version), "want", etag(r.Version(a.Stream)))
			}
			return a.Act.Decide(histories(r), s.rules(a, now))
		},
	})
}

// Try judges an act as Do would now, and appends nothing: it returns what would
// be appended, or the refusal. What others append meanwhile may change either.
func (s *Server) Try(ctx context.Context, a Ask) ([]event.Change, error) {
	h := act.Histories{}
	for missing := unread(a, h); len(missing) > 0; missing = unread(a, h) {
		found, err := s.Store.Streams(ctx, missing)
		if err != nil {
			return nil, err
		}
		for _, name := range missing {
			h[name] = found[name]
		}
	}
	return a.Act.Decide(h, s.rules(a, h.Clock(time.Now().UTC().Truncate(time.Microsecond))))
}

// unread returns the streams that an act reads besides those that were read.
func unread(a Ask, h act.Histories) []string {
	return slices.DeleteFunc(act.Streams(a.Act, h, act.Rules{Actor: a.Actor, Second: a.Second}), func(name string) bool {
		_, read := h[name]
		return read
	})
}

func (s *Server) rules(a Ask, now time.Time) act.Rules {
	return act.Rules{
		Command: a.Command, Actor: a.Actor, Second: a.Second, Now: now, Occurred: a.Occurred,
		Tenant: s.Tenant, Definitions: s.Definitions,
	}
}

// histories returns all that was loaded for a decision.
func histories(r *eventstore.Reading) act.Histories {
	names := r.Loaded()
	h := make(act.Histories, len(names))
	for _, name := range names {
		h[name] = r.History(name)
	}
	return h
}

// commandID returns the command that an Idempotency-Key stands for: a UUID
// stands for itself, any other key for one that is the caller's own.
func commandID(key string, actor domain.Actor) (uuid.UUID, error) {
	if key == "" {
		return uuid.UUID{}, domain.Refuse(domain.Invalid, "request.key_missing").At("/Idempotency-Key")
	}
	if len(key) > 200 {
		return uuid.UUID{}, domain.Refuse(domain.Invalid, "request.key_long").At("/Idempotency-Key")
	}
	if id, err := uuid.Parse(key); err == nil && id != uuid.Nil {
		return id, nil
	}
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte(actor.Person+"\x00"+key)), nil
}

// Fingerprint is the keyed hash of what was asked and by whom: the same key with
// another body, path or person is another request.
func (s *Server) Fingerprint(actor domain.Actor, path string, body []byte) [32]byte {
	return s.Documents.Vault.Fingerprint([]byte(actor.Person), []byte(actor.Grant), []byte(path), body)
}

func etag(version int) string { return `"` + itoa(version) + `"` }

// A Receipt (tanda terima) says where the events of an accepted command stand
// in the log. Leaf is the hash that the log's tree commits to; the first checkpoint
// that covers it is signed within seconds.
type Receipt struct {
	Command   string         `json:"command" doc:"Id of the command"`
	Duplicate bool           `json:"duplicate,omitempty" doc:"The command had been accepted before; nothing was added now"`
	First     int64          `json:"first" doc:"Position of its first event"`
	Last      int64          `json:"last" doc:"Position of its last event"`
	Events    []ReceiptEvent `json:"events"`
}

// A ReceiptEvent is one event of a receipt.
type ReceiptEvent struct {
	ID       string `json:"id"`
	Stream   string `json:"stream"`
	Version  int    `json:"version"`
	Position int64  `json:"position"`
	Leaf     string `json:"leaf" doc:"SHA-256 leaf hash, hex"`
	Proof    string `json:"proof,omitempty" doc:"Where its .tlog-proof is, once it is sealed: within seconds"`
	Page     string `json:"page,omitempty" doc:"Its receipt page, to be printed or scanned"`
}

func (s *Server) receipt(r eventstore.Receipt) Receipt {
	out := Receipt{Command: r.Command.String(), Duplicate: r.Duplicate, First: r.First, Last: r.Last, Events: []ReceiptEvent{}}
	for _, e := range r.Events {
		entry := ReceiptEvent{ID: e.ID.String(), Stream: e.Stream, Version: e.Version, Position: e.Position, Leaf: hex.EncodeToString(e.Leaf[:])}
		if s.proofs != nil { // the log is signed here
			entry.Proof, entry.Page = proofs.Path(e.ID), proofs.Page(e.ID)
		}
		out.Events = append(out.Events, entry)
	}
	return out
}
