package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"runut/api"
	"runut/domain"
	"runut/domain/act"
	"runut/domain/grant"
	"runut/projections"
)

type grantCommand struct {
	Give   grantGive   `cmd:"" help:"Beri seseorang penugasan; perlu dua orang. · Give somebody a grant; takes two persons."`
	Revoke grantRevoke `cmd:"" help:"Cabut penugasan. · Revoke a grant."`
	Invite grantInvite `cmd:"" help:"Beri pemegang penugasan kode sekali pakai untuk masuk; perlu dua orang. · Hand the holder of a grant a code to sign in, once; takes two persons."`
}

// seconded is an act that a second person approves.
type seconded struct {
	SecondToken string `env:"RUNUT_SECOND_TOKEN" help:"Token orang kedua yang menyetujui; lebih aman lewat RUNUT_SECOND_TOKEN. · Token of the second person; safer in RUNUT_SECOND_TOKEN."`
}

func (c seconded) second(ctx context.Context, server *api.Server) (*domain.Actor, error) {
	return server.Second(ctx, c.SecondToken)
}

// A paper is the decree that an act rests on.
type paperFlags struct {
	Decree string `required:"" help:"Nomor keputusan. · Number of the decree."`
	Date   string `required:"" help:"Tanggal keputusan, mis. 2026-11-02. · Day of the decree."`
	Kind   string `default:"sk" help:"Jenis keputusan. · Kind of paper."`
}

func (p paperFlags) document() domain.Document {
	return domain.Document{Kind: p.Kind, Number: p.Decree, Date: p.Date}
}

type grantGive struct {
	acting
	seconded
	paperFlags
	onceKey
	Person   string          `required:"" help:"Nama samaran, dari runut person register. · Pseudonym, from runut person register."`
	Role     domain.Role     `required:"" help:"Peran, mis. planner, camat, importer. · Role."`
	Scope    string          `default:"kabupaten" help:"Cakupan: kabupaten, kecamatan:99.01.03, village:99.01.03.2001, opd:KODE. · Where."`
	Office   string          `required:"" help:"Nama kantor, mis. Bappeda; bukan nama orang. · Name of the office, not of a person."`
	Capacity domain.Capacity `default:"definitif" help:"definitif, plt, plh, atau an. · How the office is held."`
	Year     int             `help:"Hanya untuk satu tahun anggaran; kosong: semua. · For one fiscal year only; empty: all."`
	From     string          `help:"Berlaku sejak hari ini; kosong: sekarang. · Day from which it holds; empty: now."`
	Until    string          `help:"Hari terakhir berlaku; kosong: sampai dicabut. · Last day it holds; empty: until revoked."`
}

// Run gives a grant in the names of both who hold the tokens.
func (c *grantGive) Run(s *session) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	scope, err := domain.ParseScope(c.Scope)
	if err != nil {
		return err
	}
	a, server, caller, err := c.begin(s.ctx)
	if err != nil {
		return err
	}
	defer a.close()
	second, err := c.second(s.ctx, server)
	if err != nil {
		return err
	}
	zone, err := zoneHere(s.ctx, a)
	if err != nil {
		return err
	}
	given := &grant.Given{Person: c.Person, Role: c.Role, Scope: scope, Office: c.Office, Capacity: c.Capacity, Cycle: c.Year, From: time.Now(), Decree: c.document()}
	if c.From != "" {
		if given.From, err = api.ParseDay(c.From, zone); err != nil {
			return err
		}
	}
	if c.Until != "" {
		day, err := api.ParseDay(c.Until, zone)
		if err != nil {
			return err
		}
		given.Until = domain.EndOfDay(day, zone)
	}
	stream := grant.Stream(id.String())
	said := strings.Join([]string{c.Person, string(c.Role), c.Scope, c.Office, string(c.Capacity), fmt.Sprint(c.Year), c.From, c.Until, c.Decree, c.Date, c.Kind}, "\x00")
	got, err := server.Do(s.ctx, api.Ask{Act: act.OnGrant{Grant: stream, Ask: given, Definition: server.Current}, Actor: caller.Actor, Second: second, Command: id,
		Fingerprint: server.Fingerprint(caller.Actor, "grant give", []byte(said)), Version: -1})
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(s.out).Encode(map[string]any{"grant": stream, "person": c.Person, "position": got.Last, "duplicate": got.Duplicate})
	}
	fmt.Fprintln(s.out, stream)
	return nil
}

type grantRevoke struct {
	acting
	paperFlags
	onceKey
	Grant  string `arg:"" help:"Penugasan, dari runut person list. · The grant, from runut person list."`
	Reason string `help:"Mengapa. · Why."`
}

// Run revokes a grant; its tokens end with it.
func (c *grantRevoke) Run(s *session) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	a, server, caller, err := c.begin(s.ctx)
	if err != nil {
		return err
	}
	defer a.close()
	got, err := server.Do(s.ctx, api.Ask{Act: act.OnGrant{Grant: grantStream(c.Grant), Ask: &grant.Revoked{Decree: c.document(), Reason: domain.Mask(strings.TrimSpace(c.Reason))}},
		Actor: caller.Actor, Command: id, Version: -1,
		Fingerprint: server.Fingerprint(caller.Actor, "grant revoke", []byte(strings.Join([]string{c.Grant, c.Decree, c.Date, c.Kind, c.Reason}, "\x00")))})
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(s.out).Encode(map[string]any{"grant": grantStream(c.Grant), "position": got.Last, "duplicate": got.Duplicate})
	}
	fmt.Fprintln(s.out, s.lang.T("grant.revoked_note", "grant", grantStream(c.Grant)))
	return nil
}

type grantInvite struct {
	acting
	seconded
	onceKey
	Grant string `arg:"" help:"Penugasan, dari runut person list. · The grant, from runut person list."`
}

// Run prints a code, for the only time.
func (c *grantInvite) Run(s *session) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	a, server, caller, err := c.begin(s.ctx)
	if err != nil {
		return err
	}
	defer a.close()
	second, err := c.second(s.ctx, server)
	if err != nil {
		return err
	}
	zone, err := zoneHere(s.ctx, a)
	if err != nil {
		return err
	}
	invited, err := server.Invite(s.ctx, caller, second, grantStream(c.Grant), id.String())
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(s.out).Encode(map[string]any{"code": invited.Code, "grant": invited.Grant, "expires": invited.Expires, "position": invited.Receipt.Last})
	}
	fmt.Fprintln(s.out, invited.Code)
	fmt.Fprintln(s.err, s.lang.T("grant.code_note", "until", s.lang.Moment(invited.Expires, zone)))
	return nil
}

// zoneHere returns the time zone of the kabupaten: that of its last cycle, WITA
// where none was opened yet.
func zoneHere(ctx context.Context, a *app) (*time.Location, error) {
	if err := a.runner.CatchUp(ctx); err != nil {
		return nil, err
	}
	cycles, err := projections.Cycles{DB: a.pool}.List(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range cycles.Items {
		if zone := domain.Zones[c.Zone]; zone != nil {
			return zone, nil
		}
	}
	return domain.Zones["WITA"], nil
}

// grantStream takes a grant with or without what all their names begin with.
func grantStream(said string) string {
	return grant.Stream(strings.TrimPrefix(said, grant.Stream("")))
}
