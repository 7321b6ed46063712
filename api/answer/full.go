package answer

import (
	"cmp"
	"context"
	"slices"

	"runut/api/text"
	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/history"
	"runut/eventstore"
	"runut/projections"
)

// A Full answer is an explanation with its sentences.
type Full struct {
	history.Explanation
	Answer  Answer  `json:"answer"`
	Speaker Speaker `json:"-"` // who put it into words, for further ones
}

// A Desk is where questions are asked: the log, the read model of names, and the
// definitions by hash.
type Desk struct {
	Store  *eventstore.Store
	DB     projections.DB
	Charts *history.Charts
	Shelf  *Shelf // what many answers rest on; nil: everything is read anew
}

// Explain answers what became of a proposal, as seen from a view. It is for
// people who signed in: visitors are answered from what was released alone.
func (d Desk) Explain(ctx context.Context, number string, v event.View, lang text.Lang) (Full, error) {
	q, err := d.Ask(ctx, number, v)
	if err != nil {
		return Full{}, err
	}
	x := history.Explain(q)
	s, err := d.Speaker(ctx, q, x, lang)
	if err != nil {
		return Full{}, err
	}
	return Full{x, s.Of(x), s}, nil
}

// Speaker returns who puts an explanation into words: with the names of the
// places and offices in it and the definition its cycle pins.
func (d Desk) Speaker(ctx context.Context, q history.Inquiry, x history.Explanation, lang text.Lang) (Speaker, error) {
	names, err := namesIn(ctx, projections.Register{DB: d.DB}, Codes(x))
	if err != nil {
		return Speaker{}, err
	}
	c := cycle.Fold(slices.DeleteFunc(slices.Clone(event.Sequence(q.Streams[cycle.Stream(x.Cycle)], event.View{Known: q.View.Known})), wordless))
	return Speaker{Lang: lang, Definition: d.Charts.For(c.Pin.Hash).Definition, Zone: cmp.Or(c.Zone, domain.Zones["WITA"]), Name: func(code string) string { return names[code] }}, nil
}

// wordless reports whether an event of a cycle says nothing of its zone or its
// process: hundreds of a year do not.
func wordless(r event.Record) bool {
	switch r.Event.(type) {
	case *cycle.Opened, *cycle.DefinitionMigrated:
		return false
	}
	return true
}
