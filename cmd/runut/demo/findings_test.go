package demo

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"runut/domain"
	"runut/domain/cycle"
	"runut/domain/delivery"
	"runut/domain/event"
	"runut/domain/forum"
	"runut/domain/proposal"
	"runut/domain/reference"
	"runut/domain/workflow"
)

// What the rules of docs/findings.md find in the log is what was planted, no more
// and no less. The rules are written down here a second time, the plain way.
func TestExactlyWhatWasPlantedIsFound(t *testing.T) {
	w := few(t)
	same(t, w.planted, newSearch(w).all())
	have := map[Finding]map[int]bool{}
	for _, p := range w.planted {
		if have[p.Finding] == nil {
			have[p.Finding] = map[int]bool{}
		}
		have[p.Finding][p.Cycle] = true
	}
	for _, f := range []Finding{NoReason, LateRecording, ScoreChanged, RankLeapfrogged, CostIncrease, NoVillageTrace, MergeDropped, Silent,
		WithoutProposal, LateEntry, Backdated, LastHour, PingPong, LateHandover, TokenFunding, NeverInformed} {
		if !have[f][Executed(today)] || !have[f][Complete(today)] {
			t.Errorf("%s is planted in %v", f, slices.Sorted(maps.Keys(have[f])))
		}
	}
}

// Another seed, another day, other villages: still exactly what was planted.
func TestExactlyWhatWasPlantedIsFoundOnOtherDays(t *testing.T) {
	w := write(t, Options{Seed: 7, Day: time.Date(2028, 2, 29, 23, 0, 0, 0, zone), Part: 60})
	same(t, w.planted, newSearch(w).all())
}

func same(t *testing.T, planted, found []Plant) {
	t.Helper()
	for _, p := range found {
		if !slices.Contains(planted, p) {
			t.Errorf("found and not planted: %+v", p)
		}
	}
	for _, p := range planted {
		if !slices.Contains(found, p) {
			t.Errorf("planted and not found: %+v", p)
		}
	}
	slices.SortFunc(found, func(a, b Plant) int {
		return cmp.Or(cmp.Compare(a.Finding, b.Finding), cmp.Compare(a.Proposal+a.Village, b.Proposal+b.Village), cmp.Compare(a.Event, b.Event))
	})
	if n := len(slices.Compact(found)); n != len(planted) {
		t.Errorf("%d found, %d planted", n, len(planted))
	}
}

// A search looks through what was written, cycle by cycle.
type search struct {
	*written
	now      time.Time // what the last event was recorded at
	holidays map[string]bool
	year     int
	found    []Plant
	number   string
	records  []event.Record // of the proposal at hand, with corrections
}

func newSearch(w *written) *search {
	s := &search{written: w, holidays: map[string]bool{}}
	for _, records := range w.histories {
		for _, r := range records {
			if r.RecordedAt.After(s.now) {
				s.now = r.RecordedAt
			}
			if e, ok := r.Event.(*reference.EditionPublished); ok && e.Register == "holidays" {
				for _, h := range e.Entries {
					s.holidays[h.Code] = true
				}
			}
		}
	}
	return s
}

func (s *search) all() []Plant {
	for _, s.year = range []int{Executed(s.o.Day), Complete(s.o.Day), Ongoing(s.o.Day)} {
		for _, s.number = range s.numbers[s.year] {
			s.records = s.histories.Now(proposal.Stream(s.number))
			s.words()
			s.times()
			s.money()
			s.way()
			s.waits()
		}
		s.lists()
		s.letters()
	}
	return s.found
}

func (s *search) find(f Finding, r *event.Record) {
	p := Plant{Finding: f, Cycle: s.year, Proposal: s.number}
	if r != nil {
		p.Event = r.ID.String()
	}
	s.found = append(s.found, p)
}

// words: A1, A2, B1, B2, A6, A7.
func (s *search) words() {
	trace := false
	var first any
	for i := range s.records {
		r := &s.records[i]
		if i == 0 {
			first = r.Event
		}
		reason, session, ends := "", "", true
		switch e := r.Event.(type) {
		case *proposal.Rejected:
			reason, session = e.Reason, e.Forum
		case *proposal.Deferred:
			reason, session = e.Reason, e.Forum
		case *proposal.LeftOut:
			reason = e.Reason
		case *proposal.Cancelled:
			reason = e.Reason
		default:
			ends = false
		}
		step := r.Event.(proposal.Event).Base()
		unsigned := session != "" && step.Late == nil && step.Observed == nil && s.now.Sub(r.RecordedAt) > 30*24*time.Hour && !s.signed(session)
		if ends && (reason == "" || reason == proposal.ReasonUnsaid || unsigned) {
			s.find(NoReason, r)
		}
		if step.Late != nil {
			s.find(LateRecording, r)
		}
		switch e := r.Event.(type) {
		case *proposal.AppearedInBudget:
			s.find(WithoutProposal, r)
		case *proposal.SubmittedLate:
			s.find(LateEntry, r)
		case *proposal.Recommended:
			trace = trace || e.Level == "lurah"
		case *proposal.Prioritized:
			trace = trace || e.Stage == "desa"
		case *proposal.Submitted:
			trace = trace || e.MinutesVillage.Number != "" || e.Forum != ""
		}
	}
	if e, ok := first.(*proposal.Submitted); ok && e.Lane == proposal.Musrenbang && !trace {
		s.find(NoVillageTrace, &s.records[len(s.records)-1])
		s.found[len(s.found)-1].Event = s.records[1].ID.String()
	}
	p := proposal.Fold(s.records)
	if _, formed := first.(*proposal.FormedByMerge); formed && p.Ended != nil && p.Last == p.Ended.Event {
		last := &s.records[slices.IndexFunc(s.records, func(r event.Record) bool { return r.ID == p.Ended.Event })]
		if slices.Contains([]string{"WKT-TUTUP", "RJK-DIAM", "ALS-KOSONG"}, reasonOf(last.Event)) {
			s.find(MergeDropped, last)
		}
	}
}

// signed reports whether the signed minutes of a session cover the proposal.
func (s *search) signed(session string) bool {
	for _, r := range s.histories.Now(session) {
		if e, ok := r.Event.(*forum.MinutesSigned); ok && (len(e.Covers) == 0 || slices.Contains(e.Covers, s.number)) {
			return true
		}
	}
	return false
}

// times: B3, B4.
func (s *search) times() {
	for i := range s.records {
		r := &s.records[i]
		e := r.Event.(proposal.Event)
		step := e.Base()
		act := s.definition.Transitions[step.Via]
		if act == nil || !act.Decides || step.Observed != nil || step.Late != nil {
			continue
		}
		if r.RecordedAt.Sub(r.Effective()) > 24*time.Hour {
			s.find(Backdated, r)
		}
		if act.Window == "" {
			continue
		}
		p := proposal.Fold(s.records[:i])
		for _, w := range s.windows(act.Window, p.Place(s.definition.Windows[act.Window].Scope)) {
			if at := r.Effective(); !at.After(w.to) && w.to.Sub(at) <= time.Hour && !at.Before(w.from) {
				s.find(LastHour, r)
			}
		}
	}
}

// money: A5, B7.
func (s *search) money() {
	var p proposal.State
	var accepted domain.Rupiah
	dear := false
	for i := range s.records {
		r := &s.records[i]
		e := r.Event.(proposal.Event)
		p = proposal.Evolve(p, e, r.Envelope)
		var amount domain.Rupiah
		switch e := e.(type) {
		case *proposal.Submitted:
			if e.State == "accepted" {
				accepted = e.Estimate
			}
		case *proposal.Continued:
			if e.State == "accepted" {
				accepted = e.Estimate
			}
		case *proposal.AcceptedByOPD:
			accepted = e.Estimate
		case *proposal.IncludedInRKPD:
			amount = e.Amount
		case *proposal.IncludedInPPAS:
			amount = e.Amount
		case *proposal.Funded:
			amount = p.Granted()
		case *proposal.AmountRevised:
			amount = max(p.Granted(), e.New)
		}
		if !dear && accepted > 0 && amount*100 > accepted*125 {
			dear = true
			s.find(CostIncrease, r)
		}
	}
	asked := proposal.Fold(s.records[:1]).Estimate
	if funded := p.At == "funded" || p.At == "completed" || p.At == "unfinished"; funded && p.Granted()*10 < asked {
		for i := range s.records {
			if _, ok := s.records[i].Event.(*proposal.Funded); ok {
				s.find(TokenFunding, &s.records[i])
				break
			}
		}
	}
}

// way: B5, B6.
func (s *search) way() {
	var p proposal.State
	var came time.Time
	var been []string
	for i := range s.records {
		r := &s.records[i]
		before := p
		p = proposal.Evolve(p, r.Event.(proposal.Event), r.Envelope)
		switch e := r.Event.(type) {
		case *proposal.Transferred:
			if len(been) == 0 {
				been = append(been, e.From)
			}
			if slices.Contains(been, e.To) {
				s.find(PingPong, r)
			}
			been = append(been, e.To)
			came = r.Effective()
		case *proposal.Lapsed:
			if s.workingDays(came, r.Effective()) < 3 {
				s.find(LateHandover, r)
			}
		}
		if p.At != before.At {
			came = r.Effective()
		}
	}
}

// workingDays counts the working days after one day up to another.
func (s *search) workingDays(from, to time.Time) int {
	n := 0
	day := func(t time.Time) string { return t.In(zone).Format(time.DateOnly) }
	for d := from.In(zone).AddDate(0, 0, 1); day(d) <= day(to); d = d.AddDate(0, 0, 1) {
		if d.Weekday() != time.Saturday && d.Weekday() != time.Sunday && !s.holidays[day(d)] {
			n++
		}
	}
	return n
}

// waits: A8.
func (s *search) waits() {
	var p proposal.State
	for i := range s.records {
		r := &s.records[i]
		p = proposal.Evolve(p, r.Event.(proposal.Event), r.Envelope)
		window := s.answeredIn(p.At)
		if window == "" {
			continue
		}
		from, to, next := r.Effective(), s.now, (*event.Record)(nil)
		if i+1 < len(s.records) {
			next = &s.records[i+1]
			to = next.Effective()
		}
		for _, w := range s.windows(window, p.Place(s.definition.Windows[window].Scope)) {
			begin, end := from, to
			if w.from.After(begin) {
				begin = w.from
			}
			if w.to.Before(end) {
				end = w.to
			}
			if end.Sub(begin) > 30*24*time.Hour {
				s.find(Silent, next)
			}
		}
	}
}

// answeredIn returns the window of a forum in which a state waits for an answer:
// its closing says that nobody dealt with it.
func (s *search) answeredIn(at workflow.State) string {
	for _, window := range []string{"desa", "kecamatan", "pokir", "forum_opd", "kabupaten"} {
		for _, row := range s.definition.Rows(window) {
			if row.State == at && row.Reason == "WKT-TUTUP" {
				return window
			}
		}
	}
	return ""
}

type interval struct{ from, to time.Time }

// windows returns when a window was open for a place.
func (s *search) windows(window string, place domain.Scope) []interval {
	var out []interval
	own := false
	for _, r := range s.histories.Now(cycle.Stream(s.year)) {
		var scope domain.Scope
		name := ""
		switch e := r.Event.(type) {
		case *cycle.WindowOpened:
			name, scope = e.Window, e.Scope
		case *cycle.WindowExtended:
			name, scope = e.Window, e.Scope
		case *cycle.WindowClosed:
			name, scope = e.Window, e.Scope
		case *cycle.WindowReopened:
			name, scope = e.Window, e.Scope
		}
		if name != window || scope.Code != "" && scope.Code != place.Code || scope.Code == "" && own {
			continue
		}
		own = scope.Code != ""
		switch e := r.Event.(type) {
		case *cycle.WindowOpened:
			out = append(out, interval{e.OpensAt, e.ClosesAt})
		case *cycle.WindowExtended:
			out[len(out)-1].to = e.ClosesAt
		case *cycle.WindowClosed:
			if last := &out[len(out)-1]; r.Effective().Before(last.to) {
				last.to = r.Effective()
			}
		case *cycle.WindowReopened:
			out = append(out, interval{r.Effective(), e.ClosesAt})
		}
	}
	return out
}

// lists: A3, A4.
func (s *search) lists() {
	for stream := range s.histories {
		if !strings.HasPrefix(stream, "forum-"+yearWord(s.year)+"-") {
			continue
		}
		final := map[string]*forum.ListFinalized{}
		gone := map[string]bool{}
		records := s.histories.Now(stream)
		for i := range records {
			e, ok := records[i].Event.(*forum.ListFinalized)
			if !ok {
				continue
			}
			final[e.List] = e
			gone[e.Supersedes] = true
			if old := final[e.Supersedes]; old != nil {
				s.scores(old, e, &records[i])
			}
		}
		for name, list := range final {
			if !gone[name] {
				s.leaps(list)
			}
		}
	}
}

func (s *search) scores(old, final *forum.ListFinalized, r *event.Record) {
	was := map[string]int64{}
	for _, e := range old.Entries {
		was[e.Proposal] = e.Score
	}
	for _, e := range final.Entries {
		if score, on := was[e.Proposal]; on && score != e.Score {
			s.number = e.Proposal
			s.find(ScoreChanged, r)
		}
	}
}

func (s *search) leaps(list *forum.ListFinalized) {
	better := 0 // below the line, above the one at hand, and not gone on
	for i, e := range list.Entries {
		if i < list.Cutoff || e.Reason != "" {
			continue
		}
		s.number = e.Proposal
		r := s.passed(list.Stage)
		switch {
		case r == nil:
			better++
		case better > 0:
			s.find(RankLeapfrogged, r)
		}
	}
}

// passed returns the event by which a proposal left a stage without a list.
func (s *search) passed(stage string) *event.Record {
	for _, r := range s.histories.Now(proposal.Stream(s.number)) {
		e := r.Event.(proposal.Event)
		name := proposal.EventName(e)
		if place, on := proposal.PlaceOf(e); on && place.List == "" && e.Base().Stage == stage && name != "below_cutoff" {
			return &r
		}
	}
	return nil
}

// letters: B8.
func (s *search) letters() {
	told := map[string]bool{}
	var adopted time.Time
	for _, r := range s.histories.Now(cycle.Stream(s.year)) {
		if e, ok := r.Event.(*cycle.DocumentAdopted); ok && e.Kind == "rkpd" && adopted.IsZero() {
			adopted = r.Effective()
		}
	}
	if adopted.IsZero() || s.now.Sub(adopted) <= 60*24*time.Hour {
		return
	}
	for stream, records := range s.histories {
		if village, ok := strings.CutPrefix(stream, "letter-"); ok && strings.HasSuffix(stream, "-"+yearWord(s.year)) {
			if _, sent := records[0].Event.(*delivery.AnswerSent); sent {
				told[strings.TrimSuffix(village, "-"+yearWord(s.year))] = true
			}
		}
	}
	villages := map[string]bool{}
	for _, n := range s.numbers[s.year] {
		if p := s.states[n]; p.Origin && (p.Lane == proposal.Musrenbang || p.Lane == proposal.KiprahDesa) {
			villages[p.Village] = true
		}
	}
	for v := range villages {
		if !told[v] {
			s.found = append(s.found, Plant{Finding: NeverInformed, Cycle: s.year, Village: v})
		}
	}
}
