package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"

	"runut/api/account"
	"runut/api/data"
	"runut/domain"
	"runut/domain/process"
)

func (s *Server) processReads(api huma.API) {
	getInspected(s, api, "/process", "analyse-process", tagAudit, "Waktu per tahap, ragam jalan, serah terima, pengulangan, kepatuhan · Time at each stage, ways taken, handovers, rework, conformance",
		func(ctx context.Context, in *rulesInput) (*one[process.Report], error) {
			v, err := s.Desk().View(ctx, in.Cycle, "", in.KnownAt)
			if err != nil {
				return nil, err
			}
			report, position, err := s.kept.Process(ctx, s.Desk(), in.Cycle, v.Known)
			return &one[process.Report]{Position: position, Body: report}, err
		})
}

// mountData serves what is written as a stream and so cannot be an operation of
// huma's.
func (s *Server) mountData(r chi.Router) {
	r.Get("/data/ocel/{year}.json", func(w http.ResponseWriter, r *http.Request) {
		year, err := strconv.Atoi(chi.URLParam(r, "year"))
		if err != nil {
			WriteProblem(w, r, domain.Refuse(domain.NotFound, "request.path", "path", clip(r.URL.Path)))
			return
		}
		if _, err := signedIn(r.Context(), account.Read); err != nil {
			WriteProblem(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Disposition", `attachment; filename="runut-`+strconv.Itoa(year)+`.ocel.json"`)
		if err := data.Ocel(r.Context(), w, s.Store, year, nil); err != nil {
			s.Log.ErrorContext(r.Context(), "OCEL was not written to its end", "err", err)
			panic(http.ErrAbortHandler) // half a document must not look like a whole one
		}
	})
}
