// Package schema compares a database with the durable schema of this program,
// and brings it up to date.
//
// A program decides by what it knows, so it must not run on a schema of another
// version: on an older one its statements fail in the middle of work, on a newer
// one it would write rows whose new rules it has never heard of. [Check] is asked
// at start and by the readiness page; [Up] is the only way forward, and there is
// none back (see package migrations).
//
//	if err := schema.Up(ctx, url); err != nil { … }   // runut dev, runut migrate
//	if err := schema.Check(ctx, pool); err != nil { … } // runut serve
package schema

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"runut/domain"
	"runut/migrations"
)

// Durable is the schema of this program.
var Durable = Set{FS: migrations.FS}

// Up applies to the database at url every migration it lacks. See [Set.Up].
func Up(ctx context.Context, url string) error { return Durable.Up(ctx, url) }

// Read says how far the database has come. See [Set.Read].
func Read(ctx context.Context, db Querier) (State, error) { return Durable.Read(ctx, db) }

// Check returns nil when the database has exactly the schema of this program,
// and otherwise the refusal of [State.Refusal].
func Check(ctx context.Context, db Querier) error {
	state, err := Read(ctx, db)
	if err != nil {
		return err
	}
	return state.Refusal()
}

// A Querier reads rows: a *pgx.Conn, a *pgxpool.Pool, or a pgx.Tx.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// A State is where a database stands beside a set of migrations.
type State struct {
	Have    int64   // newest version applied to the database; 0 in an empty one
	Want    int64   // newest version of the set
	Missing []int64 // versions of the set the database lacks, ascending
	Unknown []int64 // versions applied to the database that the set lacks, ascending
}

// Behind reports whether the database lacks a migration of the set.
func (s State) Behind() bool { return len(s.Missing) > 0 }

// Ahead reports whether the database was migrated by a newer program.
func (s State) Ahead() bool { return len(s.Unknown) > 0 }

// Refusal returns nil for a database that is neither behind nor ahead, and
// otherwise a [domain.Error] that names the versions: schema.ahead where a newer
// program is needed, schema.behind where "runut migrate" helps. A database
// that is both is called ahead, since migrating it from here would be wrong.
func (s State) Refusal() error {
	code, versions := "schema.behind", s.Missing
	switch {
	case s.Ahead():
		code, versions = "schema.ahead", s.Unknown
	case !s.Behind():
		return nil
	}
	named := make([]string, len(versions))
	for i, v := range versions {
		named[i] = number(v)
	}
	return domain.Refuse(domain.Unready, code,
		"have", number(s.Have), "want", number(s.Want), "versions", strings.Join(named, ", "))
}

func number(version int64) string { return strconv.FormatInt(version, 10) }

// A Set is a folder of migrations named NNNNN_name.sql.
type Set struct {
	FS fs.FS
}

// Up applies to the database at url every migration of the set it lacks, each
// in a transaction of its own unless the file says otherwise. Programs that start
// together wait for each other: one migrates, the rest find it done. A database
// that is ahead is refused untouched.
func (set Set) Up(ctx context.Context, url string) error {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("read the database URL: %w", err)
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("connect to migrate: %w", err)
	}
	state, err := set.Read(ctx, conn)
	if err := cmp.Or(err, conn.Close(ctx)); err != nil {
		return err
	}
	if state.Ahead() {
		return state.Refusal()
	}
	if !state.Behind() {
		return nil
	}
	return set.apply(ctx, config)
}

// apply lets goose do the work, on connections of its own that end with it.
func (set Set) apply(ctx context.Context, config *pgx.ConnConfig) error {
	// Ask once a second for five minutes: goose's own five seconds between
	// questions would be felt whenever two programs start together.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
	if err != nil {
		return fmt.Errorf("prepare the migration lock: %w", err)
	}
	db := stdlib.OpenDB(*config)
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, set.FS,
		goose.WithSessionLocker(locker), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	_, err = provider.Up(ctx)
	if failed, ok := errors.AsType[*goose.PartialError](err); ok {
		return fmt.Errorf("migrate: %s: %w", failed.Failed.Source.Path, err)
	}
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// Read says how far the database has come. It only reads, so that a role without
// the right to change tables may ask.
func (set Set) Read(ctx context.Context, db Querier) (State, error) {
	wanted, err := set.versions()
	if err != nil {
		return State{}, err
	}
	applied, err := applied(ctx, db)
	if err != nil {
		return State{}, fmt.Errorf("read the schema version: %w", err)
	}
	return compare(applied, wanted), nil
}

// compare expects both lists ascending.
func compare(applied, wanted []int64) State {
	var s State
	if len(applied) > 0 {
		s.Have = applied[len(applied)-1]
	}
	if len(wanted) > 0 {
		s.Want = wanted[len(wanted)-1]
	}
	for _, v := range wanted {
		if _, found := slices.BinarySearch(applied, v); !found {
			s.Missing = append(s.Missing, v)
		}
	}
	for _, v := range applied {
		if _, found := slices.BinarySearch(wanted, v); !found {
			s.Unknown = append(s.Unknown, v)
		}
	}
	return s
}

func (set Set) versions() ([]int64, error) {
	files, err := fs.Glob(set.FS, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("list the migrations: %w", err)
	}
	versions := make([]int64, len(files))
	for i, name := range files {
		if versions[i], err = goose.NumericComponent(name); err != nil {
			return nil, fmt.Errorf("migration %s has no number: %w", name, err)
		}
	}
	slices.Sort(versions)
	return versions, nil
}

// applied returns the versions applied, ascending. The row of version 0 that goose
// writes when it makes its table is no migration.
func applied(ctx context.Context, db Querier) ([]int64, error) {
	// asked first, because a failed statement would end a transaction of the caller's
	rows, err := db.Query(ctx, `select to_regclass('goose_db_version') is not null`)
	if err != nil {
		return nil, err
	}
	begun, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[bool])
	if err != nil || !begun {
		return nil, err
	}
	rows, err = db.Query(ctx, `
		select distinct version_id
		from goose_db_version
		where is_applied and version_id > 0
		order by version_id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}
