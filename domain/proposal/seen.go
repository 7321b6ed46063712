package proposal

import (
	"strconv"
	"strings"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/event"
)

// Seen is what a source has last said of a proposal, as the log holds it. What a
// new file of that source says is compared with it, not with the proposal as it
// stands: what was decided here meanwhile is no change of the source.
type Seen struct {
	ID      string                 // of the row in the source; "" where the source never spoke of it
	File    string                 // SHA-256 of the file that changed something last, hex
	Idea    Idea                   // as the source states it
	Levels  map[string]Recommended // by level, what it holds of the opinions
	Said    map[string]domain.Text // by column
	Missing string                 // SHA-256 of the file that did not hold the proposal any more; "" where the source holds it
	Closed  map[string]bool        // members and columns whose text was closed here: nothing may bring it back
}

// SaidOffice is the column in which an importer keeps the code of the OPD that a
// source names, where no transfer follows from it.
const SaidOffice = "opd"

// See returns what a source has said by the records of one proposal, as
// event.Sequence orders them.
func See(records []event.Record, source string) Seen {
	var s Seen
	places := make(map[uuid.UUID]*Observed)
	for _, r := range records {
		e, ok := r.Event.(Event)
		if !ok {
			continue
		}
		if order, ok := e.(*TextRedacted); ok {
			s.close(order, places)
			continue
		}
		o := e.Base().Observed
		if o == nil || o.Source != source {
			continue
		}
		places[r.ID] = o
		s.take(e, o)
	}
	return s
}

// take notes what one event says the source said.
func (s *Seen) take(e Event, o *Observed) {
	if o.ID != "" {
		s.ID = o.ID
	}
	s.File = o.File
	for _, said := range o.Said {
		if s.Said == nil {
			s.Said = make(map[string]domain.Text)
		}
		s.Said[said.Column] = said.Text
		if said.Column == SaidOffice {
			s.Idea.OPD = said.Text.Masked
		}
	}
	switch e := e.(type) {
	case *Submitted:
		s.Idea = e.Idea
		if s.ID == "" {
			s.ID = e.SourceID
		}
	case *SubmittedLate:
		s.Idea = e.Idea
		if s.ID == "" {
			s.ID = e.SourceID
		}
	case *Revised:
		s.Idea = e.Idea.Over(s.Idea)
	case *Transferred:
		s.Idea.OPD = e.To
	case *AmountRevised:
		s.Idea.Estimate = e.New
	case *Recommended:
		if s.Levels == nil {
			s.Levels = make(map[string]Recommended)
		}
		s.Levels[e.Level] = *e
	case *SourceMissing:
		s.Missing = e.File
	case *SourceFound:
		s.Missing = ""
	}
}

// close notes that a text of something the source said was closed here.
func (s *Seen) close(order *TextRedacted, places map[uuid.UUID]*Observed) {
	target, err := uuid.Parse(order.Target)
	if err != nil || places[target] == nil {
		return
	}
	name := strings.TrimPrefix(order.Field, "/")
	if rest, ok := strings.CutPrefix(name, "observed/said/"); ok {
		i, err := strconv.Atoi(strings.TrimSuffix(rest, "/text"))
		if err != nil || i < 0 || i >= len(places[target].Said) {
			return
		}
		name = places[target].Said[i].Column
	}
	if s.Closed == nil {
		s.Closed = make(map[string]bool)
	}
	s.Closed[name] = true
}
