package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"runut/api/feed"
	"runut/domain"
	"runut/domain/catalog"
	"runut/eventstore"
	"runut/eventstore/follower"
)

type followCommand struct {
	database
	Group string   `help:"Nama kelompok; posisinya diingat basis data. · Name of the group; the database remembers its position."`
	From  int64    `default:"0" help:"Posisi awal kelompok baru; -1: dari sekarang. · Where a new group begins; -1: now."`
	Type  []string `help:"Hanya jenis peristiwa ini, mis. proposal.funded. · Only these types of event."`
	Cycle int      `help:"Hanya tahun anggaran ini. · Only this fiscal year."`
	Reset int64    `default:"-1" help:"Setel ulang posisi kelompok, lalu keluar. · Set the group's position and leave."`
	List  bool     `help:"Tampilkan kelompok dan posisinya, lalu keluar. · List groups and leave."`
}

// Run prints each event as one line of CloudEvents JSON. A line that was
// written counts as handled; after a crash the last few may come again.
func (c *followCommand) Run(s *session) error {
	pool, err := c.pool(s.ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	log := slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	store, err := eventstore.Open(s.ctx, pool, eventstore.Options{Catalog: catalog.Events, Log: log})
	if err != nil {
		return err
	}
	defer store.Close()
	hub := follower.Open(store, pool, follower.Options{Log: log})
	defer hub.Close()
	switch {
	case c.List:
		return c.list(s, hub)
	case c.Group == "":
		return domain.Refuse(domain.Invalid, "follow.group_missing")
	case c.Reset >= 0:
		return hub.Reset(s.ctx, c.Group, c.Reset)
	}
	for _, t := range c.Type {
		if _, ok := catalog.Events.Named(t); !ok {
			return domain.Refuse(domain.Invalid, "follow.type_unknown", "type", t)
		}
	}
	router, err := follower.NewRouter(log, 30*time.Second)
	if err != nil {
		return err
	}
	group := &follower.Group{Hub: hub, From: c.From, Filter: eventstore.Filter{Types: c.Type, Cycle: c.Cycle}}
	router.AddConsumerHandler("print", c.Group, group, func(m *message.Message) error {
		r, err := follower.Record(m)
		if err != nil {
			return err
		}
		line, err := feed.Line(r)
		if err != nil {
			return err
		}
		_, err = s.out.Write(append(line, '\n'))
		return err
	})
	if err := router.Run(s.ctx); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

func (c *followCommand) list(s *session, hub *follower.Hub) error {
	standings, err := hub.Standings(s.ctx)
	if err != nil {
		return err
	}
	for _, g := range standings {
		fmt.Fprintf(s.out, "%-24s %10d  -%d  %s  %s\n", g.Name, g.Position, g.Lag, g.Leader, g.LastError)
	}
	return nil
}
