package history

import (
	"iter"
	"maps"
	"slices"

	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/proposal"
	"runut/domain/reference"
)

// Sources returns the streams that an answer about a proposal needs, given those
// read so far: its own, those it hangs together with by merging, splitting and
// carry-over, their cycles, the forums and grants of their decisions, and the
// register of holidays. Whoever asks reads what is named and asks again, until
// nothing new is named: three rounds mostly. A stream that does not exist is
// given without records.
func Sources(number string, read map[string][]event.Record) []string {
	names := map[string]bool{
		proposal.Stream(number):             true,
		cycle.Stream(proposal.Year(number)): true,
		reference.Stream("holidays"):        true,
	}
	add := func(numbers ...string) {
		for _, n := range numbers {
			if n != "" {
				names[proposal.Stream(n)] = true
				names[cycle.Stream(proposal.Year(n))] = true
			}
		}
	}
	for name, records := range read {
		if _, ok := proposal.NumberOf(name); !ok {
			continue
		}
		for _, r := range records {
			e, ok := r.Event.(proposal.Event)
			if !ok {
				continue
			}
			add(tied(e)...)
			for _, f := range forums(e) {
				names[f] = true
			}
			if r.Actor.Grant != "" && decides(e) {
				names[r.Actor.Grant] = true
			}
		}
	}
	for name := range read {
		delete(names, name)
	}
	return slices.Sorted(maps.Keys(names))
}

// For one answer at most so many rounds are read, and so many streams: a log of ours
// needs three rounds for a merge and a few more for a chain of carry-overs, and a
// family is a few dozen streams.
const (
	MostRounds  = 40
	MostStreams = 5000
)

// Gather returns the streams that Sources names, round by round, as read returns
// them. The same streams come back wherever they are read from.
func Gather(number string, read func(names []string) (map[string][]event.Record, error)) (map[string][]event.Record, error) {
	streams := make(map[string][]event.Record)
	for range MostRounds {
		names := Sources(number, streams)
		if len(names) == 0 || len(streams)+len(names) > MostStreams {
			break
		}
		found, err := read(names)
		if err != nil {
			return streams, err
		}
		for _, name := range names {
			streams[name] = found[name]
		}
	}
	return streams, nil
}

// tied returns the numbers that an event ties its proposal to.
func tied(e proposal.Event) []string {
	switch e := e.(type) {
	case *proposal.Merged:
		return []string{e.Parent}
	case *proposal.FormedByMerge:
		out := make([]string, len(e.Components))
		for i, c := range e.Components {
			out[i] = c.Child
		}
		return out
	case *proposal.Split:
		return e.Parts
	case *proposal.FormedBySplit:
		return []string{e.Whole}
	case *proposal.Continued:
		return []string{e.Previous}
	case *proposal.CarriedOver:
		return []string{e.Next, e.Parent}
	}
	return nil
}

// forums returns the forums that an event was decided in.
func forums(e proposal.Event) []string {
	var out []string
	if f := proposal.ForumOf(e); f != "" {
		out = append(out, f)
	}
	if place, ok := proposal.PlaceOf(e); ok {
		if f, _, ok := cutLast(place.List); ok {
			out = append(out, f)
		}
	}
	return out
}

// decides reports whether an event may be the one that settled a proposal, so
// that the grant it used is worth reading.
func decides(e proposal.Event) bool {
	switch e.(type) {
	case *proposal.Rejected, *proposal.Deferred, *proposal.BelowCutoff, *proposal.Agreed, *proposal.AcceptedByOPD, *proposal.LeftOut,
		*proposal.Cancelled, *proposal.Withdrawn, *proposal.ReferralAnswered, *proposal.Funded, *proposal.FinancedElsewhere,
		*proposal.IncludedInRKPD, *proposal.IncludedInPPAS, *proposal.AmountRevised:
		return true
	}
	return false
}

func sortedKeys(streams map[string][]event.Record) []string { return slices.Sorted(maps.Keys(streams)) }

// sorted yields streams in the order of their names, so that answers do not
// depend on the order of a map.
func sorted(streams map[string][]event.Record) iter.Seq2[string, []event.Record] {
	return func(yield func(string, []event.Record) bool) {
		for _, name := range sortedKeys(streams) {
			if !yield(name, streams[name]) {
				return
			}
		}
	}
}
