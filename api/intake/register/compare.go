package register

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"runut/domain/reference"
)

// A Difference is what a new edition changes of the one before it.
type Difference struct {
	Against   string // name of the edition before; "": this is the first
	New       []reference.Entry
	Renamed   []Renaming
	Changed   []reference.Entry // under the same name, something else is said of them
	Gone      []reference.Entry
	Unchanged int
	Guesses   []Guess
}

// A Renaming is a code that has another name now.
type Renaming struct{ Code, From, To string }

// A Guess is what may have happened to codes that went or came. It is for a
// person to confirm by a table of successions; nothing follows from it by itself.
type Guess struct {
	Kind GuessKind
	From reference.Entry // gone; zero of a GuessSplit
	To   reference.Entry // new; zero of a GuessMerged
}

// A GuessKind says what may have happened.
type GuessKind string

// What may have happened.
const (
	GuessRecoded GuessKind = "recoded" // one of the same name stands under the same parent now
	GuessMoved   GuessKind = "moved"   // just one of the same name stands under another parent now
	GuessMerged  GuessKind = "merged"  // gone, and none of its name is new: perhaps part of another
	GuessSplit   GuessKind = "split"   // new, and none of its name is gone: perhaps part of another before
)

// Compare says what entries change of the edition of a register before; nil is
// none. Guesses are made of villages and OPDs alone.
func Compare(register string, before *reference.Edition, entries []reference.Entry) Difference {
	var d Difference
	if before == nil {
		d.New = entries
		return d
	}
	d.Against = before.Name
	now := make(map[string]bool, len(entries))
	for _, e := range entries {
		now[e.Code] = true
		old, known := before.Entry(e.Code)
		switch {
		case !known:
			d.New = append(d.New, e)
		case old.Name != e.Name:
			d.Renamed = append(d.Renamed, Renaming{e.Code, old.Name, e.Name})
		case old.Parent != e.Parent || old.Until != e.Until || !maps.Equal(old.Facts, e.Facts):
			d.Changed = append(d.Changed, e)
		default:
			d.Unchanged++
		}
	}
	for _, e := range before.Entries {
		if !now[e.Code] {
			d.Gone = append(d.Gone, e)
		}
	}
	switch register {
	case "wilayah":
		d.Guesses = guesses(d.Gone, within(before, d.New))
	case "opd":
		d.Guesses = guesses(d.Gone, d.New)
	}
	return d
}

// Empty reports whether nothing differs.
func (d Difference) Empty() bool {
	return d.Against != "" && len(d.New)+len(d.Renamed)+len(d.Changed)+len(d.Gone) == 0
}

// guesses pairs what is gone with what is new by name: under the same parent
// first, then anywhere where the name is the only one of its kind.
func guesses(gone, fresh []reference.Entry) []Guess {
	var out []Guess
	taken := map[string]bool{}
	for _, kind := range []GuessKind{GuessRecoded, GuessMoved} {
		key := func(e reference.Entry) string {
			if kind == GuessRecoded {
				return e.Parent + "\x00" + bare(e.Name)
			}
			return bare(e.Name)
		}
		from, to := unique(gone, taken, key), unique(fresh, taken, key)
		for _, name := range slices.Sorted(maps.Keys(from)) {
			if g, ok := to[name]; ok && sameLevel(from[name], g) {
				out = append(out, Guess{kind, from[name], g})
				taken[from[name].Code], taken[g.Code] = true, true
			}
		}
	}
	for _, e := range gone {
		if !taken[e.Code] {
			out = append(out, Guess{Kind: GuessMerged, From: e})
		}
	}
	for _, e := range fresh {
		if !taken[e.Code] {
			out = append(out, Guess{Kind: GuessSplit, To: e})
		}
	}
	return out
}

// within returns the places that stand in one that the edition before had: an
// edition that covers more than the one before it says nothing of splits there.
func within(before *reference.Edition, entries []reference.Entry) []reference.Entry {
	return slices.DeleteFunc(slices.Clone(entries), func(e reference.Entry) bool {
		for at := e.Parent; at != ""; at = at[:max(0, strings.LastIndexByte(at, '.'))] {
			if _, known := before.Entry(at); known {
				return false
			}
		}
		return true
	})
}

// unique returns the entries that alone have their key.
func unique(entries []reference.Entry, without map[string]bool, key func(reference.Entry) string) map[string]reference.Entry {
	only, twice := map[string]reference.Entry{}, map[string]bool{}
	for _, e := range entries {
		if without[e.Code] {
			continue
		}
		k := key(e)
		if _, ok := only[k]; ok {
			twice[k] = true
		}
		only[k] = e
	}
	for k := range twice {
		delete(only, k)
	}
	return only
}

func sameLevel(a, b reference.Entry) bool {
	return strings.Count(a.Code, ".") == strings.Count(b.Code, ".")
}

// bare returns a name as it is compared: in lower case, letters and digits alone,
// without the word for its kind.
func bare(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(words) > 1 && slices.Contains([]string{"desa", "kelurahan", "kecamatan", "kampung", "nagari", "gampong", "dinas", "badan", "kabupaten"}, words[0]) {
		words = words[1:]
	}
	return strings.Join(words, "")
}
