package web_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/api"
	"runut/api/account"
	"runut/api/subscription"
	"runut/api/web"
	"runut/domain"
	"runut/domain/act"
	"runut/domain/catalog"
	"runut/domain/cycle"
	"runut/domain/forum"
	"runut/domain/grant"
	"runut/domain/history"
	"runut/domain/person"
	"runut/domain/reference"
	"runut/domain/workflow"
	"runut/eventstore"
	"runut/eventstore/pgtest"
	"runut/eventstore/vault"
	"runut/projections"
)

const (
	kecamatan = "99.01.03"
	village   = "99.01.03.2001"
	opd       = "1.03.0.00.0.00.01.0000"
	year      = 2027
)

// insecure accepts the certificate of a test server.
var insecure = &tls.Config{InsecureSkipVerify: true}

// A town is a kabupaten small enough for a test, with its pages.
type town struct {
	*testing.T
	url    string
	server *api.Server
	pool   *pgxpool.Pool
	tokens map[domain.Role]string
	actors map[domain.Role]domain.Actor
	forums map[string]string // stage to id
}

func newTown(t *testing.T) *town {
	t.Helper()
	pool := pgtest.Open(t)
	ring, err := vault.CreateKeyring(filepath.Join(t.TempDir(), "keyring"))
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := vault.Open(t.Context(), pool, ring)
	if err != nil {
		t.Fatal(err)
	}
	store, err := eventstore.Open(t.Context(), pool, eventstore.Options{Catalog: catalog.Events, Sealer: sealed, AllowUnsafe: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	definition, err := workflow.Musrenbang(catalog.Vocabulary())
	if err != nil {
		t.Fatal(err)
	}
	find := func(hash string) *workflow.Definition {
		if hash == definition.Hash() {
			return definition
		}
		return nil
	}
	silent := slog.New(slog.DiscardHandler)
	w := &town{T: t, pool: pool, tokens: map[domain.Role]string{}, actors: map[domain.Role]domain.Actor{}, forums: map[string]string{}}
	w.server = &api.Server{Store: store, DB: pool, Public: visitors(t, pool), Tokens: account.Tokens{DB: pool}, Documents: &vault.Documents{Vault: sealed},
		Subscriptions: &subscription.Store{DB: pool, Vault: sealed, Dialer: subscription.Dialer{Inside: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}},
		Definitions:   find, Current: definition.Hash(), Tenant: "99.01", Log: silent, Ready: func(context.Context) error { return nil }}
	w.server.AddPages(&web.Pages{DB: pool, Public: w.server.Public, Definitions: find, Current: definition.Hash(), Store: w.server.Store, Charts: history.NewCharts(find)})

	run, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan struct{})
	runner := &projections.Runner{DB: pool, Store: store, Definitions: find, Log: silent}
	go func() { defer close(done); runner.Run(run) }()
	t.Cleanup(func() { stop(); <-done })
	h := httptest.NewTLSServer(w.server.Handler())
	t.Cleanup(h.Close)
	w.url = h.URL
	w.found(definition)
	return w
}

// visitors connects with the rights of the public read model alone.
func visitors(t *testing.T, pool *pgxpool.Pool) *pgxpool.Pool {
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

func (w *town) do(actor domain.Actor, second *domain.Actor, a act.Act) int64 {
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
	return r.Last
}

// found appoints everybody, names the places, opens the cycle with every window
// and convenes the forums.
func (w *town) found(d *workflow.Definition) {
	w.Helper()
	all, here := domain.Scope{Kind: domain.ScopeKabupaten}, domain.Scope{Kind: domain.ScopeVillage, Code: village}
	office, district := domain.Scope{Kind: domain.ScopeOPD, Code: opd}, domain.Scope{Kind: domain.ScopeKecamatan, Code: kecamatan}
	for i, h := range []struct {
		role   domain.Role
		scope  domain.Scope
		office string
	}{
		{"approver", all, "Sekretariat Daerah"}, {"head_of_planning", all, "Bappeda"}, {"planner", all, "Bappeda"}, {"ppid", all, "PPID"},
		{"village_operator", here, "Desa Contoh Satu"}, {"village_head", here, "Desa Contoh Satu"}, {"camat", district, "Kecamatan Contoh"},
		{"opd_officer", office, "Dinas Pekerjaan Umum"}, {"opd_head", office, "Dinas Pekerjaan Umum"}, {"importer", all, "Bappeda"},
	} {
		g := &grant.Given{Person: person.Pseudonym(uuid.New()), Role: h.role, Scope: h.scope, Office: h.office, Capacity: domain.Definitif, From: time.Now().AddDate(0, 0, -1),
			Decree: domain.Document{Kind: "sk", Number: "050/1", Date: "2025-12-01"}}
		stream, giver, second := grant.Stream(uuid.NewString()), w.actors["approver"], new(w.actors["head_of_planning"])
		if i < len(grant.FirstStreams) {
			stream, giver, second, g.First = grant.FirstStreams[i], domain.System(), nil, true
		}
		w.do(giver, second, act.OnGrant{Grant: stream, Definition: d.Hash(), Ask: g})
		w.actors[h.role] = domain.Actor{Person: g.Person, Role: h.role, Scope: h.scope, Grant: stream, Office: h.office, Capacity: domain.Definitif}
		token, err := w.server.Tokens.Issue(w.Context(), "tes", stream, account.Uses, time.Now().Add(time.Hour))
		if err != nil {
			w.Fatal(err)
		}
		w.tokens[h.role] = token
	}
	for register, entries := range map[string][]reference.Entry{
		"wilayah": {{Code: "99.01", Name: "Kabupaten Contoh"}, {Code: kecamatan, Name: "Contoh", Parent: "99.01"}, {Code: village, Name: "Contoh Satu", Parent: kecamatan},
			{Code: "99.01.03.2002", Name: "Contoh Sunyi", Parent: kecamatan}},
		"opd": {{Code: opd, Name: "Dinas Pekerjaan Umum"}, {Code: "1.02.0.00.0.00.01.0000", Name: "Dinas Kesehatan"}},
	} {
		w.do(w.actors["planner"], nil, act.OnReference{Ask: &reference.EditionPublished{Register: register, Edition: "tes", ValidFrom: "2025-01-01",
			Digest: strings.Repeat("ab", 32), Entries: entries}})
	}
	w.do(w.actors["head_of_planning"], nil, act.OnCycle{Year: year, Ask: &cycle.Opened{Year: year, Kabupaten: "99.01", Title: "Kabupaten Contoh", Zone: "WITA", Demo: true,
		Definition: cycle.Pin{Name: d.Name, Version: d.Version, Hash: d.Hash()}, Wilayah: "tes"}})
	for i, name := range d.WindowNames() {
		w.do(w.actors["planner"], nil, act.OnCycle{Year: year, Ask: &cycle.WindowOpened{Window: name, Scope: all, OpensAt: time.Now().Add(-time.Minute), ClosesAt: time.Now().AddDate(0, 1, i)}})
	}
	w.do(w.actors["planner"], nil, act.OnCycle{Year: year, Ask: &cycle.QuotaSet{Stage: "desa", Scope: here, Count: 10}})
	w.do(w.actors["ppid"], nil, act.OnCycle{Year: year, Ask: &cycle.PublicationPolicySet{Fields: cycle.Publishable, After: "desa"}})
	for stage, f := range map[string]struct {
		kind  string
		scope domain.Scope
		by    domain.Role
	}{
		"desa": {"musrenbang_desa", here, "village_head"}, "kecamatan": {"musrenbang_kecamatan", district, "camat"}, "forum_opd": {"forum_opd", office, "opd_head"},
	} {
		id := uuid.NewString()
		w.forums[stage] = id
		w.do(w.actors[f.by], nil, act.OnForum{Forum: forum.Stream(id), Year: year, Ask: &forum.Convened{Kind: f.kind, Stage: stage, Scope: f.scope,
			Date: time.Now().In(domain.Zones["WITA"]).Format(time.DateOnly)}})
	}
}

// submit hands in a proposal of the village and returns its number.
func (w *town) submit(title string) string {
	w.Helper()
	text, err := json.Marshal(map[string]any{"year": year, "lane": "musrenbang", "village": village, "title": title, "problem": "Hubungi Pak Sutrisno di 0812-3456-7890",
		"description": "Rabat beton", "location": "RT 03", "volume": map[string]any{"amount": "350", "unit": "m"}, "estimate": 200_000_000, "opd": opd, "priority": 1,
		"minutes_village": map[string]any{"kind": "berita_acara", "number": "1/BA/2026", "date": "2026-01-10"}, "forum": "forum-" + w.forums["desa"]})
	if err != nil {
		w.Fatal(err)
	}
	r, err := http.NewRequestWithContext(w.Context(), "POST", w.url+"/api/v1/proposals", bytes.NewReader(text))
	if err != nil {
		w.Fatal(err)
	}
	for k, v := range map[string]string{"Authorization": "Bearer " + w.tokens["village_operator"], "Idempotency-Key": uuid.NewString(), "Content-Type": "application/json"} {
		r.Header.Set(k, v)
	}
	res, err := w.browser().client.Do(r)
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct{ Proposals []string }
	body, err := io.ReadAll(res.Body)
	if err != nil || json.Unmarshal(body, &answer) != nil || len(answer.Proposals) != 1 {
		w.Fatalf("submit: %d %s", res.StatusCode, body)
	}
	w.shown(0)
	return answer.Proposals[0]
}

// shown waits until the read models stand at a position, 0 for the last one.
func (w *town) shown(position int64) {
	w.Helper()
	if position == 0 {
		var err error
		if position, err = w.server.Store.Head(w.Context()); err != nil {
			w.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
	defer cancel()
	if err := projections.WaitFor(ctx, w.pool, position); err != nil {
		w.Fatal(err)
	}
}

// A browser keeps cookies and follows no redirects by itself.
type browser struct {
	w      *town
	client *http.Client
}

func (w *town) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.Fatal(err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = insecure
	w.Cleanup(transport.CloseIdleConnections)
	return &browser{w, &http.Client{Jar: jar, Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// A shownPage is what a browser got.
type shownPage struct {
	*http.Response
	text string
}

func (b *browser) get(path string, headers ...string) shownPage {
	return b.send("GET", path, nil, headers...)
}

func (b *browser) post(path string, form url.Values, headers ...string) shownPage {
	return b.send("POST", path, form, headers...)
}

func (b *browser) send(method, path string, form url.Values, headers ...string) shownPage {
	b.w.Helper()
	if method == "POST" {
		headers = append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)
	}
	return b.deliver(method, path, strings.NewReader(form.Encode()), headers...)
}

func (b *browser) deliver(method, path string, content io.Reader, headers ...string) shownPage {
	b.w.Helper()
	r, err := http.NewRequestWithContext(b.w.Context(), method, b.w.url+path, content)
	if err != nil {
		b.w.Fatal(err)
	}
	r.Header.Set("Accept", "text/html,application/xhtml+xml")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := b.client.Do(r)
	if err != nil {
		b.w.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.w.Fatal(err)
	}
	return shownPage{res, string(body)}
}

// signIn signs in as the holder of a role.
func (b *browser) signIn(role domain.Role) {
	b.w.Helper()
	if p := b.post("/masuk", url.Values{"token": {b.w.tokens[role]}, "ke": {"/usulan"}}); p.StatusCode != http.StatusSeeOther || p.Header.Get("Location") != "/usulan" {
		b.w.Fatalf("sign-in as %s: %d %s\n%s", role, p.StatusCode, p.Header.Get("Location"), p.text)
	}
}

// holds reports texts that a page lacks.
func (p shownPage) holds(t *testing.T, wanted ...string) {
	t.Helper()
	for _, s := range wanted {
		if !strings.Contains(p.text, s) {
			t.Errorf("%s does not show %q", p.Request.URL.Path, s)
		}
	}
}

func (p shownPage) lacks(t *testing.T, unwanted ...string) {
	t.Helper()
	for _, s := range unwanted {
		if strings.Contains(p.text, s) {
			t.Errorf("%s shows %q", p.Request.URL.Path, s)
		}
	}
}
