package reference

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"runut/domain"
)

// Publishers may publish an edition of a register. Registers are kept by
// Bappeda; the source of most of them is a decree of a minister.
var Publishers = []domain.Role{"head_of_planning", "planner", "importer"}

// Registers is every register there is, with the form its codes have.
var Registers = map[string]*regexp.Regexp{
	"wilayah":      regexp.MustCompile(`^[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?$`),                // Kepmendagri on kode and data wilayah
	"nomenclature": regexp.MustCompile(`^[0-9X]{1,2}(\.[0-9X]{1,4}){0,6}$`),                                // Permendagri 90/2019 and its updates
	"opd":          regexp.MustCompile(`^[0-9A-Za-z]{1,4}([.-][0-9A-Za-z]{1,4}){0,9}$`),                    // perda on the organisation of the kabupaten
	"kamus":        regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$`),                                // kamus usulan of the kabupaten
	"reasons":      regexp.MustCompile(`^[A-Z]{2,5}(-[A-Z0-9]{1,12}){0,2}$`),                               // reason codes
	"workflow":     regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}(@[0-9]{1,4})?$`),                             // workflow definitions, by name
	"holidays":     regexp.MustCompile(`^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])(-[0-9a-z]+)?$`), // SKB three ministers on holidays
}

// Rules is everything a decision about a register may consult besides its past.
type Rules struct {
	Actor    domain.Actor
	Now      time.Time
	Occurred domain.Interval // when it took effect; zero: now
}

// PartSize is how many entries one event holds at most when Decide divides an
// edition.
const PartSize = 1000

// Decide returns the events that ask amounts to, or a *domain.Error with every
// condition it examined. An ask whose Parts is zero is a whole edition, counted
// and divided into parts here. Else it is one part of an edition, asked for after
// the part before it; the edition holds from the last one.
func Decide(r Register, ask Event, rules Rules) ([]Event, error) {
	given, ok := ask.(*EditionPublished)
	if !ok {
		return nil, fmt.Errorf("reference: %T is not decided here", ask)
	}
	e, whole := *given, given.Parts == 0
	if whole {
		e.Part, e.Parts, e.Rows = 1, 1, len(e.Entries)
	}
	if err := examine(r, &e, rules); err != nil {
		return nil, err
	}
	if whole {
		return divided(e), nil
	}
	return []Event{&e}, nil
}

// divided returns an edition in parts of at most PartSize entries.
func divided(e EditionPublished) []Event {
	parts := slices.Collect(slices.Chunk(e.Entries, PartSize))
	events := make([]Event, len(parts))
	for i, entries := range parts {
		one := e
		one.Part, one.Parts, one.Entries = i+1, len(parts), entries
		events[i] = &one
	}
	return events
}

func examine(r Register, e *EditionPublished, rules Rules) error {
	v := domain.Verdict{Noun: "reference"}
	v.Role(Publishers, rules.Actor.Role)
	v.InTime(rules.Occurred, rules.Now)
	form, known := Registers[e.Register]
	names := strings.Join(slices.Sorted(maps.Keys(Registers)), ", ")
	v.Hold(known && (r.Name == "" || r.Name == e.Register), "register", names, e.Register,
		domain.Refuse(domain.Invalid, "reference.register_unknown", "register", e.Register, "known", names).At("/register"))
	v.Hold(strings.TrimSpace(e.Edition) != "", "edition", "named", e.Edition,
		domain.Refuse(domain.Invalid, "reference.missing", "field", "edition").At("/edition"))
	_, err := time.Parse(time.DateOnly, e.ValidFrom)
	v.Hold(err == nil, "valid_from", "a day such as 2026-01-01", e.ValidFrom,
		domain.Refuse(domain.Invalid, "reference.day_wrong", "date", e.ValidFrom).At("/valid_from"))
	v.Digest("/digest", e.Digest)
	v.Hold(r.Named(e.Edition) == nil, "edition", "a new one", e.Edition,
		domain.Refuse(domain.Conflict, "reference.edition_published", "register", e.Register, "edition", e.Edition).At("/edition"))
	part(&v, r.Pending, e)
	entries(&v, r.Pending, e, form)
	return v.Err()
}

// part examines that the parts of an edition come in order and say the same of it.
func part(v *domain.Verdict, pending *Edition, e *EditionPublished) {
	v.Hold(1 <= e.Part && e.Part <= e.Parts, "part", "from 1 to "+strconv.Itoa(e.Parts), strconv.Itoa(e.Part),
		domain.Refuse(domain.Invalid, "reference.part_wrong", "part", strconv.Itoa(e.Part), "parts", strconv.Itoa(e.Parts)).At("/part"))
	if e.Part == 1 {
		return // begins anew, also where an earlier beginning was never ended
	}
	if !v.Hold(pending != nil && pending.Have == e.Part-1, "part", "the next one", strconv.Itoa(e.Part),
		domain.Refuse(domain.Conflict, "reference.part_out_of_order", "part", strconv.Itoa(e.Part), "parts", strconv.Itoa(e.Parts)).At("/part")) {
		return
	}
	same := pending.Name == e.Edition && pending.ValidFrom == e.ValidFrom && pending.Digest == e.Digest && pending.Rows == e.Rows && pending.Parts == e.Parts
	v.Hold(same, "part", "of edition "+pending.Name, e.Edition,
		domain.Refuse(domain.Conflict, "reference.part_of_another", "edition", e.Edition, "pending", pending.Name).At("/edition"))
}

// entries examines the rows, and after the last part the whole: that there are
// as many as announced and that every parent is among them.
func entries(v *domain.Verdict, pending *Edition, e *EditionPublished, form *regexp.Regexp) {
	whole := &Edition{Rows: e.Rows}
	if e.Part > 1 && pending != nil {
		whole.add(pending.Entries)
	}
	v.Hold(len(e.Entries) > 0, "entries", "one at least", "none",
		domain.Refuse(domain.Invalid, "reference.missing", "field", "entries").At("/entries"))
	for i, one := range e.Entries {
		if refusal := faulty(one, whole, form); refusal != nil {
			v.Hold(false, "entry", "a code, once, and a name", one.Code, refusal.At("/entries/"+strconv.Itoa(i)))
		}
		whole.add(e.Entries[i : i+1])
	}
	if e.Part < e.Parts {
		return
	}
	v.Hold(len(whole.Entries) == e.Rows, "rows", strconv.Itoa(e.Rows), strconv.Itoa(len(whole.Entries)),
		domain.Refuse(domain.Invalid, "reference.rows_wrong", "rows", strconv.Itoa(e.Rows), "given", strconv.Itoa(len(whole.Entries))).At("/rows"))
	for _, one := range whole.Entries {
		if _, ok := whole.Entry(one.Parent); one.Parent != "" && !ok {
			v.Hold(false, "parent", "among the entries", one.Parent,
				domain.Refuse(domain.Invalid, "reference.parent_unknown", "code", one.Code, "parent", one.Parent).At("/entries"))
		}
	}
}

// faulty returns why an entry cannot be taken in, or nil. It is asked some
// ninety thousand times for the register of wilayah.
func faulty(e Entry, whole *Edition, form *regexp.Regexp) *domain.Error {
	if strings.TrimSpace(e.Name) == "" {
		return domain.Refuse(domain.Invalid, "reference.name_missing", "code", e.Code)
	}
	if form != nil && !form.MatchString(e.Code) {
		return domain.Refuse(domain.Invalid, "reference.code_malformed", "code", e.Code)
	}
	if _, twice := whole.Entry(e.Code); twice {
		return domain.Refuse(domain.Invalid, "reference.code_twice", "code", e.Code)
	}
	if e.Until == "" {
		return nil
	}
	if _, err := time.Parse(time.DateOnly, e.Until); err != nil {
		return domain.Refuse(domain.Invalid, "reference.day_wrong", "date", e.Until)
	}
	return nil
}
