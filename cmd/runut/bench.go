package main

import (
	"os"
	"path/filepath"
	"time"

	"runut/cmd/runut/bench"
	"runut/eventstore/localpg"
)

type benchCommand struct {
	Append benchAppend `cmd:"" help:"Log: catat, impor, baca; di samping INSERT, COPY, SELECT polos. · The log beside plain INSERT, COPY and SELECT."`
}

type benchAppend struct {
	Database string        `name:"database-url" env:"RUNUT_BENCH_URL" help:"Server untuk diukur, boleh membuat basis data; kosong: klaster sementara. · Server to measure on; empty: a throw-away cluster."`
	Rounds   int           `default:"6" help:"Putaran berselang-seling. · Interleaved rounds."`
	Round    time.Duration `default:"3s" help:"Lama tiap pengukuran. · How long each measurement takes."`
	Callers  []int         `help:"Jumlah pemanggil. · Numbers of callers."`
	Events   int           `default:"100000" help:"Peristiwa untuk impor dan baca. · Events of the import and the read."`
	JSON     string        `help:"Tulis laporan JSON ke berkas ini. · Write a JSON report to this file."`
}

// Run measures on a cluster of default durability, never on the demo's.
func (c *benchAppend) Run(s *session) error {
	o := bench.AppendOptions{URL: c.Database, Rounds: c.Rounds, Round: c.Round, Callers: c.Callers, Events: c.Events, Progress: s.err}
	if c.JSON != "" {
		f, err := os.Create(c.JSON)
		if err != nil {
			return err
		}
		defer f.Close()
		o.JSON = f
	}
	if o.URL == "" {
		dir, err := os.MkdirTemp("", "runut-bench-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		config := localpg.FromEnvironment()
		config.URL, config.Dir = "", filepath.Join(dir, "cluster")
		postgres, err := localpg.Start(s.ctx, config)
		if err != nil {
			return err
		}
		defer postgres.Close(s.ctx)
		if o.URL, err = postgres.Database(s.ctx, "runut"); err != nil {
			return err
		}
	}
	return bench.Append(s.ctx, s.out, o)
}
