package eventstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"runut/domain"
)

// How long a statement of the log may take. A batch takes milliseconds; what
// takes longer waits for a lock that somebody does not let go.
const (
	lockTimeout  = 10 * time.Second
	batchTimeout = 20 * time.Second // lock and batch together
	bulkTimeout  = 2 * time.Minute  // one statement of a large append
	bulkIdle     = 15 * time.Second // a client that fell silent under the lock
)

// session opens a connection for appending. Its plans are made once: the planner
// would otherwise think longer about a batch than it takes to write one, and must
// not learn from the first, empty tables that scanning them is cheap.
func (s *Store) session(ctx context.Context, settings map[string]string) (*pgx.Conn, error) {
	config := s.pool.Config().ConnConfig.Copy()
	config.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 5 * time.Second
	}
	maps.Copy(config.RuntimeParams, map[string]string{
		"application_name":  "runut log",
		"plan_cache_mode":   "force_generic_plan",
		"jit":               "off",
		"enable_seqscan":    "off",
		"enable_bitmapscan": "off",
		"enable_hashjoin":   "off",
		"enable_mergejoin":  "off",
		"timezone":          "UTC",
		"lock_timeout":      milliseconds(lockTimeout),
	})
	maps.Copy(config.RuntimeParams, settings)
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := s.trustworthy(ctx, conn); err != nil {
		conn.Close(ctx)
		return nil, err
	}
	return conn, nil
}

// trustworthy refuses a server on which an acknowledgement means nothing. It is
// asked on every connection, because the server behind an address may change.
func (s *Store) trustworthy(ctx context.Context, conn *pgx.Conn) error {
	var replica bool
	var fsync, synchronous string
	err := conn.QueryRow(ctx, `select pg_is_in_recovery(), current_setting('fsync'), current_setting('synchronous_commit')`).
		Scan(&replica, &fsync, &synchronous)
	switch {
	case err != nil:
		return err
	case replica:
		return domain.Refuse(domain.Unready, "log.replica")
	case s.options.AllowUnsafe:
		return nil
	case fsync != "on":
		return domain.Refuse(domain.Unready, "log.unsafe", "setting", "fsync", "observed", fsync)
	case synchronous == "off":
		return domain.Refuse(domain.Unready, "log.unsafe", "setting", "synchronous_commit", "observed", synchronous)
	}
	return nil
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// A failure says what an error of an append means for those who wait for it.
type failure int

const (
	badData failure = iota // the server refused what it was given; nothing was written
	notNow                 // nothing was written; the same may succeed later
	unknown                // the connection is gone and with it the answer
)

// judge sorts an error of an append on conn.
func judge(conn *pgx.Conn, err error) failure {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	if !ok || conn.IsClosed() || len(pg.Code) != 5 {
		if pgconn.SafeToRetry(err) {
			return notNow
		}
		return unknown
	}
	switch pg.Code[:2] {
	case "08": // connection
		return unknown
	case "57": // cancelled by a timeout or an operator; or going down
		if pg.Code == "57014" {
			return notNow
		}
		return unknown
	case "25", "40", "53", "55", "58": // read only, rolled back, out of disk or memory, lock not available, system error
		return notNow
	}
	return badData
}

// becameReplica reports whether the server at the other end may only be read now:
// another one took its place, and is found by connecting again.
func becameReplica(err error) bool { return pgCode(err) == "25006" }

// unanswered is what a caller gets whose outcome is not known.
func unanswered(cmd string, cause error) error {
	return fmt.Errorf("%w: %w", domain.Refuse(domain.Unanswered, "log.unanswered", "command", cmd), cause)
}

// unready is what a caller gets who may be sure that nothing was written.
func unready(cause error) error {
	return fmt.Errorf("%w: %w", domain.Refuse(domain.Unready, "log.unready"), cause)
}

// pgCode returns the SQLSTATE of an error the server answered with, or "".
func pgCode(err error) string {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code
	}
	return ""
}
