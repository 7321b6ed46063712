package api_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/api"
	"runut/api/account"
	"runut/api/feed"
	"runut/api/subscription"
	"runut/domain"
	"runut/domain/act"
	"runut/domain/catalog"
	"runut/domain/cycle"
	"runut/domain/forum"
	"runut/domain/grant"
	"runut/domain/person"
	"runut/domain/reference"
	"runut/domain/workflow"
	"runut/eventstore"
	"runut/eventstore/follower"
	"runut/eventstore/pgtest"
	"runut/eventstore/vault"
	"runut/projections"
)

const (
	kabupaten = "99.01"
	kecamatan = "99.01.03"
	village   = "99.01.03.2001"
	neighbour = "99.01.03.2002"
	lateVill  = "99.01.03.2003" // its time to hand in is over
	farKec    = "99.01.04"
	farVill   = "99.01.04.2001"
	opd       = "1.03.0.00.0.00.01.0000"
	otherOPD  = "1.02.0.00.0.00.01.0000"
	year      = 2027
)

// A town is a kabupaten small enough for a test: served over HTTP, with one
// holder per role and every window of its one cycle open. Its people were
// appointed and its windows opened some weeks before the test.
type town struct {
	*testing.T
	url        string
	server     *api.Server
	feeds      *feed.Feeds
	pool       *pgxpool.Pool
	definition *workflow.Definition
	described  openapi
	wrote      *journal           // what the program logged
	finish     context.CancelFunc // ends long answers, as when the program stops
	tokens     map[string]string  // by role; by role@code for further holders of one
	actors     map[string]domain.Actor
	forums     map[string]string // kind to id; kind@code for further ones of one
}

// weeks is how long before the test the town's year began.
const weeks = 40 * 24 * time.Hour

func newTown(t *testing.T, with ...func(*town)) *town {
	t.Helper()
	ctx := t.Context()
	pool := pgtest.Open(t)
	ring, err := vault.CreateKeyring(filepath.Join(t.TempDir(), "keyring"))
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := vault.Open(ctx, pool, ring)
	if err != nil {
		t.Fatal(err)
	}
	w := &town{T: t, pool: pool, wrote: new(journal), tokens: map[string]string{}, actors: map[string]domain.Actor{}, forums: map[string]string{}}
	log := slog.New(slog.NewJSONHandler(w.wrote, &slog.HandlerOptions{Level: slog.LevelDebug}))
	store, err := eventstore.Open(ctx, pool, eventstore.Options{Catalog: catalog.Events, Sealer: sealed, AllowUnsafe: true, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	if w.definition, err = workflow.Musrenbang(catalog.Vocabulary()); err != nil {
		t.Fatal(err)
	}
	w.server = &api.Server{
		Store: store, DB: pool, Public: publicPool(t, pool), Tokens: account.Tokens{DB: pool}, Documents: &vault.Documents{Vault: sealed},
		Definitions: w.find, Current: w.definition.Hash(), Tenant: kabupaten, Log: log, Ready: func(context.Context) error { return nil },
	}
	hub := follower.Open(store, pool, follower.Options{Log: log})
	t.Cleanup(hub.Close)
	done, finish := context.WithCancel(context.WithoutCancel(ctx))
	w.finish = finish
	t.Cleanup(finish)
	w.feeds = &feed.Feeds{Store: store, DB: pool, Public: w.server.Public, Hub: hub, Tenant: kabupaten, Done: done}
	w.server.AddFeeds(w.feeds)
	w.server.Subscriptions = &subscription.Store{DB: pool, Vault: sealed, Dialer: subscription.Dialer{Inside: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}}
	for _, add := range with {
		add(w)
	}

	begun := w.past(time.Now().Add(-weeks))
	begun.people()
	begun.registers()
	begun.opened()
	begun.happen()
	w.follow(&projections.Runner{DB: pool, Store: store, Definitions: w.find, Log: log})
	h := httptest.NewServer(w.server.Handler())
	t.Cleanup(h.Close)
	t.Cleanup(finish) // before the server waits for its connections
	w.url = h.URL
	w.describe()
	w.caughtUp()
	return w
}

// follow keeps the read models until the test is over.
func (w *town) follow(runner *projections.Runner) {
	run, stop := context.WithCancel(context.WithoutCancel(w.Context()))
	done := make(chan struct{})
	go func() { defer close(done); runner.Run(run) }()
	w.Cleanup(func() { stop(); <-done })
}

func (w *town) find(hash string) *workflow.Definition {
	if hash == w.definition.Hash() {
		return w.definition
	}
	return nil
}

// publicPool connects to the test's database with the rights of the public
// read model alone.
func publicPool(t *testing.T, pool *pgxpool.Pool) *pgxpool.Pool {
	t.Helper()
	config := pool.Config()
	config.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, `set role runut_public`)
		return err
	}
	public, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(public.Close)
	return public
}

// in returns the town for a part of the test.
func (w *town) in(t *testing.T) *town {
	part := *w
	part.T = t
	return &part
}

var (
	all        = domain.Scope{Kind: domain.ScopeKabupaten}
	ofVillage  = func(code string) domain.Scope { return domain.Scope{Kind: domain.ScopeVillage, Code: code} }
	ofDistrict = func(code string) domain.Scope { return domain.Scope{Kind: domain.ScopeKecamatan, Code: code} }
	ofOffice   = func(code string) domain.Scope { return domain.Scope{Kind: domain.ScopeOPD, Code: code} }
)

// people appoints everybody.
func (p *past) people() {
	p.Helper()
	p.appoint("approver", "approver", all, "Sekretariat Daerah")
	p.appoint("head_of_planning", "head_of_planning", all, "Bappeda")
	for _, h := range []struct {
		role   domain.Role
		scope  domain.Scope
		office string
	}{
		{"village_operator", ofVillage(village), "Desa Contoh Satu"}, {"village_head", ofVillage(village), "Desa Contoh Satu"},
		{"village_operator", ofVillage(farVill), "Desa Contoh Jauh"}, {"village_operator", ofVillage(lateVill), "Desa Contoh Tiga"}, {"village_head", ofVillage(lateVill), "Desa Contoh Tiga"},
		{"kecamatan_officer", ofDistrict(kecamatan), "Kecamatan Contoh"}, {"camat", ofDistrict(kecamatan), "Kecamatan Contoh"},
		{"opd_officer", ofOffice(opd), "Dinas Pekerjaan Umum"}, {"opd_head", ofOffice(opd), "Dinas Pekerjaan Umum"},
		{"opd_planner", ofOffice(opd), "Dinas Pekerjaan Umum"}, {"opd_head", ofOffice(otherOPD), "Dinas Kesehatan"},
		{"planner", all, "Bappeda"}, {"tapd", all, "TAPD"}, {"ppid", all, "PPID"}, {"importer", all, "Bappeda"}, {"auditor", all, "Inspektorat"},
		{"council_member", all, "DPRD"}, {"council_secretary", all, "Sekretariat DPRD"},
	} {
		who := string(h.role)
		if _, taken := p.actors[who]; taken {
			who += "@" + h.scope.Code
		}
		p.appoint(who, h.role, h.scope, h.office)
	}
}

// appoint gives a role to a new person, who gets a token: the first two by the
// system, all others by these two together.
func (p *past) appoint(who string, role domain.Role, scope domain.Scope, office string) {
	p.Helper()
	g := &grant.Given{Person: person.Pseudonym(uuid.New()), Role: role, Scope: scope, Office: office, Capacity: domain.Definitif, From: p.now,
		Decree: domain.Document{Kind: "sk", Number: "050/1", Date: "2025-12-01"}}
	stream, giver, second := grant.Stream(uuid.NewString()), domain.System(), (*domain.Actor)(nil)
	switch n := len(p.actors); {
	case n < len(grant.FirstStreams):
		stream, g.First = grant.FirstStreams[n], true
	default:
		approver, head := p.actors["approver"], p.actors["head_of_planning"]
		giver, second = approver, &head
	}
	p.do(giver, second, act.OnGrant{Grant: stream, Definition: p.definition.Hash(), Ask: g})
	p.actors[who] = domain.Actor{Person: g.Person, Role: role, Scope: scope, Grant: stream, Office: office, Capacity: domain.Definitif}
	token, err := p.server.Tokens.Issue(p.Context(), "tes", stream, account.Uses, time.Now().Add(time.Hour))
	if err != nil {
		p.Fatal(err)
	}
	p.tokens[who] = token
}

func (p *past) registers() {
	p.Helper()
	publish := func(register string, entries ...reference.Entry) {
		p.do(p.actors["planner"], nil, act.OnReference{Ask: &reference.EditionPublished{Register: register, Edition: "tes", ValidFrom: "2025-01-01",
			Digest: strings.Repeat("ab", 32), Entries: entries}})
	}
	publish("wilayah",
		reference.Entry{Code: kabupaten, Name: "Kabupaten Contoh"},
		reference.Entry{Code: kecamatan, Name: "Contoh", Parent: kabupaten}, reference.Entry{Code: farKec, Name: "Contoh Jauh", Parent: kabupaten},
		reference.Entry{Code: village, Name: "Contoh Satu", Parent: kecamatan}, reference.Entry{Code: neighbour, Name: "Contoh Dua", Parent: kecamatan},
		reference.Entry{Code: lateVill, Name: "Contoh Tiga", Parent: kecamatan}, reference.Entry{Code: farVill, Name: "Contoh Jauh Satu", Parent: farKec})
	publish("opd", reference.Entry{Code: opd, Name: "Dinas Pekerjaan Umum"}, reference.Entry{Code: otherOPD, Name: "Dinas Kesehatan"})
}

// opened opens the cycle with every window and convenes one forum per stage. For
// one village the time to hand in ended yesterday, and nobody has closed it yet.
func (p *past) opened() {
	p.Helper()
	d, head, planner := p.definition, p.actors["head_of_planning"], p.actors["planner"]
	p.do(head, nil, act.OnCycle{Year: year, Ask: &cycle.Opened{Year: year, Kabupaten: kabupaten, Title: "Kabupaten Contoh", Zone: "WITA", Demo: true,
		Definition: cycle.Pin{Name: d.Name, Version: d.Version, Hash: d.Hash()}, Wilayah: "tes"}})
	open := func(name string, scope domain.Scope, closes time.Time) {
		p.do(planner, nil, act.OnCycle{Year: year, Ask: &cycle.WindowOpened{Window: name, Scope: scope, OpensAt: p.now, ClosesAt: closes}})
	}
	open("desa", ofVillage(lateVill), time.Now().AddDate(0, 0, -1))
	for i, name := range d.WindowNames() {
		open(name, all, time.Now().AddDate(0, 1, i))
	}
	for _, f := range []struct {
		kind, stage string
		scope       domain.Scope
		by          string
	}{
		{"musrenbang_desa", "desa", ofVillage(village), "village_head"},
		{"musrenbang_desa", "desa", ofVillage(lateVill), "village_head@" + lateVill},
		{"musrenbang_kecamatan", "kecamatan", ofDistrict(kecamatan), "camat"},
		{"forum_opd", "forum_opd", ofOffice(opd), "opd_head"},
		{"musrenbang_kabupaten", "kabupaten", all, "head_of_planning"},
		{"pokir", "pokir", all, "council_secretary"},
	} {
		id, name := uuid.NewString(), f.kind
		if p.forums[name] != "" {
			name += "@" + f.scope.Code
		}
		p.forums[name] = id
		p.do(p.actors[f.by], nil, act.OnForum{Forum: forum.Stream(id), Year: year, Ask: &forum.Convened{Kind: f.kind, Stage: f.stage, Scope: f.scope,
			Date: p.now.In(domain.Zones["WITA"]).Format(time.DateOnly)}})
	}
}

// session returns the stream of the forum of a kind.
func (w *town) session(kind string) string { return forum.Stream(w.forums[kind]) }
