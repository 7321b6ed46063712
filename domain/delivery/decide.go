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
	"import.received":            {"importer", "planner", "head_of_planning", "tapd"}, // the last two for the lists of their own documents
	"import.quarantine_resolved": {"importer", "planner", "head_of_planning", "tapd"},
	"letter.answer_sent":         {"head_of_planning", "planner"},
}

// The closed lists of words that these events use.
var (
	Sources  = []string{"sipd", "template", "rkpd", "ppas", "apbd", "perubahan"} // where a file comes from
	Channels = []string{"surat", "surel", "aplikasi", "langsung"}                // by post, by e-mail, by an application, by hand
	Ways     = []string{"reimported", "dismissed"}                               // how quarantined rows are dealt with
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
	v := domain.Verdict{Noun: "delivery"}
	v.InTime(r.Occurred, r.Now)
	switch e := ask.(type) {
	case *Received:
		v.Role(Duties["import.received"], r.Actor.Role)
		received(&v, s, e, r)
	case *QuarantineResolved:
		v.Role(Duties["import.quarantine_resolved"], r.Actor.Role)
		resolved(&v, s, e)
	case *AnswerSent:
		v.Role(Duties["letter.answer_sent"], r.Actor.Role)
		sent(&v, s, e, r)
	default:
		return nil, fmt.Errorf("delivery: %T is not decided here", ask)
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	return []Event{ask}, nil
}

func received(v *domain.Verdict, s State, e *Received, r Rules) {
	oneOf(v, "/source", e.Source, Sources)
	v.Digest("/digest", e.Digest)
	_, seen := s.Files[e.Digest]
	v.Hold(!seen, "file", "not taken in yet", e.Digest,
		domain.Refuse(domain.Conflict, "import.file_known", "file", e.Digest).At("/digest"))
	counts := []int{e.Rows, e.Accepted, e.Unchanged, e.Quarantined, e.Missing}
	v.Hold(slices.Min(counts) >= 0 && e.Rows == e.Accepted+e.Unchanged+e.Quarantined, "rows", "accepted, unchanged and quarantined together",
		fmt.Sprintf("%d of %d+%d+%d", e.Rows, e.Accepted, e.Unchanged, e.Quarantined),
		domain.Refuse(domain.Invalid, "import.rows_do_not_add_up", "rows", strconv.Itoa(e.Rows), "accepted", strconv.Itoa(e.Accepted), "unchanged", strconv.Itoa(e.Unchanged), "quarantined", strconv.Itoa(e.Quarantined)).At("/rows"))
	known := e.Rows + e.Missing
	v.Hold(e.Confirmed || r.Confirmed || e.Missing*holdMissing <= known, "missing", "at most 5 % of those known, or confirmed", fmt.Sprintf("%d of %d", e.Missing, known),
		domain.Refuse(domain.Conflict, "import.too_many_missing", "missing", strconv.Itoa(e.Missing), "known", strconv.Itoa(known)).At("/missing"))
	held := 0
	for _, h := range e.Held {
		held += h.Count
	}
	v.Hold(len(e.Held) == 0 || held == e.Quarantined, "held", strconv.Itoa(e.Quarantined), strconv.Itoa(held),
		domain.Refuse(domain.Invalid, "import.rows_do_not_add_up", "rows", strconv.Itoa(e.Quarantined), "accepted", "0", "unchanged", "0", "quarantined", strconv.Itoa(held)).At("/held"))
	if e.Mends != "" {
		_, known := s.Files[e.Mends]
		v.Hold(known, "mends", "taken in", e.Mends, domain.Refuse(domain.NotFound, "import.file_unknown", "file", e.Mends).At("/mends"))
	}
	if e.ExportedAt.IsZero() {
		return
	}
	v.Hold(!e.ExportedAt.After(r.Now), "exported_at", "not after "+domain.Stamp(r.Now), domain.Stamp(e.ExportedAt),
		domain.Refuse(domain.Invalid, "import.exported_in_future", "exported", domain.Stamp(e.ExportedAt), "now", domain.Stamp(r.Now)).At("/exported_at"))
	var last time.Time
	if newest := s.Last(e); newest != nil {
		last = newest.ExportedAt
	}
	v.Hold(e.History || !e.ExportedAt.Before(last), "exported_at", "not before "+domain.Stamp(last)+", or as history", domain.Stamp(e.ExportedAt),
		domain.Refuse(domain.Conflict, "import.older_than_last", "exported", domain.Stamp(e.ExportedAt), "last", domain.Stamp(last)).At("/exported_at"))
}

func resolved(v *domain.Verdict, s State, e *QuarantineResolved) {
	file := s.Files[e.File]
	oneOf(v, "/how", e.How, Ways)
	v.Hold(len(e.Rows) > 0, "rows", "one at least", "none",
		domain.Refuse(domain.Invalid, "import.missing", "field", "rows").At("/rows"))
	if !v.Hold(file != nil, "file", "taken in", e.File,
		domain.Refuse(domain.NotFound, "import.file_unknown", "file", e.File).At("/file")) {
		return
	}
	seen := make(map[int]bool, len(e.Rows))
	for _, row := range e.Rows {
		v.Hold(row > 0 && !seen[row], "row", "named once, from 1", strconv.Itoa(row),
			domain.Refuse(domain.Invalid, "import.row_wrong", "row", strconv.Itoa(row)).At("/rows"))
		v.Hold(file.Holds(row), "row", "quarantined", strconv.Itoa(row),
			domain.Refuse(domain.Invalid, "import.row_not_held", "row", strconv.Itoa(row)).At("/rows"))
		v.Hold(!s.Resolved[e.File][row], "row", "not dealt with yet", strconv.Itoa(row),
			domain.Refuse(domain.Conflict, "import.row_resolved", "row", strconv.Itoa(row)).At("/rows"))
		seen[row] = true
	}
	total := len(s.Resolved[e.File]) + len(e.Rows)
	v.Hold(total <= file.Quarantined, "rows", "no more than were quarantined, "+strconv.Itoa(file.Quarantined), strconv.Itoa(total),
		domain.Refuse(domain.Invalid, "import.more_than_quarantined", "rows", strconv.Itoa(total), "quarantined", strconv.Itoa(file.Quarantined)).At("/rows"))
}

func sent(v *domain.Verdict, s State, e *AnswerSent, r Rules) {
	v.Hold(villageForm.MatchString(e.Village), "village", "kode wilayah of a village", e.Village,
		domain.Refuse(domain.Invalid, "letter.village_malformed", "village", e.Village).At("/village"))
	oneOf(v, "/channel", e.Channel, Channels)
	v.Hold(e.Letter.Kind != "" && e.Letter.Number != "" && e.Letter.Date != "", "letter", "kind, number and date", strings.TrimSpace(e.Letter.Kind+" "+e.Letter.Number+" "+e.Letter.Date),
		domain.Refuse(domain.Invalid, "letter.incomplete").At("/letter"))
	v.Hold(e.Letter.Date == "" || domain.HasBegun(e.Letter.Date, r.Now), "letter date", "a day, not in the future", e.Letter.Date,
		domain.Refuse(domain.Invalid, "letter.date_wrong", "date", e.Letter.Date).At("/letter/date"))
	if e.Letter.Digest != "" {
		v.Digest("/letter/digest", e.Letter.Digest)
	}
	_, taken := s.Letters[e.Letter.Number]
	v.Hold(!taken, "letter", "a new number", e.Letter.Number,
		domain.Refuse(domain.Conflict, "letter.number_taken", "number", e.Letter.Number).At("/letter/number"))
	v.Hold(len(e.Covers) > 0, "covers", "one proposal at least", "none",
		domain.Refuse(domain.Invalid, "letter.missing", "field", "covers").At("/covers"))
	seen := make(map[string]bool, len(e.Covers))
	for _, n := range e.Covers {
		canonical, err := domain.ParseNumber(n)
		v.Hold(err == nil && canonical == n && !seen[n], "number", "a proposal's number, once", n,
			domain.Refuse(domain.Invalid, "letter.number_wrong", "number", n).At("/covers"))
		seen[n] = true
	}
}

func oneOf(v *domain.Verdict, field, word string, list []string) {
	name := strings.TrimPrefix(field, "/")
	known := strings.Join(list, ", ")
	v.Hold(slices.Contains(list, word), name, known, word,
		domain.Refuse(domain.Invalid, "delivery.word_unknown", "field", name, "value", word, "known", known).At(field))
}

var villageForm = regexp.MustCompile(`^[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}$`)
