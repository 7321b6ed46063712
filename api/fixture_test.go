package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
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
	farVill   = "99.01.04.2001"
	opd       = "1.03.0.00.0.00.01.0000"
	year      = 2027
)

// A town is a kabupaten small enough for a test: served over HTTP, with one
// holder per role and every window of its one cycle open.
type town struct {
	*testing.T
	url    string
	server *api.Server
	pool   *pgxpool.Pool
	tokens map[domain.Role]string
	actors map[domain.Role]domain.Actor
	forums map[string]string // kind to id

}

func newTown(t *testing.T) *town {
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
	store, err := eventstore.Open(ctx, pool, eventstore.Options{Catalog: catalog.Events, Sealer: sealed, AllowUnsafe: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	definition, err := workflow.Musrenbang(catalog.Vocabulary())
	if err != nil {
		t.Fatal(err)
	}
	silent := slog.New(slog.DiscardHandler)
	w := &town{T: t, pool: pool, tokens: map[domain.Role]string{}, actors: map[domain.Role]domain.Actor{}, forums: map[string]string{}}
	w.server = &api.Server{
		Store: store, DB: pool, Public: publicPool(t, pool), Tokens: account.Tokens{DB: pool}, Documents: &vault.Documents{Vault: sealed},
		Definitions: func(hash string) *workflow.Definition {
			if hash == definition.Hash() {
				return definition
			}
			return nil
		},
		Current: definition.Hash(), Tenant: kabupaten, Log: silent, Ready: func(context.Context) error { return nil },
	}
	hub := follower.Open(store, pool, follower.Options{Log: silent})
	t.Cleanup(hub.Close)
	w.server.AddFeeds(&feed.Feeds{Store: store, DB: pool, Public: w.server.Public, Hub: hub, Tenant: kabupaten, Done: ctx})

	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	runner := &projections.Runner{DB: pool, Store: store, Definitions: w.server.Definitions, Log: silent}
	go func() { defer close(done); runner.Run(run) }()
	t.Cleanup(func() { stop(); <-done })

	w.people()
	w.registers()
	w.opened(definition)
	h := httptest.NewServer(w.server.Handler())
	t.Cleanup(h.Close)
	w.url = h.URL
	return w
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

// do carries out an act that must succeed.
func (w *town) do(actor domain.Actor, second *domain.Actor, a act.Act) eventstore.Receipt {
	w.Helper()
	ask := api.Ask{Act: a, Actor: actor, Second: second, Command: uuid.New(), Version: -1}
	switch a.(type) {
	case act.OnCycle, act.OnForum:
		ask.Cycle = year
	}
	r, err := w.server.Do(w.Context(), ask)
	if err != nil {
		w.Fatalf("%s by %s: %v", a.Name(), actor.Role, err)
	}
	return r
}

func (w *town) people() {
	w.Helper()
	decree := domain.Document{Kind: "sk", Number: "050/1", Date: "2025-12-01"}
	from := time.Now().AddDate(0, 0, -1)
	give := func(giver domain.Actor, second *domain.Actor, stream string, role domain.Role, scope domain.Scope, office string, first bool) {
		g := &grant.Given{Person: person.Pseudonym(uuid.New()), Role: role, Scope: scope, Office: office, Capacity: domain.Definitif, From: from, Decree: decree, First: first}
		w.do(giver, second, act.OnGrant{Grant: stream, Definition: w.server.Current, Ask: g})
		w.actors[role] = domain.Actor{Person: g.Person, Role: role, Scope: scope, Grant: stream, Office: office, Capacity: domain.Definitif}
		token, err := w.server.Tokens.Issue(w.Context(), "tes", stream, account.Uses, time.Now().Add(time.Hour))
		if err != nil {
			w.Fatal(err)
		}
		w.tokens[role] = token
	}
	all := domain.Scope{Kind: domain.ScopeKabupaten}
	give(domain.System(), nil, grant.FirstStreams[0], "approver", all, "Sekretariat Daerah", true)
	give(domain.System(), nil, grant.FirstStreams[1], "head_of_planning", all, "Bappeda", true)
	second := w.actors["head_of_planning"]
	for _, h := range []struct {
		role   domain.Role
		scope  domain.Scope
		office string
	}{
		{"village_operator", domain.Scope{Kind: domain.ScopeVillage, Code: village}, "Desa Contoh Satu"},
		{"village_head", domain.Scope{Kind: domain.ScopeVillage, Code: village}, "Desa Contoh Satu"},
		{"kecamatan_officer", domain.Scope{Kind: domain.ScopeKecamatan, Code: kecamatan}, "Kecamatan Contoh"},
		{"camat", domain.Scope{Kind: domain.ScopeKecamatan, Code: kecamatan}, "Kecamatan Contoh"},
		{"opd_officer", domain.Scope{Kind: domain.ScopeOPD, Code: opd}, "Dinas Pekerjaan Umum"},
		{"opd_head", domain.Scope{Kind: domain.ScopeOPD, Code: opd}, "Dinas Pekerjaan Umum"},
		{"planner", all, "Bappeda"}, {"tapd", all, "TAPD"}, {"ppid", all, "PPID"}, {"importer", all, "Bappeda"}, {"auditor", all, "Inspektorat"},
	} {
		give(w.actors["approver"], &second, grant.Stream(uuid.NewString()), h.role, h.scope, h.office, false)
	}
}

func (w *town) registers() {
	w.Helper()
	publish := func(register string, entries ...reference.Entry) {
		w.do(w.actors["planner"], nil, act.OnReference{Ask: &reference.EditionPublished{Register: register, Edition: "tes", ValidFrom: "2025-01-01",
			Digest: strings.Repeat("ab", 32), Entries: entries}})
	}
	publish("wilayah",
		reference.Entry{Code: kabupaten, Name: "Kabupaten Contoh"},
		reference.Entry{Code: kecamatan, Name: "Contoh", Parent: kabupaten}, reference.Entry{Code: "99.01.04", Name: "Contoh Jauh", Parent: kabupaten},
		reference.Entry{Code: village, Name: "Contoh Satu", Parent: kecamatan}, reference.Entry{Code: neighbour, Name: "Contoh Dua", Parent: kecamatan},
		reference.Entry{Code: farVill, Name: "Contoh Jauh Satu", Parent: "99.01.04"})
	publish("opd", reference.Entry{Code: opd, Name: "Dinas Pekerjaan Umum"}, reference.Entry{Code: "1.02.0.00.0.00.01.0000", Name: "Dinas Kesehatan"})
}

// opened opens the cycle with every window and convenes one forum per stage.
func (w *town) opened(d *workflow.Definition) {
	w.Helper()
	head, planner := w.actors["head_of_planning"], w.actors["planner"]
	w.do(head, nil, act.OnCycle{Year: year, Ask: &cycle.Opened{Year: year, Kabupaten: kabupaten, Title: "Kabupaten Contoh", Zone: "WITA", Demo: true,
		Definition: cycle.Pin{Name: d.Name, Version: d.Version, Hash: d.Hash()}, Wilayah: "tes"}})
	closes := time.Now().AddDate(0, 1, 0)
	for i, name := range d.WindowNames() {
		w.do(planner, nil, act.OnCycle{Year: year, Ask: &cycle.WindowOpened{Window: name, Scope: domain.Scope{Kind: domain.ScopeKabupaten},
			OpensAt: time.Now().Add(-time.Minute), ClosesAt: closes.Add(time.Duration(i) * 24 * time.Hour)}})
	}
	for kind, f := range map[string]struct {
		stage string
		scope domain.Scope
		by    domain.Role
	}{
		"musrenbang_desa":      {"desa", domain.Scope{Kind: domain.ScopeVillage, Code: village}, "village_head"},
		"musrenbang_kecamatan": {"kecamatan", domain.Scope{Kind: domain.ScopeKecamatan, Code: kecamatan}, "camat"},
		"forum_opd":            {"forum_opd", domain.Scope{Kind: domain.ScopeOPD, Code: opd}, "opd_head"},
		"musrenbang_kabupaten": {"kabupaten", domain.Scope{Kind: domain.ScopeKabupaten}, "head_of_planning"},
	} {
		id := uuid.NewString()
		w.forums[kind] = id
		w.do(w.actors[f.by], nil, act.OnForum{Forum: forum.Stream(id), Year: year, Ask: &forum.Convened{Kind: kind, Stage: f.stage, Scope: f.scope,
			Date: time.Now().In(domain.Zones["WITA"]).Format(time.DateOnly)}})
	}
}

// A reply is what the server answered.
type reply struct {
	*http.Response
	body []byte
}

func (r reply) get(t *testing.T, pointer string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(r.body, &v); err != nil {
		t.Fatalf("answer is not JSON: %v\n%s", err, r.body)
	}
	for _, part := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		switch x := v.(type) {
		case map[string]any:
			v = x[part]
		case []any:
			i := 0
			for _, c := range part {
				i = i*10 + int(c-'0')
			}
			if i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

// send makes a request as the holder of a role ("" for nobody), with headers
// from alternating names and values. A body that is no string is sent as JSON.
func (w *town) send(role domain.Role, method, path string, body any, headers ...string) reply {
	w.Helper()
	var r io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		r = strings.NewReader(b)
	case io.Reader:
		r = b
	default:
		text, err := json.Marshal(b)
		if err != nil {
			w.Fatal(err)
		}
		r = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(w.Context(), method, w.url+path, r)
	if err != nil {
		w.Fatal(err)
	}
	if role != "" {
		req.Header.Set("Authorization", "Bearer "+w.tokens[role])
	}
	if method == http.MethodPost {
		req.Header.Set("Idempotency-Key", uuid.NewString())
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i+1] == "" {
			req.Header.Del(headers[i])
			continue
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	return reply{res, text}
}

// post sends a command that must be accepted, on whatever version stands.
func (w *town) post(role domain.Role, path string, body any) reply {
	w.Helper()
	r := w.send(role, http.MethodPost, path, body, "If-Match", "*")
	if r.StatusCode != http.StatusOK {
		w.Fatalf("POST %s by %s: %d\n%s", path, role, r.StatusCode, r.body)
	}
	return r
}

// read gets what must be there, once the read models stand at the position of
// an earlier answer.
func (w *town) read(role domain.Role, path string, after reply) reply {
	w.Helper()
	r := w.send(role, http.MethodGet, path, nil, "X-Runut-Wait", after.Header.Get("X-Runut-Position"))
	if r.StatusCode != http.StatusOK {
		w.Fatalf("GET %s by %s: %d\n%s", path, role, r.StatusCode, r.body)
	}
	return r
}

func (w *town) refused(r reply, status int, code string) {
	w.Helper()
	if got := r.get(w.T, "/code"); r.StatusCode != status || got != code {
		w.Errorf("got %d %v, want %d %s\n%s", r.StatusCode, got, status, code, r.body)
	}
}
