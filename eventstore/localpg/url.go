//go:build linux || darwin

package localpg

import (
	"context"
	"fmt"
	"net/url"

	"github.com/jackc/pgx/v5"
)

// borrow checks that a server somebody else runs answers.
func borrow(ctx context.Context, c Config) (*Cluster, error) {
	conn, err := pgx.Connect(ctx, c.URL)
	if err != nil {
		return nil, fmt.Errorf("connect to RUNUT_DATABASE_URL: %w", err)
	}
	if err := conn.Close(ctx); err != nil {
		return nil, err
	}
	return &Cluster{config: c}, nil
}

// URL returns the connection string of a database of the cluster, with the
// password in it: for connecting, not for showing. For a server somebody else
// runs it is the URL that was given, with the database replaced unless db is "".
func (c *Cluster) URL(db string) string {
	if c.config.URL != "" {
		return replaceDatabase(c.config.URL, db)
	}
	u := url.URL{
		Scheme: "postgres",
		User:   url.UserPassword(owningRole, c.password),
		Path:   "/" + db,
		RawQuery: url.Values{
			"host": {c.socket}, "port": {port}, "sslmode": {"disable"},
		}.Encode(),
	}
	return u.String()
}

func replaceDatabase(raw, db string) string {
	u, err := url.Parse(raw)
	if db == "" || err != nil || u.Scheme == "" {
		return raw
	}
	u.Path = "/" + db
	return u.String()
}

// Database returns the URL of a database of the cluster, which is made when
// missing. For a server somebody else runs it is the URL that was given, as it
// is: which database that means is not ours to say.
func (c *Cluster) Database(ctx context.Context, name string) (string, error) {
	if c.config.URL != "" {
		return c.config.URL, nil
	}
	conn, err := pgx.Connect(ctx, c.URL("postgres"))
	if err != nil {
		return "", fmt.Errorf("connect to the cluster: %w", err)
	}
	defer conn.Close(ctx)
	var exists bool
	err = conn.QueryRow(ctx, `select exists (select from pg_database where datname = $1)`, name).Scan(&exists)
	if err != nil {
		return "", fmt.Errorf("look for database %s: %w", name, err)
	}
	if !exists {
		if _, err := conn.Exec(ctx, `create database `+pgx.Identifier{name}.Sanitize()); err != nil {
			return "", fmt.Errorf("create database %s: %w", name, err)
		}
	}
	return c.URL(name), nil
}
