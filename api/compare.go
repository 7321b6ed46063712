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
	Cycle     int      `query:"cycle" required:"true" minimum:"1" doc:"Fiscal year"`
	AsOf      string   `query:"as_of" maxLength:"40" doc:"Then: what was in effect on that day or at that moment; left out: everything"`
	KnownAt   string   `query:"known_at" maxLength:"40" doc:"Then: what was known on that day, at that moment or position; left out: everything known now"`
	NowAsOf   string   `query:"now_as_of" maxLength:"40" doc:"The other moment to compare with; left out: now"`
	NowKnown  string   `query:"now_known_at" maxLength:"40" doc:"What was known for the other moment"`
	Fate      []string `query:"fate" maxItems:"20" doc:"As of proposals; lost_after_acceptance: lost after an OPD had accepted it"`
	State     []string `query:"state" maxItems:"40"`
	Stage     []string `query:"stage" maxItems:"20"`
	OPD       []string `query:"opd" maxItems:"50"`
	Village   []string `query:"village" maxItems:"50" doc:"Kode wilayah of a village or of a kecamatan"`
	Lane      []string `query:"lane" maxItems:"10"`
	Kecamatan []string `query:"kecamatan" maxItems:"50" doc:"Kode wilayah"`
	Reason    []string `query:"reason" maxItems:"40" doc:"Reason code of the act that decided on it; ALS-KOSONG: lost with none written"`
	Rule      []string `query:"rule" maxItems:"30" doc:"Codes of rules, one of which found something"`
	Least     int64    `query:"least" minimum:"0" doc:"Asked for at least so many rupiah"`
	Origins   bool     `query:"origins" doc:"Origin proposals only"`
	Changed   bool     `query:"changed" doc:"Only what the two moments show differently"`
}

// A Compared is a proposal as it was then and as it is now.
type Compared struct {
	answer.Row
	Matches string `json:"matches" enum:"then,now,both" doc:"In which of the two it is what was asked for"`
}

// A Comparison is a list of them with how many there are.
type Comparison struct {
	answer.Tally
	Items []Compared `json:"items"`
	Next  string     `json:"next,omitempty" doc:"cursor of the next page; left out after the last one"`
}

func (s *Server) compareReads(api huma.API) {
	getInspected(s, api, "/compare", "compare", tagAudit, "Keadaan satu tahun pada dua saat · A year's proposals at two moments",
		func(ctx context.Context, in *compareInput) (*one[Comparison], error) {
			desk, f := s.Desk(), in.filter()
			if err := desk.Check(ctx, f.Year, f.Sought, answer.Query); err != nil {
				return nil, err
			}
			found, err := s.kept.Find(ctx, desk, f)
			if err != nil {
				return nil, err
			}
			rows, matches, next := found.Page(in.Cursor, in.Limit)
			if err := found.Decide(ctx, desk, rows); err != nil {
				return nil, err
			}
			out := Comparison{Tally: found.Tally(), Items: make([]Compared, len(rows)), Next: next}
			for i, r := range rows {
				out.Items[i] = Compared{r, matches[i]}
			}
			return &one[Comparison]{Position: found.Now.Known, Body: out}, nil
		})
}

func (in *compareInput) filter() answer.Filter {
	return answer.Filter{Year: in.Cycle, Then: answer.Moment{AsOf: in.AsOf, Known: in.KnownAt}, Now: answer.Moment{AsOf: in.NowAsOf, Known: in.NowKnown}, All: true,
		Sought: answer.Sought{Fate: in.Fate, State: in.State, Stage: in.Stage, OPD: in.OPD, Kecamatan: in.Kecamatan, Village: in.Village, Lane: in.Lane,
			Reason: in.Reason, Rule: in.Rule, Least: domain.Rupiah(in.Least), Origins: in.Origins, Changed: in.Changed}}
}

type stateOutput struct {
	Position int64  `header:"X-Runut-Position" doc:"Position of the log that the answer was read up to"`
	Link     string `header:"Link" doc:"Permanent link to this very answer"`
	Body     history.Move
}

type proposalCompareInput struct {
	ReadInput
	Number   string `path:"number" doc:"Number of the proposal" example:"U-27-4K7M2XR"`
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
			desk := s.Desk()
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
			desk := s.Desk()
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
