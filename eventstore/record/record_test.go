package record_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"runut/domain"
	"runut/domain/event"
	"runut/eventstore/record"
)

// golden is a record as it stands in the log for ever.
const golden = `{"id":"0198c2f0-0000-5000-8000-000000000001","tenant":"99.01","cycle":2027,"stream":"proposal-U-27-4K7M2XQ","version":3,` +
	`"type":"proposal.rejected","type_version":1,` +
	`"occurred":{"from":"2026-11-21T16:00:00.000000Z","to":"2026-11-22T15:59:59.999999Z","precision":"day"},"recorded_at":"2026-11-22T14:00:00.123456Z",` +
	`"actor":{"person":"p-7Q2","role":"camat","scope":{"kind":"kecamatan","code":"99.01.03"},"grant":"grant-12","office":"Kecamatan \"Contoh\" Tiga","capacity":"plt"},` +
	`"command":{"id":"0198c2f0-0000-7000-8000-000000000002","fingerprint":"` + ff + `"},` +
	`"correlation":"0198c2f0-0000-7000-8000-000000000003","causation":"0198c2f0-0000-7000-8000-000000000002","definition":"9f86d081",` +
	`"salt":"000102030405060708090a0b0c0d0e0f","texts":{"/ground":"` + ff + `","/note":"` + zz + `"},"sealed":{},"payload":{"reason":"KWN-TOLAK","note":true}}`

const (
	ff = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
	zz = "0000000000000000000000000000000000000000000000000000000000000000"
)

func goldenRecord() record.Record {
	r := record.Record{
		Envelope: event.Envelope{
			ID: uuid.MustParse("0198c2f0-0000-5000-8000-000000000001"), Tenant: "99.01", Cycle: 2027,
			Stream: "proposal-U-27-4K7M2XQ", Version: 3, Type: "proposal.rejected", TypeVersion: 1,
			Occurred:   domain.OnDay(2026, 11, 22, domain.Zones["WITA"]),
			RecordedAt: time.Date(2026, 11, 22, 14, 0, 0, 123456000, time.UTC),
			Actor: domain.Actor{Person: "p-7Q2", Role: "camat", Scope: domain.Scope{Kind: domain.ScopeKecamatan, Code: "99.01.03"},
				Grant: "grant-12", Office: `Kecamatan "Contoh" Tiga`, Capacity: domain.Plt},
			Command:     uuid.MustParse("0198c2f0-0000-7000-8000-000000000002"),
			Correlation: uuid.MustParse("0198c2f0-0000-7000-8000-000000000003"),
			Causation:   uuid.MustParse("0198c2f0-0000-7000-8000-000000000002"),
			Definition:  "9f86d081",
		},
		Fingerprint: [32]byte(bytes.Repeat([]byte{0xff}, 32)),
		Salt:        [16]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
		Texts:       record.Commitments{"/note": {}, "/ground": [32]byte(bytes.Repeat([]byte{0xff}, 32))},
		Payload:     []byte(`{"reason":"KWN-TOLAK","note":true}`),
	}
	return r
}

func TestAppendWritesOneForm(t *testing.T) {
	r := goldenRecord()
	got, err := r.Append([]byte("before"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("before"+golden, string(got)); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
	for name, parse := range map[string]func([]byte) (record.Record, error){"Parse": record.Parse, "ParseStrict": record.ParseStrict} {
		back, err := parse([]byte(golden))
		if diff := cmp.Diff(r, back); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}

// Each of these is JSON of a kind that some reader takes for the record above.
func TestParseStrictRefusesEveryOtherForm(t *testing.T) {
	change := func(old, new string) string {
		if strings.Count(golden, old) != 1 {
			t.Fatalf("%q is there %d times", old, strings.Count(golden, old))
		}
		return strings.Replace(golden, old, new, 1)
	}
	for name, bad := range map[string]string{
		"an unknown member":              change(`"tenant":`, `"extra":1,"tenant":`),
		"an unknown member inside":       change(`"grant":`, `"extra":1,"grant":`),
		"a missing member":               change(`"tenant":"99.01",`, ``),
		"a repeated member":              change(`"tenant":"99.01",`, `"tenant":"99.01","tenant":"99.01",`),
		"a repeated payload member":      change(`"note":true}`, `"note":true,"note":true}`),
		"another case":                   change(`"tenant":`, `"Tenant":`),
		"another order":                  change(`"tenant":"99.01","cycle":2027`, `"cycle":2027,"tenant":"99.01"`),
		"another order of commitments":   change(`"/ground":"`+ff+`","/note":"`+zz+`"`, `"/note":"`+zz+`","/ground":"`+ff+`"`),
		"a space":                        change(`"cycle":2027`, `"cycle": 2027`),
		"a space in the payload":         change(`"reason":"KWN-TOLAK",`, `"reason":"KWN-TOLAK", `),
		"a space before":                 " " + golden,
		"a line break after":             golden + "\n",
		"something after":                golden + "{}",
		"text that is not UTF-8":         change(`Tiga`, "Tig\xff"),
		"an escape that needs none":      change(`Tiga`, `Tig\u0061`),
		"capitals in a hash":             change(`"/ground":"`+ff+`"`, `"/ground":"`+strings.ToUpper(ff)+`"`),
		"capitals in an id":              change(`0198c2f0-0000-7000-8000-000000000003`, `0198C2F0-0000-7000-8000-000000000003`),
		"an id without hyphens":          change(`0198c2f0-0000-7000-8000-000000000003`, `0198c2f0000070008000000000000003`),
		"a shorter hash":                 change(`"/ground":"`+ff+`"`, `"/ground":"ff"`),
		"a time without decimals":        change(`2026-11-21T16:00:00.000000Z`, `2026-11-21T16:00:00Z`),
		"a time elsewhere":               change(`2026-11-21T16:00:00.000000Z`, `2026-11-21T16:00:00.000000+00:00`),
		"a day that does not exist":      change(`2026-11-21T16:00:00.000000Z`, `2026-02-30T16:00:00.000000Z`),
		"a number with a leading zero":   change(`"version":3`, `"version":03`),
		"a number as text":               change(`"version":3`, `"version":"3"`),
		"a number with a fraction":       change(`"version":3`, `"version":3.0`),
		"a negative number":              change(`"version":3`, `"version":-3`),
		"null for a text":                change(`"tenant":"99.01"`, `"tenant":null`),
		"an empty optional member":       change(`"grant":"grant-12",`, `"grant":"",`),
		"null commitments":               change(`"sealed":{}`, `"sealed":null`),
		"a payload that is no object":    change(`{"reason":"KWN-TOLAK","note":true}`, `[]`),
		"a payload that does not end":    golden[:len(golden)-1],
		"nothing":                        "",
		"half of it":                     golden[:len(golden)/2],
		"another kind of value entirely": `"x"`,
	} {
		if _, err := record.ParseStrict([]byte(bad)); err == nil {
			t.Errorf("%s passed", name)
		}
	}
}

func TestAppendRefusesWhatHasNoForm(t *testing.T) {
	for name, spoil := range map[string]func(*record.Record){
		"an office that is not UTF-8":  func(r *record.Record) { r.Actor.Office = "a\xff" },
		"a pointer that is not UTF-8":  func(r *record.Record) { r.Texts = record.Commitments{"/\xff": {}} },
		"a nanosecond":                 func(r *record.Record) { r.RecordedAt = r.RecordedAt.Add(1) },
		"the year 10000":               func(r *record.Record) { r.Occurred.To = r.Occurred.To.AddDate(8000, 0, 0) },
		"the year 0":                   func(r *record.Record) { r.Occurred.To = time.Time{}.AddDate(-1, 0, 0) },
		"no payload":                   func(r *record.Record) { r.Payload = nil },
		"a payload that is a list":     func(r *record.Record) { r.Payload = []byte(`[]`) },
		"a payload that is half there": func(r *record.Record) { r.Payload = []byte(`{"a":1`) },
	} {
		r := goldenRecord()
		spoil(&r)
		if b, err := r.Append([]byte("x")); err == nil || string(b) != "x" {
			t.Errorf("%s: Append = %.40q, %v; want what was there, and an error", name, b, err)
		}
	}
}

func TestParseRefusesOtherLayouts(t *testing.T) {
	for _, bad := range []string{"", "{}", golden[:400], strings.Replace(golden, `"cycle":2027`, `"cycle":x`, 1), strings.Replace(golden, `Tiga"`, `Tiga`, 1)} {
		if r, err := record.Parse([]byte(bad)); !errors.Is(err, record.ErrForm) {
			t.Errorf("Parse(%.40q) = %v, %v; want ErrForm", bad, r.ID, err)
		}
		if _, err := new(record.Reader).Read([]byte(bad), new(event.Envelope)); !errors.Is(err, record.ErrForm) {
			t.Errorf("Read(%.40q) = %v; want ErrForm", bad, err)
		}
	}
}

// Whatever a record holds, both readers give it back.
func TestRecordsReadBack(t *testing.T) {
	id := rapid.Custom(func(t *rapid.T) uuid.UUID {
		return uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
	})
	at := rapid.Custom(func(t *rapid.T) time.Time {
		return time.UnixMicro(rapid.Int64Range(-60_000_000_000_000_000, 250_000_000_000_000_000).Draw(t, "at")).UTC()
	})
	commitments := rapid.MapOfN(rapid.String(), rapid.Custom(func(t *rapid.T) [32]byte {
		return [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "sum"))
	}), 0, 3)
	var reader record.Reader
	rapid.Check(t, func(t *rapid.T) {
		text := func(label string) string { return rapid.String().Draw(t, label) }
		r := record.Record{
			Envelope: event.Envelope{
				ID: id.Draw(t, "id"), Tenant: text("tenant"), Cycle: rapid.IntRange(0, 9999).Draw(t, "cycle"), Stream: text("stream"),
				Version: rapid.IntRange(1, 1<<31-1).Draw(t, "version"), Type: text("type"), TypeVersion: rapid.IntRange(1, 99).Draw(t, "shape"),
				Occurred:   domain.Interval{From: at.Draw(t, "from"), To: at.Draw(t, "to"), Precision: domain.Day},
				RecordedAt: at.Draw(t, "recorded"),
				Actor: domain.Actor{Person: text("person"), Role: domain.Role(text("role")), Grant: text("grant"), Office: text("office"),
					Scope: domain.Scope{Kind: domain.ScopeKind(text("kind")), Code: text("code")}, Capacity: domain.Capacity(text("capacity"))},
				Command: id.Draw(t, "command"), Correlation: id.Draw(t, "correlation"), Causation: id.Draw(t, "causation"), Definition: text("definition"),
			},
			Texts: commitments.Draw(t, "texts"), Sealed: commitments.Draw(t, "sealed"),
			Payload: []byte(`{}`),
		}
		b, err := r.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []*record.Commitments{&r.Texts, &r.Sealed} {
			if len(*c) == 0 {
				*c = nil
			}
		}
		for name, parse := range map[string]func([]byte) (record.Record, error){"Parse": record.Parse, "ParseStrict": record.ParseStrict} {
			back, err := parse(b)
			if diff := cmp.Diff(r, back); err != nil || diff != "" {
				t.Fatalf("%s of %s: %v (-want +got):\n%s", name, b, err, diff)
			}
		}
		for range 2 { // the second time it knows the words
			var e event.Envelope
			payload, err := reader.Read(b, &e)
			if diff := cmp.Diff(r.Envelope, e); err != nil || diff != "" || string(payload) != "{}" {
				t.Fatalf("Read of %s: %s, %v (-want +got):\n%s", b, payload, err, diff)
			}
		}
	})
}

// No bytes make a reader panic, and what ParseStrict accepts is what Append writes.
func FuzzParse(f *testing.F) {
	f.Add([]byte(golden))
	f.Add([]byte(`{"id":"`))
	f.Fuzz(func(t *testing.T, b []byte) {
		record.Parse(b)
		new(record.Reader).Read(b, new(event.Envelope))
		r, err := record.ParseStrict(b)
		if err != nil {
			return
		}
		if again, err := r.Append(nil); err != nil || !bytes.Equal(again, b) {
			t.Errorf("%q was accepted and is written %q, %v", b, again, err)
		}
	})
}

// The vector was computed apart from this package.
func TestCommitVector(t *testing.T) {
	var random [32]byte
	for i := range random {
		random[i] = byte(i)
	}
	got := record.Commit(random, "/problem", "Jalan rusak")
	if want := "c41bd2abe584467da674e0b5560417fe4b02b12a9bbeec95ee79f0830cac3e9e"; hex.EncodeToString(got[:]) != want {
		t.Errorf("Commit = %x, want %s", got, want)
	}
	if record.Commit(random, "/a", "bc") == record.Commit(random, "/ab", "c") {
		t.Error("a value can be moved to another field under the same commitment")
	}
}

func BenchmarkParse(b *testing.B) {
	in := []byte(golden)
	b.ReportAllocs()
	for b.Loop() {
		record.Parse(in)
	}
}

func BenchmarkRead(b *testing.B) {
	in := []byte(golden)
	var r record.Reader
	var e event.Envelope
	b.ReportAllocs()
	for b.Loop() {
		r.Read(in, &e)
	}
}

func BenchmarkAppend(b *testing.B) {
	r := goldenRecord()
	b.ReportAllocs()
	for b.Loop() {
		r.Append(nil)
	}
}
