package delivery

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"runut/domain"
)

// Duties says who may record what came in or went out. Answering the villages
// on their DU-RKPDes is a duty of the bupati (Permendagri 114/2014 pasal 51),
// which Bappeda carries out.
var Duties = map[string][]domain.Role{
	"import.received":            {"importer", "planner"},
	"import.quarantine_resolved": {"importer", "planner"},
	"letter.answer_sent":         {"head_of_planning", "planner"},
}

// The closed lists of words that these events use.
var (
	Sources  = []string{"sipd", "template", "rkpd", "ppas", "apbd"} // where a file comes from
	Channels = []string{"surat", "surel", "aplikasi", "langsung"}   // by post, by e-mail, by an application, by hand
	Ways     = []string{"reimported", "dismissed"}                  // how quarantined rows are dealt with
)

// holdMissing is the share of a source's rows, one in so many, whose absence
// holds an import until somebody confirms it: 5 per cent.
const holdMissing = 20

// Rules is everything a decision about an import or a letter may consult
// besides the past of its stream.
type Rules struct {
	Actor     domain.Actor
	Now       time.Time
	Occurred  domain.Interval // when it took effect; zero: now
	Confirmed bool            // somebody confirmed that so many rows may be missing
}

// Decide returns the events that ask amounts to, or a *domain.Error with every
// condition it examined. What a file says of proposals is decided in package
// act, in the same append.
func Decide(s State, ask Event, r Rules) ([]Event, error) {
	var v verdict
	v.inTime(r)
	switch e := ask.(type) {
	case *Received:
		v.role("import.received", r)
		v.received(s, e, r)
	case *QuarantineResolved:
		v.role("import.quarantine_resolved", r)
		v.resolved(s, e)
	case *AnswerSent:
		v.role("letter.answer_sent", r)
		v.sent(s, e, r)
	default:
		return nil, fmt.Errorf("delivery: %T is not decided here", ask)
	}
	if err := v.err(); err != nil {
		return nil, err
	}
	return []Event{ask}, nil
}

func (v *verdict) received(s State, e *Received, r Rules) {
	v.oneOf("/source", e.Source, Sources)
	v.digest("/digest", e.Digest)
	_, seen := s.Files[e.Digest]
	v.hold(!seen, "file", "not taken in yet", e.Digest,
		domain.Refuse(domain.Conflict, "import.file_known", "file", e.Digest).At("/digest"))
	counts := []int{e.Rows, e.Accepted, e.Unchanged, e.Quarantined, e.Missing}
	v.hold(slices.Min(counts) >= 0 && e.Rows == e.Accepted+e.Unchanged+e.Quarantined, "rows", "accepted, unchanged and quarantined together",
		fmt.Sprintf("%d of %d+%d+%d", e.Rows, e.Accepted, e.Unchanged, e.Quarantined),
		domain.Refuse(domain.Invalid, "import.rows_do_not_add_up", "rows", strconv.Itoa(e.Rows), "accepted", strconv.Itoa(e.Accepted), "unchanged", strconv.Itoa(e.Unchanged), "quarantined", strconv.Itoa(e.Quarantined)).At("/rows"))
	known := e.Accepted + e.Unchanged + e.Missing
	v.hold(r.Confirmed || e.Missing*holdMissing <= known, "missing", "at most 5 % of those known, or confirmed", fmt.Sprintf("%d of %d", e.Missing, known),
		domain.Refuse(domain.Conflict, "import.too_many_missing", "missing", strconv.Itoa(e.Missing), "known", strconv.Itoa(known)).At("/missing"))
	if e.ExportedAt.IsZero() {
		return
	}
	v.hold(!e.ExportedAt.After(r.Now), "exported_at", "not after "+moment(r.Now), moment(e.ExportedAt),
		domain.Refuse(domain.Invalid, "import.exported_in_future", "exported", moment(e.ExportedAt), "now", moment(r.Now)).At("/exported_at"))
	older := e.ExportedAt.Before(s.ExportedAt)
	v.hold(!older || e.History, "exported_at", "not before "+moment(s.ExportedAt)+", or as history", moment(e.ExportedAt),
		domain.Refuse(domain.Conflict, "import.older_than_last", "exported", moment(e.ExportedAt), "last", moment(s.ExportedAt)).At("/exported_at"))
}

func (v *verdict) resolved(s State, e *QuarantineResolved) {
	file := s.Files[e.File]
	v.oneOf("/how", e.How, Ways)
	v.hold(len(e.Rows) > 0, "rows", "one at least", "none",
		domain.Refuse(domain.Invalid, "import.missing", "field", "rows").At("/rows"))
	if !v.hold(file != nil, "file", "taken in", e.File,
		domain.Refuse(domain.NotFound, "import.file_unknown", "file", e.File).At("/file")) {
		return
	}
	seen := make(map[int]bool, len(e.Rows))
	for _, row := range e.Rows {
		v.hold(row > 0 && !seen[row], "row", "named once, from 1", strconv.Itoa(row),
			domain.Refuse(domain.Invalid, "import.row_wrong", "row", strconv.Itoa(row)).At("/rows"))
		v.hold(!s.Resolved[e.File][row], "row", "not dealt with yet", strconv.Itoa(row),
			domain.Refuse(domain.Conflict, "import.row_resolved", "row", strconv.Itoa(row)).At("/rows"))
		seen[row] = true
	}
	total := len(s.Resolved[e.File]) + len(e.Rows)
	v.hold(total <= file.Quarantined, "rows", "no more than were quarantined, "+strconv.Itoa(file.Quarantined), strconv.Itoa(total),
		domain.Refuse(domain.Invalid, "import.more_than_quarantined", "rows", strconv.Itoa(total), "quarantined", strconv.Itoa(file.Quarantined)).At("/rows"))
}

func (v *verdict) sent(s State, e *AnswerSent, r Rules) {
	v.hold(villageForm.MatchString(e.Village), "village", "kode wilayah of a village", e.Village,
		domain.Refuse(domain.Invalid, "letter.village_malformed", "village", e.Village).At("/village"))
	v.oneOf("/channel", e.Channel, Channels)
	v.hold(e.Letter.Kind != "" && e.Letter.Number != "" && e.Letter.Date != "", "letter", "kind, number and date", strings.TrimSpace(e.Letter.Kind+" "+e.Letter.Number+" "+e.Letter.Date),
		domain.Refuse(domain.Invalid, "letter.incomplete").At("/letter"))
	day, err := time.Parse(time.DateOnly, e.Letter.Date)
	v.hold(e.Letter.Date == "" || err == nil && !day.After(r.Now.Add(easternmost)), "letter date", "a day, not in the future", e.Letter.Date,
		domain.Refuse(domain.Invalid, "letter.date_wrong", "date", e.Letter.Date).At("/letter/date"))
	if e.Letter.Digest != "" {
		v.digest("/letter/digest", e.Letter.Digest)
	}
	_, taken := s.Letters[e.Letter.Number]
	v.hold(!taken, "letter", "a new number", e.Letter.Number,
		domain.Refuse(domain.Conflict, "letter.number_taken", "number", e.Letter.Number).At("/letter/number"))
	v.hold(len(e.Covers) > 0, "covers", "one proposal at least", "none",
		domain.Refuse(domain.Invalid, "letter.missing", "field", "covers").At("/covers"))
	seen := make(map[string]bool, len(e.Covers))
	for _, n := range e.Covers {
		canonical, err := domain.ParseNumber(n)
		v.hold(err == nil && canonical == n && !seen[n], "number", "a proposal's number, once", n,
			domain.Refuse(domain.Invalid, "letter.number_wrong", "number", n).At("/covers"))
		seen[n] = true
	}
}

func (v *verdict) role(name string, r Rules) {
	may := Duties[name]
	words := make([]string, len(may))
	for i, m := range may {
		words[i] = string(m)
	}
	want := strings.Join(words, ", ")
	v.hold(slices.Contains(may, r.Actor.Role), "role", want, string(r.Actor.Role),
		domain.Refuse(domain.Forbidden, "delivery.role_missing", "role", string(r.Actor.Role), "wanted", want))
}

func (v *verdict) oneOf(field, word string, list []string) {
	name := strings.TrimPrefix(field, "/")
	known := strings.Join(list, ", ")
	v.hold(slices.Contains(list, word), name, known, word,
		domain.Refuse(domain.Invalid, "delivery.word_unknown", "field", name, "value", word, "known", known).At(field))
}

func (v *verdict) digest(field, digest string) {
	v.hold(digestForm.MatchString(digest), "digest", "SHA-256 in hexadecimal", digest,
		domain.Refuse(domain.Invalid, "delivery.digest_malformed", "field", field).At(field))
}

// inTime examines when the fact took effect (semantics R9).
func (v *verdict) inTime(r Rules) {
	at := r.Occurred
	if at.IsZero() {
		at = domain.Moment(r.Now)
	}
	v.hold(at.Valid() && !at.From.After(r.Now), "occurred", "not after "+moment(r.Now), moment(at.From),
		domain.Refuse(domain.Invalid, "delivery.occurred_in_future", "occurred", moment(at.From), "now", moment(r.Now)).At("/occurred"))
}

var (
	villageForm = regexp.MustCompile(`^[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}$`)
	digestForm  = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// easternmost is how far ahead of UTC a day can have begun in Indonesia (WIT).
const easternmost = 9 * time.Hour

// moment writes a time for a check. Who shows it to people puts it into their zone.
func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }
