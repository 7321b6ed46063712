package main

import (
	"os"
	"path/filepath"
	"time"

	"runut/cmd/runut/bench"
	"runut/eventstore/localpg"
)

type benchCommand struct {
	Parts    []string      `arg:"" optional:"" enum:"append,import,read,proof,rebuild,steady,explain" help:"Apa yang diukur: append, import, read, proof, rebuild, steady, explain; kosong: semuanya. · What to measure; empty: all."`
	Database string        `name:"database-url" env:"RUNUT_BENCH_URL" help:"Server untuk diukur, boleh membuat basis data; kosong: klaster sementara. · Server to measure on; empty: a throw-away cluster."`
	Rounds   int           `default:"6" help:"Putaran berselang-seling. · Interleaved rounds."`
	Round    time.Duration `default:"3s" help:"Lama pengukuran yang lamanya bebas. · How long a measurement takes, where that is free."`
	Callers  []int         `help:"Jumlah pemanggil; kosong: 1,8,32,64,256. · Numbers of callers."`
	Events   []int         `help:"Ukuran log; patokan dinilai pada yang pertama; kosong: 100000,1000000. · Sizes of the log; bars are judged at the first."`
	JSON     string        `help:"Tulis laporan JSON ke berkas ini. · Write a JSON report to this file."`
}

// Run measures on a cluster of default durability, never on the demo's.
func (c *benchCommand) Run(s *session) error {
	o := bench.Options{URL: c.Database, Parts: c.Parts, Rounds: c.Rounds, Round: c.Round, Callers: c.Callers, Events: c.Events, Progress: s.err}
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
	return bench.Run(s.ctx, s.out, o)
}
