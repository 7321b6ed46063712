package api

import (
	"context"
	"maps"
	"slices"

	"runut/domain/act"
	"runut/domain/proposal"
	"runut/domain/workflow"
	"runut/eventstore"
	"runut/projections"
)

// gather returns how to complete an act that concerns every proposal in some
// state, or nil for one that names all it concerns itself.
func (s *Server) gather(a act.Act, year int, definition string) func(context.Context) (act.Act, error) {
	d := s.Definitions(definition)
	if d == nil {
		return nil // the act itself refuses a cycle that was not opened
	}
	switch a := a.(type) {
	case act.CloseWindow:
		var waiting []string
		contested := false
		for _, row := range d.Rows(a.Window) {
			contested = contested || row.Flag != ""
			if row.State != "" {
				waiting = append(waiting, string(row.State))
			}
		}
		return func(ctx context.Context) (_ act.Act, err error) {
			a.Candidates, err = s.candidates(ctx, year, wanted(waiting, contested)...)
			return a, err
		}
	case act.ReopenWindow:
		var ended []string
		for _, row := range d.Rows(a.Window) {
			if row.To != "" && !slices.Contains(ended, string(row.To)) {
				ended = append(ended, string(row.To))
			}
		}
		return func(ctx context.Context) (_ act.Act, err error) {
			a.Candidates, err = s.candidates(ctx, year, wanted(ended, false)...)
			return a, err
		}
	case act.ChangeTerritory:
		old := slices.Sorted(maps.Keys(a.Successors))
		return func(ctx context.Context) (_ act.Act, err error) {
			a.Candidates, err = s.candidates(ctx, year, projections.ProposalFilter{Village: old})
			return a, err
		}
	case act.SucceedOffice:
		return func(ctx context.Context) (_ act.Act, err error) {
			a.Candidates, err = s.candidates(ctx, year, projections.ProposalFilter{OPD: []string{a.From}})
			return a, err
		}
	case act.CloseCycle:
		open := openStates(d)
		return func(ctx context.Context) (_ act.Act, err error) {
			a.Candidates, err = s.candidates(ctx, year, wanted(open, true)...)
			return a, err
		}
	}
	return nil
}

// wanted returns filters for proposals in some states, and for those with an
// open objection.
func wanted(states []string, contested bool) []projections.ProposalFilter {
	var out []projections.ProposalFilter
	if len(states) > 0 {
		out = append(out, projections.ProposalFilter{State: states})
	}
	if contested {
		out = append(out, projections.ProposalFilter{Contested: true})
	}
	return out
}

func openStates(d *workflow.Definition) []string {
	var out []string
	for _, name := range d.StateNames() {
		if spec := d.States[name]; spec.Final == "" && name != d.Initial {
			out = append(out, string(name))
		}
	}
	return out
}

// candidates returns the numbers of proposals of a year that fit one of the
// filters by the read model, and of all that the log has touched since it. The
// act looks at each one's own events and passes over those it does not concern.
func (s *Server) candidates(ctx context.Context, year int, filters ...projections.ProposalFilter) ([]string, error) {
	found := make(map[string]bool)
	var position int64 = -1
	for _, f := range filters {
		f.Cycle = year
		after := projections.Cursor("")
		for {
			page, err := projections.Proposals{DB: s.DB}.List(ctx, f, projections.ByNumber, after, projections.MaxLimit)
			if err != nil {
				return nil, err
			}
			if position < 0 { // the first page is the oldest, so its tail covers the others'
				position = page.Position
			}
			for _, p := range page.Items {
				found[p.Number] = true
			}
			if after = page.Next; after == "" {
				break
			}
		}
	}
	for r, err := range s.Store.Since(ctx, max(position, 0), 0, eventstore.Filter{StreamPrefix: proposal.Stream(""), Cycle: year}) {
		if err != nil {
			return nil, err
		}
		if n, ok := proposal.NumberOf(r.Stream); ok {
			found[n] = true
		}
	}
	return slices.Sorted(maps.Keys(found)), nil
}
