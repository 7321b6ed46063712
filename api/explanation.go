package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"runut/api/answer"
	"runut/domain"
	"runut/domain/event"
	"runut/domain/history"
)

// A ViewInput says from where a history is looked at.
type ViewInput struct {
	AsOf    string `query:"as_of" maxLength:"40" doc:"What was in effect then: a day (its end) or a moment in RFC 3339; left out: everything" example:"2027-02-28"`
	KnownAt string `query:"known_at" maxLength:"40" doc:"What was known then: a day, a moment, or a position of the log; left out: everything known now"`
}

type explanationInput struct {
	ReadInput
	ViewInput
	Number string `path:"number" doc:"Number of the proposal" example:"U-27-4K7M2XR"`
}

type explanationOutput struct {
	Position int64  `header:"X-Runut-Position" doc:"Position of the log that the answer was read up to"`
	Link     string `header:"Link" doc:"Permanent link to this very answer"`
	Body     answer.Full
}

func (s *Server) explanations(api huma.API) {
	get(s, api, "/proposals/{number}/explanation", "explain-proposal", tagProposals, "Mengapa usulan ini berakhir begitu · What became of it, and why",
		func(ctx context.Context, in *explanationInput) (*explanationOutput, error) {
			number, err := domain.ParseNumber(in.Number)
			if err != nil {
				return nil, err
			}
			desk := s.Desk()
			v, err := desk.View(ctx, yearOf(number), in.AsOf, in.KnownAt)
			if err != nil {
				return nil, err
			}
			full, err := desk.Explain(ctx, number, v, language(ctx))
			if err != nil {
				return nil, err
			}
			return &explanationOutput{Position: v.Known, Link: "<" + permanent("/api/v1/proposals/"+number+"/explanation", v) + `>; rel="canonical"`, Body: full}, nil
		})
}

// Desk is where questions about histories are asked. Its charts keep what was
// found out about a definition, and its shelf what many answers rest on, so there
// is one for all requests, those of the pages too.
func (s *Server) Desk() answer.Desk {
	s.once.Do(func() {
		s.desk = answer.Desk{Store: s.Store, DB: s.DB, Charts: history.NewCharts(s.Definitions), Shelf: new(answer.Shelf)}
	})
	return s.desk
}

// permanent returns the address at which the same question has the same answer
// for ever.
func permanent(path string, v event.View) string {
	m := answer.MomentOf(v)
	address := path + "?known_at=" + m.Known
	if m.AsOf != "" {
		address += "&as_of=" + m.AsOf
	}
	return address
}
