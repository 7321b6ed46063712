// Package demo makes the data that runut dev starts with: a fictional kabupaten,
// the size of a real one, whose planning went through the same acts as real use.
// The same seed and day give the same data, so that a test, a tour and a bug
// report speak of the same proposals. Nothing in it lies in the future but the
// closing of the practice cycle's windows.
//
// Every place, office and person is invented; what is planted must never stick
// to a real village. See docs/demo.md for what is in it.
package demo

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"runut/domain"
	"runut/domain/catalog"
	"runut/domain/workflow"
	"runut/eventstore"
)

// Kabupaten is the kode wilayah of Kabupaten Contoh; no real code begins with 99.
const Kabupaten = "99.01"

// OPD is the code of its public works office, which the tour acts for.
const OPD = "1.03.0.00.0.00.01.0000"

// MostScale is the largest Scale that was tried.
const MostScale = 20

// Options say what to make and where.
type Options struct {
	Store    *eventstore.Store
	Seed     uint64
	Day      time.Time               // the day it is made on
	Scale    int                     // how many times the usual number of proposals; 0: 1
	Part     int                     // for tests: fewer villages, see territory, and above 20 a third of their ideas; 0: all
	Single   bool                    // for benchmarks: of the years that count only the one that went to the APBD
	Planted  *[]Plant                // where to list what was planted, in the order in which it happened; nil: nowhere
	Progress func(done, total int64) // events written of about so many; nil: silent
}

// Executed returns the fiscal year that was planned, carried out and closed.
func Executed(day time.Time) int { return day.In(zone).Year() }

// Complete returns the fiscal year of the cycle that went to the APBD.
func Complete(day time.Time) int { return day.In(zone).Year() + 1 }

// Ongoing returns the fiscal year whose OPDs hold their forums now.
func Ongoing(day time.Time) int { return day.In(zone).Year() + 2 }

// Practice returns the fiscal year of the cycle for learning and trials.
func Practice(day time.Time) int { return day.In(zone).Year() + 3 }

var zone = domain.Zones["WITA"]

// Seed fills an empty log.
func Seed(ctx context.Context, o Options) error {
	definition, err := workflow.Musrenbang(catalog.Vocabulary())
	if err != nil {
		return err
	}
	w := newWorld(o, definition)
	log := newLog(ctx, o.Store)
	w.write = log.write
	if err := cmp.Or(w.make(), log.close()); err != nil {
		return err
	}
	if o.Planted != nil {
		*o.Planted = w.planted
	}
	return nil
}

// make lets everything happen, in the order of its dates.
func (w *world) make() (err error) {
	defer func() {
		if r := recover(); r != nil {
			refused, ok := r.(*refusedError)
			if !ok {
				panic(r)
			}
			err = refused
		}
	}()
	w.appoint()
	w.publishRegisters()
	w.cycles()
	w.practiceCycle()
	w.run()
	return w.flush()
}

// cycles puts the three fiscal years on the agenda. They overlap, as in a real
// kabupaten: what one loses the next may take up again.
func (w *world) cycles() {
	complete := w.course(Complete(w.o.Day), 0)
	complete.planningYear()
	complete.on(2, 9, func() { complete.release(complete.year, "") })
	if w.o.Single {
		return
	}
	executed := w.course(Executed(w.o.Day), executedEarlier)
	executed.planningYear()
	complete.carryFrom(executed)
	ongoing := w.course(Ongoing(w.o.Day), ongoingEarlier)
	ongoing.windows, ongoing.forum = shortWindows, shortForum
	ongoing.planningYear()
	ongoing.carryFrom(complete)
	ongoing.carryUnfinished(executed)
	executed.world.on(2, 9, func() { executed.release(executed.year, "") })
	executed.world.on(2, 15, executed.close)
}

// A refusedError is an act that the domain refused: a mistake of this package.
type refusedError struct {
	act   string
	actor domain.Actor
	at    time.Time
	err   error
}

func (e *refusedError) Error() string {
	return fmt.Sprintf("demo: %s by %s on %s: %v", e.act, e.actor.Role, e.at.Format(time.DateOnly), e.err)
}

func (e *refusedError) Unwrap() error { return e.err }
