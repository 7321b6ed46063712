package eventstore_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"runut/domain"
	"runut/domain/event"
	"runut/eventstore"
	"runut/eventstore/pgtest"
)

// A fault is what a network does to the connections that lead through it.
type fault string

const (
	fine    fault = "fine"
	slow    fault = "slow"    // everything takes 20 ms longer
	sliced  fault = "sliced"  // answers arrive byte by byte
	cut     fault = "cut"     // closed at once, whatever is under way
	torn    fault = "torn"    // half of what is sent arrives, then the connection is reset
	mute    fault = "mute"    // what is sent arrives and is carried out; then the connection is reset: COMMIT's answer too
	silent  fault = "silent"  // nothing arrives any more, and nobody is told
	refused fault = "refused" // and no new ones
)

// A proxy stands between a store and PostgreSQL.
type proxy struct {
	listener net.Listener
	network  string // of PostgreSQL's address
	address  string
	now      atomic.Value // fault

	mu     sync.Mutex
	open   map[net.Conn]bool
	counts map[fault]int // connections hit
}

// between returns a pool whose connections lead through a new proxy.
func between(t *testing.T, pool *pgxpool.Pool) (*pgxpool.Pool, *proxy) {
	t.Helper()
	config := pool.Config()
	p := &proxy{network: "tcp", address: net.JoinHostPort(config.ConnConfig.Host, strconv.Itoa(int(config.ConnConfig.Port))),
		open: map[net.Conn]bool{}, counts: map[fault]int{}}
	if filepath.IsAbs(config.ConnConfig.Host) {
		p.network, p.address = "unix", filepath.Join(config.ConnConfig.Host, ".s.PGSQL."+strconv.Itoa(int(config.ConnConfig.Port)))
	}
	p.now.Store(fine)
	var err error
	if p.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() { p.serve(&serving) })
	t.Cleanup(func() {
		p.listener.Close()
		p.drop()
		serving.Wait()
	})
	config.ConnConfig.Host, config.ConnConfig.Port = "127.0.0.1", uint16(p.listener.Addr().(*net.TCPAddr).Port)
	config.ConnConfig.Fallbacks = nil
	config.ConnConfig.ConnectTimeout = 2 * time.Second
	through, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(through.Close)
	return through, p
}

func (p *proxy) serve(serving *sync.WaitGroup) {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		if p.now.Load() == refused {
			p.reset(client, refused)
			continue
		}
		server, err := net.Dial(p.network, p.address)
		if err != nil {
			client.Close()
			continue
		}
		p.mu.Lock()
		p.open[client], p.open[server] = true, true
		p.mu.Unlock()
		serving.Go(func() { p.carry(client, server, true) })
		serving.Go(func() { p.carry(server, client, false) })
	}
}

// carry takes bytes from one side to the other, as well as the network lets it.
func (p *proxy) carry(from, to net.Conn, request bool) {
	defer from.Close()
	defer to.Close()
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		if n > 0 && !p.pass(to, from, b[:n], request) || err != nil {
			return
		}
	}
}

// pass hands bytes on; false where the connection is to end.
func (p *proxy) pass(to, from net.Conn, b []byte, request bool) bool {
	switch now := p.now.Load().(fault); {
	case now == slow:
		time.Sleep(20 * time.Millisecond)
	case now == sliced && !request:
		p.count(sliced)
		for ; len(b) > 1; b = b[1:] {
			if _, err := to.Write(b[:1]); err != nil {
				return false
			}
		}
	case now == torn && request:
		to.Write(b[:len(b)/2])
		p.reset(from, torn)
		return false
	case now == mute && !request:
		p.reset(to, mute)
		return false
	case now == silent:
		p.count(silent)
		return true
	}
	_, err := to.Write(b)
	return err == nil
}

func (p *proxy) count(f fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts[f]++
}

// reset ends a connection without the courtesies of TCP.
func (p *proxy) reset(c net.Conn, f fault) {
	p.count(f)
	if tcp, ok := c.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	c.Close()
}

// drop closes all connections.
func (p *proxy) drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		c.Close()
	}
	clear(p.open)
}

// Whatever the network between the program and PostgreSQL does, what was
// acknowledged is in the log, once; and when it is well again, so is the store.
func TestABadNetworkLosesAndDoublesNothing(t *testing.T) {
	faults, of := []fault{slow, sliced, cut, torn, mute, refused}, 24
	if pgtest.Long {
		faults, of = append(faults, silent), 700
	}
	pool := pgtest.Open(t)
	through, network := between(t, pool)
	s := open(t, through, quiet)
	var stop atomic.Bool
	var appending sync.WaitGroup
	const callers = 12
	acknowledged := make([]int, callers)
	for caller := range callers {
		appending.Go(func() {
			for n := 0; !stop.Load(); n++ {
				changes := []event.Change{add(fmt.Sprintf("proposal-%d-%d", caller, n/10), n%10, road(n))}
				if caller == 0 { // by COPY, over several round trips
					changes = many(fmt.Sprintf("proposal-large-%d", n), 1001)
				}
				acknowledged[caller] += stubborn(t, s, changes)
			}
		})
	}
	random := rand.New(rand.NewPCG(5, 5))
	for i := range of {
		now := faults[i%len(faults)]
		network.now.Store(now)
		if now == cut {
			network.count(cut)
			network.drop()
		}
		time.Sleep(time.Duration(30+random.IntN(60)) * time.Millisecond)
		if now == silent { // longer than the store will listen to nothing
			time.Sleep(30 * time.Second)
		}
		network.now.Store(fine)
		time.Sleep(time.Duration(random.IntN(80)) * time.Millisecond)
	}
	healed := time.Now()
	stop.Store(true)
	appending.Wait()
	drained := time.Since(healed)
	want := 0
	for _, n := range acknowledged {
		want += n
	}
	checked := open(t, pool)
	if got := gapFree(t, checked); got != want {
		t.Errorf("%d events were acknowledged and %d are in the log", want, got)
	}
	network.mu.Lock()
	defer network.mu.Unlock()
	for _, f := range faults {
		if f != slow && network.counts[f] == 0 {
			t.Errorf("no connection was hit by %q: the test did not test", f)
		}
	}
	if s.Stats().Resent == 0 {
		t.Error("nothing had to be sent again: the test did not test")
	}
	t.Logf("%d faults, connections hit %v; %d events acknowledged, %d batches sent again, all answered %s after the last fault",
		of, network.counts, want, s.Stats().Resent, drained.Round(time.Millisecond))
}

// stubborn asks again with the same command until it is done, and returns how many
// events that added.
func stubborn(t *testing.T, s *eventstore.Store, changes []event.Change) int {
	cmd := command()
	for {
		r, err := s.Append(t.Context(), cmd, changes...)
		refusal, ok := errors.AsType[*domain.Error](err)
		switch {
		case err == nil:
			return len(r.Events)
		case ok && (refusal.Kind == domain.Unready || refusal.Kind == domain.Unanswered):
		default:
			t.Errorf("append: %v", err)
			return 0
		}
		time.Sleep(10 * time.Millisecond)
	}
}
