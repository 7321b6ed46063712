package main

import (
	"fmt"
	"log/slog"

	"runut/domain/catalog"
	"runut/eventstore"
	"runut/projections"
)

type rebuildCommand struct {
	database
	Name []string `arg:"" optional:"" help:"Nama model baca; kosong: semua. · Names of read models; empty: all."`
	List bool     `help:"Tampilkan keadaan model baca, lalu keluar. · Show where they stand and leave."`
}

// Run builds read models anew from the log beside the live ones and switches.
func (c *rebuildCommand) Run(s *session) error {
	pool, err := c.pool(s.ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	if c.List {
		statuses, err := projections.Statuses(s.ctx, pool)
		if err != nil {
			return err
		}
		for _, p := range statuses {
			fmt.Fprintf(s.out, "%-14s v%-3d %10d  -%d  %s\n", p.Name, p.Version, p.Position, p.Lag, p.Error)
		}
		return nil
	}
	log := slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	store, err := eventstore.Open(s.ctx, pool, eventstore.Options{Catalog: catalog.Events, Log: log})
	if err != nil {
		return err
	}
	defer store.Close()
	definitions, err := loadDefinitions(s.ctx, store)
	if err != nil {
		return err
	}
	runner := &projections.Runner{DB: pool, Store: store, Definitions: definitions.find, Log: log}
	bar := newBar(s.err, s.lang.T("rebuild.bar"))
	defer bar.done()
	return runner.Rebuild(s.ctx, c.Name, func(p projections.Progress) { bar.set(p.Done, p.Total) })
}
