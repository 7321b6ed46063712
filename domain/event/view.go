package event

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"runut/domain"
)

// A View says from where a history is looked at: what was in effect at AsOf,
// as far as was known at position Known. The zero View is everything known now.
type View struct {
	AsOf  time.Time // zero: no bound
	Known int64     // last position that exists for this view; 0: no bound; Nothing: none does
}

// Nothing is the Known of a view from before the first event was recorded.
const Nothing int64 = -1

// ViewAt reads a view as people write it. asOf is a day ("2026-02-28"), which
// means its end in zone (semantics R7), a moment in RFC 3339, or "" for no
// bound. known is one of these or a position ("88412"); position turns a moment
// of knowledge into one, as KnownAt does over the records of a log.
func ViewAt(asOf, known string, zone *time.Location, position func(time.Time) (int64, error)) (View, error) {
	var v View
	var err error
	if v.AsOf, err = moment(asOf, zone); err != nil {
		return View{}, err
	}
	if n, notNumber := strconv.ParseInt(known, 10, 64); notNumber == nil && n >= 0 {
		v.Known = n
		if n == 0 {
			v.Known = Nothing
		}
		return v, nil
	}
	at, err := moment(known, zone)
	if err != nil || at.IsZero() {
		return v, err
	}
	v.Known, err = position(at)
	return v, err
}

func moment(text string, zone *time.Location) (time.Time, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return time.Time{}, nil
	}
	if day, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return domain.EndOfDay(day, zone), nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.UTC(), nil
	}
	if len(text) > 40 {
		text = strings.ToValidUTF8(text[:40], "") + "…"
	}
	return time.Time{}, domain.Refuse(domain.Invalid, "view.time_malformed", "text", text)
}

// Sequence returns the events of one history as they count under v: those known,
// corrected, in effect, in the order of (effective time, position). The input
// must be in the order of positions; it is not changed. Corrections themselves
// are left out: their work is done. What is returned may share memory with the
// input: whoever wants to change it changes a copy.
func Sequence(records []Record, v View) []Record {
	records = known(records, v.Known)
	if n, plain := inEffect(records, v.AsOf); plain {
		return records[:n:n]
	}
	acting := standing(records)
	out := make([]Record, 0, len(records))
	for i := range records {
		if _, ok := records[i].Event.(Correction); ok {
			continue
		}
		r, ok := acting.read(records, i)
		if ok && (v.AsOf.IsZero() || !r.Effective().After(v.AsOf)) {
			out = append(out, r)
		}
	}
	for i := 1; i < len(out); i++ { // most are in order already, and a record is large
		if out[i-1].Effective().After(out[i].Effective()) {
			slices.SortStableFunc(out, Record.compare)
			break
		}
	}
	return out
}

// inEffect returns how many records are in effect at a moment, where these are
// simply the first of them: nothing was corrected and everything took effect in
// the order it was recorded. So it is with nearly all histories.
func inEffect(records []Record, asOf time.Time) (n int, plain bool) {
	n = len(records)
	var last time.Time
	for i := range records {
		if _, ok := records[i].Event.(Correction); ok {
			return 0, false
		}
		at := records[i].Effective()
		if at.Before(last) {
			return 0, false
		}
		if n > i && !asOf.IsZero() && at.After(asOf) {
			n = i
		}
		last = at
	}
	return n, true
}

// compare orders records as they take effect.
func (r Record) compare(s Record) int {
	return cmp.Or(r.Effective().Compare(s.Effective()), cmp.Compare(r.Position, s.Position))
}

func known(records []Record, k int64) []Record {
	if k == 0 {
		return records
	}
	n, _ := slices.BinarySearchFunc(records, k+1, func(r Record, p int64) int { return cmp.Compare(r.Position, p) })
	return records[:n]
}

// Uncertain returns the events of one history of which it is not known whether
// they had happened at v.AsOf, because two exports on either side of it are all
// that tells of them (semantics R8). Sequence leaves them out: they count from
// the later export.
func Uncertain(records []Record, v View) []Record {
	if v.AsOf.IsZero() {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(Sequence(records, View{Known: v.Known})), func(r Record) bool {
		return r.Occurred.Precision != domain.BetweenExports || v.AsOf.Before(r.Occurred.From) || !v.AsOf.Before(r.Effective())
	})
}

// KnownAt returns the position that a moment of knowledge stands for (semantics
// R1): the last one whose running maximum of recorded times is not after it, or
// Nothing. The records must be in the order of positions, all of the log or any
// slice of it that begins at the first.
func KnownAt(records []Record, at time.Time) int64 {
	last := Nothing
	for _, r := range records {
		if r.RecordedAt.After(at) {
			break
		}
		last = r.Position
	}
	return last
}
