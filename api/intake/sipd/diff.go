package sipd

import (
	"slices"

	"runut/domain"
	"runut/domain/act"
	"runut/domain/cycle"
	"runut/domain/delivery"
	"runut/domain/event"
	"runut/domain/proposal"
	"runut/domain/workflow"
)

// A comparison is what rows are compared under.
type comparison struct {
	def    *workflow.Definition
	cycle  cycle.State
	status *StatusMap
	over   domain.Interval // between the export before and this one
	before []string        // what the export before speaks for; nil where there is none
	file   string          // digest of this one
}

// A difference is what a row says that the log does not know.
type difference struct {
	row     act.Row
	changed bool
	written bool     // an earlier run over the same file wrote what it says
	notes   []string // what a person may want to look at: keys of text
}

// beginning returns what a row says that no proposal is known for.
func (c *comparison) beginning(e Entry) (difference, error) {
	idea := e.Idea
	idea.OPD = e.First
	d := difference{changed: true, row: act.Row{
		Row: e.Row, ID: e.ID, Occurred: c.over, Doubts: e.Doubts, Said: slices.Concat(e.Kept, e.Raw), Proposer: e.Proposer,
		New: &proposal.Submitted{Lane: e.Lane, Idea: idea, SourceID: e.ID},
	}}
	state := proposal.State{Idea: idea, Lane: e.Lane}
	d.opinions(e, nil)
	if e.Last != e.First {
		d.row.Facts = append(d.row.Facts, &proposal.Transferred{From: e.First, To: e.Last})
	}
	meanings, err := c.status.read(e.Status, e.Lane, e.Slots)
	if err != nil {
		return d, err
	}
	name := "submitted"
	if c.late(state) {
		name, d.row.New = "submitted_late", &proposal.SubmittedLate{Lane: e.Lane, Idea: idea, SourceID: e.ID}
		d.notes = append(d.notes, "sipd.note_late")
	}
	for _, t := range c.def.All() { // the arrow of the lane tells where it starts
		if t.Event == name && (t.When["lane"] == "" || t.When["lane"] == string(e.Lane)) {
			state.At = t.To
		}
	}
	d.row.Outcome = c.outcome(meanings, e, state)
	return d, nil
}

// late reports whether a row that is new was handed in after its time: the export
// before, which speaks for its place and OPD, was made after the window had been
// closed and did not hold it. Where that is not certain it was in time.
func (c *comparison) late(state proposal.State) bool {
	covered := delivery.Overlap(c.before, append([]string{state.OPD}, placesOf(state.Village)...))
	for _, t := range c.def.All() {
		spec := c.def.Windows[t.Window]
		if !covered || spec == nil || t.Event != "submitted" || t.When["lane"] != string(state.Lane) {
			continue
		}
		w, ok := c.cycle.Find(t.Window, state.Place(spec.Scope))
		return ok && w.Shut && w.ShutAt.Before(c.over.From) && w.ClosesAt.Before(c.over.From)
	}
	return false
}

func placesOf(village string) []string {
	if village == "" {
		return nil
	}
	return []string{village}
}

// change returns what a row says of a known proposal that its source did not say
// before. records are the proposal's as they count.
func (c *comparison) change(e Entry, number string, records []event.Record) (difference, error) {
	at := c.over.To
	n := 0
	for n < len(records) && !records[n].Effective().After(at) {
		n++
	}
	if n == 0 { // known only since a later export
		return difference{notes: []string{"sipd.note_began_later"}}, nil
	}
	seen, state := proposal.See(records[:n], Source), proposal.Fold(records[:n])
	d := difference{row: act.Row{Row: e.Row, ID: e.ID, Proposal: number, Occurred: c.over}}
	if e.Idea.Village != "" && seen.Idea.Village != "" && e.Idea.Village != seen.Idea.Village && e.Idea.Village != state.Village {
		return d, domain.Refuse(domain.Conflict, "sipd.village_moved", "proposal", number, "village", state.Village, "observed", e.Idea.Village).At("kelurahan")
	}
	if seen.Missing != "" {
		d.row.Facts = append(d.row.Facts, &proposal.SourceFound{File: c.file})
	}
	before := len(d.row.Facts)
	revised := d.content(e, seen, state)
	d.opinions(e, seen.Levels)
	switch {
	case e.Last == seen.Idea.OPD || seen.Idea.OPD == "":
	case e.Last == state.OPD: // the source came to where it is already: its word is kept
		d.row.Said = append(d.row.Said, proposal.Said{Column: proposal.SaidOffice, Text: domain.Text{Masked: e.Last}})
	default:
		d.row.Facts = append(d.row.Facts, &proposal.Transferred{From: state.OPD, To: e.Last})
	}
	if err := c.statusChange(&d, e, seen, state); err != nil {
		return d, err
	}
	words := len(d.row.Said) > 0
	if revised == nil && words && len(d.row.Facts) == before && d.row.Outcome == nil {
		revised = &proposal.Revised{} // only words that no other event is for
	}
	if revised != nil {
		d.row.Facts = slices.Insert(d.row.Facts, before, proposal.Event(revised))
	}
	d.changed = len(d.row.Facts) > 0 || d.row.Outcome != nil
	d.written = seen.File == c.file
	if d.changed {
		d.row.Doubts = e.Doubts
	}
	return d, nil
}

// content compares what is asked for. It returns the revision, or nil; what money
// is in force already, the amount is revised by an event of its own.
func (d *difference) content(e Entry, seen proposal.Seen, state proposal.State) *proposal.Revised {
	var revised proposal.Revised
	any := false
	text := func(member, column string, now, old domain.Text, set *domain.Text) {
		if d.blank(e, column, seen, !old.IsZero()) || now.IsZero() || seen.Closed[member] {
			return
		}
		if emptied(seen, column) || !now.Like(old) {
			*set, any = now, true
			d.keep(e, seen, column, now)
		}
	}
	text("title", "usulan", e.Idea.Title, seen.Idea.Title, &revised.Title)
	text("problem", "masalah", e.Idea.Problem, seen.Idea.Problem, &revised.Problem)
	text("location", "alamat", e.Idea.Location, seen.Idea.Location, &revised.Location)
	if !e.Idea.Description.IsZero() && !seen.Closed["description"] && !e.Idea.Description.Like(seen.Idea.Description) {
		revised.Description, any = e.Idea.Description, true
	}
	if !revised.Title.IsZero() { // by itself a code is no news: the kamus may be younger than the row
		revised.Kamus = e.Idea.Kamus
	}
	if p := e.Idea.Point; p != nil && (seen.Idea.Point == nil || *p != *seen.Idea.Point) {
		revised.Point, any = p, true
	}
	if !d.blank(e, "usulan_ke", seen, seen.Idea.Priority != 0) && e.Idea.Priority != 0 && e.Idea.Priority != seen.Idea.Priority {
		revised.Priority, any = e.Idea.Priority, true
	}
	if !d.blank(e, "volume", seen, !seen.Idea.Volume.IsZero()) && !e.Idea.Volume.IsZero() && (e.Idea.Volume != seen.Idea.Volume || emptied(seen, "volume")) {
		revised.Volume, any = e.Idea.Volume, true
		d.keep(e, seen, "volume", domain.Text{Masked: e.Idea.Volume.String()})
	}
	if !d.blank(e, "anggaran", seen, seen.Idea.Estimate != 0) && e.Idea.Estimate != 0 && (e.Idea.Estimate != seen.Idea.Estimate || emptied(seen, "anggaran")) {
		d.keep(e, seen, "anggaran", domain.Text{Masked: e.Idea.Estimate.String()})
		if len(state.Lines) == 1 || len(state.Lines) == 0 && len(state.Included) > 0 {
			d.row.Facts = append(d.row.Facts, &proposal.AmountRevised{New: e.Idea.Estimate})
		} else {
			revised.Estimate, any = e.Idea.Estimate, true
		}
	}
	for _, now := range e.Kept {
		if seen.Closed[now.Column] {
			continue
		}
		old, said := seen.Said[now.Column]
		if !said || !now.Text.Like(old) {
			d.row.Said = append(d.row.Said, now)
		}
	}
	for _, column := range kept {
		d.blank(e, column, seen, !seen.Said[column].IsZero())
	}
	if !any {
		return nil
	}
	return &revised
}

// blank notes a column that said something before and says nothing now: nothing
// is taken back by that, but it is on record. It reports whether the column is
// blank.
func (d *difference) blank(e Entry, column string, seen proposal.Seen, said bool) bool {
	if !slices.Contains(e.Blank, column) {
		return false
	}
	if said && !emptied(seen, column) && !seen.Closed[column] {
		d.row.Said = append(d.row.Said, proposal.Said{Column: column})
		d.notes = append(d.notes, "sipd.note_emptied")
	}
	return true
}

// emptied reports whether a source said nothing in a column where it had said
// something before.
func emptied(seen proposal.Seen, column string) bool {
	t, said := seen.Said[column]
	return said && t.IsZero()
}

// keep notes what was written for a value that was normalised, and that a column
// which was emptied says something again.
func (d *difference) keep(e Entry, seen proposal.Seen, column string, now domain.Text) {
	if i := slices.IndexFunc(e.Raw, func(s proposal.Said) bool { return s.Column == column }); i >= 0 {
		d.row.Said = append(d.row.Said, e.Raw[i])
	} else if emptied(seen, column) {
		d.row.Said = append(d.row.Said, proposal.Said{Column: column, Text: now})
	}
}

// opinions adds what the levels say now and did not say before.
func (d *difference) opinions(e Entry, old map[string]proposal.Recommended) {
	for _, level := range levels {
		s, says := e.Slots[level]
		if !says {
			continue
		}
		now := proposal.Recommended{Level: level, Result: s.Result, Volume: s.Volume, Amount: s.Amount}
		if s.Result == "other" || plainWords(s.Text.Masked) != s.Result {
			now.Note = s.Text
		}
		was, said := old[level]
		if said && was.Result == now.Result && was.Volume == now.Volume && was.Amount == now.Amount && was.Note.Like(now.Note) {
			continue
		}
		d.row.Facts = append(d.row.Facts, &now)
	}
}

// statusChange adds what a status says that is another than before.
func (c *comparison) statusChange(d *difference, e Entry, seen proposal.Seen, state proposal.State) error {
	now, err := c.status.read(e.Status, e.Lane, e.Slots)
	if err != nil {
		return err
	}
	old, err := c.status.read(seen.Said["status"].Masked, e.Lane, slotsOf(seen.Levels))
	if err == nil && slices.Equal(old, now) || len(now) == 0 {
		return nil
	}
	for _, m := range now {
		if m.State == state.At {
			return nil // so it stands already: only the word is new
		}
	}
	if d.row.Outcome = c.outcome(now, e, state); d.row.Outcome != nil {
		return nil
	}
	if revision := c.repaired(now, state); revision != nil {
		d.row.Outcome = revision
		return nil
	}
	if err == nil && len(old) > 0 && c.wentBack(old[0].State, now[0].State) {
		d.row.Outcome = c.backwards(now[0], e, state)
	}
	if d.row.Outcome == nil {
		d.notes = append(d.notes, "sipd.note_status_kept")
	}
	return nil
}

// slotsOf returns which levels had said something.
func slotsOf(levels map[string]proposal.Recommended) map[string]Slot {
	out := make(map[string]Slot, len(levels))
	for level := range levels {
		out[level] = Slot{}
	}
	return out
}

// outcome returns the event that brings a proposal where a status says it is, by
// the shortest way there is; nil where it stands there or no way leads there.
func (c *comparison) outcome(meanings Meanings, e Entry, state proposal.State) proposal.Event {
	var best proposal.Event
	shortest := -1
	for _, m := range meanings {
		if m.State == state.At {
			return nil
		}
	}
	for _, m := range meanings {
		ask := outcomeOf(m)
		if ask == nil || m.Event == "returned" && state.At == "" {
			continue
		}
		fill(ask, e, state)
		seen, err := proposal.Observe(c.def, c.cycle, state, ask, proposal.Observed{Source: Source})
		if err != nil || c.passesGoal(seen.Base().Observed.Skipped) {
			continue
		}
		if passed := len(seen.Base().Observed.Skipped); shortest < 0 || passed < shortest {
			best, shortest = ask, passed
		}
	}
	return best
}

// passesGoal reports whether a way leads through a state that is a goal: what was
// never seen funded was not passed over funded.
func (c *comparison) passesGoal(skipped []string) bool {
	return slices.ContainsFunc(skipped, func(name string) bool {
		t := c.def.Transitions[name]
		return t != nil && c.def.States[t.To] != nil && c.def.States[t.To].Goal != ""
	})
}

// fill gives an outcome what the row says of it.
func fill(ask proposal.Event, e Entry, state proposal.State) {
	volume, estimate := e.Idea.Volume, e.Idea.Estimate
	if s := e.Slots["skpd"]; !s.Volume.IsZero() {
		volume = s.Volume
	}
	if s := e.Slots["skpd"]; s.Amount != 0 {
		estimate = s.Amount
	}
	if volume.IsZero() {
		volume = state.Volume
	}
	if estimate == 0 {
		estimate = state.Estimate
	}
	switch x := ask.(type) {
	case *proposal.AcceptedByOPD:
		x.SubKegiatan, x.Volume, x.Estimate = e.SubKegiatan, volume, estimate
	case *proposal.Rejected:
		x.Text = e.Note
	case *proposal.Deferred:
		x.Text = e.Note
	case *proposal.Returned:
		x.Note = e.Note
	case *proposal.Withdrawn:
		x.Text = e.Note
	case *proposal.Cancelled:
		x.Text = e.Note
	case *proposal.LeftOut:
		x.Text = e.Note
	case *proposal.IncludedInRKPD:
		x.SubKegiatan, x.Amount = e.SubKegiatan, estimate
	case *proposal.IncludedInPPAS:
		x.SubKegiatan, x.Amount = e.SubKegiatan, estimate
	}
}

// repaired returns the revision by which what was sent back for repair comes where
// a status says it waits again.
func (c *comparison) repaired(meanings Meanings, state proposal.State) proposal.Event {
	for _, t := range c.def.Taking(state.At, "revised") {
		if t.Stay || t.Remedy {
			continue
		}
		for _, m := range meanings {
			if m.State == t.To {
				return &proposal.Revised{Step: proposal.Step{Stage: t.When["stage"]}}
			}
		}
	}
	return nil
}

// wentBack reports whether the source itself went from a later state to an
// earlier one.
func (c *comparison) wentBack(old, now workflow.State) bool {
	if old == now || old == "" || now == "" {
		return false
	}
	return c.ended(old) && !c.ended(now) || c.def.Path(now, old) != nil && c.def.Path(old, now) == nil
}

func (c *comparison) ended(s workflow.State) bool {
	spec := c.def.States[s]
	return spec != nil && spec.Final != ""
}

// backwards returns the event that says that the source went back to where a
// status says, nil where the log is not beyond it.
func (c *comparison) backwards(m Meaning, e Entry, state proposal.State) proposal.Event {
	var ask proposal.Event
	switch {
	case c.ended(state.At):
		ask = &proposal.Reinstated{Resume: string(m.State)}
	case c.def.Path(m.State, state.At) == nil:
		return nil
	default:
		stage := "forum_opd"
		if spec := c.def.States[m.State]; spec != nil && (spec.Stage == "desa" || spec.Stage == "kecamatan") {
			stage = "kecamatan"
		}
		ask = &proposal.Returned{Step: proposal.Step{Stage: stage}, Note: e.Note}
	}
	if _, err := proposal.Observe(c.def, c.cycle, state, ask, proposal.Observed{Source: Source}); err != nil {
		return nil
	}
	return ask
}

// typesOf returns the stored names of what a row will record, in order.
func typesOf(r act.Row) []string {
	var out []string
	if r.New != nil {
		out = append(out, proposal.EventName(r.New))
	}
	for _, f := range r.Facts {
		out = append(out, proposal.EventName(f))
	}
	if r.Outcome != nil {
		out = append(out, proposal.EventName(r.Outcome))
	}
	return out
}
