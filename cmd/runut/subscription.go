package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"time"

	"github.com/google/uuid"

	"runut/api/subscription"
	"runut/domain"
	"runut/projections"
)

// sending says where an installation sends to besides the public internet.
type sending struct {
	Inside []netip.Prefix `name:"webhook-inside" env:"RUNUT_WEBHOOK_INSIDE" placeholder:"10.20.0.0/16" help:"Jaringan sendiri yang juga boleh dikirimi umpan OPD, dipisah koma. · Networks of your own that OPD feeds may be sent to as well, separated by commas."`
}

func (s sending) dialer() subscription.Dialer { return subscription.Dialer{Inside: s.Inside} }

type subscriptionCommand struct {
	List   subscriptionList   `cmd:"" help:"Daftar alamat dan keadaannya. · Endpoints and how they stand."`
	Add    subscriptionAdd    `cmd:"" help:"Tambah alamat untuk umpan sebuah OPD. · Add an endpoint for an OPD's feed."`
	Log    subscriptionLog    `cmd:"" help:"Kiriman terakhir dan jawabannya. · The newest attempts and what was answered."`
	Test   subscriptionTest   `cmd:"" help:"Kirim percobaan. · Send a test."`
	Pause  subscriptionPause  `cmd:"" help:"Jeda pengiriman. · Pause."`
	Resume subscriptionResume `cmd:"" help:"Lanjutkan, juga yang tertahan. · Go on, with what is held back too."`
	Replay subscriptionReplay `cmd:"" help:"Kirim ulang dari sebuah posisi atau saat. · Send again from a position or a moment."`
	Rotate subscriptionRotate `cmd:"" help:"Ganti rahasia; yang lama masih berlaku sehari. · Make another secret; the old one is good for another day."`
	Remove subscriptionRemove `cmd:"" help:"Hapus alamat. · Remove an endpoint."`
}

// subscribed is a database, its keyring, and where is sent to.
type subscribed struct {
	keyed
	sending
}

func (c subscribed) with(s *session, do func(ctx context.Context, store subscription.Store, a *app) error) error {
	a, err := c.open(s.ctx)
	if err != nil {
		return err
	}
	defer a.close()
	return do(s.ctx, subscription.Store{DB: a.pool, Vault: a.vault, Dialer: c.dialer()}, a)
}

type subscriptionList struct {
	subscribed
	OPD  string `help:"Hanya OPD ini. · This OPD only."`
	JSON bool   `help:"Hasil untuk mesin, satu baris per alamat. · Output for machines, a line an endpoint."`
}

func (c *subscriptionList) Run(s *session) error {
	return c.with(s, func(ctx context.Context, store subscription.Store, _ *app) error {
		const some = 100
		for after := uuid.Nil; ; {
			found, err := store.List(ctx, c.OPD, after, some)
			if err != nil {
				return err
			}
			for _, x := range found {
				after = x.ID
				if err := c.print(s, x); err != nil {
					return err
				}
			}
			if len(found) < some {
				return nil
			}
		}
	})
}

func (c *subscriptionList) print(s *session, x subscription.Subscription) error {
	if c.JSON {
		return json.NewEncoder(s.out).Encode(x)
	}
	state := s.lang.T("subscription.state." + string(x.State))
	if x.Why != "" {
		state += " (" + s.lang.T("subscription.why."+x.Why) + ")"
	}
	waiting := s.lang.Count(int64(x.Waiting))
	if x.Waiting >= subscription.MostCounted {
		waiting = s.lang.T("subscription.many", "n", waiting)
	}
	_, err := fmt.Fprintf(s.out, "%s  %-22s  %s\n    %s · %s\n", x.ID, x.OPD, x.URL, state,
		s.lang.T("subscription.standing", "waiting", waiting, "parked", s.lang.Count(int64(x.Parked)), "failures", s.lang.Count(int64(x.Failures))))
	return err
}

type subscriptionAdd struct {
	subscribed
	OPD      string                `arg:"" help:"Kode OPD. · OPD code."`
	To       string                `arg:"" name:"url" help:"Alamat https tujuan. · Where to, by https."`
	Ordering subscription.Ordering `default:"proposal" enum:"proposal,endpoint" help:"Yang ditahan bila satu kiriman tidak diterima: usulan itu saja, atau semuanya. · What a delivery that is not taken holds up."`
	After    int64                 `default:"-1" help:"Mulai setelah posisi ini, 0 untuk semuanya; -1: mulai sekarang. · Begin after this position; -1: with what comes."`
	JSON     bool                  `help:"Hasil untuk mesin. · Output for machines."`
}

func (c *subscriptionAdd) Run(s *session) error {
	return c.with(s, func(ctx context.Context, store subscription.Store, a *app) error {
		known, err := projections.Register{DB: a.pool}.NamesIn(ctx, []string{"opd"}, c.OPD)
		if err != nil {
			return err
		}
		if known.Value[c.OPD] == "" {
			return domain.Refuse(domain.NotFound, "subscription.opd_unknown", "opd", c.OPD)
		}
		x, secret, err := store.Add(ctx, domain.System(), subscription.Request{ID: uuid.New(), OPD: c.OPD, URL: c.To, Ordering: c.Ordering, From: c.After})
		if err != nil {
			return err
		}
		if c.JSON {
			return json.NewEncoder(s.out).Encode(map[string]any{"id": x.ID, "secret": secret})
		}
		fmt.Fprintf(s.out, "%s\n%s\n", x.ID, secret)
		fmt.Fprintln(s.err, s.lang.T("subscription.shown_once"))
		return nil
	})
}

// one is a command on one endpoint.
type one struct {
	subscribed
	Endpoint string `arg:"" name:"id" help:"Id alamat (runut subscription list). · Id of the endpoint."`
}

// at opens the database for a command on the endpoint with an id.
func (c one) at(s *session, do func(ctx context.Context, store subscription.Store, a *app, id uuid.UUID) error) error {
	id, err := uuid.Parse(c.Endpoint)
	if err != nil {
		return domain.Refuse(domain.Invalid, "request.id", "id", c.Endpoint)
	}
	return c.with(s, func(ctx context.Context, store subscription.Store, a *app) error { return do(ctx, store, a, id) })
}

type subscriptionLog struct {
	one
	Limit int  `default:"20" help:"Berapa banyak. · How many."`
	JSON  bool `help:"Hasil untuk mesin, satu baris per kiriman. · Output for machines, a line an attempt."`
}

func (c *subscriptionLog) Run(s *session) error {
	return c.at(s, func(ctx context.Context, store subscription.Store, _ *app, id uuid.UUID) error {
		if _, err := store.Get(ctx, id); err != nil {
			return err
		}
		found, err := store.Deliveries(ctx, id, 0, max(c.Limit, 1))
		if err != nil {
			return err
		}
		for _, d := range found {
			if err := printDelivery(s, d, c.JSON); err != nil {
				return err
			}
		}
		return nil
	})
}

func printDelivery(s *session, d subscription.Delivery, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(s.out).Encode(d)
	}
	_, err := fmt.Fprintf(s.out, "%s  #%-8d %-32s %-13s %-2d %3d  %s  %d ms  %s\n", d.At.Format(time.RFC3339), d.Position, d.Type, d.Number, d.Attempt, d.Status,
		s.lang.T("subscription.outcome."+string(d.Outcome)), d.Took, d.Answer)
	return err
}

type subscriptionTest struct {
	one
	JSON bool `help:"Hasil untuk mesin. · Output for machines."`
}

// Run sends a test and fails where it is not taken.
func (c *subscriptionTest) Run(s *session) error {
	return c.at(s, func(ctx context.Context, store subscription.Store, a *app, id uuid.UUID) error {
		tenant, err := tenantOf(ctx, a.pool)
		if err != nil {
			return err
		}
		d, err := store.Test(ctx, id, tenant)
		if err != nil {
			return err
		}
		if err := printDelivery(s, d, c.JSON); err != nil {
			return err
		}
		if d.Outcome != subscription.Taken {
			return errQuiet
		}
		return nil
	})
}

type subscriptionPause struct{ one }

func (c *subscriptionPause) Run(s *session) error { return c.change(s, subscription.Store.Pause) }

type subscriptionResume struct{ one }

func (c *subscriptionResume) Run(s *session) error { return c.change(s, subscription.Store.Resume) }

type subscriptionRemove struct{ one }

func (c *subscriptionRemove) Run(s *session) error { return c.change(s, subscription.Store.Remove) }

func (c one) change(s *session, change func(subscription.Store, context.Context, domain.Actor, uuid.UUID) error) error {
	return c.at(s, func(ctx context.Context, store subscription.Store, _ *app, id uuid.UUID) error {
		return change(store, ctx, domain.System(), id)
	})
}

type subscriptionReplay struct {
	one
	After int64     `default:"-1" xor:"from" help:"Semua setelah posisi ini. · Everything after this position."`
	Since time.Time `xor:"from" format:"2006-01-02" help:"Atau semua yang dicatat sejak hari ini, mis. 2026-11-22. · Or everything recorded since this day."`
}

func (c *subscriptionReplay) Run(s *session) error {
	return c.at(s, func(ctx context.Context, store subscription.Store, a *app, id uuid.UUID) error {
		x, err := store.Get(ctx, id)
		if err != nil {
			return err
		}
		if c.After < 0 {
			if c.Since.IsZero() {
				return domain.Refuse(domain.Invalid, "subscription.from")
			}
			if c.After, err = (projections.Feed{DB: a.pool}).Since(ctx, x.OPD, c.Since); err != nil {
				return err
			}
		}
		return store.Replay(ctx, domain.System(), id, c.After)
	})
}

type subscriptionRotate struct {
	one
	JSON bool `help:"Hasil untuk mesin. · Output for machines."`
}

func (c *subscriptionRotate) Run(s *session) error {
	return c.at(s, func(ctx context.Context, store subscription.Store, _ *app, id uuid.UUID) error {
		secret, err := store.Rotate(ctx, domain.System(), id)
		if err != nil {
			return err
		}
		if c.JSON {
			return json.NewEncoder(s.out).Encode(map[string]any{"secret": secret})
		}
		fmt.Fprintln(s.out, secret)
		fmt.Fprintln(s.err, s.lang.T("subscription.shown_once"))
		return nil
	})
}
