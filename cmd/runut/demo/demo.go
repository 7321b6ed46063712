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

// Options say what to make and where.
type Options struct {
	Store    *eventstore.Store
	Seed     uint64
	Day      time.Time               // the day it is made on
	Scale    int                     // how many times the usual number of proposals; 0: 1
	Part     int                     // for tests: fewer villages, see territory, and above 20 a third of their ideas; 0: all
	Progress func(done, total int64) // events written of about so many; nil: silent
}

// Complete returns the fiscal year of the cycle that went to the APBD.
func Complete(day time.Time) int { return day.In(zone).Year() + 1 }

// Practice returns the fiscal year of the cycle for learning and trials.
func Practice(day time.Time) int { return day.In(zone).Year() + 2 }

var zone = domain.Zones["WITA"]

// Seed fills an empty log.
func Seed(ctx context.Context, o Options) error {
	definition, err := workflow.Musrenbang(catalog.Vocabulary())
	if err != nil {
		return err
	}
	w := newWorld(o, definition)
	w.write = func(entries []eventstore.Entry) error {
		_, err := o.Store.Import(ctx, entries)
		return err
	}
	return w.make()
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
	w.completeCycle()
	w.practiceCycle()
	w.run()
	return w.flush()
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
