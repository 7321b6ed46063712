package projections

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/domain"
)

// This file is what the runner writes down about its own work: schema
// projections. It is made by the runner and not by a migration, because like
// every read model it can be thrown away.
//
// A generation is one making of a projection's tables. One of a projection is
// live: readers see it through the views of schema read (of public_read for
// what is public), which are named like its tables.

const bookkeeping = `
create schema if not exists projections;
create schema if not exists read;
create schema if not exists public_read;

create table if not exists projections.generations (
    projection text        collate "C" not null,
    generation int         not null,
    version    int         not null,
    schema     text        collate "C" not null unique,
    position   bigint      not null,              -- last event that its rows contain
    live       boolean     not null default false,
    tables     text[]      not null default '{}', -- that readers see
    failures   int         not null default 0,    -- in a row; above 0 it is parked
    error      text,
    failed_at  timestamptz,                       -- the first of them
    retry_at   timestamptz,
    made_at    timestamptz not null default now(),
    retired_at timestamptz,
    primary key (projection, generation)
) with (fillfactor = 50);
create unique index if not exists one_is_live on projections.generations (projection) where live;

create or replace view read.positions as
    select projection, position, version from projections.generations where live;
create or replace view public_read.positions as
    select projection, position, version from projections.generations where live and projection = 'public';
`

// publicRole is the database role that the reads of Public take. Roles belong to
// the whole cluster: another database may have made it already, even at this
// moment, and where this login may not make roles, an operator does.
const publicRole = `
do $$
begin
    create role runut_public nologin;
exception
    when duplicate_object or unique_violation then null;
    when insufficient_privilege then
        raise warning 'role runut_public is missing: create it and grant it to %', current_user;
end $$;
do $$
begin
    if exists (select from pg_roles where rolname = 'runut_public') then
        grant usage on schema public_read to runut_public;
        grant select on all tables in schema public_read to runut_public;
        if not pg_has_role(current_user, 'runut_public', 'member') then
            execute format('grant runut_public to %I', current_user);
        end if;
    end if;
exception
    when insufficient_privilege then
        raise warning 'role runut_public is not granted to %', current_user;
end $$;
`

// keepBooks makes the bookkeeping where it is missing.
func keepBooks(ctx context.Context, pool *pgxpool.Pool) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('runut projections', 0))`); err != nil {
			return fmt.Errorf("lock the bookkeeping of projections: %w", err)
		}
		if _, err := tx.Exec(ctx, bookkeeping+publicRole); err != nil {
			return fmt.Errorf("make the bookkeeping of projections: %w", err)
		}
		return nil
	})
}

// A generation is a row of projections.generations.
type generation struct {
	Projection string
	Generation int
	Version    int
	Schema     string
	Position   int64
	Live       bool
	Tables     []string
	Failures   int
	Error      *string
	FailedAt   *time.Time
	RetryAt    *time.Time
	RetiredAt  *time.Time
}

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func generations(ctx context.Context, q querier) ([]generation, error) {
	rows, err := q.Query(ctx, `
		select projection, generation, version, schema, position, live, tables, failures, error, failed_at, retry_at, retired_at
		  from projections.generations
		 order by projection, live desc, generation desc`)
	if err != nil {
		return nil, fmt.Errorf("read the generations of projections: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[generation])
	if err != nil {
		return nil, fmt.Errorf("read the generations of projections: %w", err)
	}
	return all, nil
}

// locked reports whether the session of q now holds the lock of that name.
func locked(ctx context.Context, q querier, name string) (bool, error) {
	rows, err := q.Query(ctx, `select pg_try_advisory_lock(hashtextextended($1, 0))`, "runut projections "+name)
	if err != nil {
		return false, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowTo[bool])
}

// A Status is where a projection stands.
type Status struct {
	Name     string
	Version  int
	Live     bool   // readers see it; false while it is built and before it is dropped
	Schema   string // PostgreSQL schema that holds its tables
	Position int64
	Lag      int64 // events of the log it has not seen
	Parked   bool
	Error    string    // why it is parked
	Since    time.Time // since when
	Attempts int       // how often it was tried
	Retry    time.Time // when it will be tried again
}

// Statuses lists the projections of a database by name, live ones first.
func Statuses(ctx context.Context, db DB) ([]Status, error) {
	var all []generation
	var head int64
	err := inTx(ctx, db, "begin isolation level repeatable read read only", func(tx pgx.Tx) (err error) {
		if err = tx.QueryRow(ctx, `select coalesce(max(position), 0) from events`).Scan(&head); err != nil {
			return err
		}
		all, err = generations(ctx, tx)
		return err
	})
	if isMissing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the state of the projections: %w", err)
	}
	out := make([]Status, len(all))
	for i, g := range all {
		out[i] = Status{Name: g.Projection, Version: g.Version, Live: g.Live, Schema: g.Schema, Position: g.Position,
			Lag: head - g.Position, Parked: g.Failures > 0, Attempts: g.Failures}
		if g.Failures > 0 {
			out[i].Error, out[i].Since, out[i].Retry = deref(g.Error), deref(g.FailedAt), deref(g.RetryAt)
		}
	}
	return out, nil
}

// Positions returns up to which position each live projection stands.
func Positions(ctx context.Context, db DB) (map[string]int64, error) {
	all, err := Statuses(ctx, db)
	if err != nil {
		return nil, err
	}
	out := make(map[string]int64, len(all))
	for _, s := range all {
		if s.Live {
			out[s.Name] = s.Position
		}
	}
	return out, nil
}

// WaitFor blocks until the named live projections (all of All, where none is
// named) have applied the log up to a position. It returns a *domain.Error of
// kind Unready where one of them is parked before it, or when ctx is done first.
func WaitFor(ctx context.Context, db DB, position int64, names ...string) error {
	if len(names) == 0 {
		for _, p := range All {
			names = append(names, p.Name)
		}
	}
	for pause := time.Millisecond; ; pause = min(2*pause, 25*time.Millisecond) {
		all, err := Statuses(ctx, db)
		if err != nil && ctx.Err() == nil {
			return err
		}
		var behind []string
		for _, name := range names {
			i := slices.IndexFunc(all, func(s Status) bool { return s.Live && s.Name == name })
			switch {
			case i < 0 || all[i].Position < position && !all[i].Parked:
				behind = append(behind, name)
			case all[i].Position < position:
				return domain.Refuse(domain.Unready, "projections.parked", "projection", name, "position", fmt.Sprint(all[i].Position))
			}
		}
		if len(behind) == 0 && err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", domain.Refuse(domain.Unready, "projections.behind",
				"projections", strings.Join(behind, ", "), "position", fmt.Sprint(position)), ctx.Err())
		case <-time.After(pause):
		}
	}
}

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// isMissing reports whether err is PostgreSQL's for a table or schema that is
// not there.
func isMissing(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pg.Code == "42P01" || pg.Code == "3F000")
}
