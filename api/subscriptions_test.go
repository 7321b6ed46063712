package api_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cloudevents/sdk-go/v2/event"
	"github.com/google/uuid"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"runut/api/subscription"
	"runut/domain/act"
)

const subscriptions = "/api/v1/subscriptions"

// An OPD's head subscribes a system of theirs over the API; what the OPD accepts
// arrives there just as the pull feed has it.
func TestAnOPDSubscribes(t *testing.T) {
	w := newTown(t)
	var mu sync.Mutex
	var arrived []event.Event
	var secret string
	system := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		mu.Lock()
		defer mu.Unlock()
		hook, err := standardwebhooks.NewWebhook(secret)
		if err != nil || hook.Verify(body, q.Header) != nil {
			t.Errorf("a signature is not good: %v", q.Header)
		}
		var e event.Event
		if err := json.Unmarshal(body, &e); err != nil || e.Validate() != nil {
			t.Errorf("the SDK does not read %s: %v", body, err)
		}
		arrived = append(arrived, e)
	}))
	defer system.Close()
	d := &subscription.Dispatcher{Store: *w.server.Subscriptions, Hub: w.feeds.Hub, Tenant: kabupaten, Log: slog.New(slog.DiscardHandler), Look: 50 * time.Millisecond}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go d.Run(ctx)

	key := uuid.NewString()
	add := func() reply {
		return w.send("opd_head", http.MethodPost, subscriptions, object{"opd": opd, "url": system.URL + "/runut?langganan=1"}, "Idempotency-Key", key)
	}
	mu.Lock()
	r := add()
	if r.StatusCode != http.StatusOK || r.get(t, "/id") != key || r.get(t, "/state") != "active" {
		t.Fatalf("added: %d %s", r.StatusCode, r.body)
	}
	secret = r.get(t, "/secret").(string)
	mu.Unlock()
	if again := add(); again.StatusCode != http.StatusOK || again.get(t, "/secret") != nil {
		t.Errorf("asked again: %d %s", again.StatusCode, again.body)
	}

	p := w.past(time.Now().Add(-time.Hour))
	number := p.direct(village)
	p.happen()
	w.do("opd_head", act.Take{Proposal: number, Ask: w.accept()})
	w.until("what was accepted arrives", func() bool { mu.Lock(); defer mu.Unlock(); return len(arrived) == 1 })
	pulled, _ := w.pull("opd_head", "")
	mu.Lock()
	if got, want := arrived[0], pulled[0]; got.String() != want.String() {
		t.Errorf("arrived\n%s\npulled\n%s", got, want)
	}
	mu.Unlock()

	one := subscriptions + "/" + key
	if r := w.send("opd_head", http.MethodPost, one+"/test", nil); r.StatusCode != http.StatusOK || r.get(t, "/outcome") != "taken" || r.get(t, "/type") != "runut.test" {
		t.Errorf("a test: %d %s", r.StatusCode, r.body)
	}
	if r := w.send("opd_officer", http.MethodGet, one+"/deliveries?limit=1", nil); r.get(t, "/items/0/type") != "runut.test" || r.get(t, "/next") == nil {
		t.Errorf("attempts: %s", r.body)
	}
	if r := w.send("opd_head", http.MethodPost, one+"/replay", object{"since": time.Now().Add(-time.Minute).Format(time.RFC3339)}); r.StatusCode != http.StatusOK {
		t.Errorf("a replay: %d %s", r.StatusCode, r.body)
	}
	w.until("it arrives again", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(arrived) == 3 && arrived[2].ID() == arrived[0].ID()
	})
	if r := w.send("opd_head", http.MethodPost, one+"/pause", nil); r.get(t, "/state") != "paused" {
		t.Errorf("paused: %s", r.body)
	}
	if r := w.send("opd_head", http.MethodPost, one+"/resume", nil); r.get(t, "/state") != "active" {
		t.Errorf("resumed: %s", r.body)
	}
	if r := w.send("opd_head", http.MethodPost, one+"/rotate", nil); !strings.HasPrefix(r.get(t, "/secret").(string), "whsec_") {
		t.Errorf("rotated: %s", r.body)
	}
	if r := w.send("opd_head", http.MethodGet, subscriptions+"?opd="+opd, nil); r.get(t, "/items/0/id") != key || r.get(t, "/items/0/waiting") != 0.0 {
		t.Errorf("the list: %s", r.body)
	}
	if r := w.send("opd_head", http.MethodPost, one+"/remove", nil); r.StatusCode != http.StatusOK {
		t.Errorf("removed: %d %s", r.StatusCode, r.body)
	}
	w.refused(w.send("opd_head", http.MethodGet, one, nil), http.StatusNotFound, "subscription.unknown")

	// neither address nor secret is in what the program logs
	for _, word := range []string{secret, "langganan=1"} {
		if strings.Contains(w.wrote.String(), word) {
			t.Errorf("%.10s… stands in the program's log", word)
		}
	}
}

func TestWhoMaySubscribe(t *testing.T) {
	w := newTown(t)
	body := object{"opd": opd, "url": "https://opd.example/hook"}
	w.refused(w.send("", http.MethodPost, subscriptions, body), http.StatusUnauthorized, "account.token_missing")
	w.refused(w.send("camat", http.MethodPost, subscriptions, body), http.StatusForbidden, "subscription.role")
	w.refused(w.send("opd_head", http.MethodPost, subscriptions, object{"opd": otherOPD, "url": "https://opd.example/"}), http.StatusForbidden, "feed.other_opd")
	w.refused(w.send("opd_head", http.MethodPost, subscriptions, body, "Idempotency-Key", ""), http.StatusBadRequest, "request.key_missing")
	w.refused(w.send("opd_head", http.MethodPost, subscriptions, object{"opd": opd, "url": "https://a:b@opd.example/"}), http.StatusUnprocessableEntity, "subscription.url_password")
	made := w.send("planner", http.MethodPost, subscriptions, body)
	if made.StatusCode != http.StatusOK {
		t.Fatalf("by a planner: %d %s", made.StatusCode, made.body)
	}
	one := subscriptions + "/" + made.get(t, "/id").(string)
	w.refused(w.send("camat", http.MethodGet, one, nil), http.StatusNotFound, "subscription.unknown")
	w.refused(w.send("opd_head", http.MethodPost, one+"/replay", object{}), http.StatusUnprocessableEntity, "subscription.from")
	w.refused(w.send("opd_head", http.MethodPost, subscriptions+"/"+uuid.NewString()+"/test", nil), http.StatusNotFound, "subscription.unknown")
	if r := w.send("opd_head", http.MethodGet, one, nil); r.StatusCode != http.StatusOK || slices.Contains([]any{""}, r.get(t, "/url")) {
		t.Errorf("made by a planner, for the OPD's head: %d %s", r.StatusCode, r.body)
	}
}
