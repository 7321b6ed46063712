package vault_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"runut/domain"
	"runut/eventstore"
	"runut/eventstore/pgtest"
	"runut/eventstore/record"
	"runut/eventstore/vault"
)

// Personal details that belong to nobody: the kode wilayah 99.01 does not exist.
const (
	nik   = "9901014101850001"
	phone = "0812-0000-1111"
	email = "warga.contoh@surel.example"
)

// open returns a vault on a new database and the path of its keyring.
func open(t *testing.T) (*vault.Vault, *pgxpool.Pool, string) {
	t.Helper()
	pool := pgtest.Open(t)
	path := filepath.Join(t.TempDir(), "runut-vault.key")
	ring, err := vault.CreateKeyring(path)
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(t.Context(), pool, ring)
	if err != nil {
		t.Fatal(err)
	}
	return v, pool, path
}

// item returns a value as the log hands it over, and its commitment.
func item(event uuid.UUID, field, plain string) (eventstore.Item, [32]byte) {
	var random [32]byte
	rand.Read(random[:])
	return eventstore.Item{Event: event, Field: field, Plain: append(random[:], plain...)}, record.Commit(random, field, plain)
}

// seal seals values of one event under consecutive fields "/a", "/b" …
func seal(t *testing.T, v *vault.Vault, subject string, event uuid.UUID, plain ...string) []vault.Sealed {
	t.Helper()
	items := make([]eventstore.Item, len(plain))
	for i, p := range plain {
		items[i], _ = item(event, "/"+string(rune('a'+i)), p)
	}
	out, err := v.Seal(t.Context(), subject, items)
	if err != nil {
		t.Fatal(err)
	}
	sealed := make([]vault.Sealed, len(out))
	for i, b := range out {
		sealed[i] = vault.Sealed{Event: event, Field: items[i].Field, Bytes: b}
	}
	return sealed
}

// unseal returns what each ciphertext holds, "erased" for what is gone.
func unseal(t *testing.T, v *vault.Vault, sealed ...vault.Sealed) []string {
	t.Helper()
	opened, err := v.Unseal(t.Context(), sealed...)
	if err != nil {
		t.Fatal(err)
	}
	var plain []string
	for _, o := range opened {
		if o.Erased != nil {
			o.Plain = "erased"
		}
		plain = append(plain, o.Plain)
	}
	return plain
}

func erasure(position int64) vault.Erasure {
	return vault.Erasure{Event: uuid.New(), Position: position, At: time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)}
}

func refused(t *testing.T, err error, code string) *domain.Error {
	t.Helper()
	e, ok := errors.AsType[*domain.Error](err)
	if !ok || e.Code != code {
		t.Fatalf("got %v, want the refusal %s", err, code)
	}
	return e
}

func TestWhatIsSealedOpensAndFitsItsCommitment(t *testing.T) {
	v, _, _ := open(t)
	for _, subject := range []string{"", "person-1"} {
		event := uuid.New()
		a, commitA := item(event, "/name", "Nama Contoh")
		b, commitB := item(event, "/problem#0", nik)
		out, err := v.Seal(t.Context(), subject, []eventstore.Item{a, b})
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(out[1], []byte(nik)) || bytes.Contains(out[1], b.Plain[:32]) {
			t.Error("the ciphertext shows what it seals")
		}
		opened, err := v.Unseal(t.Context(), vault.Sealed{event, "/name", out[0]}, vault.Sealed{event, "/problem#0", out[1]})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([]string{"Nama Contoh", nik}, []string{opened[0].Plain, opened[1].Plain}); d != "" {
			t.Error(d)
		}
		if err := errors.Join(opened[0].Check("/name", commitA), opened[1].Check("/problem#0", commitB)); err != nil {
			t.Error(err)
		}
		refused(t, opened[0].Check("/nama", commitA), "vault.commitment_broken")
		refused(t, opened[0].Check("/name", commitB), "vault.commitment_broken")
	}
}

func TestACiphertextOpensOnlyWhereItBelongs(t *testing.T) {
	v, _, _ := open(t)
	event := uuid.New()
	own := seal(t, v, "person-1", event, "Nama Contoh", nik)
	other := seal(t, v, "person-1", uuid.New(), "Nama Lain")[0]
	for name, bad := range map[string]vault.Sealed{
		"another field":    {event, "/b", own[0].Bytes},
		"another event":    {other.Event, "/a", own[0].Bytes},
		"one bit":          {event, "/a", flip(own[0].Bytes, len(own[0].Bytes)-1)},
		"another form":     {event, "/a", flip(own[0].Bytes, 0)},
		"cut":              {event, "/a", own[0].Bytes[:20]},
		"nothing":          {event, "/a", nil},
		"another's header": {event, "/a", append(bytes.Clone(other.Bytes[:17]), own[0].Bytes[17:]...)},
	} {
		if name == "another's header" { // one subject, one key: the binding must tell
			bad.Event = other.Event
		}
		if _, err := v.Unseal(t.Context(), bad); err == nil {
			t.Errorf("%s: it opened", name)
		} else {
			refused(t, err, "vault.tampered")
		}
	}
	lost := bytes.Clone(own[0].Bytes)
	copy(lost[1:17], bytes.Repeat([]byte{7}, 16))
	_, err := v.Unseal(t.Context(), vault.Sealed{event, "/a", lost})
	refused(t, err, "vault.key_unknown")
}

func flip(b []byte, at int) []byte {
	b = bytes.Clone(b)
	b[at] ^= 1
	return b
}

func TestErasingASubjectIsForGoodAndForEveryProcess(t *testing.T) {
	v, pool, path := open(t)
	ring, err := vault.LoadKeyring(path)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere, err := vault.Open(t.Context(), pool, ring)
	if err != nil {
		t.Fatal(err)
	}
	gone := seal(t, v, "person-1", uuid.New(), "Nama Contoh", nik, phone)
	stays := seal(t, v, "person-2", uuid.New(), "Nama Lain", "0812-0000-1111") // shares the telephone
	prose := seal(t, v, "", uuid.New(), "9901 0141 0185 0001", email)          // somebody wrote the NIK
	if d := cmp.Diff([]string{"Nama Contoh", nik, phone}, unseal(t, elsewhere, gone...)); d != "" {
		t.Fatal(d)
	}
	by := erasure(4711)
	for range 2 { // the second time, as after a restore, changes nothing
		if err := v.EraseSubject(t.Context(), "person-1", by); err != nil {
			t.Fatal(err)
		}
	}
	if err := v.EraseSubject(t.Context(), "person-1", erasure(9999)); err != nil {
		t.Fatal(err)
	}
	opened, err := elsewhere.Unseal(t.Context(), gone...)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range opened {
		if d := cmp.Diff(vault.Opened{Erased: &by}, o); d != "" {
			t.Error(d)
		}
		if err := o.Check("/a", [32]byte{1}); err != nil {
			t.Errorf("an erased detail fails its check: %v", err)
		}
	}
	if d := cmp.Diff([]string{"Nama Lain", "0812-0000-1111"}, unseal(t, elsewhere, stays...)); d != "" {
		t.Errorf("somebody else's details: %s", d)
	}
	if d := cmp.Diff([]string{"erased", email}, unseal(t, elsewhere, prose...)); d != "" {
		t.Errorf("details in prose: %s", d)
	}
	again, _ := item(uuid.New(), "/name", "Nama Contoh")
	_, err = elsewhere.Seal(t.Context(), "person-1", []eventstore.Item{again})
	if e := refused(t, err, "vault.erased"); e.Params["position"] != "4711" {
		t.Errorf("erased by event %s, want 4711", e.Params["position"])
	}
	never := vault.Erasure{Event: uuid.New(), Position: 5000, At: by.At}
	if err := v.EraseSubject(t.Context(), "person-3", never); err != nil {
		t.Fatal(err)
	}
	_, err = v.Seal(t.Context(), "person-3", []eventstore.Item{again})
	refused(t, err, "vault.erased")
}

func TestErasedDetailsDoNotComeBack(t *testing.T) {
	v, _, _ := open(t)
	seal(t, v, "person-1", uuid.New(), "Nama Contoh", nik, phone)
	asked := []domain.Span{
		{Kind: domain.SpanNIK, Plain: "9901.0141.0185.0001"},
		{Kind: domain.SpanPhone, Plain: "+62 812 0000 1111"},
		{Kind: domain.SpanPhone, Plain: "0812-0000-2222"},
		{Kind: domain.SpanEmail, Plain: nik},
	}
	check := func(want ...bool) {
		t.Helper()
		got, err := v.Suppressed(t.Context(), asked...)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	}
	check(false, false, false, false)
	if err := v.EraseSubject(t.Context(), "person-1", erasure(7)); err != nil {
		t.Fatal(err)
	}
	check(true, true, false, false)
	if none, err := v.Suppressed(t.Context()); err != nil || len(none) != 0 {
		t.Errorf("nothing asked: %v, %v", none, err)
	}
}

func TestOneDetailIsFoundInAllItsSpellings(t *testing.T) {
	v, _, _ := open(t)
	one, two, three := uuid.New(), uuid.New(), uuid.New()
	seal(t, v, "", one, "Nama Contoh", "99.01.01.41.01.85.0001")
	seal(t, v, "", two, "Warga.Contoh@Surel.Example")
	seal(t, v, "person-1", three, nik, email)
	find := func(kind domain.SpanKind, plain string) map[uuid.UUID]string {
		t.Helper()
		found, err := v.Occurrences(t.Context(), domain.Span{Kind: kind, Plain: plain})
		if err != nil {
			t.Fatal(err)
		}
		at := map[uuid.UUID]string{}
		for _, o := range found {
			at[o.Event] = o.Field + o.Subject
		}
		return at
	}
	if d := cmp.Diff(map[uuid.UUID]string{one: "/b", three: "/aperson-1"}, find(domain.SpanNIK, nik)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(map[uuid.UUID]string{two: "/a", three: "/bperson-1"}, find(domain.SpanEmail, email)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(map[uuid.UUID]string{}, find(domain.SpanName, "Nama Contoh")); d != "" {
		t.Errorf("names are not looked for: %s", d)
	}
}

func TestErasingADetailWithoutOwner(t *testing.T) {
	v, _, _ := open(t)
	event := uuid.New()
	prose := seal(t, v, "", event, nik, email)
	person := seal(t, v, "person-1", uuid.New(), nik)
	if err := v.EraseDetail(t.Context(), domain.Span{Kind: domain.SpanNIK, Plain: nik}, erasure(3)); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"erased", email, nik}, unseal(t, v, prose[0], prose[1], person[0])); d != "" {
		t.Error(d)
	}
	if err := v.EraseField(t.Context(), event, "/b", erasure(4)); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"erased", "erased"}, unseal(t, v, prose...)); d != "" {
		t.Error(d)
	}
	found, err := v.Suppressed(t.Context(), domain.Span{Kind: domain.SpanNIK, Plain: nik}, domain.Span{Kind: domain.SpanEmail, Plain: email})
	if err != nil || found[0] != true || found[1] != false {
		t.Errorf("suppressed: %v, %v; want the detail and not the field", found, err)
	}
}

func TestSealingTheSameEventTwiceUsesItsKeysAgain(t *testing.T) {
	v, pool, _ := open(t)
	event := uuid.New()
	for range 2 {
		seal(t, v, "", event, nik, email)
		seal(t, v, "person-1", event, nik)
	}
	var keys, occurrences int
	if err := pool.QueryRow(t.Context(), `
		select (select count(*) from vault.keys where purpose <> 'index'), (select count(*) from vault.occurrences)`).Scan(&keys, &occurrences); err != nil {
		t.Fatal(err)
	}
	if keys != 3 || occurrences != 2 {
		t.Errorf("%d keys and %d occurrences, want 3 and 2", keys, occurrences)
	}
}

func TestConcurrentSealingAgreesOnOneKey(t *testing.T) {
	v, _, _ := open(t)
	type result struct {
		sealed vault.Sealed
		err    error
	}
	results := make(chan result)
	for range 8 {
		go func() {
			it, _ := item(uuid.New(), "/name", "Nama Contoh")
			out, err := v.Seal(t.Context(), "person-1", []eventstore.Item{it})
			r := result{err: err}
			if err == nil {
				r.sealed = vault.Sealed{it.Event, it.Field, out[0]}
			}
			results <- r
		}()
	}
	for range 8 {
		r := <-results
		if r.err != nil {
			t.Fatal(r.err)
		}
		if got := unseal(t, v, r.sealed); got[0] != "Nama Contoh" {
			t.Errorf("opened %q", got[0])
		}
	}
}

func TestTheDatabaseAloneShowsNothing(t *testing.T) {
	v, pool, _ := open(t)
	docs := &vault.Documents{Vault: v}
	seal(t, v, "person-1", uuid.New(), "Nama Contoh", nik, phone, email)
	if _, err := docs.Put(t.Context(), strings.NewReader("Nama Contoh;"+nik), "text/csv", "daftar-hadir-nama-contoh.csv"); err != nil {
		t.Fatal(err)
	}
	dump := dumpVault(t, pool)
	for _, canary := range []string{nik, "Nama Contoh", "nama-contoh", "6281200001111", "surel.example"} {
		if strings.Contains(dump, canary) {
			t.Errorf("a dump of the vault shows %q", canary)
		}
	}
}

// dumpVault returns every row of the schema as text, bytes both as they are and
// in hexadecimal.
func dumpVault(t *testing.T, pool *pgxpool.Pool) string {
	t.Helper()
	var all strings.Builder
	for _, table := range []string{"keys", "occurrences", "suppressed", "documents", "pieces", "originals"} {
		rows, err := pool.Query(context.Background(), `select * from vault.`+table)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			for _, value := range rows.RawValues() {
				all.Write(value)
				all.WriteByte('\n')
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	if all.Len() == 0 {
		t.Fatal("the dump is empty")
	}
	return all.String()
}

func TestRotatingTheMasterKey(t *testing.T) {
	v, pool, path := open(t)
	docs := &vault.Documents{Vault: v}
	sealed := append(seal(t, v, "person-1", uuid.New(), "Nama Contoh"), seal(t, v, "", uuid.New(), nik)...)
	erased := seal(t, v, "person-2", uuid.New(), "Nama Lain")
	if err := v.EraseSubject(t.Context(), "person-2", erasure(1)); err != nil {
		t.Fatal(err)
	}
	doc, err := docs.Put(t.Context(), strings.NewReader("isi"), "text/plain", "")
	if err != nil {
		t.Fatal(err)
	}
	keep := func(in *vault.Vault) vault.Upload {
		t.Helper()
		u := &vault.Uploads{Vault: in, Dir: t.TempDir()}
		s, err := u.Receive(strings.NewReader("isi"))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		up, err := u.Keep(t.Context(), s, "grant-a", []byte("{}"))
		if err != nil {
			t.Fatal(err)
		}
		return up
	}
	before := keep(v)
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}

	ring, err := vault.RenewKeyring(path)
	if err != nil {
		t.Fatal(err)
	}
	both, err := vault.Open(t.Context(), pool, ring)
	if err != nil {
		t.Fatal(err)
	}
	if got := unseal(t, both, sealed...); got[1] != nik {
		t.Errorf("before rewrapping: %v", got)
	}
	if n, err := both.Rewrap(t.Context()); err != nil || n != 5 { // index, person-1, field, document, upload
		t.Fatalf("rewrapped %d keys, %v; want 5", n, err)
	}
	if n, err := both.Rewrap(t.Context()); err != nil || n != 0 {
		t.Errorf("rewrapped %d more, %v", n, err)
	}

	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, bytes.TrimSuffix(text, old)) // the operator takes the old key out
	ring, err = vault.LoadKeyring(path)
	if err != nil {
		t.Fatal(err)
	}
	only, err := vault.Open(t.Context(), pool, ring)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"Nama Contoh", nik, "erased"}, unseal(t, only, append(sealed, erased...)...)); d != "" {
		t.Error(d)
	}
	if found, err := only.Occurrences(t.Context(), domain.Span{Kind: domain.SpanNIK, Plain: nik}); err != nil || len(found) != 1 {
		t.Errorf("occurrences after the rotation: %v, %v", found, err)
	}
	if got := read(t, &vault.Documents{Vault: only}, doc.Digest); got != "isi" {
		t.Errorf("document after the rotation: %q", got)
	}
	uploads := &vault.Uploads{Vault: only, Dir: t.TempDir()}
	if up, err := uploads.Get(t.Context(), before.ID, "grant-a"); err != nil {
		t.Errorf("upload after the rotation: %v", err)
	} else if s, err := uploads.Open(t.Context(), up); err != nil {
		t.Errorf("upload after the rotation: %v", err)
	} else {
		s.Close()
	}
	keep(v) // by a program that has the old key still
	if all, err := uploads.List(t.Context(), "grant-a"); err != nil || len(all) != 1 {
		t.Errorf("%d uploads, %v: one that cannot be opened hides the others", len(all), err)
	}

	write(t, path, old) // and a program that still has only the old key
	ring, err = vault.LoadKeyring(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = vault.Open(t.Context(), pool, ring)
	refused(t, err, "vault.master_unknown")
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestASwappedKeyDoesNotOpen(t *testing.T) {
	v, pool, _ := open(t)
	sealed := seal(t, v, "person-1", uuid.New(), "Nama Contoh")
	seal(t, v, "person-2", uuid.New(), "Nama Lain")
	if _, err := pool.Exec(t.Context(), `
		update vault.keys
		   set wrapped = (select wrapped from vault.keys where subject = 'person-2')
		 where subject = 'person-1'`); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Unseal(t.Context(), sealed...); err == nil {
		t.Error("a key from another row opened")
	}
}

func exec(t *testing.T, pool *pgxpool.Pool, sql string) {
	t.Helper()
	if _, err := pool.Exec(context.Background(), sql); err != nil {
		t.Fatal(err)
	}
}

// countRows returns how many documents, pieces and originals there are.
func countRows(t *testing.T, pool *pgxpool.Pool) (n int) {
	t.Helper()
	err := pool.QueryRow(context.Background(), `
		select (select count(*) from vault.documents) + (select count(*) from vault.pieces) + (select count(*) from vault.originals)`).Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTheServersRoleCanUseTheVaultAndNotUndoAnErasure(t *testing.T) {
	_, owner, path := open(t)
	config := owner.Config()
	config.ConnConfig.RuntimeParams["role"] = "runut_app"
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	ring, err := vault.RenewKeyring(path)
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(t.Context(), pool, ring)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Rewrap(t.Context()); err != nil {
		t.Error(err)
	}
	seal(t, v, "person-1", uuid.New(), nik)
	seal(t, v, "", uuid.New(), nik)
	if err := v.EraseSubject(t.Context(), "person-1", erasure(1)); err != nil {
		t.Error(err)
	}
	docs := &vault.Documents{Vault: v}
	doc := put(t, docs, pdf(10), "application/pdf")
	if got := read(t, docs, doc.Digest); got != string(pdf(10)) {
		t.Errorf("read %q", got)
	}
	if err := docs.Erase(t.Context(), doc.Digest, erasure(2)); err != nil {
		t.Error(err)
	}
	for _, sql := range []string{
		`delete from vault.keys`, `delete from vault.suppressed`, `update vault.suppressed set kind = 'phone'`,
		`delete from vault.documents`, `truncate vault.keys cascade`,
	} {
		if _, err := pool.Exec(t.Context(), sql); err == nil {
			t.Errorf("the server's role may %s", sql)
		}
	}
}
