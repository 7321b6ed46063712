package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"runut/api/answer"
	"runut/domain"
	"runut/projections"
)

type accessInput struct {
	PageInput
	Purpose string `query:"purpose" maxLength:"40" doc:"What for: audit, court_order, complaint, data_subject or verification; left out: all"`
	Role    string `query:"role" maxLength:"40" doc:"Of whoever opened them: auditor or ppid; left out: all"`
	Export  bool   `query:"export" doc:"Exports only"`
	From    string `query:"from" maxLength:"10" doc:"From that local day on" example:"2026-02-01"`
	To      string `query:"to" maxLength:"10" doc:"Up to that local day, and with it" example:"2026-02-28"`
}

// accessReads answer who opened sealed data: those who may open them.
func (s *Server) accessReads(api huma.API) {
	names := map[string]string{"purpose": "query/purpose", "role": "query/role", "from": "query/from", "to": "query/to"}
	get(s, api, "/access", "list-access", tagAudit, "Log akses data tersegel · Who opened sealed data",
		func(ctx context.Context, in *accessInput) (*many[projections.Opening], error) {
			if err := answer.Watch(CallerOf(ctx).Actor.Role); err != nil {
				return nil, err
			}
			zone := domain.Zones["WITA"]
			cycles, err := projections.Cycles{DB: s.DB}.List(ctx)
			if err != nil {
				return nil, err
			}
			if len(cycles.Items) > 0 && domain.Zones[cycles.Items[0].Zone] != nil {
				zone = domain.Zones[cycles.Items[0].Zone]
			}
			f, err := answer.Opened{Purpose: in.Purpose, Role: in.Role, Export: in.Export, From: in.From, To: in.To}.Filter(zone, names)
			if err != nil {
				return nil, err
			}
			return page(projections.Access{DB: s.DB}.List(ctx, f, projections.Cursor(in.Cursor), in.Limit))
		})
}
