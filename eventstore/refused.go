package eventstore

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
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

// Refused keeps a refusal with every check that was made. Whatever people may
// have typed into it, the name of a stream too, is kept masked.
func (s *Store) Refused(ctx context.Context, r Refusal) error {
	at := r.Command.RecordedAt
	if at.IsZero() {
		at = s.options.Now()
	}
	checks := make([]domain.Check, len(r.Err.Checks))
	for i, c := range r.Err.Checks {
		c.Want, c.Observed = masked(c.Want), masked(c.Observed)
		checks[i] = c
	}
	_, err := s.pool.Exec(ctx, `
		insert into refusals (at, command_id, command, stream, person, role, scope, kind, code, field, checks)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		at, r.Command.ID, r.Name, maskedStream(r.Stream), r.Command.Actor.Person, string(r.Command.Actor.Role), r.Command.Actor.Scope.String(),
		string(r.Err.Kind), r.Err.Code, masked(r.Err.Field), checks)
	if err != nil {
		return fmt.Errorf("keep the refusal of %s: %w", r.Name, err)
	}
	return nil
}

// masked returns what may be kept of something that may have been typed.
func masked(s string) string { return domain.Mask(s).Masked }

// maskedStream keeps the names that programs draw, whose digits are nobody's,
// and masks whatever else stands in the place of one.
func maskedStream(stream string) string {
	_, name, _ := strings.Cut(stream, "-")
	if _, err := uuid.Parse(name); err == nil {
		return stream
	}
	if _, err := domain.ParseNumber(name); err == nil {
		return stream
	}
	return masked(stream)
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
