package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"runut/domain"
	"runut/eventstore/localpg"
	"runut/eventstore/schema"
)

// A database is where the commands that work beside a server find the log: the
// URL that is given, else the data folder of a runut dev that runs.
type database struct {
	URL  string `name:"database-url" env:"RUNUT_DATABASE_URL" help:"Alamat PostgreSQL; kosong: milik runut dev di folder data. · URL of the database; empty: that of runut dev."`
	Data string `default:".runut" env:"RUNUT_DATA" help:"Folder data runut dev. · Data folder of runut dev."`
}

func (d database) url() (string, error) {
	if d.URL != "" {
		return d.URL, nil
	}
	if !localpg.Running(d.Data) {
		return "", domain.Refuse(domain.Unready, "database.not_running", "data", d.Data)
	}
	url, err := os.ReadFile(urlFile(d.Data))
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(url)), nil
}

// pool connects to a database whose schema fits this program.
func (d database) pool(ctx context.Context) (*pgxpool.Pool, error) {
	url, err := d.url()
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, err
	}
	if err := schema.Check(ctx, pool); err != nil {
		pool.Close()
		return nil, err
	}
	return pool, nil
}

// tenantOf returns the kode wilayah of the kabupaten that a log is of; "" for an
// empty log.
func tenantOf(ctx context.Context, pool *pgxpool.Pool) (tenant string, err error) {
	err = pool.QueryRow(ctx, `select coalesce((select tenant from events order by position limit 1), '')`).Scan(&tenant)
	return tenant, err
}

// urlFile is where a running runut dev says how to reach its database; its
// owner alone can read it.
func urlFile(data string) string { return filepath.Join(data, "database-url") }
