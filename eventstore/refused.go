package eventstore

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"runut/domain"
	"runut/domain/event"
)

// A Refusal is a command that was refused. It is kept beside the log, so that
// "why could I not" has an answer later too. It is no part of history and does
// not use up the command's id.
type Refusal struct {
	Command event.Command
	Name    string // what was asked: "proposal.accept"
	Stream  string // of what; "" where it is not known
	Err     *domain.Error
}

// Refused keeps a refusal with every check that was made. What the checks
// observed must hold no personal data.
func (s *Store) Refused(ctx context.Context, r Refusal) error {
	at := r.Command.RecordedAt
	if at.IsZero() {
		at = s.options.Now()
	}
	checks := r.Err.Checks
	if checks == nil {
		checks = []domain.Check{}
	}
	_, err := s.pool.Exec(ctx, `
		insert into refusals (at, command_id, command, stream, person, role, scope, kind, code, field, checks)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		at, r.Command.ID, r.Name, r.Stream, r.Command.Actor.Person, string(r.Command.Actor.Role), r.Command.Actor.Scope.String(),
		string(r.Err.Kind), r.Err.Code, r.Err.Field, checks)
	if err != nil {
		return fmt.Errorf("keep the refusal of %s: %w", r.Name, err)
	}
	return nil
}

// A KeptRefusal is a refusal read back.
type KeptRefusal struct {
	At     time.Time
	Name   string
	Stream string
	Person string
	Role   domain.Role
	Scope  string
	Kind   domain.Kind
	Code   string
	Field  string
	Checks []domain.Check
}

// Refusals returns the last refusals that concern a stream, newest first.
func (s *Store) Refusals(ctx context.Context, stream string, limit int) ([]KeptRefusal, error) {
	rows, err := s.pool.Query(ctx, `
		select at, command as name, stream, person, role, scope, kind, code, field, checks
		  from refusals
		 where stream = $1
		 order by id desc
		 limit $2`, stream, limit)
	if err != nil {
		return nil, fmt.Errorf("refusals of %s: %w", stream, err)
	}
	kept, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[KeptRefusal])
	if err != nil {
		return nil, fmt.Errorf("refusals of %s: %w", stream, err)
	}
	return kept, nil
}
