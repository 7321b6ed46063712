package api

import (
	"context"

	"runut/api/answer"
	"runut/domain"
	"runut/domain/history"
	"runut/domain/proposal"
	"runut/projections"
)

// A momentListInput is a list of proposals, as of a moment too.
type momentListInput struct {
	PageInput
	ListFilter
	ViewInput
}

// A ListedProposal is one proposal of a list as it is now. Where the list was
// asked as of a moment it says where the proposal stood then, and at which of the
// two it is what was asked for.
type ListedProposal struct {
	projections.Proposal
	Matches string            `json:"matches,omitempty" enum:"then,now,both" doc:"Only with as_of or known_at: when it fits"`
	Then    *history.Standing `json:"then,omitempty" doc:"Only with as_of or known_at: where it stood; left out: not handed in, or not known"`
}

// A ProposalList is one stretch of a list of proposals.
type ProposalList struct {
	Items    []ListedProposal `json:"items"`
	Next     string           `json:"next,omitempty" doc:"cursor of the next page; left out after the last one"`
	Matching *answer.Tally    `json:"matching,omitempty" doc:"Only with as_of or known_at: how many fit in all"`
}

// listed answers the list as it stands now, from the read model.
func (s *Server) listed(ctx context.Context, in *momentListInput) (*one[ProposalList], error) {
	if in.AsOf != "" || in.KnownAt != "" {
		return s.listedAt(ctx, in)
	}
	if err := s.askable(ctx, in.ListFilter); err != nil {
		return nil, err
	}
	p, err := projections.Proposals{DB: s.DB}.List(ctx, in.filter(), projections.ProposalSort(in.Sort), projections.Cursor(in.Cursor), in.Limit)
	if err != nil {
		return nil, err
	}
	out := &one[ProposalList]{Position: p.Position, Body: ProposalList{Items: make([]ListedProposal, len(p.Items)), Next: string(p.Next)}}
	for i, x := range p.Items {
		out.Body.Items[i] = ListedProposal{Proposal: x}
	}
	return out, nil
}

// askable refuses values that are none, in a list of what stands now.
func (s *Server) askable(ctx context.Context, in ListFilter) error {
	t, err := s.Desk().Terms(ctx, in.Cycle)
	if err != nil {
		return err
	}
	t.Fates = answer.Standing
	return t.Check(ctx, in.sought(), answer.Query)
}

// listedAt answers what fits then, now, and both, from the log.
func (s *Server) listedAt(ctx context.Context, in *momentListInput) (*one[ProposalList], error) {
	if in.Cycle == 0 {
		return nil, domain.Refuse(domain.Invalid, "list.moment_cycle").At("/cycle")
	}
	for name, said := range map[string]bool{"q": in.Text != "", "contested": in.Contested, "sort": in.Sort != "" && in.Sort != string(projections.ByNumber)} {
		if said {
			return nil, domain.Refuse(domain.Invalid, "list.moment_filter", "parameter", name).At("/" + name)
		}
	}
	f := answer.Filter{Year: in.Cycle, Then: answer.Moment{AsOf: in.AsOf, Known: in.KnownAt}, All: true, Sought: in.sought()}
	f.Origins = in.Origins
	if err := s.Desk().Check(ctx, f.Year, f.Sought, answer.Query); err != nil {
		return nil, err
	}
	if in.NoReason {
		f.Reason = []string{proposal.ReasonUnsaid}
	}
	found, err := s.kept.Find(ctx, s.Desk(), f)
	if err != nil {
		return nil, err
	}
	rows, matches, next := found.Page(in.Cursor, in.Limit)
	numbers := make([]string, len(rows))
	for i, r := range rows {
		numbers[i] = r.Number
	}
	if err := s.wait(ctx, found.Now.Known); err != nil { // so that what is said of now is what was matched
		return nil, err
	}
	stands, err := projections.Proposals{DB: s.DB}.Some(ctx, numbers)
	if err != nil {
		return nil, err
	}
	out := &one[ProposalList]{Position: found.Now.Known, Body: ProposalList{Items: make([]ListedProposal, len(rows)), Next: next, Matching: new(found.Tally())}}
	for i, r := range rows {
		p := stands.Value[r.Number]
		p.Number, p.Cycle = r.Number, r.Cycle
		out.Body.Items[i] = ListedProposal{p, matches[i], r.Then}
	}
	return out, nil
}
