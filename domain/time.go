package domain

import "time"

// A Precision says how exactly it is known when something took effect.
type Precision string

// The precisions. A fact read off two exports happened somewhere between them.
const (
	Instant        Precision = "instant"
	Day            Precision = "day"
	BetweenExports Precision = "between_exports"
)

// An Interval is when a fact took effect. From and To are equal for an instant.
type Interval struct {
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	Precision Precision `json:"precision"`
}

// Moment returns the interval of one instant, cut to the microsecond that the
// log keeps.
func Moment(t time.Time) Interval {
	t = t.UTC().Truncate(time.Microsecond)
	return Interval{From: t, To: t, Precision: Instant}
}

// OnDay returns the interval of a whole local day.
func OnDay(year int, month time.Month, day int, zone *time.Location) Interval {
	from := time.Date(year, month, day, 0, 0, 0, 0, zone)
	return Interval{From: from.UTC(), To: EndOfDay(from, zone), Precision: Day}
}

// EndOfDay returns the last microsecond of t's day in zone: what a date without
// a time means (semantics R7).
func EndOfDay(t time.Time, zone *time.Location) time.Time {
	l := t.In(zone)
	return time.Date(l.Year(), l.Month(), l.Day()+1, 0, 0, 0, 0, zone).Add(-time.Microsecond).UTC()
}

// IsZero reports whether no time was said.
func (i Interval) IsZero() bool { return i.From.IsZero() && i.To.IsZero() }

// Valid reports whether i is ordered and its precision known.
func (i Interval) Valid() bool {
	switch i.Precision {
	case Instant:
		return i.From.Equal(i.To)
	case Day, BetweenExports:
		return !i.To.Before(i.From)
	}
	return false
}

// Effective returns when the fact counts from (semantics R3): the end of the
// interval, but never after it was recorded.
func (i Interval) Effective(recorded time.Time) time.Time {
	if i.To.After(recorded) {
		return recorded
	}
	return i.To
}

// Zones maps the three Indonesian time zones to their locations. They have no
// daylight saving, so fixed offsets are exact and need no zone database.
var Zones = map[string]*time.Location{
	"WIB":  time.FixedZone("WIB", 7*3600),
	"WITA": time.FixedZone("WITA", 8*3600),
	"WIT":  time.FixedZone("WIT", 9*3600),
}
