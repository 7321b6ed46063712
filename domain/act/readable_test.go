package act_test

import (
	"errors"
	"testing"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/delivery"
	"runut/domain/forum"
	"runut/domain/person"
	"runut/domain/proposal"
)

// What stands readable in a record stands there for ever, so whoever is named in
// it by mistake is refused at once: whatever the act, and with the place.
func TestNobodyIsIdentifiedInARecord(t *testing.T) {
	const nik, phone, named = "9901014101850001", "0812-3456-7890", "a.n. Slamet Riyadi"
	reject := func(ground string) step {
		return take("a", "opd_head", office("a"), func(w *town) proposal.Event {
			return &proposal.Rejected{Reason: "TEK-LAYAK", Text: text("Tanah labil"), Ground: ground, Forum: w.opdForum("a")}
		})
	}
	for _, test := range []struct {
		name  string
		given step
		when  step
		at    string
	}{
		{"the ground of a rejection", inOPD("a"), reject("Permen PUPR 5/2023, pemilik " + nik), "/ground"},
		{"a name in it", inOPD("a"), reject("Sertifikat " + named), "/ground"},
		{"a line break in it", inOPD("a"), reject("Permen PUPR\n5/2023"), "/ground"},
		{"the ground of a referral", inOPD("a"), take("a", "planner", nil, func(*town) proposal.Event {
			return &proposal.Referred{Target: "provinsi", LegalGround: "UU 23/2014, hub. " + phone, Letter: paper("surat", start)}
		}), "/legal_ground"},
		{"the number of a letter", inOPD("a"), take("a", "planner", nil, func(*town) proposal.Event {
			letter := paper("surat", start)
			letter.Number = nik
			return &proposal.Referred{Target: "provinsi", LegalGround: "UU 23/2014", Letter: letter}
		}), "/letter/number"},
		{"a source's own word", inOPD("a"), func(w *town) error {
			facts := []proposal.Event{&proposal.Recommended{Level: "camat", Result: "Sesuai, NIK " + nik}}
			return w.as("importer", act.Observe{Year: 2027, Source: "sipd", File: "ff", Rows: []act.Row{{Row: 7, Proposal: w.number("a"), Facts: facts}}})
		}, "/rows/0/result"},
		{"the id of a budget line", all(agreed("a"), rkpd("a"), ppas("a")), adopt("apbd", "tapd", each([]string{"a"}, func(p proposal.State) proposal.Event {
			return &proposal.Funded{Allocation: proposal.Allocation{Amount: p.Included["ppas"]}, Line: nik, Account: "5.2.04.01", Source: "DAU"}
		})...), "/decisions/0/line"},
		{"who signed the minutes", nil, func(w *town) error {
			f := w.forum("musrenbang_kecamatan", "kecamatan", "kecamatan:99.01.03")
			w.must(submit("a")(w))
			minutes := &forum.MinutesIssued{Number: "BA/1", Covers: []string{w.number("a")}, Digest: paper("", start).Digest}
			w.must(w.as("camat", act.OnForum{Forum: f, Year: 2027, Ask: minutes}, "kecamatan:99.01.03"))
			signed := paper("berita_acara", start)
			signed.Number = "BA/1"
			return w.as("camat", act.OnForum{Forum: f, Year: 2027, Ask: &forum.MinutesSigned{Document: signed, Signers: []string{"camat@Kantor a.n. Slamet Riyadi"}}}, "kecamatan:99.01.03")
		}, "/signers/0"},
		{"a letter to a village", submit("a"), func(w *town) error {
			letter := paper("surat", start)
			letter.Number = "surat/" + nik
			return w.as("planner", act.OnDelivery{Stream: delivery.LetterStream(village1, "2027"), Ask: &delivery.AnswerSent{Village: village1, Letter: letter, Covers: []string{w.number("a")}, Channel: "surat"}})
		}, "/letter/number"},
		{"a decree on somebody's own data", nil, func(w *town) error {
			w.must(w.as("planner", act.OnPerson{Person: "p-1", Ask: &person.Registered{Name: domain.Secret{Plain: "Slamet"}, Purpose: "proposer"}}))
			return w.as("ppid", act.OnPerson{Person: "p-1", Ask: &person.ErasureRequested{Letter: domain.Document{Kind: "surat", Number: named, Date: "2026-01-05"}}})
		}, "/letter/number"},
		{"the office of who acts", inOPD("a"), func(w *town) error {
			head := w.who("opd_head", w.opd("a"))
			head.Office = "Kantor " + named
			return w.run(head, act.Take{Proposal: w.number("a"), Ask: acceptance(w, "a")})
		}, "/actor/office"},
		{"the name of a forum", nil, func(w *town) error {
			return w.as("camat", act.OnForum{Forum: forum.Stream(nik), Year: 2027, Ask: &forum.Convened{Kind: "musrenbang_kecamatan", Stage: "kecamatan", Scope: domain.Scope{Kind: domain.ScopeKecamatan, Code: "99.01.03"}, Date: "2026-01-05"}}, "kecamatan:99.01.03")
		}, "/stream"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newTown(t)
			if test.given != nil {
				w.must(test.given(w))
			}
			err := test.when(w)
			refusal, ok := errors.AsType[*domain.Error](err)
			if !ok {
				t.Fatalf("got %v, want a refusal", err)
			}
			want := "text.personal"
			if test.name == "a line break in it" {
				want = "text.unprintable"
			}
			if refusal.Code != want || refusal.Field != test.at {
				t.Errorf("refused as %s at %s, want %s at %s", refusal.Code, refusal.Field, want, test.at)
			}
			if refusal.Kind != domain.Invalid || domain.Identifies(refusal.Error()) {
				t.Errorf("the refusal itself says who: %v", refusal)
			}
		})
	}
}
