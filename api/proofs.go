package api

import (
	"context"
	"net/http"

	"runut/api/proofs"
)

// AddProofs makes the server answer for the signed log.
func (s *Server) AddProofs(p *proofs.Proofs) {
	p.Fail = func(ctx context.Context, err error) error { return problem(ctx, err) }
	p.Deny = func(w http.ResponseWriter, r *http.Request, err error) { WriteProblem(w, r, err) }
	s.proofs = p
	s.Mount = append(s.Mount, p)
}
