package eventstore_test

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/domain"
	"runut/domain/event"
	"runut/eventstore"
	"runut/eventstore/pgtest"
	"runut/eventstore/record"
)

// A box seals with one key and notes under whose name it was asked to.
type box struct{ subjects map[string]int }

func (b *box) aead() cipher.AEAD {
	block, _ := aes.NewCipher(bytes.Repeat([]byte{7}, 32))
	aead, _ := cipher.NewGCMWithRandomNonce(block)
	return aead
}

func (b *box) Seal(_ context.Context, subject string, items []eventstore.Item) ([][]byte, error) {
	sealed := make([][]byte, len(items))
	for i, item := range items {
		sealed[i] = b.aead().Seal(nil, nil, item.Plain, append(item.Event[:], item.Field...))
		b.subjects[subject]++
	}
	return sealed, nil
}

func (b *box) open(t testing.TB, e event.Record, field string, sealed []byte) (random [32]byte, value string) {
	t.Helper()
	plain, err := b.aead().Open(nil, nil, sealed, append(e.ID[:], field...))
	if err != nil {
		t.Fatal(err)
	}
	return [32]byte(plain), string(plain[32:])
}

// dump returns everything that the table of events shows of itself.
func dump(t testing.TB, pool *pgxpool.Pool) string {
	t.Helper()
	rows, err := pool.Query(t.Context(), `select events::text || convert_from(record, 'UTF8') from events`)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

func TestSecretsAreNeverInTheClear(t *testing.T) {
	pool := pgtest.Open(t)
	vault := &box{subjects: map[string]int{}}
	s := open(t, pool, func(o *eventstore.Options) { o.Sealer = vault })
	appended(t, s,
		add("person-p-1", 0, &registered{Name: domain.Secret{Plain: "Nama Contoh"}, NIK: domain.Secret{Plain: "9901014101850001"}}),
		add("proposal-A", 0, &submitted{Problem: domain.Mask("hubungi 0812-3456-7890 atau surel warga@surel.example")}))
	shown := dump(t, pool)
	for _, secret := range []string{"Nama Contoh", "9901014101850001", "0812-3456-7890", "warga@surel.example"} {
		if strings.Contains(shown, secret) {
			t.Errorf("%q is readable in the table of events", secret)
		}
	}
	if diff := cmp.Diff(map[string]int{"person-p-1": 2, "": 2}, vault.subjects); diff != "" {
		t.Errorf("subjects sealed for (-want +got):\n%s", diff)
	}
	log := all(t, s)
	want := map[int64]map[string]string{
		1: {"/name": "Nama Contoh", "/nik": "9901014101850001"},
		2: {"/problem#0": "0812-3456-7890", "/problem#1": "warga@surel.example"},
	}
	for _, e := range log {
		beside, err := s.Beside(t.Context(), e.Position)
		if err != nil {
			t.Fatal(err)
		}
		r := recordAt(t, s, e.Position)
		got := map[string]string{}
		for field, sealed := range beside.Sealed {
			random, value := vault.open(t, e, field, sealed)
			got[field] = value
			if commitment := record.Commit(random, field, value); commitment != r.Sealed[field] {
				t.Errorf("%s of event %d is %x beside a record that commits to %x", field, e.Position, commitment, r.Sealed[field])
			}
		}
		if diff := cmp.Diff(want[e.Position], got); diff != "" {
			t.Errorf("sealed beside event %d (-want +got):\n%s", e.Position, diff)
		}
	}
	if got := log[0].Event.(*registered); !got.Name.Sealed || got.Name.Plain != "" {
		t.Errorf("a secret reads back as %+v, want sealed", got.Name)
	}
	if got, want := log[1].Event.(*submitted).Problem.Masked, "hubungi [telepon disamarkan] atau surel [surel disamarkan]"; got != want {
		t.Errorf("the text reads %q, want %q", got, want)
	}
}

func recordAt(t testing.TB, s *eventstore.Store, position int64) record.Record {
	t.Helper()
	raw, err := s.At(t.Context(), position)
	if err != nil {
		t.Fatal(err)
	}
	r, err := record.ParseStrict(raw.Record)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAVaultThatDoesNotSealIsNoticed(t *testing.T) {
	s := open(t, pgtest.Open(t), func(o *eventstore.Options) { o.Sealer = glass{} })
	_, err := s.Append(t.Context(), command(), add("person-p-1", 0, &registered{Name: domain.Secret{Plain: "Nama Contoh"}}))
	if err == nil {
		t.Error("an unsealed secret was appended")
	}
}

type glass struct{}

func (glass) Seal(_ context.Context, _ string, items []eventstore.Item) (all [][]byte, err error) {
	for _, item := range items {
		all = append(all, item.Plain)
	}
	return all, nil
}

func TestTextsAreBoundByTheirRecord(t *testing.T) {
	pool := pgtest.Open(t)
	s := open(t, pool)
	text := "Jalan rusak \"parah\" \\ \u2028 😀"
	appended(t, s, add("proposal-A", 0, &submitted{Problem: domain.Text{Masked: text}}))
	r := recordAt(t, s, 1)
	if bytes.Contains(r.Payload, []byte("rusak")) {
		t.Error("the text stands in the record")
	}
	beside, err := s.Beside(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	kept := beside.Texts["/problem"]
	if kept.Text != text || kept.Closed {
		t.Errorf("beside the record stands %+v, want %q", kept, text)
	}
	if got := record.Commit(kept.Random, "/problem", kept.Text); got != r.Texts["/problem"] {
		t.Errorf("the commitment is %x, the record's is %x", got, r.Texts["/problem"])
	}
}

func TestATextIsClosedWhenAnEventSaysSo(t *testing.T) {
	pool := pgtest.Open(t)
	vault := &box{subjects: map[string]int{}}
	s := open(t, pool, func(o *eventstore.Options) { o.Sealer = vault })
	ctx := t.Context()
	told := appended(t, s, add("proposal-A", 0, &submitted{Title: "Jalan", Problem: domain.Mask("milik Bapak Sutrisno Hadi, hub. 0812-3456-7890")}))
	other := appended(t, s, add("proposal-B", 0, &submitted{Problem: domain.Mask("lain")}))
	before := recordAt(t, s, 1)
	order := appended(t, s, add("proposal-A", 1, &textRedacted{Target: told.Events[0].ID.String(), Field: "/problem", Ground: "UU 27/2022"}))

	for _, refused := range []struct {
		name      string
		at, cause int64
		field     string
	}{
		{"another event's text", other.First, order.First, "/problem"},
		{"another field", told.First, order.First, "/title"},
		{"an order that is none", told.First, other.First, "/problem"},
		{"an order that is not there", told.First, 99, "/problem"},
		{"an event that is not there", 99, order.First, "/problem"},
	} {
		if err := s.CloseText(ctx, refused.at, refused.field, refused.cause); !isCode(err, "text.not_ordered") {
			t.Errorf("%s: %v, want text.not_ordered", refused.name, err)
		}
	}
	for _, field := range []string{"/problem", "/problem#0", "/problem#1", "/problem"} { // the last is closed already
		if err := s.CloseText(ctx, told.First, field, order.First); err != nil {
			t.Errorf("close %s: %v", field, err)
		}
	}
	beside, err := s.Beside(ctx, told.First)
	if err != nil {
		t.Fatal(err)
	}
	want := eventstore.Beside{Texts: map[string]eventstore.Text{"/problem": {Closed: true}}, Sealed: map[string][]byte{"/problem#0": nil, "/problem#1": nil}}
	if diff := cmp.Diff(want, beside); diff != "" {
		t.Errorf("beside the event (-want +got):\n%s", diff)
	}
	if shown := dump(t, pool); strings.Contains(shown, "milik") {
		t.Error("the closed text is still readable")
	}
	if diff := cmp.Diff(before, recordAt(t, s, 1)); diff != "" {
		t.Errorf("the record changed:\n%s", diff)
	}
	log := all(t, s)
	if got := log[0].Event.(*submitted); got.Title != "Jalan" || got.Problem.Masked != "" {
		t.Errorf("the event reads back as %+v, want it with an empty text", got)
	}
	if got := log[1].Event.(*submitted).Problem.Masked; got != "lain" {
		t.Errorf("the other text reads %q", got)
	}
}

func TestAnErasureClosesWhatItNames(t *testing.T) {
	pool := pgtest.Open(t)
	s := open(t, pool, func(o *eventstore.Options) { o.Sealer = &box{subjects: map[string]int{}} })
	person := appended(t, s, add("person-p-1", 0, &registered{Name: domain.Secret{Plain: "Nama Contoh"}, NIK: domain.Secret{Plain: "9901014101850001"}}))
	told := appended(t, s, add("proposal-A", 0, &submitted{Problem: domain.Mask("hub. 0812-3456-7890")}))
	order := appended(t, s, add("person-p-1", 1, &personErased{Closes: []closes{{told.Events[0].ID.String(), "/problem#0"}}}))
	for at, field := range map[int64]string{person.First: "/name", told.First: "/problem#0"} {
		if err := s.CloseText(t.Context(), at, field, order.First); err != nil {
			t.Errorf("close %s: %v", field, err)
		}
		beside, err := s.Beside(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		if sealed, there := beside.Sealed[field]; !there || sealed != nil {
			t.Errorf("%s is %x, want erased", field, sealed)
		}
	}
	if err := s.CloseText(t.Context(), told.First, "/problem", order.First); !isCode(err, "text.not_ordered") {
		t.Errorf("the text around the erased span: %v, want text.not_ordered", err)
	}
}

// The table refuses its owner, and even a superuser who says that the session is
// a replica's.
func TestEventsAreFinal(t *testing.T) {
	pool := pgtest.Open(t)
	s := open(t, pool)
	appended(t, s, add("proposal-A", 0, &submitted{Problem: domain.Text{Masked: "a"}}))
	order := appended(t, s, add("proposal-A", 1, &textRedacted{Target: all(t, s)[0].ID.String(), Field: "/problem"}))
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	for _, role := range []string{"origin", "replica"} {
		closing := fmt.Sprintf(`set runut.closing_cause = '%d'; set runut.closing_field = '/problem'; `, order.First)
		for _, statement := range []string{
			`update events set record = 'x'`,
			`update events set texts = null`,
			`update events set position = position + 10`,
			`delete from events`,
			`truncate events`,
			`truncate events cascade`,
			`insert into events select * from events on conflict (position) do update set record = 'x'`,
			closing + `update events set texts = null where position = 1`,
			closing + `update events set texts = jsonb_set(texts, '{/problem}', '{"t":"b","s":""}') where position = 1`,
			closing + `update events set texts = jsonb_set(texts, '{/problem}', 'null'), record = 'x' where position = 1`,
			closing + `delete from events where position = 1`,
			// an event that orders nothing is no excuse
			`set runut.closing_cause = '1'; set runut.closing_field = '/problem'; update events set texts = jsonb_set(texts, '{/problem}', 'null') where position = 1`,
		} {
			_, err := conn.Exec(t.Context(), `set session_replication_role = `+role+`; `+statement)
			if err == nil || !strings.Contains(err.Error(), "never changed") {
				t.Errorf("as %s, %s: %v, want a refusal", role, statement, err)
			}
		}
	}
	if got := gapFree(t, s); got != 2 {
		t.Errorf("%d events are left of 2", got)
	}
}

// The role a server should run as can do all that a store does and no more.
func TestTheApplicationRoleCanOnlyAdd(t *testing.T) {
	owner := pgtest.Open(t)
	config := owner.Config()
	config.ConnConfig.RuntimeParams["role"] = "runut_app"
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	s := open(t, pool)
	told := appended(t, s, add("proposal-A", 0, &submitted{Problem: domain.Text{Masked: "a"}}))
	appended(t, s, add("proposal-B", 0, road(1), road(2)))
	if _, err := s.Append(t.Context(), command(), many("proposal-L", 1001)...); err != nil {
		t.Error(err)
	}
	order := appended(t, s, add("proposal-A", 1, &textRedacted{Target: told.Events[0].ID.String(), Field: "/problem"}))
	if err := s.CloseText(t.Context(), told.First, "/problem", order.First); err != nil {
		t.Error(err)
	}
	if err := s.Refused(t.Context(), eventstore.Refusal{Command: command(), Name: "proposal.accept", Err: domain.Refuse(domain.Forbidden, "x")}); err != nil {
		t.Error(err)
	}
	for _, statement := range []string{
		`update events set record = 'x'`, `delete from events`, `truncate events`, `alter table events disable trigger all`,
		`update commands set first = 1`, `delete from commands`, `delete from refusals`, `delete from head`, `insert into head values (false)`, `drop table events`,
	} {
		if _, err := pool.Exec(t.Context(), statement); err == nil {
			t.Errorf("the application's role may %s", statement)
		}
	}
}
