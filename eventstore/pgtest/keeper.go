//go:build linux || darwin

package pgtest

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"syscall"
	"time"

	"runut/domain"
	"runut/eventstore/localpg"
)

// keeperVariable holds a keeperOrder in the environment of a keeper.
const keeperVariable = "RUNUT_PGTEST_KEEPER"

type keeperOrder struct {
	Dir  string
	Bin  string
	Idle time.Duration
}

type keeperAnswer struct {
	URL     string
	Error   string        `json:",omitzero"`
	Refusal *domain.Error `json:",omitzero"`
}

// A test binary that is started as a keeper never reaches its tests. No other hook
// is early enough without every package of tests having a TestMain.
func init() {
	text := os.Getenv(keeperVariable)
	if text == "" {
		return
	}
	os.Unsetenv(keeperVariable)
	var order keeperOrder
	if err := json.Unmarshal([]byte(text), &order); err != nil {
		os.Exit(2)
	}
	syscall.CloseOnExec(3) // or PostgreSQL would hold it open
	answer := os.NewFile(3, "answer")
	if err := keep(place{dir: order.Dir, bin: order.Bin, idle: order.Idle}, answer); err != nil {
		refusal, _ := errors.AsType[*domain.Error](err)
		json.NewEncoder(answer).Encode(keeperAnswer{Error: err.Error(), Refusal: refusal})
		os.Exit(1)
	}
	os.Exit(0)
}

// keep runs the shared cluster until nobody uses it any more, and removes it. It
// writes to answer, and closes it, once the cluster answers.
func keep(p place, answer *os.File) error {
	lock, err := open(p.keeper())
	if err != nil {
		return err
	}
	defer lock.Close() // and not before: collected as garbage, it would give the lock away
	if err := flock(lock, syscall.LOCK_EX); err != nil {
		return err
	}
	cluster, err := p.start()
	if err != nil {
		return err
	}
	url := cluster.URL("postgres")
	if err := os.WriteFile(p.url(), []byte(url), 0o600); err != nil {
		return err
	}
	if err := json.NewEncoder(answer).Encode(keeperAnswer{URL: url}); err != nil {
		return err
	}
	answer.Close()

	gate, err := open(p.gate())
	if err != nil {
		return err
	}
	users, err := open(p.users())
	if err != nil {
		return err
	}
	if deserted(gate, users, p.idle, cluster.Done()) {
		now, cancel := context.WithCancel(context.Background())
		cancel() // there is nothing to save
		cluster.Close(now)
		return errors.Join(os.RemoveAll(p.dir), os.Remove(p.gate()))
	}
	return nil
}

// start starts the cluster. One that a killed keeper left running is taken over;
// the files of one that was left and is down are not trusted, since without fsync
// they may be torn.
func (p place) start() (*localpg.Cluster, error) {
	if !localpg.Running(p.data()) {
		if err := os.RemoveAll(p.data()); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	return localpg.Start(ctx, localpg.Config{
		Dir: p.data(), Bin: p.bin, Offline: true, Throwaway: true,
		Settings: map[string]string{"max_connections": "300", "autovacuum": "off"},
	})
}

// deserted returns true, holding the gate, when for a while no process has used
// the place: nobody is in, and nobody can come in any more. It returns false when
// the cluster is gone before that.
func deserted(gate, users *os.File, idle time.Duration, gone <-chan struct{}) bool {
	last := time.Now()
	for {
		select {
		case <-gone:
			return false
		case <-time.After(min(idle, 200*time.Millisecond)):
		}
		if !try(users) {
			last = time.Now()
			continue
		}
		flock(users, syscall.LOCK_UN)
		if time.Since(last) < idle || !try(gate) {
			continue
		}
		if try(users) {
			return true
		}
		flock(gate, syscall.LOCK_UN)
	}
}

func try(f *os.File) bool { return flock(f, syscall.LOCK_EX|syscall.LOCK_NB) == nil }
