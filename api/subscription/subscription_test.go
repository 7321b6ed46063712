package subscription_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/api/subscription"
	"runut/domain"
)

// What the feed holds arrives as the feed has it, once each, in order, signed; and
// so does what comes later.
func TestAnEndpointGetsTheFeed(t *testing.T) {
	h := newHouse(t)
	for n := range 5 {
		h.happen(n, 3)
	}
	h.catchUp()
	r := newReceiver(t, nil)
	s, secret := h.add(r.URL, subscription.OrderProposal)
	r.trust(secret)
	if s.Waiting != 10 || s.State != subscription.Active || !strings.HasPrefix(secret, "whsec_") {
		t.Errorf("added: %+v, %.6s…", s, secret)
	}
	h.dispatch()
	h.until("everything has arrived", func() bool { return len(r.all()) == 10 })
	h.happen(2, 1)
	h.catchUp()
	h.until("what came later has arrived", func() bool { return len(r.all()) == 11 })
	want, _ := h.feed("")
	got := r.all()
	if diff := cmp.Diff(want, ids(got)); diff != "" {
		t.Errorf("events (-feed +arrived):\n%s", diff)
	}
	for _, x := range got {
		if !x.good[0] || x.ID != x.EventID || x.Source != "/kabupaten/"+tenant {
			t.Errorf("arrived: %+v", x)
		}
	}
	h.until("it says so", func() bool { s = h.get(s.ID); return s.Waiting == 0 && s.Delivered != nil })
	log, err := h.store.Deliveries(t.Context(), s.ID, 0, 100)
	if err != nil || len(log) != 11 || log[0].Outcome != subscription.Taken || log[0].Status != 200 || log[0].Attempt != 1 {
		t.Errorf("%d attempts noted, the last %+v, %v", len(log), log[0], err)
	}
}

// One proposal that is not taken holds up what follows of it and nothing else.
func TestAProposalIsHeldBackAndOthersGoOn(t *testing.T) {
	h := newHouse(t)
	for n := range 4 {
		h.happen(n, 3)
	}
	h.happen(1, 2)
	h.catchUp()
	bad, mended := number(1), atomic.Bool{}
	r := newReceiver(t, func(x sent) int {
		if x.Subject == bad && !mended.Load() {
			return http.StatusUnprocessableEntity
		}
		return http.StatusOK
	})
	s, _ := h.add(r.URL, subscription.OrderProposal)
	h.dispatch()
	h.until("the others have arrived", func() bool { return len(r.all()) == 6 })
	if held := h.get(s.ID); held.Parked != 1 {
		t.Errorf("held back: %+v", held)
	}
	h.happen(1, 1)
	h.happen(3, 1)
	h.catchUp()
	h.until("what came later of another has arrived", func() bool { return len(r.of(number(3))) == 3 })
	mended.Store(true)
	h.until("all of it has arrived", func() bool { return len(r.of(bad)) == 5 })
	for n := range 4 {
		if _, want := h.feed(number(n)); !slices.Equal(want, r.of(number(n))) {
			t.Errorf("proposal %d arrived as %v, want %v", n, r.of(number(n)), want)
		}
	}
	h.until("nothing is held back", func() bool { return h.get(s.ID).Parked == 0 })
}

// Nothing overtakes at an endpoint that wants it so.
func TestAnEndpointMayWantEverythingInOrder(t *testing.T) {
	h := newHouse(t)
	for n := range 3 {
		h.happen(n, 3)
	}
	h.catchUp()
	tries := atomic.Int32{}
	r := newReceiver(t, func(x sent) int {
		if x.Subject == number(1) && tries.Add(1) <= 3 {
			return http.StatusInternalServerError
		}
		return http.StatusOK
	})
	h.add(r.URL, subscription.OrderEndpoint)
	h.dispatch()
	h.until("everything has arrived", func() bool { return len(r.all()) == 6 })
	if want, _ := h.feed(""); !slices.Equal(want, ids(r.all())) {
		t.Errorf("arrived as %v, want %v", ids(r.all()), want)
	}
}

// A proposal that is never taken is given up in the end, and comes when asked for.
func TestWhatIsGivenUpCanBeAskedFor(t *testing.T) {
	h := newHouse(t)
	h.happen(0, 2)
	h.happen(1, 2)
	h.catchUp()
	broken := atomic.Bool{}
	broken.Store(true)
	r := newReceiver(t, func(x sent) int {
		if x.Subject == number(0) && broken.Load() {
			return http.StatusBadRequest
		}
		return http.StatusOK
	})
	s, _ := h.add(r.URL, subscription.OrderProposal)
	h.dispatch()
	h.until("it is given up", func() bool { return h.get(s.ID).Stuck == 1 })
	if log, _ := h.store.Deliveries(t.Context(), s.ID, 0, 100); log[0].Attempt != 5 || log[0].Outcome != subscription.Refused || log[0].Status != 400 {
		t.Errorf("the last attempt: %+v", log[0])
	}
	broken.Store(false)
	if err := h.store.Resume(t.Context(), head, s.ID); err != nil {
		t.Fatal(err)
	}
	h.until("it has arrived", func() bool { return len(r.of(number(0))) == 1 })

	broken.Store(true)
	h.happen(0, 1)
	h.catchUp()
	h.until("the next is given up", func() bool { return h.get(s.ID).Stuck == 1 })
	h.happen(0, 1)
	h.catchUp()
	h.until("what follows is passed over", func() bool { return h.get(s.ID).Waiting == 0 })
	broken.Store(false)
	if err := h.store.Replay(t.Context(), head, s.ID, h.get(s.ID).Position-1); err != nil { // what follows is asked for again
		t.Fatal(err)
	}
	h.until("both have arrived", func() bool { return len(r.of(number(0))) == 3 })
}

// Of each endpoint so many attempts are kept, however the numbers of attempts fall.
func TestAttemptsAreBounded(t *testing.T) {
	h := newHouse(t)
	r := newReceiver(t, nil)
	s, _ := h.add(r.URL, subscription.OrderProposal)
	if _, err := h.pool.Exec(t.Context(), `
		insert into subscription_deliveries (subscription, position, event, type, number, attempt, status, outcome, took, answer)
		select $1, 0, gen_random_uuid(), 'runut.test', '', 1, 200, 'taken', '0', '' from generate_series(1, 600)`, s.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := h.store.Test(t.Context(), s.ID, tenant); err != nil {
		t.Fatal(err)
	}
	var kept int
	if err := h.pool.QueryRow(t.Context(), `select count(*) from subscription_deliveries`).Scan(&kept); err != nil || kept != 500 {
		t.Errorf("%d attempts are kept, %v", kept, err)
	}
}

// A replay sends everything again, with the same ids.
func TestReplay(t *testing.T) {
	h := newHouse(t)
	for n := range 3 {
		h.happen(n, 2)
	}
	h.catchUp()
	r := newReceiver(t, nil)
	s, _ := h.add(r.URL, subscription.OrderProposal)
	h.dispatch()
	h.until("everything has arrived", func() bool { return len(r.all()) == 3 })
	if err := h.store.Replay(t.Context(), head, s.ID, 2); err != nil { // after the acceptance of the first
		t.Fatal(err)
	}
	h.until("the rest has arrived again", func() bool { return len(r.all()) == 5 })
	want, _ := h.feed("")
	if got := ids(r.all()); !slices.Equal(got, append(slices.Clone(want), want[1:]...)) {
		t.Errorf("arrived as %v, want %v and again without the first", got, want)
	}
	if err := h.store.Replay(t.Context(), head, uuid.New(), 0); !errors.Is(err, &domain.Error{Code: "subscription.unknown"}) {
		t.Errorf("a replay to nowhere: %v", err)
	}
}

// While one secret follows another both are signed by, the first as well where
// somebody asked for another twice.
func TestSecretsFollowOneAnother(t *testing.T) {
	h := newHouse(t)
	r := newReceiver(t, nil)
	s, first := h.add(r.URL, subscription.OrderProposal)
	second, err := h.store.Rotate(t.Context(), head, s.ID)
	if err != nil {
		t.Fatal(err)
	}
	test := func(want ...bool) {
		t.Helper()
		if d, err := h.store.Test(t.Context(), s.ID, tenant); err != nil || d.Outcome != subscription.Taken || d.Type != "runut.test" {
			t.Fatalf("%+v, %v", d, err)
		}
		all := r.all()
		if got := all[len(all)-1].good; !slices.Equal(got, want) {
			t.Errorf("signed by %v, want %v", got, want)
		}
	}
	r.trust(first, second, "whsec_"+strings.Repeat("A", 44))
	test(true, true, false)
	third, err := h.store.Rotate(t.Context(), head, s.ID)
	if err != nil {
		t.Fatal(err)
	}
	r.trust(first, second, third)
	test(true, true, true)
	if _, err := h.pool.Exec(t.Context(), `update subscription_secrets set until = now() - interval '1 second' where until is not null`); err != nil {
		t.Fatal(err)
	}
	test(false, false, true)
	var kept string
	if err := h.pool.QueryRow(t.Context(), `select string_agg(encode(sealed, 'escape'), ' ') from subscription_secrets`).Scan(&kept); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if _, err := h.store.Rotate(t.Context(), head, s.ID); err != nil {
			t.Fatal(err)
		}
	}
	var many int
	if err := h.pool.QueryRow(t.Context(), `select count(*) from subscription_secrets`).Scan(&many); err != nil || many != 5 {
		t.Errorf("%d secrets at once, %v", many, err)
	}
	for _, secret := range []string{first, second, third} {
		if strings.Contains(kept, strings.TrimPrefix(secret, "whsec_")) {
			t.Error("a secret lies open in the database")
		}
	}
}

// 410 ends it at once, long failure in the end; both wait for a word.
func TestAnEndpointIsDisabled(t *testing.T) {
	h := newHouse(t)
	h.happen(0, 2)
	h.catchUp()
	gone := newReceiver(t, func(sent) int { return http.StatusGone })
	dead := newReceiver(t, nil)
	dead.Close()
	a, _ := h.add(gone.URL, subscription.OrderProposal)
	b, _ := h.add(dead.URL, subscription.OrderProposal)
	stop := h.dispatch(func(d *subscription.Dispatcher) { d.Longest = 100 * time.Millisecond })
	h.until("both are disabled", func() bool {
		return h.get(a.ID).State == subscription.Disabled && h.get(b.ID).State == subscription.Disabled
	})
	stop()
	if a, b := h.get(a.ID), h.get(b.ID); a.Why != subscription.WhyGone || b.Why != subscription.WhyFailing || a.Waiting != 1 || b.Waiting != 1 || b.Failures < 1 {
		t.Errorf("gone %+v\ndead %+v", a, b)
	}
	gone.mu.Lock()
	gone.answer = nil
	gone.mu.Unlock()
	if err := h.store.Resume(t.Context(), head, a.ID); err != nil {
		t.Fatal(err)
	}
	h.dispatch()
	h.until("it goes on", func() bool { return len(gone.all()) == 1 })
}

// Whoever asks to be left alone for a while is.
func TestRetryAfter(t *testing.T) {
	h := newHouse(t)
	h.happen(0, 2)
	h.catchUp()
	var asked atomic.Int32
	r := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	defer r.Close()
	s, _ := h.add(r.URL, subscription.OrderProposal)
	h.dispatch()
	h.until("it was asked", func() bool { return h.get(s.ID).Failures == 1 })
	time.Sleep(200 * time.Millisecond)
	if n := asked.Load(); n != 1 {
		t.Errorf("asked %d times within the hour", n)
	}
	if s := h.get(s.ID); time.Until(s.Next) < 50*time.Minute || s.Parked != 0 {
		t.Errorf("waits until %v, %d held back", s.Next, s.Parked)
	}
}

// Paused in the middle it stops; what was in hand may come twice, nothing is lost.
func TestPauseAndResume(t *testing.T) {
	h := newHouse(t)
	for n := range 30 {
		h.happen(n, 2)
	}
	h.catchUp()
	entered, leave := make(chan struct{}, 100), make(chan struct{})
	r := newReceiver(t, func(sent) int {
		entered <- struct{}{}
		<-leave
		return http.StatusOK
	})
	s, _ := h.add(r.URL, subscription.OrderEndpoint)
	h.dispatch()
	<-entered
	if err := h.store.Pause(t.Context(), head, s.ID); err != nil {
		t.Fatal(err)
	}
	close(leave)
	time.Sleep(100 * time.Millisecond)
	if n := len(r.all()); n > 1 {
		t.Errorf("%d arrived after it was paused", n)
	}
	if err := h.store.Resume(t.Context(), head, s.ID); err != nil {
		t.Fatal(err)
	}
	want, _ := h.feed("")
	h.until("everything has arrived", func() bool { return slices.Equal(slices.Compact(ids(r.all())), want) })
}

// Several programs on one database send everything once, in order.
func TestManyDispatchersShareEndpoints(t *testing.T) {
	h := newHouse(t)
	for n := range 40 {
		h.happen(n, 2)
	}
	h.catchUp()
	var receivers []*receiver
	for range 6 {
		r := newReceiver(t, nil)
		h.add(r.URL, subscription.OrderEndpoint)
		receivers = append(receivers, r)
	}
	for range 3 {
		h.dispatch(func(d *subscription.Dispatcher) { d.Slots = 2 })
	}
	want, _ := h.feed("")
	for i, r := range receivers {
		h.until("all have everything", func() bool { return len(r.all()) >= len(want) })
		if !slices.Equal(ids(r.all()), want) {
			t.Errorf("receiver %d got %d events out of order or twice", i, len(r.all()))
		}
	}
}

// Nobody is knocked at who is not to be: not by address, not by a name that leads
// there, not by a redirect, and the answer that never ends does no harm.
func TestNobodyElseIsSentTo(t *testing.T) {
	h := newHouse(t)
	h.happen(0, 2)
	h.catchUp()
	var knocked atomic.Int32
	private := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { knocked.Add(1) }))
	defer private.Close()
	public := subscription.Dialer{}
	inside := h.store.Dialer
	for address, why := range map[string]string{
		"https://127.0.0.1/x":                 "address",
		"https://[::1]/x":                     "address",
		"https://[::ffff:10.0.0.1]/":          "address",
		"https://169.254.169.254/":            "address",
		"https://10.1.2.3/":                   "address",
		"https://192.168.1.1/":                "address",
		"http://example.test/":                "scheme",
		"ftp://example.test/":                 "scheme",
		"https://example.test:8443/":          "port",
		"https://a:b@example.test/":           "password",
		"https://example.test/#x":             "fragment",
		"https:example.test":                  "form",
		"/relative":                           "form",
		"https://" + strings.Repeat("a", 600): "form",
	} {
		err := public.Check(address)
		refusal, ok := errors.AsType[*domain.Error](err)
		if !ok || refusal.Code != "subscription.url_"+why {
			t.Errorf("%.60s: %v, want %s", address, err, why)
		}
	}
	for _, address := range []string{"https://example.test/hook?x=1", "https://93.184.216.34/"} {
		if err := public.Check(address); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	if err := inside.Check("http://10.0.0.1/"); err == nil {
		t.Error("an address outside of what is allowed inside passes by http")
	}

	// the name is looked up when it is dialled
	h.store.Dialer = subscription.Dialer{Inside: []netip.Prefix{netip.MustParsePrefix("127.9.0.0/16")}}
	s, _ := h.add(strings.Replace(private.URL, "127.0.0.1", "localhost", 1), subscription.OrderProposal)
	d, err := h.store.Test(t.Context(), s.ID, tenant)
	if err != nil || d.Outcome != subscription.Forbidden || d.Status != 0 {
		t.Errorf("by a name: %+v, %v", d, err)
	}
	h.store.Dialer = inside
	elsewhere := httptest.NewServer(http.RedirectHandler(private.URL, http.StatusFound))
	defer elsewhere.Close()
	s, _ = h.add(elsewhere.URL, subscription.OrderProposal)
	if d, err = h.store.Test(t.Context(), s.ID, tenant); err != nil || d.Outcome != subscription.Redirected || d.Status != http.StatusFound {
		t.Errorf("by a redirect: %+v, %v", d, err)
	}
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for line := strings.Repeat("Hubungi 0812-3456-7890 <b>\x00\x1b[31m\n", 100); r.Context().Err() == nil; {
			if _, err := w.Write([]byte(line)); err != nil {
				return
			}
		}
	}))
	defer endless.Close()
	s, _ = h.add(endless.URL, subscription.OrderProposal)
	d, err = h.store.Test(t.Context(), s.ID, tenant)
	if err != nil || d.Outcome != subscription.Taken || len(d.Answer) > 600 || strings.Contains(d.Answer, "0812") || strings.ContainsAny(d.Answer, "\x00\x1b\n") {
		t.Errorf("an answer without an end: %+v, %v", d, err)
	}
	if knocked.Load() != 0 {
		t.Errorf("somebody was knocked at %d times", knocked.Load())
	}
}

// Asked twice one endpoint is made; an OPD has only so many.
func TestAddIsIdempotentAndBounded(t *testing.T) {
	h := newHouse(t)
	r := subscription.Request{ID: uuid.New(), OPD: opd, URL: "https://opd.example/hook", Ordering: subscription.OrderProposal}
	a, secret, err := h.store.Add(t.Context(), head, r)
	if err != nil || secret == "" {
		t.Fatal(err)
	}
	b, again, err := h.store.Add(t.Context(), head, r)
	if err != nil || again != "" || a.ID != b.ID {
		t.Errorf("asked again: %+v, a secret %v, %v", b, again != "", err)
	}
	for _, place := range []int64{-2, 1 << 40} {
		far := subscription.Request{ID: uuid.New(), OPD: opd, URL: r.URL, Ordering: subscription.OrderProposal, From: place}
		if _, _, err := h.store.Add(t.Context(), head, far); !errors.Is(err, &domain.Error{Code: "subscription.position"}) {
			t.Errorf("from %d, where the feed is not yet: %v", place, err)
		}
	}
	other := r
	other.URL = "https://other.example/"
	if _, _, err := h.store.Add(t.Context(), head, other); !errors.Is(err, &domain.Error{Code: "subscription.other"}) {
		t.Errorf("the same id for another address: %v", err)
	}
	for i := range 25 {
		_, _, err = h.store.Add(t.Context(), head, subscription.Request{ID: uuid.New(), OPD: opd, URL: fmt.Sprintf("https://opd.example/%d", i), Ordering: subscription.OrderEndpoint})
		if err != nil {
			break
		}
	}
	if !errors.Is(err, &domain.Error{Code: "subscription.too_many"}) {
		t.Errorf("more than enough: %v", err)
	}
	if all, err := h.store.List(t.Context(), opd, uuid.Nil, 100); err != nil || len(all) != 20 {
		t.Errorf("%d endpoints, %v", len(all), err)
	}
	if err := h.store.Remove(t.Context(), head, a.ID); err != nil {
		t.Fatal(err)
	}
	var acts []string
	rows, _ := h.pool.Query(t.Context(), `select act from subscription_acts where subscription = $1 order by id`, a.ID)
	for rows.Next() {
		var act string
		rows.Scan(&act)
		acts = append(acts, act)
	}
	if !slices.Equal(acts, []string{"added", "removed"}) {
		t.Errorf("what was done: %v", acts)
	}
}

// Stopped again and again in the middle, as by crashes, everything arrives in the
// end, of each proposal in order, some of it twice.
func TestStoppingLosesNothing(t *testing.T) {
	h := newHouse(t)
	for n := range 20 {
		h.happen(n, 4)
	}
	h.catchUp()
	r := newReceiver(t, func(sent) int { time.Sleep(3 * time.Millisecond); return http.StatusOK })
	h.add(r.URL, subscription.OrderProposal)
	want, _ := h.feed("")
	arrived := func() bool {
		seen := map[string]bool{}
		for _, x := range r.all() {
			seen[x.ID] = true
		}
		return len(seen) == len(want)
	}
	for range 12 {
		stop := h.dispatch()
		time.Sleep(25 * time.Millisecond)
		stop()
	}
	h.dispatch()
	h.until("everything has arrived", arrived)
	for n := range 20 {
		_, own := h.feed(number(n))
		next := 0
		for _, id := range r.of(number(n)) {
			at := slices.Index(own, id)
			if at > next {
				t.Fatalf("of proposal %d event %d overtook event %d", n, at, next)
			}
			next = max(next, at+1)
		}
	}
}

// Many receivers that are dead, that hang, that answer with errors or lead away do
// not hold up those that work.
func TestBadReceiversDoNotHoldUpGoodOnes(t *testing.T) {
	h := newHouse(t)
	for n := range 8 {
		h.happen(n, 3)
	}
	h.catchUp()
	hang := make(chan struct{})
	var good []*receiver
	for i := range 15 {
		bad := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			switch i % 5 {
			case 0: // never answers
				<-hang
			case 1:
				w.WriteHeader(http.StatusInternalServerError)
			case 2:
				http.Redirect(w, q, q.URL.Path, http.StatusPermanentRedirect) // for ever
			case 3:
				panic(http.ErrAbortHandler)
			case 4:
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		}))
		t.Cleanup(bad.Close)
		h.add(bad.URL, subscription.OrderProposal)
		if i%3 == 0 {
			r := newReceiver(t, nil)
			h.add(r.URL, subscription.OrderProposal)
			good = append(good, r)
		}
	}
	t.Cleanup(func() { close(hang) })
	h.dispatch(func(d *subscription.Dispatcher) { d.Slots = 12 })
	for _, r := range good {
		h.until("those that work have everything", func() bool { return len(r.all()) == 16 })
	}
}

// What failed weeks ago and was given up does not make one failure of today five
// days of them.
func TestAnIdleEndpointIsNotDisabled(t *testing.T) {
	h := newHouse(t)
	h.happen(0, 2)
	h.happen(1, 2)
	h.catchUp()
	broken := atomic.Bool{}
	broken.Store(true)
	r := newReceiver(t, func(x sent) int {
		if x.Subject == number(0) || broken.Load() {
			return http.StatusBadRequest
		}
		return http.StatusOK
	})
	s, _ := h.add(r.URL, subscription.OrderProposal)
	stop := h.dispatch()
	h.until("both are given up", func() bool { return h.get(s.ID).Stuck == 2 })
	stop()
	for _, sql := range []string{`update subscriptions set failing_since = now() - interval '14 days'`, `update subscription_deliveries set at = now() - interval '11 days'`} {
		if _, err := h.pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	h.happen(2, 2)
	h.catchUp()
	tried := func() bool {
		log, err := h.store.Deliveries(t.Context(), s.ID, 0, 1)
		return err == nil && log[0].Number == number(2)
	}
	h.dispatch()
	h.until("the next is tried", tried)
	broken.Store(false)
	h.until("it has arrived, or never will", func() bool { return len(r.of(number(2))) == 1 || h.get(s.ID).State != subscription.Active })
	if x := h.get(s.ID); x.State != subscription.Active {
		t.Errorf("one failure after two weeks of nothing: %s, %s", x.State, x.Why)
	}
}

// The server's role manages endpoints and cannot rewrite who did what; the role that
// reads for the public sees none of it.
func TestRolesOfTheDatabase(t *testing.T) {
	h := newHouse(t)
	as := func(role string) *pgxpool.Pool {
		config := h.pool.Config()
		config.ConnConfig.RuntimeParams["role"] = role
		pool, err := pgxpool.NewWithConfig(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(pool.Close)
		return pool
	}
	// a server makes the read models itself and so owns them
	if _, err := h.pool.Exec(t.Context(), `grant usage on schema read to runut_app; grant select on all tables in schema read to runut_app`); err != nil {
		t.Fatal(err)
	}
	server := as("runut_app")
	store := subscription.Store{DB: server, Vault: h.store.Vault, Dialer: h.store.Dialer}
	s, _, err := store.Add(t.Context(), head, subscription.Request{ID: uuid.New(), OPD: opd, URL: "https://opd.example/", Ordering: subscription.OrderProposal})
	if err != nil {
		t.Fatal(err)
	}
	_, rotated := store.Rotate(t.Context(), head, s.ID)
	if err := errors.Join(rotated, store.Pause(t.Context(), head, s.ID), store.Resume(t.Context(), head, s.ID), store.Replay(t.Context(), head, s.ID, 0), store.Remove(t.Context(), head, s.ID)); err != nil {
		t.Error(err)
	}
	for _, sql := range []string{`update subscription_acts set person = ''`, `delete from subscription_acts`, `truncate subscriptions cascade`} {
		if _, err := server.Exec(t.Context(), sql); err == nil {
			t.Errorf("the server's role may %s", sql)
		}
	}
	public := as("runut_public")
	for _, table := range []string{"subscriptions", "subscription_secrets", "subscription_parked", "subscription_deliveries", "subscription_acts", "invitations", "tokens", "vault.uploads", "vault.upload_pieces"} {
		if _, err := public.Exec(t.Context(), `select from `+table); err == nil {
			t.Errorf("whoever reads for the public sees %s", table)
		}
	}
}
