package follower_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
	"github.com/ThreeDotsLabs/watermill/pubsub/gochannel"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/event"
	"runut/eventstore"
	"runut/eventstore/follower"
)

func TestAGroupGetsEveryEventOnceAndInOrder(t *testing.T) {
	f := newFixture(t)
	f.notes(700) // more than one batch, read from the database
	var got journal
	stop := f.run(&follower.Group{Hub: f.hub(quick())}, "letters", func(m *message.Message) error {
		got.add(position(m))
		return nil
	})
	f.until("catching up", func() bool { return got.has(700) })
	for range 20 { // and as they come
		f.notes(1)
	}
	f.until("keeping up", func() bool { return got.has(720) })
	stop()
	if d := cmp.Diff(upTo(1, 720), got.all()); d != "" {
		t.Error(d)
	}
	if s := f.standing(f.hub(quick()), "letters"); s.Position != 720 || s.Lag != 0 || s.Leader != "" {
		t.Errorf("standing after the end: %+v", s)
	}
}

func TestAMessageIsTheEvent(t *testing.T) {
	f := newFixture(t)
	cause := uuid.New()
	f.add(&noted{N: 41, Text: domain.Text{Masked: "Jalan rusak"}})
	if _, err := f.store.Append(t.Context(),
		event.Command{ID: cause, Actor: domain.Actor{Person: "p-1", Role: "camat", Scope: domain.Scope{Kind: domain.ScopeKecamatan, Code: "99.01.03"}}, Cycle: 2027, Correlation: uuid.Max},
		event.Change{Stream: "forum-1", Facts: []event.Fact{{Event: &ticked{1}}, {Event: &ticked{2}}}}); err != nil {
		t.Fatal(err)
	}
	raws, err := f.store.Batch(t.Context(), f.pool, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, "kept")
	group := &follower.Group{Hub: f.hub(quick())}
	messages, err := group.Subscribe(ctx, "letters")
	if err != nil {
		t.Fatal(err)
	}
	for i, raw := range raws {
		m := <-messages
		r, err := follower.Record(m)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 && r.Event.(*noted).Text.Masked != "Jalan rusak" {
			t.Errorf("the text is not there: %+v", r.Event)
		}
		if m.UUID != raw.ID.String() || string(m.Payload) != string(raw.Record) || r.Position != raw.Position {
			t.Errorf("message %s does not carry event %s", m.UUID, raw.ID)
		}
		if strings.Contains(string(m.Payload), "Jalan rusak") {
			t.Error("the payload holds what somebody wrote")
		}
		if m.Context().Value(key{}) != "kept" {
			t.Error("the context's values are lost")
		}
		if i == 2 {
			want := message.Metadata{
				"position": "3", "stream": "forum-1", "version": "2", "type": "forum.ticked", "type_version": "1",
				"tenant": "99.01", "cycle": "2027", "recorded_at": raw.RecordedAt.Format(time.RFC3339Nano), "actor_role": "camat",
				"correlation_id": uuid.Max.String(), "causation_id": cause.String(),
			}
			if d := cmp.Diff(want, m.Metadata); d != "" {
				t.Error(d)
			}
		}
		if m.Context().Err() != nil {
			t.Error("the context ended before the message was handled")
		}
		m.Ack()
		select {
		case <-m.Context().Done():
		case <-time.After(deadline):
			t.Error("the context goes on after the message was handled")
		}
	}
	if err := group.Close(); err != nil {
		t.Fatal(err)
	}
	if _, open := <-messages; open {
		t.Error("the channel is open after closing")
	}
	if _, err := follower.Record(message.NewMessage("x", nil)); err == nil {
		t.Error("a message from elsewhere has an event")
	}
}

func TestAFailedEventComesAgainBeforeAnyOther(t *testing.T) {
	f := newFixture(t)
	f.notes(8)
	hub := f.hub(quick())
	var got journal
	var failing atomic.Int64
	failing.Store(3)
	release := make(chan struct{})
	f.run(&follower.Group{Hub: hub}, "letters", func(m *message.Message) error {
		got.add(position(m))
		if position(m) != 5 || failing.Add(-1) < 0 {
			return nil
		}
		if failing.Load() == 0 {
			<-release
		}
		if failing.Load() == 1 {
			panic("surat ke 9901014101850001 ditolak")
		}
		return errFlaky
	})
	f.until("the second failure", func() bool { return f.standing(hub, "letters").Failures == 2 })
	s := f.standing(hub, "letters")
	if s.Position != 4 || s.Failing != 5 || s.Lag != 4 || s.Leader == "" || s.FailedAt == nil {
		t.Errorf("standing of a failing group: %+v", s)
	}
	if !strings.Contains(s.LastError, "[NIK disamarkan]") || strings.Contains(s.LastError, "9901014101850001") {
		t.Errorf("last error %q, want it masked", s.LastError)
	}
	close(release)
	f.until("the end", func() bool { return f.standing(hub, "letters").Position == 8 })
	if d := cmp.Diff([]int64{1, 2, 3, 4, 5, 5, 5, 5, 6, 7, 8}, got.all()); d != "" {
		t.Error(d)
	}
	if s := f.standing(hub, "letters"); s.Failing != 0 || s.Failures != 0 || s.LastError != "not now" {
		t.Errorf("standing after it went on: %+v", s)
	}
}

func TestClosingLosesNothing(t *testing.T) {
	f := newFixture(t)
	f.notes(10)
	var got journal
	entered, finish := make(chan struct{}), make(chan struct{})
	stop := f.run(&follower.Group{Hub: f.hub(quick())}, "letters", func(m *message.Message) error {
		if position(m) == 4 {
			close(entered)
			<-finish
			if err := m.Context().Err(); err != nil {
				t.Errorf("the handler at work was cancelled: %v", err)
			}
		}
		got.add(position(m))
		return nil
	})
	<-entered
	stopped := make(chan struct{})
	go func() { stop(); close(stopped) }()
	select {
	case <-stopped:
		t.Error("closing did not wait for the handler at work")
	case <-time.After(50 * time.Millisecond):
	}
	close(finish)
	<-stopped
	if d := cmp.Diff(upTo(1, 4), got.all()); d != "" {
		t.Error(d)
	}
	stop = f.run(&follower.Group{Hub: f.hub(quick())}, "letters", func(m *message.Message) error {
		got.add(position(m))
		return nil
	})
	f.until("the rest", func() bool { return got.has(10) })
	stop()
	if d := cmp.Diff(upTo(1, 10), got.all()); d != "" {
		t.Errorf("over both: %s", d)
	}
}

func TestClosingDoesNotWaitForEver(t *testing.T) {
	f := newFixture(t)
	f.notes(1)
	o := quick()
	o.Patience = 50 * time.Millisecond
	group := &follower.Group{Hub: f.hub(o)}
	messages, err := group.Subscribe(t.Context(), "letters")
	if err != nil {
		t.Fatal(err)
	}
	stuck := <-messages
	if err := group.Close(); err != nil {
		t.Fatal(err)
	}
	if stuck.Context().Err() == nil {
		t.Error("the handler that did not finish was not told")
	}
	stuck.Ack() // too late
	messages, err = (&follower.Group{Hub: f.hub(quick())}).Subscribe(t.Context(), "letters")
	if err != nil {
		t.Fatal(err)
	}
	if again := <-messages; again.UUID != stuck.UUID {
		t.Error("the event that was not handled is lost")
	} else {
		again.Ack()
	}
}

// An interrupted handler returns context.Canceled. Watermill's plain poison queue
// takes that for poison and counts the message as handled.
func TestThePoisonQueueDoesNotEatEventsAtShutdown(t *testing.T) {
	for _, test := range []struct {
		name   string
		queue  func(message.Publisher) (message.HandlerMiddleware, error)
		eaten  int
		handed int64 // position of the first event after the restart
	}{
		{"with our filter", func(p message.Publisher) (message.HandlerMiddleware, error) {
			return middleware.PoisonQueueWithFilter(p, "poison", follower.Poisonous)
		}, 0, 2},
		{"without, to show that this test can fail", func(p message.Publisher) (message.HandlerMiddleware, error) {
			return middleware.PoisonQueue(p, "poison")
		}, 1, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFixture(t)
			f.notes(3)
			dead := gochannel.NewGoChannel(gochannel.Config{Persistent: true}, nil)
			defer dead.Close()
			poison, err := test.queue(dead)
			if err != nil {
				t.Fatal(err)
			}
			retry := middleware.Retry{MaxRetries: 10, InitialInterval: time.Minute}.Middleware
			program, end := context.WithCancel(context.Background())
			entered := make(chan struct{})
			stop := f.run(&follower.Group{Hub: f.hub(quick())}, "letters", func(m *message.Message) error {
				if position(m) == 1 {
					return nil
				}
				close(entered)
				<-program.Done()
				return program.Err()
			}, poison, onlyReal(retry))
			<-entered
			end()
			stop()
			if got := len(drain(t, dead, test.eaten)); got != test.eaten {
				t.Errorf("%d messages in the poison queue, want %d", got, test.eaten)
			}
			var got journal
			f.run(&follower.Group{Hub: f.hub(quick())}, "letters", func(m *message.Message) error {
				got.add(position(m))
				return nil
			})
			f.until("the rest", func() bool { return got.has(3) })
			if first := got.all()[0]; first != test.handed {
				t.Errorf("the first event after the restart is %d, want %d", first, test.handed)
			}
		})
	}
}

// onlyReal retries what is not an interruption.
func onlyReal(retry message.HandlerMiddleware) message.HandlerMiddleware {
	return func(next message.HandlerFunc) message.HandlerFunc {
		return func(m *message.Message) ([]*message.Message, error) {
			out, err := next(m)
			if errors.Is(err, context.Canceled) {
				return out, err
			}
			return retry(func(*message.Message) ([]*message.Message, error) { return out, err })(m)
		}
	}
}

// drain returns the reasons of the want messages in the poison queue, and of any
// beyond them that come at once.
func drain(t *testing.T, dead *gochannel.GoChannel, want int) []string {
	t.Helper()
	patience := deadline
	if want == 0 {
		patience = 200 * time.Millisecond
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	messages, err := dead.Subscribe(ctx, "poison")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for m := range messages {
		got = append(got, m.Metadata.Get(middleware.ReasonForPoisonedKey))
		m.Ack()
		if len(got) == want {
			time.AfterFunc(100*time.Millisecond, cancel)
		}
	}
	return got
}

func TestRealPoisonGoesAsideAfterItsRetries(t *testing.T) {
	f := newFixture(t)
	f.notes(3)
	dead := gochannel.NewGoChannel(gochannel.Config{Persistent: true}, nil)
	defer dead.Close()
	poison, err := middleware.PoisonQueueWithFilter(dead, "poison", follower.Poisonous)
	if err != nil {
		t.Fatal(err)
	}
	retry := middleware.Retry{MaxRetries: 2, InitialInterval: time.Millisecond, ResetContextOnRetry: true}.Middleware
	hub := f.hub(quick())
	var got journal
	f.run(&follower.Group{Hub: hub}, "letters", func(m *message.Message) error {
		got.add(position(m))
		if position(m) == 2 {
			return errFlaky
		}
		return nil
	}, poison, retry)
	f.until("the end", func() bool { return f.standing(hub, "letters").Position == 3 })
	if d := cmp.Diff([]int64{1, 2, 2, 2, 3}, got.all()); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"not now"}, drain(t, dead, 1)); d != "" {
		t.Error(d)
	}
}

func TestOpenWriteTransactionsDoNotStallGroups(t *testing.T) {
	f := newFixture(t)
	f.exec(`create table unrelated (i int)`)
	tx, err := f.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	if _, err := tx.Exec(t.Context(), `insert into unrelated values (1)`); err != nil {
		t.Fatal(err)
	}
	var got journal
	hub := f.hub(quick())
	f.run(&follower.Group{Hub: hub}, "letters", func(m *message.Message) error {
		got.add(position(m))
		return nil
	})
	f.notes(3)
	f.until("the hand-over", func() bool { return got.has(3) })
	f.until("the position", func() bool { return f.standing(hub, "letters").Position == 3 })
}

func TestASlowHandlerStallsNobodyElse(t *testing.T) {
	f := newFixture(t)
	config := f.pool.Config()
	config.MaxConns = 2
	small, err := poolOf(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(small.Close)
	f.pool = small
	hub := f.hub(quick())
	f.notes(1)
	release := make(chan struct{})
	var busy sync.WaitGroup
	for i := range 6 {
		busy.Add(1)
		f.run(&follower.Group{Hub: hub}, "slow"+strconv.Itoa(i), func(m *message.Message) error {
			busy.Done()
			<-release
			return nil
		})
	}
	defer close(release)
	busy.Wait()
	var got journal
	f.run(&follower.Group{Hub: hub}, "fast", func(m *message.Message) error {
		got.add(position(m))
		return nil
	})
	f.until("the fast group's first event", func() bool { return got.has(1) })
}

func TestTheOtherProcessTakesOverWithoutRepeating(t *testing.T) {
	f := newFixture(t)
	var got journal
	handle := func(m *message.Message) error { got.add(position(m)); return nil }
	a, b := f.hub(named("a")), f.hub(named("b"))
	stopA := f.run(&follower.Group{Hub: a}, "letters", handle)
	f.until("a's leading", func() bool { return f.standing(a, "letters").Leader == "a" })
	f.run(&follower.Group{Hub: b}, "letters", handle)
	f.notes(50)
	f.until("a's share", func() bool { return got.has(50) })
	if leader := f.standing(b, "letters").Leader; leader != "a" {
		t.Errorf("led by %q, want a", leader)
	}
	began := time.Now()
	stopA()
	f.notes(50)
	f.until("b's share", func() bool { return got.has(100) })
	t.Logf("taken over %s after the stop", time.Since(began).Round(time.Millisecond))
	if d := cmp.Diff(upTo(1, 100), got.all()); d != "" {
		t.Error(d)
	}
	if leader := f.standing(b, "letters").Leader; leader != "b" {
		t.Errorf("led by %q, want b", leader)
	}
}

func named(name string) follower.Options {
	o := quick()
	o.Name = name
	return o
}

func TestALostConnectionInterruptsAndRepeats(t *testing.T) {
	f := newFixture(t)
	f.notes(5)
	hub := f.hub(quick())
	var got journal
	entered := make(chan struct{})
	var once sync.Once
	f.run(&follower.Group{Hub: hub}, "letters", func(m *message.Message) error {
		got.add(position(m))
		if position(m) != 3 {
			return nil
		}
		interrupted := false
		once.Do(func() {
			close(entered)
			<-m.Context().Done()
			interrupted = true
		})
		if interrupted {
			if cause := context.Cause(m.Context()); follower.Poisonous(cause) || follower.Poisonous(m.Context().Err()) {
				t.Errorf("interrupted by %v, which would count as poison", cause)
			}
			return m.Context().Err()
		}
		return nil
	})
	<-entered
	// every connection to the database: the leader's, the listener's, the pool's
	admin := on(t, f.url)
	admin.exec(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`)
	f.until("the rest", func() bool { return got.has(5) })
	all := got.all()
	if all[0] != 1 || !slices.IsSorted(firsts(all)) || len(firsts(all)) != 5 {
		t.Errorf("handed over %v", all)
	}
	admin.notes(1)
	f.until("what came after", func() bool { return got.has(6) })
}

// firsts returns each position where it first occurs.
func firsts(all []int64) []int64 {
	var out []int64
	for _, p := range all {
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

func TestReplayWhileAtWork(t *testing.T) {
	f := newFixture(t)
	f.notes(6)
	hub := f.hub(quick())
	var got journal
	entered, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	f.run(&follower.Group{Hub: hub}, "letters", func(m *message.Message) error {
		got.add(position(m))
		if position(m) == 5 {
			once.Do(func() { close(entered); <-release; <-m.Context().Done() })
		}
		return nil
	})
	<-entered
	if err := hub.Reset(t.Context(), "letters", 1); err != nil {
		t.Fatal(err)
	}
	close(release) // the leader's last word comes after the position was set
	f.until("the replay", func() bool { return f.standing(hub, "letters").Position == 6 })
	if d := cmp.Diff([]int64{1, 2, 3, 4, 5, 2, 3, 4, 5, 6}, got.all()); d != "" {
		t.Error(d)
	}
	if err := hub.Reset(t.Context(), "letters", 5); err != nil { // idle now
		t.Fatal(err)
	}
	f.until("the second replay", func() bool { return len(got.all()) == 11 })
}

func TestACutOffLeaderCannotMoveThePosition(t *testing.T) {
	f := newFixture(t)
	f.notes(3)
	o := quick()
	o.Poll = time.Hour // it is not told
	o.SaveEvery = 1
	group := &follower.Group{Hub: f.hub(o)}
	messages, err := group.Subscribe(t.Context(), "letters")
	if err != nil {
		t.Fatal(err)
	}
	m := <-messages
	f.exec(`update consumers set leader = gen_random_uuid(), leader_name = 'another' where name = 'letters'`)
	m.Ack()
	f.until("standing down", func() bool {
		var leader string
		f.exec(`select pg_notify('runut_groups', '')`)
		if err := f.pool.QueryRow(t.Context(), `select leader_name from consumers where name = 'letters'`).Scan(&leader); err != nil {
			t.Fatal(err)
		}
		return leader != "another" // the lock was free all along, so it leads anew
	})
	if again := <-messages; again.UUID != m.UUID {
		t.Errorf("the next message is %s, want %s again", again.UUID, m.UUID)
	} else {
		again.Ack()
	}
}

func TestAFilteredGroupMovesOverTheRest(t *testing.T) {
	f := newFixture(t)
	f.exec(`create table writes (at timestamptz default clock_timestamp())`)
	f.exec(`create function count_write() returns trigger language plpgsql as $$ begin insert into writes default values; return new; end $$`)
	f.exec(`create trigger count_write after update of position on consumers for each row when (old.position <> new.position) execute function count_write()`)
	hub := f.hub(quick())
	var got journal
	f.run(&follower.Group{Hub: hub, Filter: eventstore.Filter{Types: []string{"forum.ticked"}, Cycle: 2027, StreamPrefix: "proposal-"}}, "letters", func(m *message.Message) error {
		got.add(position(m))
		return nil
	})
	f.until("leading", func() bool { return f.standing(hub, "letters").Since != nil })
	led, began := f.standing(hub, "letters").Since, time.Now()
	for range 300 {
		f.notes(1)
	}
	f.until("moving on", func() bool { return f.standing(hub, "letters").Position == 300 })
	if len(got.all()) != 0 {
		t.Errorf("handed over what nobody asked for: %v", got.all())
	}
	var writes int
	if err := f.pool.QueryRow(t.Context(), `select count(*) from writes`).Scan(&writes); err != nil {
		t.Fatal(err)
	}
	if most := 5 + 2*int(time.Since(began).Seconds()); writes > most {
		t.Errorf("the position of an idle group was written %d times over 300 events", writes)
	}
	f.add(&noted{N: 1}, &ticked{2}, &noted{N: 3})
	f.until("the one asked for", func() bool { return got.has(302) })
	f.until("moving on", func() bool { return f.standing(hub, "letters").Position == 303 })
	if since := f.standing(hub, "letters").Since; since == nil || !since.Equal(*led) {
		t.Errorf("led since %v and then since %v: it was interrupted", led, since)
	}
}

func TestANewGroupBeginsWhereItIsTold(t *testing.T) {
	f := newFixture(t)
	f.notes(5)
	hub := f.hub(quick())
	var now, third journal
	f.run(&follower.Group{Hub: hub, From: follower.Now}, "now", func(m *message.Message) error { now.add(position(m)); return nil })
	stop := f.run(&follower.Group{Hub: hub, From: 2}, "third", func(m *message.Message) error { third.add(position(m)); return nil })
	f.until("the third", func() bool { return third.has(5) })
	stop()
	stop = f.run(&follower.Group{Hub: hub, From: 0}, "third", func(m *message.Message) error { third.add(position(m)); return nil })
	f.notes(1)
	f.until("the sixth", func() bool { return third.has(6) && now.has(6) })
	stop()
	if d := cmp.Diff([]int64{6}, now.all()); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(upTo(3, 6), third.all()); d != "" {
		t.Error(d)
	}
}

func TestWhatASubscriptionRefuses(t *testing.T) {
	f := newFixture(t)
	hub := f.hub(quick())
	group := &follower.Group{Hub: hub}
	if _, err := group.Subscribe(t.Context(), "Not A Name"); !errors.Is(err, &domain.Error{Code: "group.name_malformed"}) {
		t.Errorf("a malformed name: %v", err)
	}
	if _, err := group.Subscribe(t.Context(), "letters"); err != nil {
		t.Fatal(err)
	}
	if _, err := (&follower.Group{Hub: hub}).Subscribe(t.Context(), "letters"); err == nil {
		t.Error("one process joined a group twice: the database takes both for the one leader")
	}
	if err := group.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := group.Subscribe(t.Context(), "letters"); err == nil {
		t.Error("a closed group was joined")
	}
	again := &follower.Group{Hub: hub}
	if _, err := again.Subscribe(t.Context(), "letters"); err != nil {
		t.Errorf("joining again after closing: %v", err)
	}
	hub.Close()
	if _, err := (&follower.Group{Hub: hub}).Subscribe(t.Context(), "others"); err == nil {
		t.Error("a closed hub was joined")
	}
}

// Watermill's Router.Close waits for all of its timeout where Run was not called.
func TestStoppingARouterThatNeverRan(t *testing.T) {
	f := newFixture(t)
	router, err := follower.NewRouter(quiet, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	group := &follower.Group{Hub: f.hub(quick())}
	router.AddConsumerHandler("letters", "letters", group, func(*message.Message) error { return nil })
	done := make(chan error, 2)
	go func() { done <- follower.Stop(router); done <- group.Close() }()
	for range 2 {
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(deadline):
			t.Fatal("still stopping")
		}
	}
}

func TestSettingAndForgettingGroups(t *testing.T) {
	f := newFixture(t)
	f.notes(3)
	hub := f.hub(quick())
	group := &follower.Group{Hub: hub}
	if _, err := group.Subscribe(t.Context(), "letters"); err != nil {
		t.Fatal(err)
	}
	f.until("leading", func() bool { return f.standing(hub, "letters").Leader != "" })
	for code, err := range map[string]error{
		"group.unknown":         hub.Reset(t.Context(), "nobody", 0),
		"group.position_beyond": hub.Reset(t.Context(), "letters", 4),
		"group.led":             hub.Forget(t.Context(), "letters"),
	} {
		if !errors.Is(err, &domain.Error{Code: code}) {
			t.Errorf("got %v, want %s", err, code)
		}
	}
	if err := hub.Reset(t.Context(), "letters", -1); !errors.Is(err, &domain.Error{Code: "group.position_beyond"}) {
		t.Errorf("a negative position: %v", err)
	}
	if err := group.Close(); err != nil {
		t.Fatal(err)
	}
	if err := hub.Forget(t.Context(), "letters"); err != nil {
		t.Fatal(err)
	}
	if err := hub.Forget(t.Context(), "letters"); !errors.Is(err, &domain.Error{Code: "group.unknown"}) {
		t.Errorf("forgotten twice: %v", err)
	}
	if all, err := hub.Standings(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("standings %v, %v", all, err)
	}
}

func TestTheServersRoleCanFollow(t *testing.T) {
	f := newFixture(t)
	f.notes(3)
	config := f.pool.Config()
	config.ConnConfig.RuntimeParams["role"] = "runut_app"
	pool, err := poolOf(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	f.pool = pool
	hub := f.hub(quick())
	var got journal
	stop := f.run(&follower.Group{Hub: hub}, "letters", func(m *message.Message) error { got.add(position(m)); return nil })
	f.until("the end", func() bool { return got.has(3) && f.standing(hub, "letters").Leader != "" })
	if err := hub.Reset(t.Context(), "letters", 1); err != nil {
		t.Error(err)
	}
	stop()
	if err := hub.Forget(t.Context(), "letters"); err != nil {
		t.Error(err)
	}
}
