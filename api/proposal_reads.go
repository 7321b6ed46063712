package api

import (
	"context"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"runut/api/answer"
	"runut/domain"
	"runut/domain/act"
	"runut/domain/cycle"
	"runut/domain/proposal"
	"runut/projections"
)

type ProposalFilter struct {
	Cycle     int      `query:"cycle" minimum:"0" doc:"Fiscal year"`
	Kecamatan []string `query:"kecamatan" maxItems:"50" doc:"Kode wilayah; several separated by commas"`
	Village   []string `query:"village" maxItems:"50" doc:"Kode wilayah"`
	OPD       []string `query:"opd" maxItems:"50" doc:"OPD code"`
	Lane      []string `query:"lane" maxItems:"10"`
	Stage     []string `query:"stage" maxItems:"20"`
	State     []string `query:"state" maxItems:"40"`
	Fate      []string `query:"fate" maxItems:"20" doc:"pending, funded, partly, elsewhere, deferred, dropped, cancelled, withdrawn, unknown"`
	Reason    []string `query:"reason" maxItems:"40" doc:"Reason code"`
	Text      string   `query:"q" maxLength:"200" doc:"Words of title, number, village or kamus; each must fit, its beginning is enough"`
	Sort      string   `query:"sort" enum:"number,since,changed,asked" default:"number"`
}

type proposalListInput struct {
	PageInput
	ListFilter
}

// A ListFilter is what a list of all proposals can be narrowed by.
type ListFilter struct {
	ProposalFilter
	Origins   bool `query:"origins" doc:"Origin proposals only"`
	Contested bool `query:"contested" doc:"With an open objection only"`
	NoReason  bool `query:"no_reason" doc:"Lost without a written reason only"`
}

func (in ProposalFilter) sought() answer.Sought {
	return answer.Sought{Fate: in.Fate, State: in.State, Stage: in.Stage, OPD: in.OPD, Kecamatan: in.Kecamatan, Village: in.Village, Lane: in.Lane, Reason: in.Reason}
}

func (in ListFilter) filter() projections.ProposalFilter {
	return projections.ProposalFilter{Cycle: in.Cycle, Kecamatan: in.Kecamatan, Village: in.Village, OPD: in.OPD, Lane: in.Lane,
		Stage: in.Stage, State: in.State, Fate: in.Fate, Reason: in.Reason, Text: in.Text,
		OriginOnly: in.Origins, Contested: in.Contested, NoReason: in.NoReason}
}

type numberInput struct {
	ReadInput
	Number string `path:"number" doc:"Number of the proposal" example:"U-27-4K7M2XR"`
}

type numberPageInput struct {
	PageInput
	Number string `path:"number" doc:"Number of the proposal" example:"U-27-4K7M2XR"`
}

// A ProposalView is one proposal with what the caller may do with it.
type ProposalView struct {
	projections.ProposalDetail
	Actions []Action `json:"actions" doc:"Every step out of its state: open to the caller, or why not"`
}

// An Action is one step of the workflow as it stands for the caller.
type Action struct {
	Name    string            `json:"name" doc:"Transition of the workflow" example:"accept"`
	Event   string            `json:"event" example:"proposal.accepted_by_opd"`
	Title   string            `json:"title"`
	Stage   string            `json:"stage,omitempty"`
	Open    bool              `json:"open"`
	Href    string            `json:"href,omitempty" doc:"Where to post it"`
	Needs   []string          `json:"needs,omitempty" doc:"Facts that must be stated"`
	Fixed   map[string]string `json:"fixed,omitempty" doc:"Facts that must have these values"`
	Reasons []Choice          `json:"reasons,omitempty" doc:"Reason codes to choose from"`
	Why     string            `json:"why,omitempty" doc:"Where it is closed: what stands against it, and the remedy"`
	Checks  []Check           `json:"checks,omitempty" doc:"Where it is closed: what was examined"`
}

// A Choice is a code and its words.
type Choice struct {
	Code  string `json:"code"`
	Title string `json:"title"`
}

type proposalOutput struct {
	ETag     string `header:"ETag" doc:"Version of the proposal; hand it to a command as If-Match"`
	Position int64  `header:"X-Runut-Position"`
	Body     ProposalView
}

func (s *Server) proposalReads(api huma.API) {
	proposals := projections.Proposals{DB: s.DB}
	get(s, api, "/proposals", "list-proposals", tagProposals, "Daftar usulan, kini atau pada suatu saat · List proposals, now or as of a moment", s.listed)
	get(s, api, "/proposals/facets", "count-proposals", tagProposals, "Jumlah per sifat · Counts per property",
		func(ctx context.Context, in *proposalListInput) (*one[projections.Facets], error) {
			if err := s.askable(ctx, in.ListFilter); err != nil {
				return nil, err
			}
			return single(proposals.Facets(ctx, in.filter()))
		})
	get(s, api, "/proposals/{number}", "get-proposal", tagProposals, "Satu usulan dan langkah yang terbuka · One proposal and the steps open",
		func(ctx context.Context, in *numberInput) (*proposalOutput, error) {
			number, err := domain.ParseNumber(in.Number)
			if err != nil {
				return nil, err
			}
			p, err := proposals.Get(ctx, number)
			if err != nil {
				return nil, err
			}
			actions, version, err := s.Actions(ctx, number, CallerOf(ctx))
			if err != nil {
				return nil, err
			}
			return &proposalOutput{ETag: etag(version), Position: p.Position, Body: ProposalView{p.Value, actions}}, nil
		})
	get(s, api, "/proposals/{number}/timeline", "get-timeline", tagProposals, "Linimasa usulan · What happened to it",
		func(ctx context.Context, in *numberPageInput) (*many[projections.Step], error) {
			number, err := domain.ParseNumber(in.Number)
			if err != nil {
				return nil, err
			}
			return page(projections.Timeline{DB: s.DB}.Of(ctx, number, projections.Cursor(in.Cursor), in.Limit))
		})
	get(s, api, "/proposals/{number}/shares", "get-shares", tagProposals, "Bagian usulan asal · Who holds which share of an origin",
		func(ctx context.Context, in *numberInput) (*one[projections.Origin], error) {
			number, err := domain.ParseNumber(in.Number)
			if err != nil {
				return nil, err
			}
			return single(projections.Funnel{DB: s.DB}.Origin(ctx, number))
		})
}

// Actions returns the steps out of a proposal's state as they stand for a
// caller, judged on the log itself, and the version they hold for.
func (s *Server) Actions(ctx context.Context, number string, c Caller) ([]Action, int, error) {
	stream, year := proposal.Stream(number), cycle.Stream(yearOf(number))
	streams := []string{stream, year}
	if c.Known() {
		streams = append(streams, c.Grant.Stream)
	}
	read, err := s.Store.Streams(ctx, streams)
	if err != nil {
		return nil, 0, err
	}
	h := act.Histories(read)
	state := proposal.Fold(h.Now(stream))
	if state.Version == 0 {
		return nil, 0, domain.Refuse(domain.NotFound, "proposal.unknown", "proposal", number)
	}
	cycleNow := cycle.Fold(h.Now(year))
	definition := s.Definitions(cycleNow.Pin.Hash)
	if definition == nil {
		return nil, 0, domain.Refuse(domain.Unready, "workflow.definition_unknown", "hash", cycleNow.Pin.Hash)
	}
	list := proposal.Actions(state, proposal.Rules{
		Workflow: definition, Cycle: cycleNow, Actor: c.Actor, Grant: c.Grant, Now: time.Now(),
	})
	lang := language(ctx)
	out := make([]Action, 0, len(list))
	for _, a := range list {
		view := Action{Name: a.Transition, Event: "proposal." + a.Event, Title: a.Title.In(string(lang)), Open: a.Open, Needs: a.Need, Stage: a.Stage, Fixed: a.When}
		if a.Open {
			view.Href = s.hrefOf(a, number)
			for _, code := range a.Reasons {
				view.Reasons = append(view.Reasons, Choice{code, definition.Codes[code].Title.In(string(lang))})
			}
		} else {
			why := worded(lang.Refuse(&domain.Error{Kind: domain.Conflict, Code: a.Code, Params: a.Params, Checks: a.Checks}), 0)
			view.Why, view.Checks = why.Title, why.Checks
		}
		out = append(out, view)
	}
	return out, state.Version, nil
}

// hrefOf returns where an action is posted.
func (s *Server) hrefOf(a proposal.Action, number string) string {
	switch a.Act {
	case "merge":
		return "/api/v1/merges"
	case "finalize_list":
		return "/api/v1/forums/{id}/finalize"
	case "take":
		return "/api/v1/proposals/" + number + "/" + s.verbs[a.Event]
	}
	return "/api/v1/proposals/" + number + "/" + strings.ReplaceAll(a.Act, "_", "-")
}
