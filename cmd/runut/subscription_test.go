package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"runut/cmd/runut/demo"
)

// An opdSystem is an OPD's own system, which is sent the end of the OPD's feed.
type opdSystem struct {
	*httptest.Server
	mu     sync.Mutex
	secret string
	want   map[string][]string // by proposal, the ids of the events in order
	came   map[string][]string
	bad    int
}

// pulled reads the feed of the demo's OPD from its beginning.
func pulled(t *testing.T, base, token string) (events []struct{ ID, Subject, EventID string }) {
	t.Helper()
	for last := ""; ; last = events[len(events)-1].ID {
		status, body, _ := get(t, base+"/api/v1/feeds/opd/"+demo.OPD+"/accepted?limit=500&lastEventId="+last, "Authorization", "Bearer "+token)
		var page []struct{ ID, Subject, EventID string }
		if err := json.Unmarshal([]byte(body), &page); err != nil || status != http.StatusOK {
			t.Fatalf("the feed: %d %v", status, err)
		}
		if len(page) == 0 {
			return events
		}
		events = append(events, page...)
	}
}

// subscribes subscribes a system by commands beside a running program, as its
// operator would.
func subscribes(t *testing.T, dir, base, said string) *opdSystem {
	t.Helper()
	s := &opdSystem{want: map[string][]string{}, came: map[string][]string{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var e struct{ Subject string }
		json.Unmarshal(body, &e)
		time.Sleep(2 * time.Millisecond) // so that the program is killed in the middle
		s.mu.Lock()
		defer s.mu.Unlock()
		hook, err := standardwebhooks.NewWebhook(s.secret)
		if err != nil || hook.Verify(body, r.Header) != nil {
			s.bad++
		}
		s.came[e.Subject] = append(s.came[e.Subject], r.Header.Get("webhook-id"))
	}))
	t.Cleanup(s.Close)
	token := regexp.MustCompile(`opd_head +(rnt_\w+)`).FindStringSubmatch(said)[1]
	all := pulled(t, base, token)
	rest := all[max(len(all)-800, 1):]
	for _, e := range rest {
		s.want[e.Subject] = append(s.want[e.Subject], e.EventID)
	}
	after := all[len(all)-len(rest)-1].ID
	s.mu.Lock()
	defer s.mu.Unlock()
	status, out, complaints := runs(t, "subscription", "add", demo.OPD, s.URL, "--after="+after, "--json", "--data="+dir, "--webhook-inside=127.0.0.0/8")
	var made struct{ ID, Secret string }
	if err := json.Unmarshal([]byte(out), &made); err != nil || status != 0 {
		t.Fatalf("subscription add: %d %s%s", status, out, complaints)
	}
	s.secret = made.Secret
	if status, out, _ := runs(t, "subscription", "list", "--data="+dir); status != 0 || !strings.Contains(out, made.ID) || !strings.Contains(out, s.URL) || strings.Contains(out, "whsec_") {
		t.Errorf("subscription list: %d %s", status, out)
	}
	status, out, _ = runs(t, "subscription", "add", demo.OPD, "http://127.0.0.1:9/", "--json", "--data="+dir, "--webhook-inside=127.0.0.0/8")
	var nobody struct{ ID string }
	if err := json.Unmarshal([]byte(out), &nobody); err != nil || status != 0 {
		t.Fatalf("subscription add: %d %s", status, out)
	}
	status, out, complaints = runs(t, "subscription", "test", nobody.ID, "--data="+dir, "--webhook-inside=127.0.0.0/8")
	if status != 1 || complaints != "" || !strings.Contains(out, "tidak dapat dihubungi") {
		t.Errorf("a test that nobody takes: %d %q %q", status, out, complaints)
	}
	if status, _, complaints := runs(t, "subscription", "remove", nobody.ID, "--data="+dir); status != 0 {
		t.Errorf("subscription remove: %d %s", status, complaints)
	}
	if status, _, complaints := runs(t, "subscription", "add", demo.OPD, "http://10.0.0.1/", "--data="+dir); status != 1 || !strings.Contains(complaints, "https://") {
		t.Errorf("an address inside: %d %s", status, complaints)
	}
	return s
}

// complete waits until everything has come, of each proposal in order, whatever
// happened to the program meanwhile.
func (s *opdSystem) complete(t *testing.T, p *program) {
	t.Helper()
	p.until("the OPD's system has everything", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		for number, want := range s.want {
			for _, id := range want {
				if !slices.Contains(s.came[number], id) {
					return false
				}
			}
		}
		return true
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	for number, want := range s.want {
		next := 0
		for _, id := range s.came[number] {
			at := slices.Index(want, id)
			if at < 0 || at > next {
				t.Errorf("of %s came %v, want %v", number, s.came[number], want)
				break
			}
			next = max(next, at+1)
		}
	}
	if s.bad > 0 {
		t.Errorf("%d signatures are not good", s.bad)
	}
}
