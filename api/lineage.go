package api

import (
	"cmp"
	"context"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"runut/api/web"
	"runut/api/wire"
	"runut/domain"
	"runut/projections"
)

type lineageInput struct {
	ReadInput
	ViewInput
	Number string `path:"number" doc:"Number of the proposal" example:"U-27-4K7M2XR"`
	Format string `query:"format" enum:"json,dot,svg" doc:"What to answer with; left out: as Accept says, JSON where it does not say"`
	Accept string `header:"Accept"`
}

// The kinds a lineage is answered in, by the word for each.
var lineageTypes = map[string]string{"json": "application/json", "dot": "text/vnd.graphviz", "svg": "image/svg+xml"}

// form returns which kind is asked for.
func (in *lineageInput) form() string {
	if in.Format != "" {
		return in.Format
	}
	for part := range strings.SplitSeq(in.Accept, ",") {
		media, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		for form, kind := range lineageTypes {
			if media == kind {
				return form
			}
		}
	}
	return "json"
}

// A lineageOutput is a lineage in one of its kinds.
type lineageOutput struct {
	Type     string `header:"Content-Type"`
	Vary     string `header:"Vary"`
	Position int64  `header:"X-Runut-Position" doc:"Position of the log that the answer was read up to"`
	Link     string `header:"Link" doc:"Permanent link to this very answer"`
	Body     []byte
}

// lineageReads answers how a proposal hangs together with others. JSON, DOT and
// SVG hold the same proposals and the same edges.
func (s *Server) lineageReads(api huma.API) {
	const path = "/proposals/{number}/lineage"
	get(s, api, path, "get-lineage", tagProposals, "Silsilah usulan, juga sebagai gambar · What it was merged with, split into, carried over to; as a picture too",
		func(ctx context.Context, in *lineageInput) (*lineageOutput, error) {
			number, err := domain.ParseNumber(in.Number)
			if err != nil {
				return nil, err
			}
			desk := s.Desk()
			v, err := desk.View(ctx, yearOf(number), in.AsOf, in.KnownAt)
			if err != nil {
				return nil, err
			}
			family, err := desk.Family(ctx, number, v)
			if err != nil {
				return nil, err
			}
			out := &lineageOutput{Vary: "Accept", Position: v.Known}
			form := in.form()
			out.Type = lineageTypes[form]
			link := permanent("/api/v1/proposals/"+number+"/lineage", v)
			if form != "json" {
				link += "&format=" + form
			}
			out.Link = "<" + link + `>; rel="canonical"`
			if form == "json" {
				out.Body, err = wire.Marshal(family)
				return out, err
			}
			hash, _, err := s.pinned(ctx, yearOf(number), "")
			if err != nil {
				return nil, err
			}
			picture := web.Picture(language(ctx), s.Definitions(cmp.Or(hash, s.Current)), family, number)
			if out.Body = []byte(picture.DOT()); form == "svg" {
				out.Body = []byte(picture.SVG())
			} else {
				out.Type += "; charset=utf-8"
			}
			return out, nil
		})
	schemas := api.OpenAPI().Components.Schemas
	text := &huma.MediaType{Schema: &huma.Schema{Type: "string"}}
	api.OpenAPI().Paths["/api/v1"+path].Get.Responses["200"].Content = map[string]*huma.MediaType{
		lineageTypes["json"]: {Schema: schemas.Schema(typeOf[projections.Family](), true, "Family")}, lineageTypes["dot"]: text, lineageTypes["svg"]: text}
}
