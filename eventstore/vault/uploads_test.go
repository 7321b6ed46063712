package vault_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"

	"github.com/google/uuid"

	"runut/domain"
	"runut/eventstore/vault"
)

func TestUploadsAreSealedOwnedAndDeleted(t *testing.T) {
	v, pool, _ := open(t)
	u := &vault.Uploads{Vault: v, MaxSize: 3 << 20, Dir: t.TempDir()}
	content := bytes.Repeat([]byte("9901014101850001;Kenari\n"), 100_000) // more than two pieces
	keep := func(owner string) vault.Upload {
		t.Helper()
		s, err := u.Receive(bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		up, err := u.Keep(t.Context(), s, owner, []byte(`{"name":"Kenari.csv"}`))
		if err != nil {
			t.Fatal(err)
		}
		return up
	}
	refused := func(err error, code string) {
		t.Helper()
		if !errors.Is(err, &domain.Error{Code: code}) {
			t.Errorf("got %v, want %s", err, code)
		}
	}
	for code, sent := range map[string]io.Reader{"upload.empty": bytes.NewReader(nil), "upload.too_large": bytes.NewReader(make([]byte, 3<<20+1))} {
		_, err := u.Receive(sent)
		refused(err, code)
	}
	up := keep("grant-a")
	_, err := u.Get(t.Context(), up.ID, "grant-b")
	refused(err, "upload.gone")
	_, err = u.Get(t.Context(), uuid.New(), "grant-a")
	refused(err, "upload.gone")

	got, err := u.Get(t.Context(), up.ID, "grant-a")
	if err != nil || string(got.About) != `{"name":"Kenari.csv"}` || got.Digest != up.Digest || got.Taken {
		t.Fatalf("%+v, %v", got, err)
	}
	s, err := u.Open(t.Context(), got)
	if err != nil {
		t.Fatal(err)
	}
	read, err := io.ReadAll(s.Reader())
	if err != nil || !bytes.Equal(read, content) {
		t.Errorf("%d bytes came back, %v", len(read), err)
	}
	s.Close()
	for _, table := range []string{"vault.uploads", "vault.upload_pieces"} {
		var held int
		if err := pool.QueryRow(t.Context(), `select count(*) from `+table+` t where strpos(t::text, encode('Kenari'::bytea, 'hex')) > 0 or strpos(t::text, 'Kenari') > 0`).Scan(&held); err != nil || held > 0 {
			t.Errorf("%s holds it in the clear %d times, %v", table, held, err)
		}
	}

	if err := u.Describe(t.Context(), got, []byte(`{}`)); err != nil {
		t.Fatal(err)
	}
	if err := u.Took(t.Context(), got); err != nil {
		t.Fatal(err)
	}
	all, err := u.List(t.Context(), "grant-a")
	if err != nil || len(all) != 1 || string(all[0].About) != `{}` || !all[0].Taken {
		t.Errorf("%+v, %v", all, err)
	}

	// What was moved within the table does not open, and a piece that is gone is said so.
	if _, err := pool.Exec(t.Context(), `update vault.upload_pieces set sealed = (select sealed from vault.upload_pieces where upload = $1 and n = 1) where upload = $1 and n = 0`, up.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := u.Open(t.Context(), got); err == nil {
		t.Error("a piece in the place of another was taken for it")
	}
	if _, err := pool.Exec(t.Context(), `delete from vault.upload_pieces where upload = $1 and n = 0`, up.ID); err != nil {
		t.Fatal(err)
	}
	_, err = u.Open(t.Context(), got)
	refused(err, "upload.gone")

	if err := u.Delete(t.Context(), up.ID, "grant-b"); err != nil {
		t.Fatal(err)
	}
	if _, err := u.Get(t.Context(), up.ID, "grant-a"); err != nil {
		t.Errorf("somebody else threw it away: %v", err)
	}
	if _, err := pool.Exec(t.Context(), `update vault.uploads set expires_at = now() - interval '1 minute' where id = $1`, up.ID); err != nil {
		t.Fatal(err)
	}
	_, err = u.Get(t.Context(), up.ID, "grant-a")
	refused(err, "upload.gone")
	next := keep("grant-b")
	if n, err := u.Sweep(t.Context()); err != nil || n != 1 {
		t.Errorf("swept %d, %v", n, err)
	}
	var left int
	if err := pool.QueryRow(t.Context(), `select count(*) from vault.uploads`).Scan(&left); err != nil || left != 1 {
		t.Errorf("%d uploads are left, %v", left, err)
	}
	if err := u.Delete(t.Context(), next.ID, "grant-b"); err != nil {
		t.Fatal(err)
	}
	if err := pool.QueryRow(t.Context(), `select count(*) from vault.upload_pieces`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d pieces are left, %v", left, err)
	}
}

// Many at once are no more than may be.
func TestUploadsAreBounded(t *testing.T) {
	v, _, _ := open(t)
	u := &vault.Uploads{Vault: v, Dir: t.TempDir()}
	var all sync.WaitGroup
	for i := range 30 {
		all.Go(func() {
			s, err := u.Receive(bytes.NewReader(fmt.Appendf(nil, "a;%d\n", i)))
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			if _, err := u.Keep(t.Context(), s, "grant-a", nil); err != nil && !errors.Is(err, &domain.Error{Code: "upload.too_many"}) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if kept, err := u.List(t.Context(), "grant-a"); err != nil || len(kept) != 20 {
		t.Errorf("%d uploads, %v", len(kept), err)
	}
}
