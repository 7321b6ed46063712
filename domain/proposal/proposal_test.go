package proposal

import (
	"reflect"
	"strings"
	"testing"

	"runut/domain"
)

// Whatever the tables of this package say of events by name is about members
// that the events have.
func TestTablesNameMembersThatExist(t *testing.T) {
	byName := map[string]*shape{}
	for _, s := range shapes() {
		byName[s.name] = s
	}
	check := func(event, member string) {
		t.Helper()
		s := byName[event]
		if s == nil {
			t.Fatalf("there is no event %s", event)
		}
		if _, ok := s.members[member]; !ok {
			t.Errorf("%s has no member %s", event, member)
		}
	}
	for key := range choices {
		event, member, _ := strings.Cut(key, ".")
		check(event, member)
	}
	for event, member := range days {
		check(event, member)
	}
}

// The nearer member wins over an embedded one, as it does in JSON.
func TestMembersReadAsInJSON(t *testing.T) {
	e := &Submitted{Step: Step{Stage: "desa"}, Lane: Pokir, Idea: Idea{Village: "99.01.03.2001", Estimate: 5}}
	for name, want := range map[string]string{"lane": "pokir", "village": "99.01.03.2001", "stage": "desa", "forum": "", "none": ""} {
		if got := word(e, name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if late := word(&ReferralAnswered{Late: true}, "late"); late != "true" {
		t.Errorf("late = %q", late)
	}
	if EventName(e) != "submitted" || EventName(nil) != "" {
		t.Errorf("names %q, %q", EventName(e), EventName(nil))
	}
}

func TestSays(t *testing.T) {
	for _, test := range []struct {
		event  Event
		member string
		want   bool
	}{
		{&Rejected{Ground: "  "}, "ground", false},
		{&Rejected{Ground: "UU 23/2014"}, "ground", true},
		{&Objected{Text: domain.Text{Masked: " \n"}}, "text", false},
		{&Objected{Text: domain.Mask("Keberatan")}, "text", true},
		{&Referred{Letter: domain.Document{Kind: "surat"}}, "letter", false}, // which letter?
		{&Referred{Letter: domain.Document{Number: "1/2026"}}, "letter", true},
		{&AcceptedByOPD{Volume: domain.Volume{Amount: "0", Unit: "m"}}, "volume", false},
		{&AcceptedByOPD{Volume: domain.Volume{Amount: "1", Unit: "m"}}, "volume", true},
		{&AcceptedByOPD{}, "estimate", false},
		{&ProgressReported{}, "physical", true}, // nothing done yet is an answer
		{&Split{}, "parts", false},
		{&Split{Parts: []string{"a"}}, "parts", true},
		{&Corrected{}, "target", false},
		{&Rejected{}, "no such member", false},
	} {
		if got := says(test.event, test.member); got != test.want {
			t.Errorf("%T says %s: %v, want %v", test.event, test.member, got, test.want)
		}
	}
}

// Every event that carries its own facts can be amended; Event finds it again.
func TestAmendments(t *testing.T) {
	for _, typ := range Types {
		e := reflect.New(typ.Go()).Interface().(Event)
		a := Amend(e)
		if a == nil {
			continue
		}
		if got := a.Event(); got != e {
			t.Errorf("the amendment of a %s holds %T", typ.Name, got)
		}
	}
	if Amend(&Merged{}) != nil {
		t.Error("what binds several proposals can be amended alone")
	}
}

func TestYear(t *testing.T) {
	for number, want := range map[string]int{"U-27-4K7M2XQ": 2027, "U-99-0000000": 2099, "": 0, "U-2x-4K7M2XQ": 0, "4K7M2XQ": 0} {
		if got := Year(number); got != want {
			t.Errorf("Year(%q) = %d, want %d", number, got, want)
		}
	}
}
