package domain

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// The conditions that several nouns examine in the same words. Their refusals
// are the noun's own: of a grant "grant.role_missing", of a forum
// "forum.role_missing", since what to do about it differs.

// Role examines that the actor's role is one of those who may.
func (v *Verdict) Role(may []Role, is Role) {
	v.Hold(slices.Contains(may, is), "role", Words(may), string(is),
		Refuse(Forbidden, v.Noun+".role_missing", "role", string(is), "wanted", Words(may)))
}

// Seconded examines that somebody else than the actor approved, who may approve.
func (v *Verdict) Seconded(actor Actor, second *Actor, may []Role) {
	want := "another person: " + Words(may)
	if !v.Hold(second != nil, "second", want, "nobody", Refuse(Forbidden, v.Noun+".second_needed", "wanted", Words(may))) {
		return
	}
	v.Hold(second.Person != "" && second.Person != actor.Person, "second person", want, second.Person,
		Refuse(Forbidden, v.Noun+".same_person", "person", second.Person))
	v.Hold(slices.Contains(may, second.Role), "second role", Words(may), string(second.Role),
		Refuse(Forbidden, v.Noun+".second_role_missing", "role", string(second.Role), "wanted", Words(may)))
}

// InTime examines that a fact does not take effect in the future (semantics
// R9). No time said is now.
func (v *Verdict) InTime(at Interval, now time.Time) {
	if at.IsZero() {
		at = Moment(now)
	}
	v.Hold(at.Valid() && !at.From.After(now), "occurred", "not after "+Stamp(now), Stamp(at.From),
		Refuse(Invalid, v.Noun+".occurred_in_future", "occurred", Stamp(at.From), "now", Stamp(now)).At("/occurred"))
}

// LastWord examines that a fact which counts from at is the last one about
// something: an earlier one would be overruled as soon as it is recorded.
func (v *Verdict) LastWord(about string, at, last time.Time) {
	v.Hold(!at.Before(last), "last word", "not before "+Stamp(last), Stamp(at),
		Refuse(Conflict, v.Noun+".occurred_before_last", "occurred", Stamp(at), "last", Stamp(last), "about", about).At("/occurred"))
}

// Decree examines a paper that an act cannot do without: what kind, which
// number, of which day.
func (v *Verdict) Decree(field string, d Document, now time.Time) {
	if v.Hold(d.Kind != "" && d.Number != "" && d.Date != "", "decree", "kind, number and date", strings.TrimSpace(d.Kind+" "+d.Number+" "+d.Date),
		Refuse(Invalid, v.Noun+".decree_missing", "field", field).At(field)) {
		v.Document(field, d, now)
	}
}

// Document examines what is said of a paper that was named: its day is past, its
// digest well formed, its number nobody's own.
func (v *Verdict) Document(field string, d Document, now time.Time) {
	if d.Date != "" {
		v.Date(field+"/date", d.Date, now)
	}
	if d.Digest != "" {
		v.Digest(field+"/digest", d.Digest)
	}
	if d.Number != "" {
		v.Plain(field+"/number", d.Number)
	}
}

// Date examines a local day that is not in the future.
func (v *Verdict) Date(field, day string, now time.Time) {
	v.Hold(HasBegun(day, now), "date", "a day, not in the future", day,
		Refuse(Invalid, v.Noun+".date_wrong", "date", day).At(field))
}

// Digest examines the digest of a file.
func (v *Verdict) Digest(field, digest string) {
	v.Hold(digestForm.MatchString(digest), "digest", "SHA-256 in hexadecimal", digest,
		Refuse(Invalid, v.Noun+".digest_malformed", "field", field).At(field))
}

// Plain examines a short word that is kept readable for ever: it is there and
// shows nobody's number, address or name.
func (v *Verdict) Plain(field, word string) {
	name := field[strings.LastIndexByte(field, '/')+1:]
	if !v.Hold(strings.TrimSpace(word) != "", name, "not empty", word, Refuse(Invalid, v.Noun+".missing", "field", name).At(field)) {
		return
	}
	spans := Mask(word).Spans
	v.Hold(len(spans) == 0, name, "no personal details", fmt.Sprintf("%d personal details", len(spans)),
		Refuse(Invalid, v.Noun+".names_somebody", "field", name).At(field))
}

// Numbers examines numbers of proposals: each is one, as it is written, and
// stands once.
func (v *Verdict) Numbers(field string, numbers []string) {
	for _, n := range numbers {
		canonical, err := ParseNumber(n)
		v.Each(err == nil && canonical == n, "number", "a proposal's number", n,
			Refuse(Invalid, v.Noun+".number_malformed", "number", n).At(field))
	}
	v.Once(field, "numbers", numbers)
}

// Once examines that no word of a list stands twice.
func (v *Verdict) Once(field, name string, words []string) {
	seen := make(map[string]bool, len(words))
	twice := ""
	for _, w := range words {
		if seen[w] {
			twice = w
			break
		}
		seen[w] = true
	}
	v.Hold(twice == "", name, "each named once", twice,
		Refuse(Invalid, v.Noun+".named_twice", "value", twice).At(field))
}

// Words joins words for a check: "camat, opd_head".
func Words[W ~string](of []W) string {
	plain := make([]string, len(of))
	for i, w := range of {
		plain[i] = string(w)
	}
	return strings.Join(plain, ", ")
}

// Stamp writes a time for a check, in UTC. Who shows it to people puts it into
// their zone.
func Stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Easternmost is how far ahead of UTC a day can have begun in Indonesia (WIT).
const Easternmost = 9 * time.Hour

// HasBegun reports whether a text is a local day such as 2026-02-20 that has
// begun somewhere in Indonesia by now.
func HasBegun(day string, now time.Time) bool {
	t, err := time.Parse(time.DateOnly, day)
	return err == nil && !t.After(now.Add(Easternmost))
}

var digestForm = regexp.MustCompile(`^[0-9a-f]{64}$`)
