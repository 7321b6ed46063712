package api_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/cycle"
	"runut/domain/proposal"
	"runut/domain/reference"
	"runut/eventstore"
)

// goroutines returns how many there are at work in a function.
func goroutines(in string) int {
	var all bytes.Buffer
	pprof.Lookup("goroutine").WriteTo(&all, 2)
	n := 0
	for g := range strings.SplitSeq(all.String(), "\n\n") {
		if strings.Contains(g, in) {
			n++
		}
	}
	return n
}

const streaming = "feed.(*Feeds).stream"

// A listener reads a stream of server-sent events as a browser does.
type listener struct {
	*town
	cancel context.CancelFunc
	ended  chan struct{}

	mu   sync.Mutex
	raw  bytes.Buffer
	last string // id of the last event, or of the place it began
	got  []heard
}

type heard struct{ id, kind, data string }

// listen opens the stream, after an event where last says so.
func (w *town) listen(who, query, last string) *listener {
	w.Helper()
	ctx, cancel := context.WithCancel(w.Context())
	w.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url+"/stream"+query, nil)
	if err != nil {
		w.Fatal(err)
	}
	if who != "" {
		req.Header.Set("Authorization", "Bearer "+w.tokens[who])
	}
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.Fatal(err)
	}
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" || res.Header.Get("Cache-Control") != "no-store" {
		w.Fatalf("the stream answers %d %v", res.StatusCode, res.Header)
	}
	l := &listener{town: w, cancel: cancel, ended: make(chan struct{})}
	go func() {
		defer close(l.ended)
		defer res.Body.Close()
		l.read(bufio.NewScanner(res.Body))
	}()
	w.until("the beginning of the stream", func() bool { return l.place() != "" })
	return l
}

func (l *listener) read(lines *bufio.Scanner) {
	lines.Buffer(nil, 4<<20)
	var e heard
	for lines.Scan() {
		l.mu.Lock()
		l.raw.WriteString(lines.Text() + "\n")
		switch name, value, _ := strings.Cut(lines.Text(), ": "); name {
		case "id":
			e.id = value
		case "event":
			e.kind = value
		case "data":
			e.data += value
		case "":
			if e.id != "" {
				l.last = e.id
			}
			if e.data != "" {
				l.got = append(l.got, e)
			}
			e = heard{}
		}
		l.mu.Unlock()
	}
}

func (l *listener) place() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

// ids returns the ids of what was heard once there are so many, or as many as
// there are after a while.
func (l *listener) ids(want int) []string {
	l.Helper()
	count := func() int { l.mu.Lock(); defer l.mu.Unlock(); return len(l.got) }
	l.until(fmt.Sprintf("%d events on the stream", want), func() bool { return count() >= want })
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]string, len(l.got))
	for i, e := range l.got {
		out[i] = e.id
	}
	return out
}

func (l *listener) bytes() string { l.mu.Lock(); defer l.mu.Unlock(); return l.raw.String() }

// released returns the ids of all public facts in the order of release.
func (w *town) released() []string {
	w.Helper()
	rows, err := w.pool.Query(w.Context(), `select released, position from public_read.steps order by released, position`)
	if err != nil {
		w.Fatal(err)
	}
	var out []string
	var released, position int64
	for rows.Next() {
		if err := rows.Scan(&released, &position); err != nil {
			w.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%d-%d", released, position))
	}
	if rows.Err() != nil {
		w.Fatal(rows.Err())
	}
	return out
}

func (w *town) release(scope domain.Scope, stage string) {
	w.Helper()
	w.do("ppid", act.OnCycle{Year: year, Ask: &cycle.PublicationReleased{Scope: scope, Stage: stage}})
	w.caughtUp()
}

// A visitor's stream holds nothing until it is released, then exactly what was,
// in the order in which it was; and goes on where it broke off.
func TestStreamForVisitors(t *testing.T) {
	w := newTown(t)
	p := w.past(time.Now().Add(-time.Hour))
	early := p.planted(village)
	p.do(p.actors["ppid"], nil, act.OnCycle{Year: year, Ask: &cycle.PublicationPolicySet{Fields: cycle.Publishable, After: "desa"}})
	p.happen()
	w.caughtUp()

	l := w.listen("", "", "")
	beginning := l.place()
	w.do("opd_officer", act.Take{Proposal: early, Ask: &proposal.Responded{Leaning: "ragu", Note: planted(""), Forum: w.session("forum_opd")}})
	w.do("opd_head", act.Take{Proposal: early, Ask: w.accept()})
	later := w.past(time.Now())
	far := later.planted(farVill)
	later.happen()
	w.caughtUp()
	if got := w.released(); len(got) != 0 {
		t.Fatalf("public before anything was released: %v", got)
	}

	w.release(ofDistrict(farKec), "")
	first := w.released()
	if d := cmp.Diff(first, l.ids(1)); d != "" || len(first) != 1 {
		t.Fatalf("after the first release (-public +heard): %s", d)
	}
	w.do("planner", act.Take{Proposal: far, Ask: &proposal.Aligned{Plan: "rpjmd"}})
	w.release(ofDistrict(kecamatan), "")
	second := w.released()
	if d := cmp.Diff(second, l.ids(len(second))); d != "" || len(second) != 4 {
		t.Fatalf("after the second release of %d (-public +heard): %s", len(second), d)
	}
	w.release(all, "")
	whole := w.released()
	if d := cmp.Diff(whole, l.ids(len(whole))); d != "" || len(whole) != 5 {
		t.Fatalf("after the last release of %d (-public +heard): %s", len(whole), d)
	}

	t.Run("it goes on where it broke off", func(t *testing.T) {
		for i, id := range append([]string{beginning}, whole...) {
			w := w.in(t)
			if i == len(whole) {
				break // nothing comes after the last one
			}
			on := w.listen("", "", id)
			if d := cmp.Diff(whole[i:], on.ids(len(whole)-i)); d != "" {
				t.Errorf("after %s: %s", id, d)
			}
			on.cancel()
		}
	})

	t.Run("it is narrowed by type and year", func(t *testing.T) {
		w := w.in(t)
		on := w.listen("", "?type=proposal.accepted_by_opd,proposal.aligned&cycle=2027", beginning)
		on.ids(2)
		for _, e := range on.got {
			if e.kind != "proposal.accepted_by_opd" && e.kind != "proposal.aligned" {
				t.Errorf("%s came through", e.kind)
			}
		}
	})

	t.Run("it holds no personal data", func(t *testing.T) {
		heard := l.bytes()
		if !strings.Contains(heard, early) || !strings.Contains(heard, far) {
			t.Fatalf("it does not speak of the proposals at all:\n%s", heard)
		}
		for _, secret := range append(canaries, w.actors["opd_head"].Person, w.actors["planner"].Person) {
			if strings.Contains(heard, secret) {
				t.Errorf("%q is on the stream", secret)
			}
		}
	})

	t.Run("an id of those who signed in says nothing here", func(t *testing.T) {
		w := w.in(t)
		w.refused(w.send("", http.MethodGet, "/stream", nil, "Last-Event-ID", "12"), http.StatusUnprocessableEntity, "feed.cursor")
	})
}

// Whoever signed in gets everything, in the order of the log.
func TestStreamForThoseWhoSignedIn(t *testing.T) {
	w := newTown(t)
	began := w.head()
	l := w.listen("planner", "", "")
	p := w.past(time.Now())
	var numbers []string
	for range 40 {
		numbers = append(numbers, p.direct(village))
	}
	p.happen()
	var acting sync.WaitGroup
	for part := range slices.Chunk(numbers, 10) {
		acting.Go(func() {
			for _, n := range part {
				if _, err := w.server.Do(t.Context(), w.ask(w.actors["opd_head"], act.Take{Proposal: n, Ask: w.accept()})); err != nil {
					t.Error(err)
				}
			}
		})
	}
	acting.Wait()
	var want []string
	for r, err := range w.server.Store.Since(t.Context(), began, 0, eventstore.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, strconv.FormatInt(r.Position, 10))
	}
	if d := cmp.Diff(want, l.ids(len(want))); d != "" || len(want) != 80 {
		t.Errorf("of %d events: %s", len(want), d)
	}
	on := w.listen("planner", "", want[49])
	if d := cmp.Diff(want[50:], on.ids(30)); d != "" {
		t.Errorf("going on after %s: %s", want[49], d)
	}
	both := w.listen("planner", "", "7-"+want[69]) // who read as a visitor before
	if d := cmp.Diff(want[70:], both.ids(10)); d != "" {
		t.Errorf("going on as somebody known: %s", d)
	}
}

// A stream ends with the program, with its reader, and with a reader who does
// not read; and leaves nothing at work.
func TestStreamEnds(t *testing.T) {
	w := newTown(t)
	w.feeds.Patience = 300 * time.Millisecond
	idle := func(what string) {
		t.Helper()
		w.until("the end of "+what, func() bool { return goroutines(streaming) == 0 })
	}

	gone := []*listener{w.listen("", "", ""), w.listen("planner", "", ""), w.listen("planner", "", "")}
	if n := goroutines(streaming); n != 3 {
		t.Fatalf("%d streams at work, want 3", n)
	}
	for _, l := range gone {
		l.cancel()
	}
	idle("streams whose readers went away")

	p := w.past(time.Now())
	for i := range 16 { // more than any socket takes in
		entries := make([]reference.Entry, 3000)
		for n := range entries {
			entries[n] = reference.Entry{Code: fmt.Sprintf("99.02.%02d.%04d", i, n), Name: strings.Repeat("Panjang sekali ", 16)}
		}
		p.do(p.actors["planner"], nil, act.OnReference{Ask: &reference.EditionPublished{Register: "wilayah", Edition: fmt.Sprint("besar", i), ValidFrom: "2025-01-01",
			Digest: strings.Repeat("ab", 32), Entries: entries}})
	}
	p.happen()
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.(*net.TCPConn).SetReadBuffer(4096)
	fmt.Fprintf(conn, "GET /stream?lastEventId=0 HTTP/1.1\r\nHost: runut\r\nAuthorization: Bearer %s\r\n\r\n", w.tokens["planner"])
	w.until("the stream of somebody who does not read", func() bool { return goroutines(streaming) == 1 })
	idle("a stream that nobody reads")

	open := []*listener{w.listen("", "", ""), w.listen("planner", "", "")}
	began := time.Now()
	w.finish()
	for _, l := range open {
		select {
		case <-l.ended:
		case <-time.After(deadline):
			t.Fatal("a stream goes on after the program stopped")
		}
	}
	idle("all streams")
	t.Logf("ended %s after the program did", time.Since(began).Round(time.Millisecond))
}
