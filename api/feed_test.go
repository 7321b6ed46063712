package api_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cloudevents/sdk-go/v2/event"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"runut/api"
	"runut/api/account"
	"runut/domain"
	"runut/domain/act"
	"runut/domain/proposal"
	"runut/projections"
)

// deadline is how long anything may take on a busy machine.
const deadline = 3 * time.Minute // generous: machines are slow and busy

// until waits for something to become true.
func (w *town) until(what string, ok func() bool) {
	w.Helper()
	for began := time.Now(); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Since(began) > deadline {
			w.Fatalf("%s did not happen within %s", what, deadline)
		}
	}
}

// caughtUp waits until the read models stand at the end of the log.
func (w *town) caughtUp() {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), deadline)
	defer cancel()
	if err := projections.WaitFor(ctx, w.pool, w.head()); err != nil {
		w.Fatal(err)
	}
}

// do lets somebody do something through the server, which must be accepted.
func (w *town) do(who string, a act.Act) {
	w.Helper()
	if _, err := w.server.Do(w.Context(), w.ask(w.actors[who], a)); err != nil {
		w.Fatalf("%s by %s: %v", a.Name(), who, err)
	}
}

func (w *town) ask(actor domain.Actor, a act.Act) api.Ask {
	return api.Ask{Act: a, Actor: actor, Command: uuid.New(), Cycle: year, Definition: w.definition.Hash(), Version: -1}
}

// accept is what an OPD says to a direct request.
func (w *town) accept() *proposal.AcceptedByOPD {
	return &proposal.AcceptedByOPD{Forum: w.session("forum_opd"), SubKegiatan: subKegiatan, Volume: domain.Volume{Amount: "12", Unit: "m"}, Estimate: 200_000_000}
}

// accepts is where the OPD pulls what it accepted.
const accepts = "/api/v1/feeds/opd/" + opd + "/accepted"

// pull reads the feed as an OPD's system does, with the CloudEvents SDK.
func (w *town) pull(who, query string) ([]event.Event, reply) {
	w.Helper()
	r := w.send(who, http.MethodGet, accepts+query, nil, "Accept", "application/cloudevents-batch+json")
	if r.StatusCode != http.StatusOK {
		w.Fatalf("GET %s: %d %s", accepts+query, r.StatusCode, r.body)
	}
	if !cehttp.IsHTTPBatch(r.Header) {
		w.Errorf("the feed is %q, no batch to the SDK", r.Header.Get("Content-Type"))
	}
	r.Body = io.NopCloser(bytes.NewReader(r.body))
	events, err := cehttp.NewEventsFromHTTPResponse(r.Response)
	if err != nil {
		w.Fatalf("the SDK does not read the feed: %v\n%s", err, r.body)
	}
	return events, r
}

func ids(events []event.Event) []string {
	out := make([]string, len(events))
	for i, e := range events {
		out[i] = e.ID()
	}
	return out
}

func TestFeedIsReadByTheCloudEventsSDK(t *testing.T) {
	w := newTown(t)
	p := w.past(time.Now().Add(-time.Hour))
	number := p.direct(village)
	p.happen()
	w.do("opd_head", act.Take{Proposal: number, Ask: w.accept()})
	w.caughtUp()

	events, r := w.pull("opd_head", "")
	if len(events) != 1 {
		t.Fatalf("%d events: %s", len(events), r.body)
	}
	e := events[0]
	if err := e.Validate(); err != nil {
		t.Error(err)
	}
	var data struct {
		Subject, Number, OPD string
		Estimate             int64
	}
	if err := e.DataAs(&data); err != nil {
		t.Error(err)
	}
	if e.SpecVersion() != "1.0" || e.Type() != "proposal.accepted_by_opd" || e.Subject() != number || e.Source() != "/kabupaten/"+kabupaten ||
		e.DataContentType() != "application/json" || time.Since(e.Time()) > time.Hour ||
		data.Subject != "accepted" || data.Number != number || data.OPD != opd || data.Estimate != 200_000_000 {
		t.Errorf("%v %+v", e, data)
	}
	if _, err := uuid.Parse(e.Extensions()["eventid"].(string)); err != nil {
		t.Error(err)
	}
	if e.Extensions()["partitionkey"] != proposal.Stream(number) || e.Extensions()["demo"] != true {
		t.Errorf("extensions %v", e.Extensions())
	}
	if got, want := e.Extensions()["sequence"].(string), "00000000000000000000"; len(got) != len(want) || strings.TrimLeft(got, "0") != e.ID() {
		t.Errorf("sequence %q of %s does not sort as text", got, e.ID())
	}
	if none, r := w.pull("opd_head", "?lastEventId="+e.ID()); len(none) != 0 || string(bytes.TrimSpace(r.body)) != "[]" {
		t.Errorf("after the last one comes %s", r.body)
	}
	if none, _ := w.pull("planner", ""); len(none) != 1 {
		t.Error("who acts for the whole kabupaten does not see the feed")
	}
}

// Whoever reads page by page while others append gets each event once, in order.
func TestFeedGivesEachEventOnceWhileOthersAppend(t *testing.T) {
	w := newTown(t)
	p := w.past(time.Now().Add(-time.Hour))
	var numbers []string
	for range 60 {
		numbers = append(numbers, p.direct(village))
	}
	p.happen()

	var appending sync.WaitGroup
	for part := range slices.Chunk(numbers, 15) {
		appending.Go(func() {
			for _, n := range part {
				for _, ask := range []proposal.Event{w.accept(), &proposal.Aligned{Plan: "rpjmd"}} {
					who := w.actors["opd_head"]
					if _, ok := ask.(*proposal.Aligned); ok {
						who = w.actors["planner"]
					}
					if _, err := w.server.Do(t.Context(), w.ask(who, act.Take{Proposal: n, Ask: ask})); err != nil {
						t.Errorf("%s: %v", n, err)
					}
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { defer close(done); appending.Wait() }()

	var seen []event.Event
	ended, last := false, ""
	for began := time.Now(); ; {
		select {
		case <-done:
			ended = true
		default:
		}
		if ended {
			w.caughtUp()
		}
		events, r := w.pull("opd_head", "?limit=7&timeout=1&lastEventId="+last)
		immutable := strings.Contains(r.Header.Get("Cache-Control"), "immutable")
		if full := len(events) == 7; full != immutable {
			t.Errorf("a page of %d is cached as %q", len(events), r.Header.Get("Cache-Control"))
		}
		if !strings.HasPrefix(r.Header.Get("Cache-Control"), "private") {
			t.Errorf("what only one OPD may see is cached as %q", r.Header.Get("Cache-Control"))
		}
		if seen = append(seen, events...); len(events) > 0 {
			last = events[len(events)-1].ID()
		} else if ended {
			break
		}
		if time.Since(began) > deadline {
			t.Fatalf("after %s only %d events", deadline, len(seen))
		}
	}
	whole, _ := w.pull("opd_head", "?limit=500")
	if d := cmp.Diff(ids(whole), ids(seen)); d != "" {
		t.Errorf("page by page and at once differ (-once +paged): %s", d)
	}
	if len(seen) != 2*len(numbers) {
		t.Errorf("%d events, want %d", len(seen), 2*len(numbers))
	}
	for i, id := range ids(seen)[1:] {
		before, _ := strconv.Atoi(seen[i].ID())
		if after, _ := strconv.Atoi(id); after <= before {
			t.Errorf("%d comes after %d", after, before)
		}
	}
	again, r := w.pull("opd_head", "?limit=7")
	if d := cmp.Diff(ids(whole[:7]), ids(again)); d != "" || r.Header.Get("Cache-Control") != "private, max-age=3600, immutable" {
		t.Errorf("the first full page changed or may not be kept (%q): %s", r.Header.Get("Cache-Control"), d)
	}
}

func TestLongPollWakesAndGivesUp(t *testing.T) {
	w := newTown(t)
	p := w.past(time.Now().Add(-time.Hour))
	number, other := p.direct(village), p.direct(neighbour)
	p.happen()
	w.caughtUp()

	began := time.Now()
	if none, _ := w.pull("opd_head", "?timeout=1"); len(none) != 0 {
		t.Errorf("something came of nothing: %v", none)
	}
	if took := time.Since(began); took < 900*time.Millisecond || took > deadline {
		t.Errorf("a poll of 1 s gave up after %s", took)
	}

	type answer struct {
		events []event.Event
		after  time.Duration
	}
	answers := make(chan answer, 1)
	part := w.in(t)
	go func() {
		began := time.Now()
		events, _ := part.pull("opd_head", "?timeout=60")
		answers <- answer{events, time.Since(began)}
	}()
	w.until("the poll", func() bool { return goroutines("feed.(*Feeds).poll") > 0 })
	w.do("opd_officer", act.Take{Proposal: other, Ask: &proposal.Verified{Kind: "administrasi", Result: "pass"}}) // concerns nobody's feed
	began = time.Now()
	w.do("opd_head", act.Take{Proposal: number, Ask: w.accept()})
	select {
	case a := <-answers:
		t.Logf("woken %s after it was asked for", time.Since(began).Round(time.Millisecond))
		if len(a.events) != 1 || a.events[0].Subject() != number {
			t.Errorf("woken with %v", a.events)
		}
	case <-time.After(deadline):
		t.Fatal("the poll slept on")
	}

	t.Run("and ends when the program stops", func(t *testing.T) {
		last, _ := w.pull("opd_head", "")
		ended := make(chan time.Duration, 1)
		part := w.in(t)
		go func() {
			began := time.Now()
			part.pull("opd_head", "?timeout=60&lastEventId="+last[0].ID())
			ended <- time.Since(began)
		}()
		part.until("the poll", func() bool { return goroutines("feed.(*Feeds).poll") > 0 })
		w.finish()
		select {
		case <-ended:
		case <-time.After(deadline):
			t.Fatal("the poll waits on")
		}
	})
}

// What an OPD accepted goes on in its feed: put right, changed, transferred away.
func TestFeedTellsWhatBecameOfWhatWasAccepted(t *testing.T) {
	w := newTown(t)
	p := w.past(time.Now().Add(-time.Hour))
	wrong, moved := p.direct(village), p.direct(neighbour)
	p.happen()
	w.do("opd_head", act.Take{Proposal: wrong, Ask: w.accept()})
	w.do("opd_head", act.Take{Proposal: moved, Ask: w.accept()})
	w.caughtUp()
	acceptance, _ := w.pull("opd_head", "?limit=1")
	target := acceptance[0].Extensions()["eventid"].(string)

	w.post("planner", "/api/v1/proposals/"+moved+"/align", map[string]any{"plan": "rpjmd"})
	w.post("head_of_planning", "/api/v1/cycles/2027/succeed-office", map[string]any{"from": opd, "to": []string{otherOPD},
		"decree": map[string]any{"kind": "perda", "number": "4/2026", "date": time.Now().Format(time.DateOnly)}, "assign": map[string]any{}})
	voided := w.send("approver", http.MethodPost, "/api/v1/proposals/"+wrong+"/correct", map[string]any{"target": target, "action": "void", "reason": "Salah nomor"},
		"If-Match", "*", "Runut-Second-Token", w.tokens["head_of_planning"])
	if voided.StatusCode != http.StatusOK {
		t.Fatalf("%s", voided.body)
	}
	w.caughtUp()

	subjects := func(code, who string) (out []string) {
		r := w.send(who, http.MethodGet, "/api/v1/feeds/opd/"+code+"/accepted", nil)
		for i := range 20 {
			n := strconv.Itoa(i)
			if r.get(t, "/"+n+"/id") == nil {
				return out
			}
			number := "wrong"
			if r.get(t, "/"+n+"/subject") == moved {
				number = "moved"
			}
			out = append(out, number+" "+r.get(t, "/"+n+"/data/subject").(string))
		}
		return out
	}
	mine, theirs := subjects(opd, "opd_head"), subjects(otherOPD, "opd_head@"+otherOPD)
	for _, want := range []string{"wrong accepted", "moved accepted", "moved changed", "moved transferred_away", "wrong transferred_away"} {
		if !slices.Contains(mine, want) {
			t.Errorf("the OPD was not told %q: %q", want, mine)
		}
	}
	for _, want := range []string{"moved accepted", "wrong accepted", "wrong corrected"} {
		if !slices.Contains(theirs, want) {
			t.Errorf("its successor was not told %q: %q", want, theirs)
		}
	}
	w.refused(w.send("opd_head", http.MethodGet, "/api/v1/feeds/opd/"+otherOPD+"/accepted", nil), http.StatusForbidden, "feed.other_opd")
	w.refused(w.send("", http.MethodGet, accepts, nil), http.StatusUnauthorized, "account.token_missing")
	reader, err := w.server.Tokens.Issue(t.Context(), "hanya baca", w.actors["opd_head"].Grant, []account.Use{account.Read}, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	w.refused(w.send("", http.MethodGet, accepts, nil, "Authorization", "Bearer "+reader), http.StatusForbidden, "account.token_may_not")
	w.refused(w.send("", http.MethodGet, "/stream", nil, "Authorization", "Bearer "+reader), http.StatusForbidden, "account.token_may_not")
}
