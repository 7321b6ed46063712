package subscription_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"runut/api/subscription"
	"runut/domain"
	"runut/domain/catalog"
	"runut/domain/event"
	"runut/domain/proposal"
	"runut/domain/workflow"
	"runut/eventstore"
	"runut/eventstore/follower"
	"runut/eventstore/pgtest"
	"runut/eventstore/vault"
	"runut/projections"
)

const (
	opd    = "1.03.0.00.0.00.01.0000"
	tenant = "99.01"
)

var head = domain.Actor{Person: "p-KEPALA", Role: "opd_head", Scope: domain.Scope{Kind: domain.ScopeOPD, Code: opd}}

// A house is a log with its feed, and endpoints over it.
type house struct {
	*testing.T
	pool    *pgxpool.Pool
	log     *eventstore.Store
	runner  *projections.Runner
	hub     *follower.Hub
	store   subscription.Store
	version map[string]int
}

func newHouse(t *testing.T) *house {
	t.Helper()
	pool := pgtest.Open(t)
	ring, err := vault.CreateKeyring(filepath.Join(t.TempDir(), "keyring"))
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := vault.Open(t.Context(), pool, ring)
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.DiscardHandler)
	log, err := eventstore.Open(t.Context(), pool, eventstore.Options{Catalog: catalog.Events, Sealer: sealed, AllowUnsafe: true, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(log.Close)
	definition, err := workflow.Musrenbang(catalog.Vocabulary())
	if err != nil {
		t.Fatal(err)
	}
	h := &house{T: t, pool: pool, log: log, version: map[string]int{}, hub: follower.Open(log, pool, follower.Options{Log: quiet}),
		store:  subscription.Store{DB: pool, Vault: sealed, Dialer: subscription.Dialer{Inside: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}},
		runner: &projections.Runner{DB: pool, Store: log, Definitions: func(string) *workflow.Definition { return definition }, Log: quiet}}
	t.Cleanup(h.hub.Close)
	h.catchUp()
	return h
}

func (h *house) catchUp() {
	h.Helper()
	if err := h.runner.CatchUp(h.Context()); err != nil {
		h.Fatal(err)
	}
}

// number returns the n-th proposal.
func number(n int) string { return domain.Number(2027, uuid.Nil, n) }

// happen adds an event to the n-th proposal: the first two make it an accepted one
// of the OPD, and every one from the second on is in its feed.
func (h *house) happen(n int, times int) {
	h.Helper()
	stream := proposal.Stream(number(n))
	var facts []event.Fact
	for i := range times {
		var e any = &proposal.Verified{Step: proposal.Step{Via: "verify"}, Kind: "lapangan", Result: "pass"}
		switch h.version[stream] + i {
		case 0:
			e = &proposal.Submitted{Step: proposal.Step{State: "submitted"}, Lane: proposal.Musrenbang,
				Idea: proposal.Idea{Village: "99.01.03.2001", Title: domain.Text{Masked: "Jembatan"}, Estimate: 50_000_000, OPD: opd}}
		case 1:
			e = &proposal.AcceptedByOPD{Step: proposal.Step{State: "accepted"}, Estimate: 50_000_000}
		}
		facts = append(facts, event.Fact{Event: e})
	}
	id := uuid.New()
	_, err := h.log.Append(h.Context(), event.Command{ID: id, Fingerprint: sha256.Sum256(id[:]), Actor: head, Tenant: tenant, Cycle: 2027},
		event.Change{Stream: stream, Version: h.version[stream], Facts: facts})
	if err != nil {
		h.Fatal(err)
	}
	h.version[stream] += times
}

// add makes an endpoint at an address, from the beginning of the feed.
func (h *house) add(address string, o subscription.Ordering) (subscription.Subscription, string) {
	h.Helper()
	s, secret, err := h.store.Add(h.Context(), head, subscription.Request{ID: uuid.New(), OPD: opd, URL: address, Ordering: o})
	if err != nil {
		h.Fatal(err)
	}
	return s, secret
}

func (h *house) get(id uuid.UUID) subscription.Subscription {
	h.Helper()
	s, err := h.store.Get(h.Context(), id)
	if err != nil {
		h.Fatal(err)
	}
	return s
}

// dispatch sends until the test or the returned function ends it.
func (h *house) dispatch(change ...func(*subscription.Dispatcher)) (stop func()) {
	d := &subscription.Dispatcher{Store: h.store, Hub: h.hub, Tenant: tenant, Log: slog.New(slog.DiscardHandler), Look: 20 * time.Millisecond,
		Schedule: []time.Duration{20 * time.Millisecond, 40 * time.Millisecond, 80 * time.Millisecond, 150 * time.Millisecond}}
	for _, f := range change {
		f(d)
	}
	ctx, cancel := context.WithCancel(h.Context())
	var running sync.WaitGroup
	running.Go(func() { d.Run(ctx) })
	stop = sync.OnceFunc(func() {
		cancel()
		running.Wait()
	})
	h.Cleanup(stop)
	return stop
}

// until waits for something to come true.
func (h *house) until(what string, is func() bool) {
	h.Helper()
	for deadline := time.Now().Add(30 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			h.Fatalf("it never came true that %s", what)
		}
	}
}

// A receiver is an OPD's system.
type receiver struct {
	*httptest.Server
	mu      sync.Mutex
	taken   []sent
	secrets []string
	answer  func(sent) int // nil: 200
}

// A sent is one event as it arrived.
type sent struct {
	ID      string `json:"-"` // webhook-id
	Place   string `json:"id"`
	Type    string `json:"type"`
	Subject string `json:"subject"`
	Source  string `json:"source"`
	EventID string `json:"eventid"`
	body    string
	good    []bool // by secret: whether a signature is its
}

func newReceiver(t testing.TB, answer func(sent) int) *receiver {
	r := &receiver{answer: answer}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		x := sent{ID: q.Header.Get("webhook-id"), body: string(body)}
		json.Unmarshal(body, &x)
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, secret := range r.secrets {
			hook, err := standardwebhooks.NewWebhook(secret)
			x.good = append(x.good, err == nil && hook.Verify(body, q.Header) == nil)
		}
		status := http.StatusOK
		if r.answer != nil {
			status = r.answer(x)
		}
		if status == http.StatusOK {
			r.taken = append(r.taken, x)
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) trust(secrets ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secrets = secrets
}

func (r *receiver) all() []sent {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.taken)
}

// of returns the ids of what was taken of one proposal, in the order it came.
func (r *receiver) of(number string) (ids []string) {
	for _, x := range r.all() {
		if x.Subject == number {
			ids = append(ids, x.ID)
		}
	}
	return ids
}

// feed returns the ids of all events of the feed, and of those of one proposal, in
// their order.
func (h *house) feed(number string) (all, own []string) {
	h.Helper()
	page, err := projections.Feed{DB: h.pool}.Accepted(h.Context(), opd, 0, 500)
	if err != nil {
		h.Fatal(err)
	}
	for _, n := range page.Items {
		all = append(all, n.Event.String())
		if n.Number == number {
			own = append(own, n.Event.String())
		}
	}
	return all, own
}

func ids(all []sent) (out []string) {
	for _, x := range all {
		out = append(out, x.ID)
	}
	return out
}
