package catalog_test

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"runut/domain"
	"runut/domain/catalog"
	"runut/domain/event"
)

// planted fills everything there is with harmless words, and puts something
// else into the n-th plain string.
type planted struct {
	filler
	plant string
	n     int
	seen  *int
	where *string
}

func (p planted) word(at string) string {
	*p.seen++
	if *p.seen == p.n {
		*p.where = at
		return p.plant
	}
	return p.filler.word(at)
}

// Whatever plain string of whatever event somebody's details are put into, the
// event is refused or does not show them.
func TestNoPlainStringIdentifiesAnybody(t *testing.T) {
	plants := []struct{ name, word, code string }{
		{"a NIK", "9901014101850001", "text.personal"},
		{"a NIK in groups", "NIK 9901 0141 0185 0001", "text.personal"},
		{"a NIK behind a word", "p-9901014101850001", "text.personal"},
		{"a telephone number", "hub. 0812-3456-7890", "text.personal"},
		{"an address", "warga@surel.example", "text.personal"},
		{"a name", "milik Bapak Sutrisno Hadi", "text.personal"},
		{"a line break", "satu\ndua", "text.unprintable"},
		{"what is no UTF-8", "satu\xff", "text.unprintable"},
		{"prose", strings.Repeat("a ", 501), "text.too_long"},
	}
	var things []string // where the words of registers stand, which may be long and called after somebody
	var posts []string  // where the program itself writes role@office
	total := 0
	for typ := range catalog.Events.All() {
		harmless := typ.New()
		words := 0
		fill(planted{filler: whole{canaries: new(int), all: true}, seen: &words, where: new(string)}, reflect.ValueOf(harmless).Elem(), "")
		if err := event.Readable(harmless); err != nil {
			t.Errorf("%s of harmless words: %v", typ.Name, err)
		}
		total += words
		for n := range words {
			for _, plant := range plants {
				if typ.Name == "proposal.corrected" && plant.name != "a NIK" {
					continue // what it may replace an event by is planted in that event
				}
				e, where := typ.New(), ""
				fill(planted{whole{canaries: new(int), all: true}, plant.word, n + 1, new(int), &where}, reflect.ValueOf(e).Elem(), "")
				err := event.Readable(e)
				if errors.Is(err, &domain.Error{Kind: domain.Invalid, Code: plant.code}) {
					continue
				}
				if err == nil && (plant.name == "a name" || plant.name == "prose") {
					things = append(things, typ.Name+where)
					continue
				}
				if err == nil && plant.name == "an address" {
					posts = append(posts, typ.Name+where)
					continue
				}
				enc, fault := catalog.Events.Encode(e)
				if err != nil || fault == nil && bytes.Contains(enc.Payload, []byte(plant.word)) {
					t.Errorf("%s: %s at %s: %v, want %s", typ.Name, plant.name, where, err, plant.code)
				}
			}
		}
	}
	if total < 1000 {
		t.Errorf("only %d plain strings were found in all events", total)
	}
	slices.Sort(things)
	want := []string{
		"cycle.vocabulary_published/Entries/0/EN", "cycle.vocabulary_published/Entries/0/ID",
		"log.restarted/Before", "log.restarted/Origin",
		"reference.edition_published/Entries/0/Facts/0", "reference.edition_published/Entries/0/Facts/key0", "reference.edition_published/Entries/0/Name",
	}
	if d := cmp.Diff(want, slices.Compact(things)); d != "" {
		t.Errorf("words of registers (-want +got):\n%s", d)
	}
	slices.Sort(posts)
	want = []string{
		"cycle.window_closed/ClosedBy",
		"proposal.lapsed/Closing/CouldHaveActed/0", "proposal.lapsed/Closing/Holder",
		"proposal.left_out/Closing/CouldHaveActed/0", "proposal.left_out/Closing/Holder",
		"proposal.objection_answered/Closing/CouldHaveActed/0", "proposal.objection_answered/Closing/Holder",
		"proposal.unfinished/Closing/CouldHaveActed/0", "proposal.unfinished/Closing/Holder",
	}
	if d := cmp.Diff(want, posts); d != "" {
		t.Errorf("posts (-want +got):\n%s", d)
	}
}
