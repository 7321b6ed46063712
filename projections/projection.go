package projections

import (
	"context"
	"strings"

	"runut/domain/event"
)

// A Projection is a read model: its tables, and how their rows follow from the
// histories of streams.
//
// A row is a function of whole histories up to a position, never of the row that
// was there before. Fold learns which streams have new events, asks for what it
// needs of the log, and says what the rows of those streams are now; the Writer
// finds out what changed. A fact that arrives late, a correction or a text that
// was closed is so no special case: the history is simply another one. And
// whatever the batches were, equal logs give equal tables, byte for byte.
//
// What is counted over rows is no row of a Fold: see tally.
//
// To add one, write a file like forums.go and name it in All. Raise Version
// whenever Tables, Indexes or what Fold writes changes.
type Projection struct {
	Name    string   // lower case; with Version the name of its PostgreSQL schema
	Version int      // from 1
	Tables  string   // DDL of its tables, without keys
	Indexes string   // DDL of primary keys and indexes, run after a build has copied the rows
	Streams []string // prefixes of the streams whose events it is folded from
	Public  bool     // its tables are read by anybody, from schema public_read

	// Fold writes the rows of the streams that have events in b. It may be given
	// any number of events and must not keep anything between calls. It is called
	// with b.Building where the tables are made anew: then b holds the whole
	// histories of some streams, each stream comes in exactly one batch, and only
	// rows of those streams may be written.
	Fold func(ctx context.Context, b *Batch, w *Writer) error
}

func (p *Projection) takes(stream string) bool {
	for _, prefix := range p.Streams {
		if strings.HasPrefix(stream, prefix) {
			return true
		}
	}
	return false
}

// of returns the records of the streams p is folded from.
func (p *Projection) of(records []event.Record) []event.Record {
	out := make([]event.Record, 0, len(records))
	for _, r := range records {
		if p.takes(r.Stream) {
			out = append(out, r)
		}
	}
	return out
}
