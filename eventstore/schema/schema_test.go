package schema_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"runut/domain"
	"runut/eventstore/pgtest"
	"runut/eventstore/schema"
)

func file(statement string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte("-- +goose Up\n" + statement + "\n")}
}

var (
	first  = file(`create table plans (year int primary key);`)
	second = file(`alter table plans add column title text;`)
	third  = file(`create table notes (id int);`)
)

func set(files fstest.MapFS) schema.Set { return schema.Set{FS: files} }

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func read(t *testing.T, s schema.Set, conn *pgx.Conn) schema.State {
	t.Helper()
	state, err := s.Read(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// refusal returns the code and the params of a refusal, "" for none.
func refusal(err error) (string, map[string]string) {
	if e, ok := errors.AsType[*domain.Error](err); ok {
		return e.Code, e.Params
	}
	return "", nil
}

func TestUpAppliesWhatIsMissing(t *testing.T) {
	url := pgtest.Blank(t)
	conn := connect(t, url)
	older := set(fstest.MapFS{"00001_plans.sql": first})
	newer := set(fstest.MapFS{"00001_plans.sql": first, "00002_titles.sql": second, "00003_notes.sql": third})

	if d := cmp.Diff(schema.State{Want: 3, Missing: []int64{1, 2, 3}}, read(t, newer, conn)); d != "" {
		t.Errorf("empty database: %s", d)
	}
	if err := older.Up(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(schema.State{Have: 1, Want: 1}, read(t, older, conn)); d != "" {
		t.Errorf("after the first: %s", d)
	}
	state := read(t, newer, conn)
	if d := cmp.Diff(schema.State{Have: 1, Want: 3, Missing: []int64{2, 3}}, state); d != "" {
		t.Errorf("before the others: %s", d)
	}
	code, params := refusal(state.Refusal())
	if d := cmp.Diff(map[string]string{"have": "1", "want": "3", "versions": "2, 3"}, params); code != "schema.behind" || d != "" {
		t.Errorf("refused with %s %s", code, d)
	}
	for range 2 { // the second time finds it done
		if err := newer.Up(t.Context(), url); err != nil {
			t.Fatal(err)
		}
	}
	if err := read(t, newer, conn).Refusal(); err != nil {
		t.Errorf("current, and refused with %v", err)
	}
	if _, err := conn.Exec(t.Context(), `insert into plans (year, title) values (2027, 'RKPD')`); err != nil {
		t.Error(err)
	}
}

func TestANewerDatabaseIsRefusedUntouched(t *testing.T) {
	url := pgtest.Blank(t)
	conn := connect(t, url)
	if err := set(fstest.MapFS{"00001_plans.sql": first, "00002_titles.sql": second}).Up(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	older := set(fstest.MapFS{"00001_plans.sql": first})
	code, params := refusal(read(t, older, conn).Refusal())
	if d := cmp.Diff(map[string]string{"have": "2", "want": "1", "versions": "2"}, params); code != "schema.ahead" || d != "" {
		t.Errorf("refused with %s %s", code, d)
	}
	if code, _ := refusal(older.Up(t.Context(), url)); code != "schema.ahead" {
		t.Errorf("Up refused with %q", code)
	}
	// both behind and ahead: of another line of development
	other := set(fstest.MapFS{"00001_plans.sql": first, "00003_notes.sql": third})
	if code, _ := refusal(other.Up(t.Context(), url)); code != "schema.ahead" {
		t.Errorf("Up of another line refused with %q", code)
	}
	var exists bool
	if err := conn.QueryRow(t.Context(), `select to_regclass('notes') is not null`).Scan(&exists); err != nil || exists {
		t.Errorf("notes exists: %v, %v", exists, err)
	}
}

func TestAMigrationThatFailsLeavesTheOnesBeforeIt(t *testing.T) {
	url := pgtest.Blank(t)
	conn := connect(t, url)
	files := fstest.MapFS{"00001_plans.sql": first, "00002_titles.sql": file(`alter table plans add column title text; select 1/0;`)}
	err := set(files).Up(t.Context(), url)
	if err == nil || !strings.Contains(err.Error(), "00002_titles.sql") {
		t.Errorf("got %v, want an error that names the file", err)
	}
	if d := cmp.Diff(schema.State{Have: 1, Want: 2, Missing: []int64{2}}, read(t, set(files), conn)); d != "" {
		t.Error(d)
	}
	files["00002_titles.sql"] = second
	if err := set(files).Up(t.Context(), url); err != nil {
		t.Errorf("after the repair: %v", err)
	}
}

func TestProgramsThatStartTogetherMigrateOnce(t *testing.T) {
	url := pgtest.Blank(t)
	files := fstest.MapFS{"00001_plans.sql": first, "00002_titles.sql": second, "00003_notes.sql": third}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := set(files).Up(t.Context(), url); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := read(t, set(files), connect(t, url)).Refusal(); err != nil {
		t.Error(err)
	}
}

func TestOurOwnSchemaIsCurrentInATestDatabase(t *testing.T) {
	pool := pgtest.Open(t)
	if err := schema.Check(t.Context(), pool); err != nil {
		t.Error(err)
	}
	blank := connect(t, pgtest.Blank(t))
	if code, _ := refusal(schema.Check(t.Context(), blank)); code != "schema.behind" {
		t.Errorf("an empty database was refused with %q", code)
	}
}

// The role a program runs under may read the versions without owning anything.
func TestReadingNeedsNoRightToChange(t *testing.T) {
	url := pgtest.URL(t)
	conn := connect(t, url)
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	if _, err := tx.Exec(t.Context(), `set transaction read only`); err != nil {
		t.Fatal(err)
	}
	if err := schema.Check(t.Context(), tx); err != nil {
		t.Error(err)
	}
}

func TestAnUnreadableURLAndAnOddFileNameAreErrors(t *testing.T) {
	if err := schema.Up(t.Context(), "postgres://%zz"); err == nil {
		t.Error("an unreadable URL was accepted")
	}
	odd := set(fstest.MapFS{"plans.sql": first})
	if _, err := odd.Read(t.Context(), connect(t, pgtest.Blank(t))); err == nil || !strings.Contains(err.Error(), "plans.sql") {
		t.Errorf("got %v, want an error that names the file", err)
	}
}
