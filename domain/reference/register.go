package reference

import (
	"cmp"
	"slices"
	"strings"

	"runut/domain/event"
)

// A Register is what the past editions of a register amount to. Its zero value
// knows nothing.
type Register struct {
	Name     string
	Version  int
	Editions []*Edition // complete ones, by the day they hold from
	Pending  *Edition   // one of which parts are missing; nil mostly
}

// An Edition is one state of a register. It does not change once it is complete,
// and is then safe for concurrent use.
type Edition struct {
	Name      string
	ValidFrom string // local day
	Digest    string // SHA-256 of the source file, hex
	Rows      int    // of the whole edition
	Parts     int
	Have      int // parts that are there
	Entries   []Entry

	byCode   map[string]int
	byParent map[string][]int
}

func (e *EditionPublished) evolve(r *Register) {
	r.Name = e.Register
	if e.Part <= 1 || r.Pending == nil {
		r.Pending = &Edition{Name: e.Edition, ValidFrom: e.ValidFrom, Digest: e.Digest, Rows: e.Rows, Parts: e.Parts}
	}
	p := r.Pending
	p.Have++
	p.add(e.Entries)
	if p.Have < p.Parts {
		return
	}
	r.Pending = nil
	r.Editions = slices.DeleteFunc(r.Editions, func(o *Edition) bool { return o.Name == p.Name })
	at, _ := slices.BinarySearchFunc(r.Editions, p, func(o, p *Edition) int {
		return cmp.Or(cmp.Compare(o.ValidFrom, p.ValidFrom), -1) // of the same day the later one counts
	})
	r.Editions = slices.Insert(r.Editions, at, p)
}

func (e *Edition) add(entries []Entry) {
	if e.byCode == nil {
		e.byCode = make(map[string]int, max(e.Rows, len(entries)))
		e.byParent = make(map[string][]int)
	}
	for _, one := range entries {
		e.byCode[one.Code] = len(e.Entries)
		e.byParent[one.Parent] = append(e.byParent[one.Parent], len(e.Entries))
		e.Entries = append(e.Entries, one)
	}
}

// Fold returns what the events of one register, in order, amount to.
func Fold(records []event.Record) Register {
	var r Register
	for _, record := range records {
		if e, ok := record.Event.(Event); ok {
			r.Name = strings.TrimPrefix(record.Stream, "reference-")
			r.Version = max(r.Version, record.Version)
			e.evolve(&r)
		}
	}
	return r
}

// On returns the edition that holds on a local day ("2026-02-20"), or the newest
// one where day is "". It returns nil before the first edition: what was not
// known then is not guessed from what came later.
func (r Register) On(day string) *Edition {
	for _, e := range slices.Backward(r.Editions) {
		if day == "" || e.ValidFrom <= day {
			return e
		}
	}
	return nil
}

// Lookup returns the entry of a code as it holds on a local day; "" asks for the
// newest edition and does not look at when an entry ceased.
func (r Register) Lookup(code, day string) (Entry, bool) {
	e, ok := r.On(day).Entry(code)
	return e, ok && (day == "" || e.On(day))
}

// Named returns the edition of a name.
func (r Register) Named(edition string) *Edition {
	for _, e := range r.Editions {
		if e.Name == edition {
			return e
		}
	}
	return nil
}

// Entry returns the entry of a code. A nil Edition has none.
func (e *Edition) Entry(code string) (Entry, bool) {
	if e == nil {
		return Entry{}, false
	}
	i, ok := e.byCode[code]
	if !ok {
		return Entry{}, false
	}
	return e.Entries[i], true
}

// Under returns the entries whose parent is code, in the order of the source:
// the villages of a kecamatan, the sub kegiatan of a kegiatan.
func (e *Edition) Under(code string) []Entry {
	if e == nil {
		return nil
	}
	places := e.byParent[code]
	out := make([]Entry, len(places))
	for i, p := range places {
		out[i] = e.Entries[p]
	}
	return out
}

// On reports whether the entry is still in use on a local day.
func (e Entry) On(day string) bool { return e.Until == "" || day < e.Until }
