package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"runut/projections"
)

type importsInput struct {
	PageInput
	Year   int    `query:"year" minimum:"0" doc:"Fiscal year; left out: all"`
	Source string `query:"source" maxLength:"20" doc:"Where files come from: sipd, template, rkpd …"`
	Open   bool   `query:"open" doc:"Only files of which rows are quarantined still"`
}

// importReads answer what came in from other systems.
func (s *Server) importReads(api huma.API) {
	imports := projections.Imports{DB: s.DB}
	get(s, api, "/imports", "list-imports", "Impor", "Berkas yang sudah diimpor · Files that were taken in",
		func(ctx context.Context, in *importsInput) (*many[projections.ImportedFile], error) {
			return page(imports.Files(ctx, projections.ImportFilter{Year: in.Year, Source: in.Source, Open: in.Open}, projections.Cursor(in.Cursor), in.Limit))
		})
}
