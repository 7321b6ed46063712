package api

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"runut/api/answer"
	"runut/domain"
	"runut/domain/forum"
	"runut/projections"
)

type YearInput struct {
	ReadInput
	Year int `path:"year" minimum:"2000" maximum:"2099" doc:"Fiscal year" example:"2027"`
}

type funnelInput struct {
	YearInput
	Lane      []string `query:"lane" maxItems:"10"`
	Kecamatan []string `query:"kecamatan" maxItems:"50" doc:"Kode wilayah of the origin"`
	Village   []string `query:"village" maxItems:"50" doc:"Kode wilayah of the origin"`
	OPD       []string `query:"opd" maxItems:"50" doc:"OPD that holds it now"`
}

func (in funnelInput) filter() projections.FunnelFilter {
	return projections.FunnelFilter{Cycle: in.Year, Lane: in.Lane, Kecamatan: in.Kecamatan, Village: in.Village, OPD: in.OPD}
}

// A Funnel is the printed sum of a fiscal year: what was asked, what came of
// it, and that nothing was lost on the way.
type Funnel struct {
	projections.Totals
	Balanced bool `json:"balanced" doc:"Σ asked + uplift = Σ granted + cut + Σ asked of every other fate"`
}

type emptyRead struct{ ReadInput }

type windowsInput struct {
	PageInput
	Year   int    `path:"year" minimum:"2000" maximum:"2099"`
	Window string `query:"window" maxLength:"40"`
}

type forumsInput struct {
	PageInput
	Cycle int    `query:"cycle" minimum:"0" doc:"Fiscal year"`
	Kind  string `query:"kind" maxLength:"40"`
	Stage string `query:"stage" maxLength:"40"`
	Open  bool   `query:"open" doc:"Not closed only"`
}

type forumInput struct {
	ReadInput
	ID string `path:"id" maxLength:"80" doc:"Id of the forum, without \"forum-\""`
}

type inboxInput struct {
	PageInput
	OPD   string `path:"code" maxLength:"40" doc:"OPD code"`
	Cycle int    `query:"cycle" minimum:"0"`
}

type registerInput struct {
	PageInput
	Register string `path:"register" enum:"wilayah,opd,nomenclature,kamus,reasons,holidays,workflow"`
	Edition  string `query:"edition" maxLength:"200" doc:"Left out: the newest"`
	Parent   string `query:"parent" maxLength:"40"`
	Text     string `query:"q" maxLength:"100" doc:"Words of the name or the code; answers at most 50"`
}

type receiptInput struct {
	ReadInput
	Command uuid.UUID `path:"command" doc:"Idempotency-Key of the command, as a UUID"`
}

const tagRegisters = "Register"

func (s *Server) otherReads(api huma.API) {
	cycles, forums := projections.Cycles{DB: s.DB}, projections.Forums{DB: s.DB}
	funnel, inbox, register := projections.Funnel{DB: s.DB}, projections.Inbox{DB: s.DB}, projections.Register{DB: s.DB}

	get(s, api, "/cycles", "list-cycles", tagCycles, "Daftar siklus · List cycles",
		func(ctx context.Context, _ *emptyRead) (*many[projections.Cycle], error) {
			return page(cycles.List(ctx))
		})
	get(s, api, "/cycles/{year}", "get-cycle", tagCycles, "Satu siklus · One cycle",
		func(ctx context.Context, in *YearInput) (*one[projections.CycleDetail], error) {
			return single(cycles.Get(ctx, in.Year))
		})
	get(s, api, "/cycles/{year}/windows", "list-windows", tagCycles, "Jadwal tahapan · Windows",
		func(ctx context.Context, in *windowsInput) (*many[projections.Window], error) {
			return page(cycles.Windows(ctx, in.Year, projections.WindowFilter{Window: split(in.Window)}, projections.Cursor(in.Cursor), in.Limit))
		})
	get(s, api, "/cycles/{year}/funnel", "get-funnel", tagCycles, "Dari usulan ke APBD, jumlah dan rupiah · From proposals to the budget",
		func(ctx context.Context, in *funnelInput) (*one[Funnel], error) {
			sum, err := funnel.Sum(ctx, in.filter())
			if err != nil {
				return nil, err
			}
			return &one[Funnel]{Position: sum.Position, Body: Funnel{sum.Value, sum.Value.Balanced()}}, nil
		})
	get(s, api, "/cycles/{year}/reasons", "get-reasons", tagCycles, "Mengapa tidak didanai · Why not funded",
		func(ctx context.Context, in *funnelInput) (*one[[]projections.ReasonSum], error) {
			return single(funnel.Reasons(ctx, in.filter()))
		})
	get(s, api, "/cycles/{year}/coverage", "get-coverage", tagCycles, "Desa yang mengajukan dan yang tidak · Villages that proposed",
		func(ctx context.Context, in *YearInput) (*one[[]projections.Covered], error) {
			return single(funnel.Coverage(ctx, in.Year))
		})

	get(s, api, "/forums", "list-forums", tagForums, "Daftar forum · List forums",
		func(ctx context.Context, in *forumsInput) (*many[projections.Forum], error) {
			return page(forums.List(ctx, projections.ForumFilter{Cycle: in.Cycle, Kind: split(in.Kind), Stage: split(in.Stage), Open: in.Open}, projections.Cursor(in.Cursor), in.Limit))
		})
	get(s, api, "/forums/{id}", "get-forum", tagForums, "Satu forum · One forum",
		func(ctx context.Context, in *forumInput) (*one[projections.ForumDetail], error) {
			return single(forums.Get(ctx, forum.Stream(in.ID)))
		})

	get(s, api, "/opd/{code}/inbox", "list-inbox", "OPD", "Yang menunggu jawaban OPD · What waits for an OPD",
		func(ctx context.Context, in *inboxInput) (*many[projections.Waiting], error) {
			return page(inbox.List(ctx, in.OPD, projections.InboxFilter{Cycle: in.Cycle}, projections.Cursor(in.Cursor), in.Limit))
		})
	get(s, api, "/opd/{code}/summary", "get-inbox-summary", "OPD", "Ringkasan OPD · Summary of an OPD",
		func(ctx context.Context, in *inboxInput) (*one[projections.InboxSummary], error) {
			return single(inbox.Summary(ctx, in.OPD, in.Cycle, time.Now()))
		})

	get(s, api, "/registers/{register}", "list-register", tagRegisters, "Isi register · Entries of a register",
		func(ctx context.Context, in *registerInput) (*many[projections.RegisterEntry], error) {
			if in.Text != "" {
				found, err := register.Search(ctx, in.Register, in.Text, min(in.Limit, 50))
				if err != nil {
					return nil, err
				}
				return page(projections.Page[projections.RegisterEntry]{Items: found.Value, Position: found.Position}, nil)
			}
			return page(register.List(ctx, in.Register, in.Edition, in.Parent, projections.Cursor(in.Cursor), in.Limit))
		})

	get(s, api, "/receipts/{command}", "get-receipt", "Tanda terima", "Tanda terima sebuah perintah · Receipt of a command",
		func(ctx context.Context, in *receiptInput) (*one[Receipt], error) {
			r, err := s.Store.Receipt(ctx, in.Command)
			if err != nil {
				return nil, err
			}
			return &one[Receipt]{Position: r.Last, Body: s.receipt(r)}, nil
		})
}

type publicListInput struct {
	PageInput
	ProposalFilter
}

func (in publicListInput) filter() projections.PublicFilter {
	return projections.PublicFilter{Cycle: in.Cycle, Kecamatan: in.Kecamatan, Village: in.Village, OPD: in.OPD, Lane: in.Lane,
		Stage: in.Stage, Fate: in.Fate, Reason: in.Reason, Text: in.Text}
}

// publicReads answer anybody, from the public read model alone.
func (s *Server) publicReads(api huma.API) {
	const tag = "Publik"
	public := projections.Public{DB: s.Public}
	getPublic(s, api, "/public/cycles", "public-cycles", tag, "Siklus dan yang sudah diumumkan · Cycles and what was released",
		func(ctx context.Context, _ *emptyRead) (*one[[]projections.PublicCycle], error) {
			return single(public.Cycles(ctx))
		})
	getPublic(s, api, "/public/proposals", "public-proposals", tag, "Usulan yang sudah diumumkan · Released proposals",
		func(ctx context.Context, in *publicListInput) (*many[projections.PublicProposal], error) {
			asked := in.sought()
			asked.State = nil // no state is public, so none is asked for
			if err := answer.PublicTerms(public, s.Definitions(s.Current), in.Cycle).Check(ctx, asked, answer.Query); err != nil {
				return nil, err
			}
			return page(public.List(ctx, in.filter(), projections.ProposalSort(in.Sort), projections.Cursor(in.Cursor), in.Limit))
		})
	getPublic(s, api, "/public/proposals/{number}", "public-proposal", tag, "Satu usulan · One proposal",
		func(ctx context.Context, in *numberInput) (*one[projections.PublicProposal], error) {
			number, err := domain.ParseNumber(in.Number)
			if err != nil {
				return nil, err
			}
			return single(public.Get(ctx, number))
		})
	getPublic(s, api, "/public/proposals/{number}/explanation", "public-explanation", tag, "Mengapa usulan ini berakhir begitu, sejauh sudah diumumkan · Why it ended as it did, as far as was released",
		func(ctx context.Context, in *numberInput) (*one[answer.Full], error) {
			number, err := domain.ParseNumber(in.Number)
			if err != nil {
				return nil, err
			}
			full, position, err := answer.Announced(ctx, public, number, language(ctx), s.Definitions(s.Current))
			return &one[answer.Full]{Position: position, Body: full}, err
		})
	getPublic(s, api, "/public/proposals/{number}/timeline", "public-timeline", tag, "Linimasa · What happened to it",
		func(ctx context.Context, in *numberPageInput) (*many[projections.PublicStep], error) {
			number, err := domain.ParseNumber(in.Number)
			if err != nil {
				return nil, err
			}
			return page(public.Timeline(ctx, number, projections.Cursor(in.Cursor), in.Limit))
		})
	getPublic(s, api, "/public/proposals/{number}/lineage", "public-lineage", tag, "Silsilah · Lineage",
		func(ctx context.Context, in *numberInput) (*one[projections.PublicFamily], error) {
			number, err := domain.ParseNumber(in.Number)
			if err != nil {
				return nil, err
			}
			return single(public.Lineage(ctx, number))
		})
	getPublic(s, api, "/public/cycles/{year}/funnel", "public-funnel", tag, "Dari usulan ke APBD · From proposals to the budget",
		func(ctx context.Context, in *funnelInput) (*one[Funnel], error) {
			sum, err := public.Sum(ctx, in.filter())
			if err != nil {
				return nil, err
			}
			return &one[Funnel]{Position: sum.Position, Body: Funnel{sum.Value, sum.Value.Balanced()}}, nil
		})
	getPublic(s, api, "/public/cycles/{year}/reasons", "public-reasons", tag, "Mengapa tidak didanai · Why not funded",
		func(ctx context.Context, in *funnelInput) (*one[[]projections.ReasonSum], error) {
			return single(public.Reasons(ctx, in.filter()))
		})
	getPublic(s, api, "/public/cycles/{year}/coverage", "public-coverage", tag, "Desa yang mengajukan · Villages that proposed",
		func(ctx context.Context, in *YearInput) (*one[[]projections.Covered], error) {
			return single(public.Coverage(ctx, in.Year))
		})
}
