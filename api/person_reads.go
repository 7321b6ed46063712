package api

import (
	"context"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"runut/domain"
	"runut/domain/person"
	"runut/projections"
)

type personsInput struct {
	PageInput
	Text string `query:"q" maxLength:"100" doc:"Part of an office, a role, a code, the number of a decree or a pseudonym"`
}

type personInput struct {
	ReadInput
	ID string `path:"id" maxLength:"80" doc:"Pseudonym"`
}

// personReads answer who may act as what. Names they never tell.
func (s *Server) personReads(api huma.API) {
	people := projections.People{DB: s.DB}
	get(s, api, "/persons", "list-persons", tagPersons, "Siapa boleh bertindak sebagai apa · Who may act as what",
		func(ctx context.Context, in *personsInput) (*many[projections.Person], error) {
			if err := readsPeople(ctx); err != nil {
				return nil, err
			}
			return page(people.List(ctx, projections.PeopleFilter{Text: in.Text}, projections.Cursor(in.Cursor), in.Limit))
		})
	get(s, api, "/persons/{id}", "get-person", tagPersons, "Penugasan satu orang · The grants of one person",
		func(ctx context.Context, in *personInput) (*one[projections.Person], error) {
			if err := readsPeople(ctx); err != nil {
				return nil, err
			}
			return single(people.Get(ctx, in.ID))
		})
}

// readsPeople refuses callers who have no business with who holds what.
func readsPeople(ctx context.Context) error {
	if role := CallerOf(ctx).Actor.Role; !slices.Contains(person.Readers, role) {
		return domain.Refuse(domain.Forbidden, "person.role_missing", "role", string(role), "wanted", domain.Words(person.Readers))
	}
	return nil
}
