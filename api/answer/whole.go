package answer

import (
	"cmp"
	"context"

	"runut/api/text"
	"runut/domain/event"
)

// A Rounded is a position that was asked about and lies inside one append. Nobody ever
// knew half of an append, so what is shown is the log as it stood before.
type Rounded struct {
	Asked, Shown int64 // Shown is 0 where the append is the first of all
	First, Last  int64 // of the append
}

// In says it in words.
func (r Rounded) In(l text.Lang) string {
	return l.T("view.rounded", "asked", l.Count(r.Asked), "first", l.Count(r.First), "last", l.Count(r.Last), "shown", l.Count(r.Shown))
}

type heed struct{}

// Heed returns a context in which told hears of positions that were rounded.
func Heed(ctx context.Context, told func(Rounded)) context.Context {
	return context.WithValue(ctx, heed{}, told)
}

// whole rounds a view down to the end of an append.
func (d Desk) whole(ctx context.Context, v event.View) (event.View, error) {
	first, last, err := d.Store.Around(ctx, v.Known)
	if err != nil || last <= v.Known {
		return v, err
	}
	if told, ok := ctx.Value(heed{}).(func(Rounded)); ok {
		told(Rounded{v.Known, first - 1, first, last})
	}
	v.Known = cmp.Or(first-1, event.Nothing)
	return v, nil
}
