// Package data writes what others work on with tools of their own.
package data

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"runut/api/answer"
	"runut/domain/catalog"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/process"
	"runut/domain/proposal"
	"runut/eventstore"
)

// Ocel writes the events of a fiscal year as OCEL 2.0 JSON: every event of its
// proposals, forums and cycle, and what they are about. It goes through the
// histories twice and holds some thousand at a time. Persons are nowhere in it.
// Progress, which may be nil, is told how many histories were written.
func Ocel(ctx context.Context, w io.Writer, store *eventstore.Store, year int, progress func(done int)) error {
	out := &array{w: bufio.NewWriter(w)}
	gathered := process.NewOcel()
	done := 0
	out.text(`{"eventTypes":`)
	out.value(process.OcelEventTypes(ocelNames()))
	out.text(`,"objectTypes":`)
	out.value(process.OcelObjectTypes())
	out.text(`,"events":[`)
	err := histories(ctx, store, year, func(stream string, sequence []event.Record) error {
		for _, r := range sequence {
			if e, ok := process.OcelEventOf(r); ok {
				out.item(e)
			}
		}
		if done++; progress != nil && done%500 == 0 {
			progress(done)
		}
		return out.err
	})
	if err != nil {
		return err
	}
	out.text(`],"objects":[`)
	out.begun = false
	err = histories(ctx, store, year, func(stream string, sequence []event.Record) error {
		switch _, ofProposal := proposal.NumberOf(stream); {
		case ofProposal:
			out.item(gathered.Proposal(sequence))
		case strings.HasPrefix(stream, forum.Stream("")):
			gathered.Forum(sequence)
		default:
			gathered.Cycle(sequence)
		}
		if done++; progress != nil && done%500 == 0 {
			progress(done)
		}
		return out.err
	})
	if err != nil {
		return err
	}
	for _, x := range gathered.Rest() {
		out.item(x)
	}
	out.text("]}\n")
	if out.err != nil {
		return out.err
	}
	return out.w.Flush()
}

// ocelNames are the stored names of the events that are written.
func ocelNames() []string {
	var out []string
	for t := range catalog.Events.All() {
		noun, _, _ := strings.Cut(t.Name, ".")
		if noun == "proposal" || noun == "forum" || noun == "cycle" {
			out = append(out, t.Name)
		}
	}
	slices.Sort(out)
	return out
}

// histories yields the histories of a year as they count, those of its cycle
// first, then its forums, then its proposals.
func histories(ctx context.Context, store *eventstore.Store, year int, yield func(stream string, sequence []event.Record) error) error {
	for _, prefix := range []string{cycle.Stream(year), forum.Stream(""), proposal.Stream(fmt.Sprintf("U-%02d-", year%100))} {
		for records, err := range answer.Histories(ctx, store, prefix, year, nil) {
			if err != nil {
				return err
			}
			if err := yield(records[0].Stream, event.Sequence(records, event.View{})); err != nil {
				return err
			}
		}
	}
	return nil
}

// An array writes JSON piece by piece and remembers the first thing that went
// wrong.
type array struct {
	w     *bufio.Writer
	begun bool
	err   error
}

func (a *array) text(s string) {
	if a.err == nil {
		_, a.err = a.w.WriteString(s)
	}
}

func (a *array) value(v any) {
	text, err := json.Marshal(v)
	if a.err == nil {
		a.err = err
	}
	a.text(string(text))
}

func (a *array) item(v any) {
	if a.begun {
		a.text(",\n")
	}
	a.begun = true
	a.value(v)
}
