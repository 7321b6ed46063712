package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/pgxpool"

	"runut/eventstore/schema"
)

// template returns the name of a database migrated by set, made by whichever
// process needs it first. The name is drawn from the migrations, so that a changed
// file makes another template.
func (s *server) template(ctx context.Context, set schema.Set) (string, error) {
	name, err := templateName(set.FS)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.templates[name] {
		return name, nil
	}
	conn, err := s.admin.Acquire(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, `select pg_advisory_lock(hashtext($1))`, name); err != nil {
		return "", err
	}
	defer conn.Exec(ctx, `select pg_advisory_unlock(hashtext($1))`, name)
	if err := s.makeTemplate(ctx, conn, name, set); err != nil {
		return "", err
	}
	s.templates[name] = true
	return name, nil
}

// makeTemplate does nothing when the template is complete, which is when it is
// marked as one: a process killed half-way leaves a database that is made anew.
func (s *server) makeTemplate(ctx context.Context, conn *pgxpool.Conn, name string, set schema.Set) error {
	var complete bool
	err := conn.QueryRow(ctx, `
		select exists (select from pg_database where datname = $1 and datistemplate)`, name).Scan(&complete)
	if err != nil || complete {
		return err
	}
	for _, statement := range []string{
		`drop database if exists ` + name + ` with (force)`,
		`create database ` + name,
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	if err := set.Up(ctx, s.database(name)); err != nil {
		return err
	}
	// A template with somebody on it cannot be copied: nobody may connect any more.
	_, err = conn.Exec(ctx, `alter database `+name+` is_template true allow_connections false`)
	return err
}

func templateName(migrations fs.FS) (string, error) {
	files, err := fs.Glob(migrations, "*.sql")
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, name := range files {
		text, err := fs.ReadFile(migrations, name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(sum, "%s %d\n%s", name, len(text), text)
	}
	return "template_" + hex.EncodeToString(sum.Sum(nil)[:10]), nil
}
