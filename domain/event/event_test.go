package event_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"runut/domain"
	"runut/domain/event"
)

// A letter has had three shapes: "to" was once a single line, then the year was
// missing.
type (
	letter1 struct {
		Line string `json:"line"`
	}
	letter2 struct {
		To string `json:"to"`
	}
	letter struct {
		To    string        `json:"to"`
		Year  int           `json:"year"`
		Body  domain.Text   `json:"body,omitzero"`
		NIK   domain.Secret `json:"nik,omitzero"`
		Pages []page        `json:"pages"`
	}
	page struct {
		Title domain.Text `json:"title"`
	}
	parcel struct {
		Grams int `json:"grams"`
	}
)

var (
	letterSent = event.Declare[letter]("letter.sent",
		event.Was(func(l letter1) letter2 { return letter2{To: strings.TrimPrefix(l.Line, "Kepada ")} }),
		event.Was(func(l letter2) letter { return letter{To: l.To, Year: 2026} }))
	parcelSent = event.Declare[parcel]("parcel.sent")
	post       = event.NewCatalog(letterSent, parcelSent)
)

func TestDeclareCountsVersionsFromItsSteps(t *testing.T) {
	if letterSent.Version != 3 || parcelSent.Version != 1 {
		t.Errorf("versions %d and %d, want 3 and 1", letterSent.Version, parcelSent.Version)
	}
	if e, ok := letterSent.New().(*letter); !ok || !cmp.Equal(*e, letter{}) {
		t.Errorf("New = %#v, want a pointer to a zero letter", letterSent.New())
	}
}

func TestDeclareRefusesToStart(t *testing.T) {
	for name, declare := range map[string]func(){
		"a name in capitals":            func() { event.Declare[parcel]("Parcel.sent") },
		"a name without a noun":         func() { event.Declare[parcel]("sent") },
		"what is no struct":             func() { event.Declare[int]("parcel.sent") },
		"a step that leads elsewhere":   func() { event.Declare[parcel]("parcel.sent", event.Was(func(letter1) letter2 { return letter2{} })) },
		"steps with a gap between them": func() { event.Declare[letter]("letter.sent", event.Was(func(letter1) letter2 { return letter2{} })) },
		"a stored name twice":           func() { event.NewCatalog(parcelSent, event.Declare[letter1]("parcel.sent")) },
		"a Go type twice":               func() { event.NewCatalog(parcelSent, event.Declare[parcel]("parcel.posted")) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("the declaration passed")
				}
			}()
			declare()
		})
	}
}

func TestCatalogIsClosed(t *testing.T) {
	var names []string
	for typ := range post.All() {
		names = append(names, typ.Name)
	}
	if d := cmp.Diff([]string{"letter.sent", "parcel.sent"}, names); d != "" {
		t.Error(d)
	}
	if typ, ok := post.Of(&parcel{}); !ok || typ.Name != "parcel.sent" {
		t.Errorf("Of(*parcel) = %q, %v", typ.Name, ok)
	}
	for _, stranger := range []any{parcel{}, &letter1{}, nil, "parcel.sent"} {
		if typ, ok := post.Of(stranger); ok {
			t.Errorf("Of(%T) = %q, want none", stranger, typ.Name)
		}
		if _, err := post.Encode(stranger); err == nil {
			t.Errorf("Encode(%T) passed", stranger)
		}
	}
	if _, ok := post.Named("letter.lost"); ok {
		t.Error("a type that was never declared has a name")
	}
}

func TestEncodeKeepsWordsAndSecretsOutOfTheRecord(t *testing.T) {
	sent := &letter{
		To: "Kepala Desa", Year: 2027,
		Body:  domain.Text{Masked: "NIK [NIK disamarkan] telah didata", Spans: []domain.Span{{Kind: domain.SpanNIK, Plain: "9901014101850001"}}},
		NIK:   domain.Secret{Plain: "9901014101850002"},
		Pages: []page{{Title: domain.Text{Masked: "Lampiran"}}},
	}
	got, err := post.Encode(sent)
	if err != nil {
		t.Fatal(err)
	}
	want := event.Encoded{
		Type: "letter.sent", Version: 3,
		Payload: []byte(`{"to":"Kepala Desa","year":2027,"body":true,"nik":true,"pages":[{"title":true}]}`),
		Texts:   map[string]string{"/body": "NIK [NIK disamarkan] telah didata", "/pages/0/title": "Lampiran"},
		Secrets: map[string]string{"/body#0": "9901014101850001", "/nik": "9901014101850002"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}

	back, err := post.Decode(got.Type, got.Version, got.Payload, got.Texts)
	if err != nil {
		t.Fatal(err)
	}
	read := &letter{
		To: "Kepala Desa", Year: 2027,
		Body:  domain.Text{Masked: "NIK [NIK disamarkan] telah didata"},
		NIK:   domain.Secret{Sealed: true},
		Pages: []page{{Title: domain.Text{Masked: "Lampiran"}}},
	}
	if d := cmp.Diff(any(read), back); d != "" {
		t.Error(d)
	}
	if closed, err := post.Decode(got.Type, got.Version, got.Payload, nil); err != nil || closed.(*letter).Body.Masked != "" {
		t.Errorf("with its texts closed the letter reads %+v, %v", closed, err)
	}
	again, err := post.Encode(back)
	if err != nil || string(again.Payload) != string(got.Payload) {
		t.Errorf("written again it is %s, %v", again.Payload, err)
	}
}

func TestDecodeLiftsOldShapes(t *testing.T) {
	for version, stored := range map[int]string{
		1: `{"line":"Kepada Camat"}`,
		2: `{"to":"Camat"}`,
		3: `{"to":"Camat","year":2026,"pages":[]}`,
	} {
		got, err := post.Decode("letter.sent", version, []byte(stored), nil)
		if err != nil {
			t.Errorf("version %d: %v", version, err)
			continue
		}
		if l := got.(*letter); l.To != "Camat" || l.Year != 2026 {
			t.Errorf("version %d reads %+v", version, l)
		}
	}
}

func TestDecodeIsStrict(t *testing.T) {
	for name, test := range map[string]struct {
		name    string
		version int
		stored  string
	}{
		"an unknown type":         {"letter.lost", 1, `{}`},
		"a version yet to come":   {"parcel.sent", 2, `{"grams":1}`},
		"version nought":          {"parcel.sent", 0, `{"grams":1}`},
		"an unknown member":       {"parcel.sent", 1, `{"grams":1,"owner":"x"}`},
		"a member in wrong case":  {"parcel.sent", 1, `{"Grams":1}`},
		"a member twice":          {"parcel.sent", 1, `{"grams":1,"grams":2}`},
		"a number in quotes":      {"parcel.sent", 1, `{"grams":"1"}`},
		"bytes that are no UTF-8": {"letter.sent", 2, "{\"to\":\"\xff\"}"},
		"more than one value":     {"parcel.sent", 1, `{"grams":1}{}`},
		"a text in the record":    {"letter.sent", 3, `{"to":"x","year":1,"body":"terbuka","pages":[]}`},
		"a secret in the record":  {"letter.sent", 3, `{"to":"x","year":1,"nik":"9901014101850001","pages":[]}`},
		"an old shape as a new":   {"letter.sent", 3, `{"line":"Kepada Camat"}`},
		"nothing":                 {"parcel.sent", 1, ``},
		"null":                    {"parcel.sent", 1, `null`},
		"null for a member":       {"parcel.sent", 1, `{"grams":null}`},
		"null for a text":         {"letter.sent", 3, `{"to":"x","year":1,"body":null,"pages":[]}`},
		"null deep inside":        {"letter.sent", 3, `{"to":"x","year":1,"pages":[{"title":true},null]}`},
	} {
		if e, err := post.Decode(test.name, test.version, []byte(test.stored), nil); err == nil {
			t.Errorf("%s: read as %+v", name, e)
		}
	}
}

func TestNullIsAWordLikeAnyOther(t *testing.T) {
	got, err := post.Decode("letter.sent", 3, []byte(`{"to":"null, \"null\"","year":1,"pages":[]}`), nil)
	if err != nil || got.(*letter).To != `null, "null"` {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestEncodingIsReversible(t *testing.T) {
	word := rapid.StringMatching(`[a-zA-Z0-9 /~"\\<>&é€]{0,12}`)
	rapid.Check(t, func(t *rapid.T) {
		sent := &letter{To: word.Draw(t, "to"), Year: rapid.Int().Draw(t, "year"), Pages: []page{}}
		if body := word.Draw(t, "body"); body != "" {
			sent.Body.Masked = body
		}
		for range rapid.IntRange(0, 3).Draw(t, "pages") {
			sent.Pages = append(sent.Pages, page{domain.Text{Masked: word.Draw(t, "title")}})
		}
		enc, err := post.Encode(sent)
		if err != nil {
			t.Fatal(err)
		}
		back, err := post.Decode(enc.Type, enc.Version, enc.Payload, enc.Texts)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(any(sent), back); d != "" {
			t.Fatalf("%s\n%s", enc.Payload, d)
		}
	})
}

func TestEventIDsFollowFromTheCommand(t *testing.T) {
	a, b := uuid.MustParse("0198c2f0-0000-7000-8000-000000000001"), uuid.MustParse("0198c2f0-0000-7000-8000-000000000002")
	seen := map[uuid.UUID]bool{}
	for _, command := range []uuid.UUID{a, b} {
		for n := range 300 {
			id := event.IDOf(command, n+1)
			if id != event.IDOf(command, n+1) || seen[id] {
				t.Fatalf("event %d of %s has id %s", n+1, command, id)
			}
			seen[id] = true
		}
	}
}
