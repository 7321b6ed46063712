package eventstore_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/domain"
	"runut/domain/event"
	"runut/eventstore"
)

// The events of these tests: a proposal, its cycle and a person.
type (
	submitted struct {
		Title    string        `json:"title"`
		Village  string        `json:"village"`
		Estimate domain.Rupiah `json:"estimate"`
		Volume   domain.Volume `json:"volume,omitzero"`
		Problem  domain.Text   `json:"problem,omitzero"`
	}
	accepted struct {
		Forum string `json:"forum"`
	}
	lapsed struct {
		Window string `json:"window"`
	}
	windowClosed struct {
		Window string `json:"window"`
	}
	registered struct {
		Name domain.Secret `json:"name"`
		NIK  domain.Secret `json:"nik"`
	}
	textRedacted struct {
		Target string `json:"target"`
		Field  string `json:"field"`
		Ground string `json:"ground"`
	}
	personErased struct {
		Closes []closes `json:"closes"`
	}
	closes struct {
		Target string `json:"target"`
		Field  string `json:"field"`
	}
)

var catalog = event.NewCatalog(
	event.Declare[submitted]("proposal.submitted"),
	event.Declare[accepted]("proposal.accepted_by_opd"),
	event.Declare[lapsed]("proposal.lapsed"),
	event.Declare[windowClosed]("cycle.window_closed"),
	event.Declare[registered]("person.registered"),
	event.Declare[textRedacted]("proposal.text_redacted"),
	event.Declare[personErased]("person.erased"),
)

var operator = domain.Actor{
	Person: "p-operator", Role: "village_operator",
	Scope: domain.Scope{Kind: domain.ScopeVillage, Code: "99.01.03.2001"},
	Grant: "grant-7", Office: "Desa Loa Raya", Capacity: domain.Definitif,
}

// command returns a command with an id of its own.
func command() event.Command {
	id := uuid.New()
	return event.Command{ID: id, Fingerprint: sha256.Sum256(id[:]), Actor: operator, Tenant: "99.01", Cycle: 2027}
}

func add(stream string, version int, events ...any) event.Change {
	c := event.Change{Stream: stream, Version: version}
	for _, e := range events {
		c.Facts = append(c.Facts, event.Fact{Event: e})
	}
	return c
}

func assert(stream string, version int) event.Change {
	return event.Change{Stream: stream, Version: version}
}

func road(n int) *submitted {
	return &submitted{Title: fmt.Sprintf("Peningkatan jalan usaha tani RT %02d", n), Village: "99.01.03.2001", Estimate: domain.Rupiah(185_000_000 + n)}
}

// open returns a store on the database of pool, closed when the test is over.
func open(t testing.TB, pool *pgxpool.Pool, change ...func(*eventstore.Options)) *eventstore.Store {
	t.Helper()
	o := eventstore.Options{Catalog: catalog, Tenant: "99.01", AllowUnsafe: true}
	for _, f := range change {
		f(&o)
	}
	s, err := eventstore.Open(t.Context(), pool, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// appended appends and fails the test where that fails.
func appended(t testing.TB, s *eventstore.Store, changes ...event.Change) eventstore.Receipt {
	t.Helper()
	receipt, err := s.Append(t.Context(), command(), changes...)
	if err != nil {
		t.Fatal(err)
	}
	return receipt
}

// all returns the whole log.
func all(t testing.TB, s *eventstore.Store) []event.Record {
	t.Helper()
	var records []event.Record
	for r, err := range s.Since(t.Context(), 0, 0, eventstore.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	return records
}

func isConflict(err error) bool {
	_, ok := errors.AsType[*eventstore.ConflictError](err)
	return ok
}

func isCode(err error, code string) bool { return errors.Is(err, &domain.Error{Code: code}) }

// until waits for something that will come about, and fails the test where it
// does not.
func until(t testing.TB, cond func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !cond(); {
		if time.Now().After(deadline) {
			t.Fatal("what was waited for did not come about")
		}
		time.Sleep(time.Millisecond)
	}
}

// waiting returns how many connections of stores wait for a lock.
func waiting(t testing.TB, pool *pgxpool.Pool) (n int) {
	t.Helper()
	err := pool.QueryRow(t.Context(), `
		select count(*) from pg_stat_activity
		 where datname = current_database() and application_name = 'runut log' and wait_event_type = 'Lock'`).Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
