package proposal

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"runut/domain"
	"runut/domain/event"
)

// fill completes members that only the past can know, where the ask left them
// empty: a caller need not repeat what the log holds.
func (h *hearing) fill() {
	s := h.before
	switch e := h.event.(type) {
	case *Transferred:
		if e.From == "" {
			e.From = s.OPD
		}
	case *AmountRevised:
		if e.Old == 0 {
			e.Old = h.inForce(e.Line)
		}
	case *Reinstated:
		if e.Cause == "" && s.Ended != nil {
			e.Cause = s.Ended.Event.String()
		}
	case *LeftOut:
		e.Closing = Closing{} // only a closing says that
	case *ObjectionAnswered:
		e.Closing = Closing{}
	case *Corrected:
		if h.Second != nil {
			e.SecondApprover = h.Second.Person
		}
	case *TextRedacted:
		if h.Second != nil {
			e.SecondApprover = h.Second.Person
		}
	}
	h.fillComponents()
}

// inForce returns the amount a revision starts from: that of the line, or of
// the document that includes the proposal.
func (h *hearing) inForce(line string) domain.Rupiah {
	s := h.before
	if len(s.Lines) > 0 {
		if line == "" && len(s.Lines) == 1 {
			return s.Granted()
		}
		return s.Lines[line]
	}
	if a, ok := s.Included["ppas"]; ok {
		return a
	}
	return s.Included["rkpd"]
}

// choices are the words that a member may have, by event and member.
var choices = map[string][]string{
	"verified.kind":             {"administrasi", "lapangan"},
	"verified.result":           {"pass", "fail"},
	"recommended.level":         {"lurah", "camat", "sekwan", "mitra", "skpd", "tapd"},
	"responded.leaning":         {"terima", "ragu", "tolak"},
	"referred.target":           {"provinsi", "pusat", "desa", "bumn"},
	"financed_elsewhere.mode":   {"elsewhere", "already_budgeted", "already_done", "usulan_langsung"},
	"reinstated.ground":         {"reopening", "objection", "reversal"},
	"objection_answered.result": {"upheld", "upheld_without_remedy", "refused"},
	"aligned.plan":              {"rpjmn", "rpjmd", "renstra"},
	"corrected.action":          {"void", "amend", "restore"},
}

// days are the members that hold a local day by which something is due.
var days = map[string]string{"returned": "due", "referred": "due", "objected": "deadline"}

// content examines what is particular to a type of event.
func (h *hearing) content() {
	name := EventName(h.event)
	for _, m := range []string{"kind", "result", "level", "leaning", "target", "mode", "ground", "plan", "action"} {
		if may, bound := choices[name+"."+m]; bound {
			h.among(m, may)
		}
	}
	if m := days[name]; m != "" {
		h.due(m)
	}
	s := h.before
	switch e := h.event.(type) {
	case *Submitted:
		h.lane(e.Lane)
		h.place(e.Idea)
	case *SubmittedLate:
		h.lane(e.Lane)
		h.place(e.Idea)
	case *Continued:
		h.place(e.Idea)
	case *AppearedInBudget:
		h.place(Idea{Village: e.Village})
	case *Revised:
		h.revised(e)
	case *AcceptedByOPD:
		differs := s.Estimate != 0 && s.Estimate != e.Estimate || !s.Volume.IsZero() && s.Volume != e.Volume
		h.must(!differs || says(e, "change"), "change", "explained", "not explained", domain.Invalid, "accept.unexplained", "/change",
			"proposal", s.Number, "volume", s.Volume.String(), "estimate", s.Estimate.String())
	case *Deferred:
		h.must(e.Until > h.Cycle.Year, "until", "after "+year(h.Cycle.Year), year(e.Until), domain.Invalid, "defer.until", "/until", "year", year(h.Cycle.Year), "observed", year(e.Until))
	case *Transferred:
		h.must(e.From == s.OPD, "from", s.OPD, e.From, domain.Conflict, "transfer.from", "/from", "proposal", s.Number, "office", s.OPD, "observed", e.From)
		h.must(e.To != s.OPD, "to", "another office", e.To, domain.Invalid, "transfer.same", "/to", "proposal", s.Number, "office", s.OPD)
	case *AmountRevised:
		h.revisedAmount(e)
	case *Funded:
		_, twice := s.Lines[e.Line]
		h.must(!twice, "line", "a new line", e.Line, domain.Conflict, "fund.line_twice", "/line", "proposal", s.Number, "line", e.Line)
	case *Reinstated:
		want := ""
		if s.Ended != nil {
			want = s.Ended.Event.String()
		}
		h.must(e.Cause == want, "cause", want, e.Cause, domain.Invalid, "reinstate.cause", "/cause", "proposal", s.Number, "cause", want)
	case *CarriedOver:
		h.must(s.Next == "", "next", "not carried over yet", s.Next, domain.Conflict, "carry.twice", "", "proposal", s.Number, "next", s.Next)
	case *TextRedacted:
		h.must(strings.HasPrefix(e.Field, "/"), "field", "a JSON pointer", e.Field, domain.Invalid, "redact.field", "/field", "field", e.Field)
	}
	h.components()
}

// readable examines that the event's own words identify nobody.
func (h *hearing) readable() {
	if refusal, ok := errors.AsType[*domain.Error](event.Readable(h.event)); ok {
		h.Hold(false, "words", "nobody's details", "somebody's", refusal)
	}
}

// must examines one condition and names the member it is about.
func (h *hearing) must(ok bool, name, want, observed string, kind domain.Kind, code, at string, params ...string) {
	if !h.hold(ok, name, want, observed, kind, code, params...) && at != "" {
		h.at(at)
	}
}

func (h *hearing) among(name string, may []string) {
	got := word(h.event, name)
	want := strings.Join(may, ", ")
	h.must(slices.Contains(may, got), name, want, got, domain.Invalid, "content.choice", "/"+name, "field", name, "value", got, "wanted", want)
}

// due examines a day by which somebody is to do something: it is a day, not
// over, and not after the window in which it can be done.
func (h *hearing) due(name string) {
	text := word(h.event, name)
	if text == "" {
		return // whether it is needed is the workflow's to say
	}
	zone := h.zone()
	date, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil {
		h.must(false, name, "a day such as 2026-02-20", text, domain.Invalid, "time.day_malformed", "/"+name, "field", name, "value", text)
		return
	}
	end := domain.EndOfDay(date, zone)
	h.must(!end.Before(earlier(h.Occurred.To, h.Now)), name, "not before "+domain.Stamp(h.Occurred.To), text, domain.Invalid, "time.due_past", "/"+name, "field", name, "value", text)
	spec := h.Workflow.Windows[h.arrow.Window]
	if name != "due" || spec == nil || h.arrow.Event != "returned" {
		return
	}
	if w, ok := h.Cycle.Find(h.arrow.Window, h.subject().Place(spec.Scope)); ok {
		h.must(!date.After(w.ClosesAt), name, "not after "+domain.Stamp(w.ClosesAt), text, domain.Invalid, "time.due_after_window", "/"+name,
			"field", name, "value", text, "window", h.arrow.Window, "closes", domain.Stamp(w.ClosesAt))
	}
}

// zone is where the kabupaten's days begin and end.
func (h *hearing) zone() *time.Location {
	if h.Cycle.Zone == nil {
		return time.UTC
	}
	return h.Cycle.Zone
}

func (h *hearing) lane(l Lane) {
	_, known := h.Workflow.Lanes[string(l)]
	h.must(known, "lane", "a lane of the workflow", string(l), domain.Invalid, "content.choice", "/lane", "field", "lane", "value", string(l), "wanted", lanes(h.Workflow.Lanes))
}

var villageForm = regexp.MustCompile(`^[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}$`)

// place examines where the proposal says it lies, and its word in the cycle's
// kamus usulan. Nothing lies outside the kabupaten.
func (h *hearing) place(i Idea) {
	if i.Village != "" && h.Cycle.Opened != nil {
		area := h.Cycle.Opened.Kabupaten
		ok := villageForm.MatchString(i.Village) && domain.Within(i.Village, area)
		h.must(ok, "village", "a village of "+area, i.Village, domain.Invalid, "place.outside", "/village", "village", i.Village, "kabupaten", area)
	}
	if kamus := h.Cycle.Words["kamus"]; i.Kamus != "" && kamus != nil {
		known := false
		for _, w := range kamus.Entries {
			known = known || w.Code == i.Kamus
		}
		h.must(known, "kamus", "edition "+kamus.Edition, i.Kamus, domain.Invalid, "kamus.unknown", "/kamus", "code", i.Kamus, "edition", kamus.Edition)
	}
}

// revised examines that a revision changes something, moves the proposal
// nowhere, and hands it to no other OPD behind the forum's back.
func (h *hearing) revised(e *Revised) {
	s := h.before
	something := false
	for _, m := range []string{"title", "problem", "description", "location", "volume", "estimate", "basic_service", "issues", "opd", "kamus", "priority", "attachments", "reason"} {
		something = something || says(e, m)
	}
	h.must(something || e.Point != nil, "revision", "a change", "none", domain.Invalid, "revise.empty", "", "proposal", s.Number)
	h.must(e.Village == "" || e.Village == s.Village, "village", s.Village, e.Village, domain.Invalid, "revise.village", "/village", "proposal", s.Number, "village", s.Village)
	if w := h.Workflow.Windows[h.arrow.Window]; w != nil && w.Scope == domain.ScopeOPD {
		h.must(e.OPD == "" || e.OPD == s.OPD, "opd", s.OPD, e.OPD, domain.Invalid, "revise.opd", "/opd", "proposal", s.Number, "office", s.OPD)
	}
	h.place(Idea{Kamus: e.Kamus})
}

func (h *hearing) revisedAmount(e *AmountRevised) {
	s := h.before
	if len(s.Lines) > 0 && e.Line != "" {
		_, known := s.Lines[e.Line]
		h.must(known, "line", "a line in force", e.Line, domain.Invalid, "amount.line_unknown", "/line", "proposal", s.Number, "line", e.Line)
	}
	if len(s.Lines) > 1 {
		h.must(e.Line != "", "line", "named, for there are "+year(len(s.Lines)), e.Line, domain.Invalid, "amount.line_needed", "/line", "proposal", s.Number)
	}
	old := h.inForce(e.Line)
	h.must(e.Old == old, "old", old.String(), e.Old.String(), domain.Stale, "amount.old", "/old", "proposal", s.Number, "amount", old.String(), "observed", e.Old.String())
}
