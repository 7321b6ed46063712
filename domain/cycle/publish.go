package cycle

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"runut/domain"
)

// Publishable is every fact about a proposal that a publication policy may
// allow the public to see. What is not named here is never public: not who
// handed a proposal in, not where exactly a house stands, not what anybody
// wrote except the title, which is one line and is masked.
var Publishable = []string{
	"number",          // U-27-4K7M2XR; also in every link
	"year",            // fiscal year
	"lane",            // the way it came in
	"title",           // one line, personal details masked
	"village",         // kode wilayah and name
	"kecamatan",       // kode wilayah and name
	"opd",             // offices it was with, in order
	"stage",           // how far it came
	"state",           // where it stands, and since when
	"timeline",        // names and days of the events, with role and office, without persons
	"outcome",         // headline: funded, partly, dropped …, and the event that decided
	"reason",          // reason code and its group, in the words of the vocabulary
	"volume",          // amount and unit, as asked and as decided
	"estimate",        // rupiah asked
	"amounts",         // rupiah per decision: OPD, RKPD, KUA-PPAS, APBD, revised
	"source_of_funds", // PAD, DAU, DAK …
	"rank",            // place, score and line on final lists
	"forum",           // session it was decided in: kind, scope, day
	"document",        // kind, number and day of berita acara, letters and adopted documents
	"sub_kegiatan",    // code in the nomenclature
	"kamus",           // entry of the kamus usulan
	"basic_service",   // class of basic service
	"issues",          // strategic issues it answers
	"lineage",         // what it was merged into, split from, continues
	"progress",        // physical and financial per cent
	"referral",        // which government was asked, and the answer
}

// Registers of words that a cycle publishes.
const (
	Reasons = "reasons"
	Kamus   = "kamus"
)

func decideVocabulary(s State, e VocabularyPublished, r Rules) ([]Event, error) {
	v := domain.Verdict{Noun: "cycle"}
	isOpen(&v, s)
	mayAsk(&v, Duties["cycle.vocabulary_published"], r)
	inTime(&v, s, r)
	v.Hold(e.Register == Reasons || e.Register == Kamus, "register", "reasons or kamus", e.Register,
		domain.Refuse(domain.Invalid, "cycle.register_unknown", "register", e.Register).At("/register"))
	lastWord(&v, s, about(&e), r)
	v.Plain("/edition", e.Edition)
	old := s.Words[e.Register]
	v.Hold(old == nil || old.Edition != e.Edition, "edition", "a new one", e.Edition,
		domain.Refuse(domain.Conflict, "cycle.edition_published", "register", e.Register, "edition", e.Edition).At("/edition"))
	v.Digest("/digest", e.Digest)
	codes := make([]string, len(e.Entries))
	for i, w := range e.Entries {
		at := "/entries/" + strconv.Itoa(i)
		codes[i] = w.Code
		notEmpty(&v, at+"/code", w.Code)
		notEmpty(&v, at+"/id", w.ID)
		if e.Register == Reasons && r.Definition != nil {
			_, known := r.Definition.Groups[w.Group]
			groups := strings.Join(slices.Sorted(maps.Keys(r.Definition.Groups)), ", ")
			v.Each(known, "group", groups, w.Group,
				domain.Refuse(domain.Invalid, "cycle.reason_group_unknown", "code", w.Code, "group", w.Group, "known", groups).At(at+"/group"))
		}
	}
	v.Once("/entries", "codes", codes)
	return done(&v, &e)
}

// notEmpty examines one word of a vocabulary. A kamus holds thousands, of things
// and not of people.
func notEmpty(v *domain.Verdict, field, word string) {
	v.Each(strings.TrimSpace(word) != "", "word", "not empty", word,
		domain.Refuse(domain.Invalid, "cycle.missing", "field", field).At(field))
}

func decidePolicy(s State, e PublicationPolicySet, r Rules) ([]Event, error) {
	v := domain.Verdict{Noun: "cycle"}
	wasOpened(&v, s)
	mayAsk(&v, Duties["cycle.publication_policy_set"], r)
	inTime(&v, s, r)
	lastWord(&v, s, about(&e), r)
	v.Hold(len(e.Fields) > 0, "fields", "one at least", "none",
		domain.Refuse(domain.Invalid, "cycle.missing", "field", "fields").At("/fields"))
	for _, f := range e.Fields {
		v.Each(slices.Contains(Publishable, f), "field", "one that may be published", f,
			domain.Refuse(domain.Invalid, "cycle.field_not_publishable", "field", f, "known", strings.Join(Publishable, ", ")).At("/fields"))
	}
	v.Once("/fields", "fields", e.Fields)
	knowsStage(&v, "/after", e.After, r)
	if !e.Ground.IsZero() {
		v.Document("/ground", e.Ground, r.Now)
	}
	return done(&v, &e)
}

func decideRelease(s State, e PublicationReleased, r Rules) ([]Event, error) {
	v := domain.Verdict{Noun: "cycle"}
	e.Scope = Wide(e.Scope)
	wasOpened(&v, s)
	mayAsk(&v, Duties["cycle.publication_released"], r)
	inTime(&v, s, r)
	v.Hold(s.Policy != nil, "policy", "set", "none",
		domain.Refuse(domain.Conflict, "cycle.policy_missing", "year", year(s.Year)))
	inside(&v, "/scope", e.Scope, s.kabupaten())
	if e.Stage != "" {
		knowsStage(&v, "/stage", e.Stage, r)
	}
	if !e.Ground.IsZero() {
		v.Document("/ground", e.Ground, r.Now)
	}
	return done(&v, &e)
}

func knowsStage(v *domain.Verdict, field, stage string, r Rules) {
	if !knowsDefinition(v, r) {
		return
	}
	_, known := r.Definition.Stages[stage]
	all := strings.Join(r.Definition.StageNames(), ", ")
	v.Hold(known, "stage", all, stage,
		domain.Refuse(domain.Invalid, "cycle.stage_unknown", "stage", stage, "known", all).At(field))
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
