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
func done(v *domain.Verdict, e Event) ([]Event, error) {
	if err := v.Err(); err != nil {
		return nil, err
	}
	return []Event{e}, nil
}

func decideConvened(s State, e Convened, r Rules) ([]Event, error) {
	v := domain.Verdict{Noun: "forum"}
	v.Hold(s.Convened == nil, "forum", "not convened yet", s.ID,
		domain.Refuse(domain.Conflict, "forum.already_convened", "forum", s.ID))
	inTime(&v, r)
	kinds := strings.Join(slices.Sorted(maps.Keys(Kinds)), ", ")
	kind, known := Kinds[e.Kind]
	if v.Hold(known, "kind", kinds, e.Kind,
		domain.Refuse(domain.Invalid, "forum.kind_unknown", "kind", e.Kind, "known", kinds).At("/kind")) {
		v.Hold(slices.Contains(kind.Stages, e.Stage), "stage", strings.Join(kind.Stages, ", "), e.Stage,
			domain.Refuse(domain.Invalid, "forum.stage_of_another_kind", "kind", e.Kind, "stage", e.Stage, "wanted", strings.Join(kind.Stages, ", ")).At("/stage"))
		v.Hold(slices.Contains(kind.Scopes, e.Scope.Kind), "scope kind", domain.Words(kind.Scopes), string(e.Scope.Kind),
			domain.Refuse(domain.Invalid, "forum.scope_of_another_kind", "kind", e.Kind, "scope", e.Scope.String(), "wanted", domain.Words(kind.Scopes)).At("/scope"))
	}
	knowsStage(&v, e.Stage, r)
	v.Hold(e.Scope.Code != "" || e.Scope.Kind == domain.ScopeKabupaten, "scope", "one place or office", e.Scope.String(),
		domain.Refuse(domain.Invalid, "forum.missing", "field", "scope").At("/scope"))
	keeps(&v, e.Kind, e.Scope, r)
	_, err := time.Parse(time.DateOnly, e.Date)
	v.Hold(err == nil, "date", "a day such as 2026-02-20", e.Date,
		domain.Refuse(domain.Invalid, "forum.date_wrong", "date", e.Date).At("/date"))
	if e.Chair != "" {
		v.Plain("/chair", e.Chair)
	}
	return done(&v, &e)
}

func decideAttendance(s State, e AttendanceRecorded, r Rules) ([]Event, error) {
	v := domain.Verdict{Noun: "forum"}
	running(&v, s, r)
	lastWord(&v, s, about(&e), r)
	e.Register = cmp.Or(e.Register, r.Register.Edition)
	v.Hold(e.Register != "" && (r.Register.Edition == "" || e.Register == r.Register.Edition), "register", r.Register.Edition, e.Register,
		domain.Refuse(domain.Invalid, "forum.register_other", "register", e.Register, "wanted", r.Register.Edition).At("/register"))
	v.Hold(len(r.Register.Expected) > 0, "register", "names whom the forum expects", "nobody",
		domain.Refuse(domain.Unready, "forum.register_missing", "forum", s.ID))
	came := make([]string, len(e.Present))
	for i, a := range e.Present {
		came[i] = a.Code
		attends(&v, "/present/"+strconv.Itoa(i), a, r.Register)
	}
	v.Once("/present", "present", came)
	absent := slices.DeleteFunc(slices.Clone(r.Register.Expected), func(code string) bool { return slices.Contains(came, code) })
	slices.Sort(absent)
	given := slices.Sorted(slices.Values(e.Absent))
	v.Hold(len(given) == 0 || slices.Equal(given, absent), "absent", strings.Join(absent, ", "), strings.Join(given, ", "),
		domain.Refuse(domain.Invalid, "forum.absent_wrong", "wanted", strings.Join(absent, ", "), "given", strings.Join(given, ", ")).At("/absent"))
	e.Absent = absent
	v.Document("/document", e.Document, r.Now)
	return done(&v, &e)
}

func attends(v *domain.Verdict, at string, a Attended, reg Register) {
	known := slices.Contains(reg.Expected, a.Code) || reg.Known != nil && reg.Known(a.Code)
	v.Each(known, "present", "in the register", a.Code,
		domain.Refuse(domain.Invalid, "forum.not_in_register", "code", a.Code, "register", reg.Edition).At(at+"/code"))
	v.Each(a.Channel == "luring" || a.Channel == "daring", "channel", "luring or daring", a.Channel,
		domain.Refuse(domain.Invalid, "forum.channel_unknown", "channel", a.Channel).At(at+"/channel"))
	v.Each(0 <= a.Women && a.Women <= a.Count || a.Women == 0 && a.Count == 0, "count", "women among those who came", fmt.Sprintf("%d of %d", a.Women, a.Count),
		domain.Refuse(domain.Invalid, "forum.count_wrong", "code", a.Code, "women", strconv.Itoa(a.Women), "count", strconv.Itoa(a.Count)).At(at+"/count"))
}

func decideRanked(s State, e ListRanked, r Rules) ([]Event, error) {
	v := domain.Verdict{Noun: "forum"}
	running(&v, s, r)
	namesList(&v, s, e.List)
	belongs(&v, s, e.Stage, e.Scope)
	lastWord(&v, s, about(&e), r)
	e.Entries = ranked(&v, e.Criteria, e.Entries)
	return done(&v, &e)
}

// Finalize examines a list on its way to being final and returns it with the
// line drawn: what is used of the limit, the last one in and the first one out.
// Where ask.Cutoff is zero as many are in as the limit holds; else that many,
// which the limit must hold. Whether the actor may, whether the window is open,
// and what becomes of each proposal is for package act to judge.
func Finalize(s State, ask *ListFinalized, r Rules) (*ListFinalized, error) {
	v := domain.Verdict{Noun: "forum"}
	e := *ask
	takesPlace(&v, s, r)
	namesList(&v, s, e.List)
	belongs(&v, s, e.Stage, e.Scope)
	if e.Supersedes != "" {
		_, stands := s.Final[e.Supersedes]
		v.Hold(stands, "supersedes", "a final list that stands", e.Supersedes,
			domain.Refuse(domain.NotFound, "forum.list_unknown", "list", e.Supersedes, "known", lists(s.Final)).At("/supersedes"))
	}
	for _, name := range slices.Sorted(maps.Keys(s.Final)) {
		old := s.Final[name]
		rival := old.Stage == e.Stage && old.Scope == e.Scope && name != e.Supersedes
		v.Hold(!rival, "list", "the only one of its stage and scope", name,
			domain.Refuse(domain.Conflict, "forum.list_stands", "list", name, "stage", e.Stage, "scope", e.Scope.String()).At("/supersedes"))
	}
	limits(&v, e.Limit)
	e.Entries = ranked(&v, e.Criteria, e.Entries)
	if e.Cutoff == 0 {
		e.Cutoff, e.Used, e.LastIn, e.FirstOut = Cut(e.Entries, e.Limit)
	} else {
		e.Cutoff, e.Used, e.LastIn, e.FirstOut = drawLine(&v, e.Entries, e.Limit, e.Cutoff)
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	return &e, nil
}

// drawLine draws the line under the first wanted entries.
func drawLine(v *domain.Verdict, entries []Entry, limit Limit, wanted int) (cutoff int, used int64, lastIn, firstOut string) {
	most, _, _, _ := Cut(entries, limit)
	used, lastIn, firstOut, ok := Line(entries, limit, wanted)
	v.Hold(ok, "limit", fmt.Sprintf("at most %d of %d", most, len(entries)), strconv.Itoa(wanted),
		domain.Refuse(domain.Conflict, "forum.limit_passed", "limit", limit.Kind, "value", strconv.FormatInt(limit.Value, 10), "holds", strconv.Itoa(most), "asked", strconv.Itoa(wanted)).At("/cutoff"))
	return wanted, used, lastIn, firstOut
}

func limits(v *domain.Verdict, l Limit) {
	known := l.Kind == LimitQuota || l.Kind == LimitCeiling || l.Kind == LimitNone
	v.Hold(known, "limit", "quota, ceiling or none", l.Kind,
		domain.Refuse(domain.Invalid, "forum.limit_unknown", "limit", l.Kind).At("/limit/kind"))
	v.Hold(l.Value >= 0 && (l.Kind != LimitNone || l.Value == 0), "limit value", "zero or more; none has none", strconv.FormatInt(l.Value, 10),
		domain.Refuse(domain.Invalid, "forum.limit_wrong", "limit", l.Kind, "value", strconv.FormatInt(l.Value, 10)).At("/limit/value"))
}

// decideCorrected lets a mistake of writing in a final list be put right: the
// same proposals, with other scores, amounts or places. As many are in as before
// where ask.Cutoff is zero; the list's own limit must hold them. Package act
// writes the outcomes that change.
func decideCorrected(s State, e Corrected, r Rules) ([]Event, error) {
	v := domain.Verdict{Noun: "forum"}
	wasConvened(&v, s)
	inTime(&v, r)
	v.Role(Correctors, r.Actor.Role)
	v.Seconded(r.Actor, r.Second, Seconds)
	v.Hold(!e.Reason.IsZero(), "reason", "in words", "",
		domain.Refuse(domain.Invalid, "forum.missing", "field", "reason").At("/reason"))
	lastWord(&v, s, about(&e), r)
	old, stands := s.Final[e.List]
	if v.Hold(stands, "list", lists(s.Final), e.List,
		domain.Refuse(domain.NotFound, "forum.list_unknown", "list", e.List, "known", lists(s.Final)).At("/list")) {
		v.Hold(sameProposals(old.Entries, e.Entries), "entries", "the same proposals", fmt.Sprintf("%d of %d", len(e.Entries), len(old.Entries)),
			domain.Refuse(domain.Conflict, "forum.correction_changes_list", "list", e.List).At("/entries"))
		e.Entries = ranked(&v, old.Criteria, e.Entries)
		e.Cutoff, e.Used, e.LastIn, e.FirstOut = drawLine(&v, e.Entries, old.Limit, cmp.Or(e.Cutoff, old.Cutoff))
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
	v := domain.Verdict{Noun: "forum"}
	takesOrTook(&v, s, r)
	v.Plain("/number", e.Number)
	taken := slices.ContainsFunc(s.Minutes, func(m *MinutesIssued) bool { return m.Number == e.Number })
	v.Hold(!taken, "number", "a new one", e.Number,
		domain.Refuse(domain.Conflict, "forum.minutes_number_taken", "number", e.Number).At("/number"))
	for _, a := range e.Annexes {
		v.Hold(slices.Contains(Annexes, a), "annex", strings.Join(Annexes, ", "), a,
			domain.Refuse(domain.Invalid, "forum.annex_unknown", "annex", a, "known", strings.Join(Annexes, ", ")).At("/annexes"))
	}
	v.Once("/annexes", "annexes", e.Annexes)
	if slices.Contains(e.Annexes, "attendance") {
		v.Hold(s.Attended != nil, "attendance", "recorded", "not recorded",
			domain.Refuse(domain.Conflict, "forum.attendance_missing", "forum", s.ID).At("/annexes"))
	}
	v.Hold(len(e.Covers) > 0, "covers", "one proposal at least", "none",
		domain.Refuse(domain.Invalid, "forum.missing", "field", "covers").At("/covers"))
	v.Numbers("/covers", e.Covers)
	v.Digest("/digest", e.Digest)
	anchor := strings.Join(e.Anchor, "\n")
	v.Hold(anchor == "" || len(anchor) <= 2000 && anchorForm.MatchString(anchor), "anchor", "a signed note", strconv.Itoa(len(e.Anchor))+" lines",
		domain.Refuse(domain.Invalid, "forum.anchor_malformed").At("/anchor"))
	return done(&v, &e)
}

// anchorForm is the form of a checkpoint: origin, size and root, and signatures.
// No word that somebody wrote fits into it.
var anchorForm = regexp.MustCompile(`^[!-*,-~]+\n[0-9]{1,19}\n[A-Za-z0-9+/]{43}=\n(\n— [!-*,-~]+ [A-Za-z0-9+/=]+)+$`)

func decideSigned(s State, e MinutesSigned, r Rules) ([]Event, error) {
	v := domain.Verdict{Noun: "forum"}
	takesOrTook(&v, s, r)
	v.Document("/document", e.Document, r.Now)
	v.Hold(e.Document.Digest != "" && e.Document.Number != "", "document", "number and digest of the signed paper", e.Document.Number+" "+e.Document.Digest,
		domain.Refuse(domain.Invalid, "forum.document_incomplete", "field", "document").At("/document"))
	i := slices.IndexFunc(s.Minutes, func(m *MinutesIssued) bool { return m.Number == e.Document.Number })
	if v.Hold(i >= 0, "minutes", "issued by this forum", e.Document.Number,
		domain.Refuse(domain.NotFound, "forum.minutes_unknown", "number", e.Document.Number).At("/document/number")) {
		for _, n := range e.Covers {
			v.Each(slices.Contains(s.Minutes[i].Covers, n), "covers", "what the minutes cover", n,
				domain.Refuse(domain.Invalid, "forum.not_in_minutes", "number", n, "minutes", e.Document.Number).At("/covers"))
		}
	}
	v.Once("/covers", "covers", e.Covers)
	for _, signer := range e.Signers {
		role, office, both := strings.Cut(signer, "@")
		v.Each(both && role != "" && office != "", "signer", "role@office", signer,
			domain.Refuse(domain.Invalid, "forum.signer_malformed", "signer", signer).At("/signers"))
	}
	return done(&v, &e)
}

func decideClosed(s State, e Closed, r Rules) ([]Event, error) {
	v := domain.Verdict{Noun: "forum"}
	running(&v, s, r)
	v.Hold(!e.At.After(r.Now), "at", "not after "+domain.Stamp(r.Now), domain.Stamp(e.At),
		domain.Refuse(domain.Invalid, "forum.occurred_in_future", "occurred", domain.Stamp(e.At), "now", domain.Stamp(r.Now)).At("/at"))
	e.At = e.At.UTC().Truncate(time.Microsecond)
	return done(&v, &e)
}

func wasConvened(v *domain.Verdict, s State) bool {
	return v.Hold(s.Convened != nil, "forum", "convened", cmp.Or(s.ID, "unknown"),
		domain.Refuse(domain.NotFound, "forum.not_convened", "forum", s.ID))
}

// takesPlace examines that the forum was convened and is not closed.
func takesPlace(v *domain.Verdict, s State, r Rules) {
	inTime(v, r)
	if wasConvened(v, s) {
		v.Hold(!s.IsClosed, "forum", "in session", "closed",
			domain.Refuse(domain.Conflict, "forum.closed", "forum", s.ID))
	}
}

// running examines that too, and that the actor keeps this forum.
func running(v *domain.Verdict, s State, r Rules) {
	takesPlace(v, s, r)
	if s.Convened != nil {
		keeps(v, s.Convened.Kind, s.Convened.Scope, r)
	}
}

// takesOrTook is for what may also follow a session: its minutes.
func takesOrTook(v *domain.Verdict, s State, r Rules) {
	inTime(v, r)
	if wasConvened(v, s) {
		keeps(v, s.Convened.Kind, s.Convened.Scope, r)
	}
}

// namesList examines the name of a list that is about to be ranked or made final.
func namesList(v *domain.Verdict, s State, list string) {
	v.Hold(listForm.MatchString(list), "list", "a short name such as L1", list,
		domain.Refuse(domain.Invalid, "forum.list_malformed", "list", list).At("/list"))
	_, stands := s.Final[list]
	_, past := s.Past[list]
	v.Hold(!stands && !past, "list", "not final yet", list,
		domain.Refuse(domain.Conflict, "forum.list_final", "list", list).At("/list"))
}

// belongs examines that a list belongs to the forum's stage and scope.
func belongs(v *domain.Verdict, s State, stage string, scope domain.Scope) {
	if s.Convened == nil {
		return
	}
	v.Hold(stage == s.Convened.Stage, "stage", s.Convened.Stage, stage,
		domain.Refuse(domain.Invalid, "forum.stage_elsewhere", "stage", stage, "wanted", s.Convened.Stage).At("/stage"))
	v.Hold(Within(s.Convened.Scope, scope), "scope", s.Convened.Scope.String(), scope.String(),
		domain.Refuse(domain.Invalid, "forum.list_elsewhere", "scope", scope.String(), "forum", s.Convened.Scope.String()).At("/scope"))
}

func knowsStage(v *domain.Verdict, stage string, r Rules) {
	if !v.Hold(r.Definition != nil, "definition", "known", "unknown", domain.Refuse(domain.Unready, "forum.definition_unknown")) {
		return
	}
	_, known := r.Definition.Stages[stage]
	all := strings.Join(r.Definition.StageNames(), ", ")
	v.Hold(known, "stage", all, stage,
		domain.Refuse(domain.Invalid, "forum.stage_unknown", "stage", stage, "known", all).At("/stage"))
}

// inTime examines when the fact took effect (semantics R9).
func inTime(v *domain.Verdict, r Rules) {
	at := r.occurred()
	v.InTime(at, r.Now)
	if !r.Since.IsZero() {
		v.Hold(!at.To.Before(r.Since), "occurred", "not before "+domain.Stamp(r.Since), domain.Stamp(at.To),
			domain.Refuse(domain.Invalid, "forum.occurred_before_cycle", "occurred", domain.Stamp(at.To), "opened", domain.Stamp(r.Since)).At("/occurred"))
	}
}

// lastWord examines that the fact is the last one about something.
func lastWord(v *domain.Verdict, s State, about string, r Rules) {
	v.LastWord(about, r.occurred().Effective(r.Now), s.Latest[about])
}

var listForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,19}$`)

func lists(final map[string]*ListFinalized) string {
	return strings.Join(slices.Sorted(maps.Keys(final)), ", ")
}
