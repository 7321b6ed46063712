package forum

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"runut/domain"
	"runut/domain/workflow"
)

// Rules is everything a decision about a forum may consult besides its past.
type Rules struct {
	Actor      domain.Actor
	Second     *domain.Actor        // a second person who approved, where two are needed
	Now        time.Time            //
	Occurred   domain.Interval      // when it took effect; zero: now
	Since      time.Time            // when the cycle was opened; zero: not known
	Definition *workflow.Definition // of the cycle
	Register   Register             // whom attendance is held against
}

// A Register is whom a forum expects: the villages of its kecamatan, the OPDs.
type Register struct {
	Edition  string                 // of the register it was read from
	Expected []string               // codes that are absent unless they came
	Known    func(code string) bool // guests: codes that exist at all; nil: nobody beside the expected
}

func (r Rules) occurred() domain.Interval {
	if r.Occurred.IsZero() {
		return domain.Moment(r.Now)
	}
	return r.Occurred
}

// Decide returns the events that ask amounts to, completed with what follows
// from the past, or a *domain.Error with every condition it examined.
//
// Making a list final and superseding one decide the fate of proposals: package
// act does that, with Finalize.
func Decide(s State, ask Event, r Rules) ([]Event, error) {
	switch e := ask.(type) {
	case *Convened:
		return decideConvened(s, *e, r)
	case *AttendanceRecorded:
		return decideAttendance(s, *e, r)
	case *ListRanked:
		return decideRanked(s, *e, r)
	case *MinutesIssued:
		return decideMinutes(s, *e, r)
	case *MinutesSigned:
		return decideSigned(s, *e, r)
	case *Corrected:
		return decideCorrected(s, *e, r)
	case *Closed:
		return decideClosed(s, *e, r)
	}
	return nil, fmt.Errorf("forum: %T is not decided by the forum alone", ask)
}

// done is the end of a decision: the event, unless a condition failed.
func done(v *verdict, e Event) ([]Event, error) {
	if err := v.err(); err != nil {
		return nil, err
	}
	return []Event{e}, nil
}

func decideConvened(s State, e Convened, r Rules) ([]Event, error) {
	var v verdict
	v.hold(s.Convened == nil, "forum", "not convened yet", s.ID,
		domain.Refuse(domain.Conflict, "forum.already_convened", "forum", s.ID))
	v.inTime(r)
	kinds := strings.Join(slices.Sorted(maps.Keys(Kinds)), ", ")
	kind, known := Kinds[e.Kind]
	if v.hold(known, "kind", kinds, e.Kind,
		domain.Refuse(domain.Invalid, "forum.kind_unknown", "kind", e.Kind, "known", kinds).At("/kind")) {
		v.hold(slices.Contains(kind.Stages, e.Stage), "stage", strings.Join(kind.Stages, ", "), e.Stage,
			domain.Refuse(domain.Invalid, "forum.stage_of_another_kind", "kind", e.Kind, "stage", e.Stage, "wanted", strings.Join(kind.Stages, ", ")).At("/stage"))
		v.hold(slices.Contains(kind.Scopes, e.Scope.Kind), "scope kind", join(kind.Scopes), string(e.Scope.Kind),
			domain.Refuse(domain.Invalid, "forum.scope_of_another_kind", "kind", e.Kind, "scope", e.Scope.String(), "wanted", join(kind.Scopes)).At("/scope"))
	}
	v.stage(e.Stage, r)
	v.hold(e.Scope.Code != "" || e.Scope.Kind == domain.ScopeKabupaten, "scope", "one place or office", e.Scope.String(),
		domain.Refuse(domain.Invalid, "forum.missing", "field", "scope").At("/scope"))
	v.keeps(e.Kind, e.Scope, r)
	v.day("/date", e.Date, nil)
	if e.Chair != "" {
		v.plain("/chair", e.Chair)
	}
	return done(&v, &e)
}

func decideAttendance(s State, e AttendanceRecorded, r Rules) ([]Event, error) {
	var v verdict
	v.running(s, r)
	v.lastWord(s, about(&e), r)
	e.Register = cmp.Or(e.Register, r.Register.Edition)
	v.hold(e.Register != "" && (r.Register.Edition == "" || e.Register == r.Register.Edition), "register", r.Register.Edition, e.Register,
		domain.Refuse(domain.Invalid, "forum.register_other", "register", e.Register, "wanted", r.Register.Edition).At("/register"))
	v.hold(len(r.Register.Expected) > 0, "register", "names whom the forum expects", "nobody",
		domain.Refuse(domain.Unready, "forum.register_missing", "forum", s.ID))
	came := make([]string, len(e.Present))
	for i, a := range e.Present {
		came[i] = a.Code
		v.attended("/present/"+strconv.Itoa(i), a, r.Register)
	}
	twice := repeated(came)
	v.hold(twice == "", "present", "each named once", twice,
		domain.Refuse(domain.Invalid, "forum.named_twice", "value", twice).At("/present"))
	absent := slices.DeleteFunc(slices.Clone(r.Register.Expected), func(code string) bool { return slices.Contains(came, code) })
	slices.Sort(absent)
	given := slices.Sorted(slices.Values(e.Absent))
	v.hold(len(given) == 0 || slices.Equal(given, absent), "absent", strings.Join(absent, ", "), strings.Join(given, ", "),
		domain.Refuse(domain.Invalid, "forum.absent_wrong", "wanted", strings.Join(absent, ", "), "given", strings.Join(given, ", ")).At("/absent"))
	e.Absent = absent
	v.document("/document", e.Document, r)
	return done(&v, &e)
}

func (v *verdict) attended(at string, a Attended, reg Register) {
	known := slices.Contains(reg.Expected, a.Code) || reg.Known != nil && reg.Known(a.Code)
	v.each(known, "present", "in the register", a.Code,
		domain.Refuse(domain.Invalid, "forum.not_in_register", "code", a.Code, "register", reg.Edition).At(at+"/code"))
	v.each(a.Channel == "luring" || a.Channel == "daring", "channel", "luring or daring", a.Channel,
		domain.Refuse(domain.Invalid, "forum.channel_unknown", "channel", a.Channel).At(at+"/channel"))
	v.each(0 <= a.Women && a.Women <= a.Count || a.Women == 0 && a.Count == 0, "count", "women among those who came", fmt.Sprintf("%d of %d", a.Women, a.Count),
		domain.Refuse(domain.Invalid, "forum.count_wrong", "code", a.Code, "women", strconv.Itoa(a.Women), "count", strconv.Itoa(a.Count)).At(at+"/count"))
}

func decideRanked(s State, e ListRanked, r Rules) ([]Event, error) {
	var v verdict
	v.running(s, r)
	v.named(s, e.List)
	v.place(s, e.Stage, e.Scope)
	v.lastWord(s, about(&e), r)
	e.Entries = v.list(e.Criteria, e.Entries)
	return done(&v, &e)
}

// Finalize examines a list on its way to being final and returns it with the
// line drawn: what is used of the limit, the last one in and the first one out.
// Where ask.Cutoff is zero as many are in as the limit holds; else that many,
// which the limit must hold. Whether the actor may, whether the window is open,
// and what becomes of each proposal is for package act to judge.
func Finalize(s State, ask *ListFinalized, r Rules) (*ListFinalized, error) {
	var v verdict
	e := *ask
	v.takesPlace(s, r)
	v.named(s, e.List)
	v.place(s, e.Stage, e.Scope)
	if e.Supersedes != "" {
		_, stands := s.Final[e.Supersedes]
		v.hold(stands, "supersedes", "a final list that stands", e.Supersedes,
			domain.Refuse(domain.NotFound, "forum.list_unknown", "list", e.Supersedes, "known", lists(s.Final)).At("/supersedes"))
	}
	for _, name := range slices.Sorted(maps.Keys(s.Final)) {
		old := s.Final[name]
		rival := old.Stage == e.Stage && old.Scope == e.Scope && name != e.Supersedes
		v.hold(!rival, "list", "the only one of its stage and scope", name,
			domain.Refuse(domain.Conflict, "forum.list_stands", "list", name, "stage", e.Stage, "scope", e.Scope.String()).At("/supersedes"))
	}
	v.limit(e.Limit)
	e.Entries = v.list(e.Criteria, e.Entries)
	if e.Cutoff == 0 {
		e.Cutoff, e.Used, e.LastIn, e.FirstOut = Cut(e.Entries, e.Limit)
	} else {
		e.Cutoff, e.Used, e.LastIn, e.FirstOut = v.line(e.Entries, e.Limit, e.Cutoff)
	}
	if err := v.err(); err != nil {
		return nil, err
	}
	return &e, nil
}

// line draws the line under the first wanted entries.
func (v *verdict) line(entries []Entry, limit Limit, wanted int) (cutoff int, used int64, lastIn, firstOut string) {
	most, _, _, _ := Cut(entries, limit)
	used, lastIn, firstOut, ok := Line(entries, limit, wanted)
	v.hold(ok, "limit", fmt.Sprintf("at most %d of %d", most, len(entries)), strconv.Itoa(wanted),
		domain.Refuse(domain.Conflict, "forum.limit_passed", "limit", limit.Kind, "value", strconv.FormatInt(limit.Value, 10), "holds", strconv.Itoa(most), "asked", strconv.Itoa(wanted)).At("/cutoff"))
	return wanted, used, lastIn, firstOut
}

func (v *verdict) limit(l Limit) {
	known := l.Kind == LimitQuota || l.Kind == LimitCeiling || l.Kind == LimitNone
	v.hold(known, "limit", "quota, ceiling or none", l.Kind,
		domain.Refuse(domain.Invalid, "forum.limit_unknown", "limit", l.Kind).At("/limit/kind"))
	v.hold(l.Value >= 0 && (l.Kind != LimitNone || l.Value == 0), "limit value", "zero or more; none has none", strconv.FormatInt(l.Value, 10),
		domain.Refuse(domain.Invalid, "forum.limit_wrong", "limit", l.Kind, "value", strconv.FormatInt(l.Value, 10)).At("/limit/value"))
}

// decideCorrected lets a mistake of writing in a final list be put right: the
// same proposals, with other scores, amounts or places. As many are in as before
// where ask.Cutoff is zero; the list's own limit must hold them. Package act
// writes the outcomes that change.
func decideCorrected(s State, e Corrected, r Rules) ([]Event, error) {
	var v verdict
	v.convened(s)
	v.inTime(r)
	v.role(Correctors, r.Actor.Role)
	v.seconded(r)
	v.hold(!e.Reason.IsZero(), "reason", "in words", "",
		domain.Refuse(domain.Invalid, "forum.missing", "field", "reason").At("/reason"))
	v.lastWord(s, about(&e), r)
	old, stands := s.Final[e.List]
	if v.hold(stands, "list", lists(s.Final), e.List,
		domain.Refuse(domain.NotFound, "forum.list_unknown", "list", e.List, "known", lists(s.Final)).At("/list")) {
		v.hold(sameProposals(old.Entries, e.Entries), "entries", "the same proposals", fmt.Sprintf("%d of %d", len(e.Entries), len(old.Entries)),
			domain.Refuse(domain.Conflict, "forum.correction_changes_list", "list", e.List).At("/entries"))
		e.Entries = v.list(old.Criteria, e.Entries)
		e.Cutoff, e.Used, e.LastIn, e.FirstOut = v.line(e.Entries, old.Limit, cmp.Or(e.Cutoff, old.Cutoff))
	}
	if r.Second != nil {
		e.SecondApprover = r.Second.Person
	}
	return done(&v, &e)
}

func sameProposals(a, b []Entry) bool {
	names := func(entries []Entry) []string {
		out := make([]string, len(entries))
		for i, e := range entries {
			out[i] = e.Proposal
		}
		slices.Sort(out)
		return out
	}
	return slices.Equal(names(a), names(b))
}

// Annexes is what a berita acara may carry beside its text.
var Annexes = []string{
	"attendance",             // daftar hadir
	"agreed",                 // daftar prioritas yang disepakati
	"agreed_by_opd",          // the same, by OPD
	"not_agreed_with_reason", // daftar yang belum disepakati beserta alasannya
	"notes",                  // notulen
	"photos",                 // foto kegiatan
}

func decideMinutes(s State, e MinutesIssued, r Rules) ([]Event, error) {
	var v verdict
	v.takesOrTook(s, r)
	v.plain("/number", e.Number)
	taken := slices.ContainsFunc(s.Minutes, func(m *MinutesIssued) bool { return m.Number == e.Number })
	v.hold(!taken, "number", "a new one", e.Number,
		domain.Refuse(domain.Conflict, "forum.minutes_number_taken", "number", e.Number).At("/number"))
	for _, a := range e.Annexes {
		v.hold(slices.Contains(Annexes, a), "annex", strings.Join(Annexes, ", "), a,
			domain.Refuse(domain.Invalid, "forum.annex_unknown", "annex", a, "known", strings.Join(Annexes, ", ")).At("/annexes"))
	}
	twice := repeated(e.Annexes)
	v.hold(twice == "", "annexes", "each named once", twice,
		domain.Refuse(domain.Invalid, "forum.named_twice", "value", twice).At("/annexes"))
	if slices.Contains(e.Annexes, "attendance") {
		v.hold(s.Attended != nil, "attendance", "recorded", "not recorded",
			domain.Refuse(domain.Conflict, "forum.attendance_missing", "forum", s.ID).At("/annexes"))
	}
	v.hold(len(e.Covers) > 0, "covers", "one proposal at least", "none",
		domain.Refuse(domain.Invalid, "forum.missing", "field", "covers").At("/covers"))
	v.numbers("/covers", e.Covers)
	v.hold(digestForm.MatchString(e.Digest), "digest", "SHA-256 in hexadecimal", e.Digest,
		domain.Refuse(domain.Invalid, "forum.digest_malformed", "field", "digest").At("/digest"))
	return done(&v, &e)
}

func decideSigned(s State, e MinutesSigned, r Rules) ([]Event, error) {
	var v verdict
	v.takesOrTook(s, r)
	v.document("/document", e.Document, r)
	v.hold(e.Document.Digest != "" && e.Document.Number != "", "document", "number and digest of the signed paper", e.Document.Number+" "+e.Document.Digest,
		domain.Refuse(domain.Invalid, "forum.document_incomplete", "field", "document").At("/document"))
	i := slices.IndexFunc(s.Minutes, func(m *MinutesIssued) bool { return m.Number == e.Document.Number })
	if v.hold(i >= 0, "minutes", "issued by this forum", e.Document.Number,
		domain.Refuse(domain.NotFound, "forum.minutes_unknown", "number", e.Document.Number).At("/document/number")) {
		for _, n := range e.Covers {
			v.each(slices.Contains(s.Minutes[i].Covers, n), "covers", "what the minutes cover", n,
				domain.Refuse(domain.Invalid, "forum.not_in_minutes", "number", n, "minutes", e.Document.Number).At("/covers"))
		}
	}
	twice := repeated(e.Covers)
	v.hold(twice == "", "covers", "each named once", twice,
		domain.Refuse(domain.Invalid, "forum.named_twice", "value", twice).At("/covers"))
	for _, signer := range e.Signers {
		role, office, both := strings.Cut(signer, "@")
		v.each(both && role != "" && office != "", "signer", "role@office", signer,
			domain.Refuse(domain.Invalid, "forum.signer_malformed", "signer", signer).At("/signers"))
	}
	return done(&v, &e)
}

func decideClosed(s State, e Closed, r Rules) ([]Event, error) {
	var v verdict
	v.running(s, r)
	v.hold(!e.At.After(r.Now), "at", "not after "+moment(r.Now), moment(e.At),
		domain.Refuse(domain.Invalid, "forum.occurred_in_future", "occurred", moment(e.At), "now", moment(r.Now)).At("/at"))
	e.At = e.At.UTC().Truncate(time.Microsecond)
	return done(&v, &e)
}

func (v *verdict) convened(s State) bool {
	return v.hold(s.Convened != nil, "forum", "convened", cmp.Or(s.ID, "unknown"),
		domain.Refuse(domain.NotFound, "forum.not_convened", "forum", s.ID))
}

// takesPlace examines that the forum was convened and is not closed.
func (v *verdict) takesPlace(s State, r Rules) {
	v.inTime(r)
	if v.convened(s) {
		v.hold(!s.IsClosed, "forum", "in session", "closed",
			domain.Refuse(domain.Conflict, "forum.closed", "forum", s.ID))
	}
}

// running examines that too, and that the actor keeps this forum.
func (v *verdict) running(s State, r Rules) {
	v.takesPlace(s, r)
	if s.Convened != nil {
		v.keeps(s.Convened.Kind, s.Convened.Scope, r)
	}
}

// takesOrTook is for what may also follow a session: its minutes.
func (v *verdict) takesOrTook(s State, r Rules) {
	v.inTime(r)
	if v.convened(s) {
		v.keeps(s.Convened.Kind, s.Convened.Scope, r)
	}
}

// named examines the name of a list that is about to be ranked or made final.
func (v *verdict) named(s State, list string) {
	v.hold(listForm.MatchString(list), "list", "a short name such as L1", list,
		domain.Refuse(domain.Invalid, "forum.list_malformed", "list", list).At("/list"))
	_, stands := s.Final[list]
	_, past := s.Past[list]
	v.hold(!stands && !past, "list", "not final yet", list,
		domain.Refuse(domain.Conflict, "forum.list_final", "list", list).At("/list"))
}

// place examines that a list belongs to the forum's stage and scope.
func (v *verdict) place(s State, stage string, scope domain.Scope) {
	if s.Convened == nil {
		return
	}
	v.hold(stage == s.Convened.Stage, "stage", s.Convened.Stage, stage,
		domain.Refuse(domain.Invalid, "forum.stage_elsewhere", "stage", stage, "wanted", s.Convened.Stage).At("/stage"))
	v.hold(Within(s.Convened.Scope, scope), "scope", s.Convened.Scope.String(), scope.String(),
		domain.Refuse(domain.Invalid, "forum.list_elsewhere", "scope", scope.String(), "forum", s.Convened.Scope.String()).At("/scope"))
}

func (v *verdict) stage(stage string, r Rules) {
	if !v.hold(r.Definition != nil, "definition", "known", "unknown", domain.Refuse(domain.Unready, "forum.definition_unknown")) {
		return
	}
	_, known := r.Definition.Stages[stage]
	all := strings.Join(r.Definition.StageNames(), ", ")
	v.hold(known, "stage", all, stage,
		domain.Refuse(domain.Invalid, "forum.stage_unknown", "stage", stage, "known", all).At("/stage"))
}

// inTime examines when the fact took effect (semantics R9).
func (v *verdict) inTime(r Rules) {
	at := r.occurred()
	v.hold(at.Valid() && !at.From.After(r.Now), "occurred", "not after "+moment(r.Now), moment(at.From),
		domain.Refuse(domain.Invalid, "forum.occurred_in_future", "occurred", moment(at.From), "now", moment(r.Now)).At("/occurred"))
	if !r.Since.IsZero() {
		v.hold(!at.To.Before(r.Since), "occurred", "not before "+moment(r.Since), moment(at.To),
			domain.Refuse(domain.Invalid, "forum.occurred_before_cycle", "occurred", moment(at.To), "opened", moment(r.Since)).At("/occurred"))
	}
}

// lastWord examines that the fact is the last one about something: an earlier
// one would be overruled as soon as it is recorded.
func (v *verdict) lastWord(s State, about string, r Rules) {
	at, last := r.occurred().Effective(r.Now), s.Latest[about]
	v.hold(!at.Before(last), "last word", "not before "+moment(last), moment(at),
		domain.Refuse(domain.Conflict, "forum.occurred_before_last", "occurred", moment(at), "last", moment(last), "about", about).At("/occurred"))
}

// document examines a document that was named.
func (v *verdict) document(field string, d domain.Document, r Rules) {
	if d.Date != "" {
		latest := r.Now.Add(easternmost)
		v.day(field+"/date", d.Date, &latest)
	}
	if d.Digest != "" {
		v.hold(digestForm.MatchString(d.Digest), "digest", "SHA-256 in hexadecimal", d.Digest,
			domain.Refuse(domain.Invalid, "forum.digest_malformed", "field", field+"/digest").At(field+"/digest"))
	}
}

// day examines a local day; latest bounds it where it may not lie in the future.
func (v *verdict) day(field, day string, latest *time.Time) {
	t, err := time.Parse(time.DateOnly, day)
	v.hold(err == nil && (latest == nil || !t.After(*latest)), "date", "a day such as 2026-02-20", day,
		domain.Refuse(domain.Invalid, "forum.date_wrong", "date", day).At(field))
}

// plain examines a short word that is kept readable for ever: it is there and
// shows nobody's number, address or name.
func (v *verdict) plain(field, word string) {
	name := field[strings.LastIndexByte(field, '/')+1:]
	if !v.hold(strings.TrimSpace(word) != "", name, "not empty", word, domain.Refuse(domain.Invalid, "forum.missing", "field", name).At(field)) {
		return
	}
	spans := domain.Mask(word).Spans
	v.hold(len(spans) == 0, name, "no personal details", fmt.Sprintf("%d personal details", len(spans)),
		domain.Refuse(domain.Invalid, "forum.names_somebody", "field", name).At(field))
}

var (
	listForm   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,19}$`)
	digestForm = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// easternmost is how far ahead of UTC a day can have begun in Indonesia (WIT).
const easternmost = 9 * time.Hour

// moment writes a time for a check. Who shows it to people puts it into their zone.
func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func lists(final map[string]*ListFinalized) string {
	return strings.Join(slices.Sorted(maps.Keys(final)), ", ")
}

func join(kinds []domain.ScopeKind) string {
	words := make([]string, len(kinds))
	for i, k := range kinds {
		words[i] = string(k)
	}
	return strings.Join(words, ", ")
}
