package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"runut/api/answer"
	"runut/domain"
	"runut/domain/history"
)

type compareInput struct {
	PageInput
	Cycle    int      `query:"cycle" required:"true" minimum:"1" doc:"Fiscal year"`
	AsOf     string   `query:"as_of" maxLength:"40" doc:"Then: what was in effect on that day or at that moment; left out: everything"`
	KnownAt  string   `query:"known_at" maxLength:"40" doc:"Then: what was known on that day, at that moment or position; left out: everything known now"`
	NowAsOf  string   `query:"now_as_of" maxLength:"40" doc:"The other moment to compare with; left out: now"`
	NowKnown string   `query:"now_known_at" maxLength:"40" doc:"What was known for the other moment"`
	Fate     []string `query:"fate" maxItems:"20"`
	State    []string `query:"state" maxItems:"40"`
	Stage    []string `query:"stage" maxItems:"20"`
	OPD      []string `query:"opd" maxItems:"50"`
	Village  []string `query:"village" maxItems:"50" doc:"Kode wilayah of a village or of a kecamatan"`
	Lane     []string `query:"lane" maxItems:"10"`
	Reason   []string `query:"reason" maxItems:"40" doc:"Reason code of the event that moved it"`
	Origins  bool     `query:"origins" doc:"Origin proposals only"`
	Changed  bool     `query:"changed" doc:"Only what the two moments show differently"`
}

// A Compared is a proposal as it was then and as it is now.
type Compared struct {
	history.Move
	Matches string `json:"matches" enum:"then,now,both" doc:"In which of the two it is what was asked for"`
}

// A Comparison is a list of them with how many there are.
type Comparison struct {
	Then  int        `json:"then" doc:"How many match then, those that match now too among them"`
	Now   int        `json:"now" doc:"How many match now, those that matched then too among them"`
	Both  int        `json:"both"`
	Items []Compared `json:"items"`
	Next  string     `json:"next,omitempty" doc:"cursor of the next page; left out after the last one"`
}

func (s *Server) compareReads(api huma.API) {
	get(s, api, "/compare", "compare", tagAudit, "Keadaan satu tahun pada dua saat · A year's proposals at two moments",
		func(ctx context.Context, in *compareInput) (*one[Comparison], error) {
			desk := s.desk()
			then, err := desk.View(ctx, in.Cycle, in.AsOf, in.KnownAt)
			if err != nil {
				return nil, err
			}
			now, err := desk.View(ctx, in.Cycle, in.NowAsOf, in.NowKnown)
			if err != nil {
				return nil, err
			}
			moves, err := desk.Compare(ctx, in.Cycle, then, now)
			if err != nil {
				return nil, err
			}
			return &one[Comparison]{Position: now.Known, Body: in.page(moves)}, nil
		})
}

func (in *compareInput) page(moves []history.Move) Comparison {
	sought := answer.Sought{Fate: in.Fate, State: in.State, Stage: in.Stage, OPD: in.OPD, Village: in.Village, Lane: in.Lane, Reason: in.Reason, Origins: in.Origins, Changed: in.Changed}
	out := Comparison{Items: []Compared{}}
	for _, m := range moves {
		matches := sought.Matches(m)
		switch matches {
		case "":
			continue
		case "both":
			out.Both++
			out.Then++
			out.Now++
		case "then":
			out.Then++
		case "now":
			out.Now++
		}
		switch n := len(out.Items); {
		case m.Number <= in.Cursor:
		case n < in.Limit:
			out.Items = append(out.Items, Compared{m, matches})
		case out.Next == "":
			out.Next = out.Items[n-1].Number
		}
	}
	return out
}

type stateOutput struct {
	Position int64  `header:"X-Runut-Position" doc:"Position of the log that the answer was read up to"`
	Link     string `header:"Link" doc:"Permanent link to this very answer"`
	Body     history.Move
}

type proposalCompareInput struct {
	ReadInput
	Number   string `path:"number" doc:"Number of the proposal" example:"U-27-4K7M2XQ"`
	AsOf     string `query:"as_of" maxLength:"40"`
	KnownAt  string `query:"known_at" maxLength:"40"`
	NowAsOf  string `query:"now_as_of" maxLength:"40"`
	NowKnown string `query:"now_known_at" maxLength:"40"`
}

// A Difference is one proposal explained as of two moments.
type Difference struct {
	Then answer.Full `json:"then"`
	Now  answer.Full `json:"now"`
}

func (s *Server) stateReads(api huma.API) {
	get(s, api, "/proposals/{number}/state", "state-of-proposal", tagProposals, "Keadaan usulan pada suatu saat · Where a proposal stood at a moment",
		func(ctx context.Context, in *explanationInput) (*stateOutput, error) {
			number, err := domain.ParseNumber(in.Number)
			if err != nil {
				return nil, err
			}
			desk := s.desk()
			v, err := desk.View(ctx, yearOf(number), in.AsOf, in.KnownAt)
			if err != nil {
				return nil, err
			}
			m, err := desk.Stood(ctx, number, v)
			if err != nil {
				return nil, err
			}
			return &stateOutput{Position: v.Known, Link: "<" + permanent("/api/v1/proposals/"+number+"/state", v) + `>; rel="canonical"`, Body: m}, nil
		})
	get(s, api, "/proposals/{number}/compare", "compare-proposal", tagProposals, "Satu usulan pada dua saat · One proposal explained as of two moments",
		func(ctx context.Context, in *proposalCompareInput) (*one[Difference], error) {
			number, err := domain.ParseNumber(in.Number)
			if err != nil {
				return nil, err
			}
			desk := s.desk()
			then, err := desk.View(ctx, yearOf(number), in.AsOf, in.KnownAt)
			if err != nil {
				return nil, err
			}
			now, err := desk.View(ctx, yearOf(number), in.NowAsOf, in.NowKnown)
			if err != nil {
				return nil, err
			}
			var out Difference
			if out.Then, err = desk.Explain(ctx, number, then, language(ctx)); err != nil {
				return nil, err
			}
			out.Now, err = desk.Explain(ctx, number, now, language(ctx))
			return &one[Difference]{Position: now.Known, Body: out}, err
		})
}
