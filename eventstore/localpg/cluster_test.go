//go:build linux || darwin

package localpg

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
)

func TestStartMakesADurableClusterWithoutATCPPort(t *testing.T) {
	t.Parallel()
	var said []string
	config := testConfig(filepath.Join(folder(t), "data"))
	config.Say = func(step string) { said = append(said, step) }
	c := start(t, config)
	got := map[string]string{}
	for _, name := range []string{"fsync", "synchronous_commit", "full_page_writes", "listen_addresses",
		"unix_socket_permissions", "data_checksums", "server_encoding", "TimeZone"} {
		got[name] = query[string](t, c, `select current_setting($1)`, name)
	}
	want := map[string]string{"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "listen_addresses": "",
		"unix_socket_permissions": "0700", "data_checksums": "on", "server_encoding": "UTF8", "TimeZone": "UTC"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if all := strings.Join(said, "\n"); !strings.Contains(all, "ditemukan") || !strings.Contains(all, "menyiapkan klaster") {
		t.Errorf("said %q", all)
	}
	if _, err := pgx.Connect(t.Context(), strings.Replace(c.URL("postgres"), c.password, "x", 1)); err == nil {
		t.Error("connected with a wrong password")
	}
}

func TestStartAgainKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	dir := clusterFolder(t)
	c := start(t, testConfig(dir))
	url, err := c.Database(t.Context(), "usulan")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), `create table kept as select 42 as n`); err != nil {
		t.Fatal(err)
	}

	began := time.Now()
	stop(t, c) // with a connection open
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("stopping took %s", took)
	}
	if runsIn(dir) || c.Pid() != 0 || c.Err() != nil {
		t.Errorf("after Close: runs %v, pid %d, err %v", runsIn(dir), c.Pid(), c.Err())
	}
	stop(t, c) // again does nothing

	again := start(t, testConfig(dir))
	if url, err = again.Database(t.Context(), "usulan"); err != nil {
		t.Fatal(err)
	}
	if conn, err = pgx.Connect(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var n int
	if err := conn.QueryRow(t.Context(), `select n from kept`).Scan(&n); err != nil || n != 42 {
		t.Errorf("got %d, %v", n, err)
	}
	if again.Adopted {
		t.Error("a stopped cluster counts as adopted")
	}
}

func TestCloseStopsAsByACrashWhenItsTimeIsUp(t *testing.T) {
	t.Parallel()
	dir := clusterFolder(t)
	c, err := Start(t.Context(), testConfig(dir))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	c.Close(ctx) // its error is left aside: the fast shutdown may win all the same
	if runsIn(dir) {
		t.Error("PostgreSQL still runs")
	}
	c = start(t, testConfig(dir))
	query[int](t, c, `select 1`)
}

func TestStartEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	config := testConfig(folder(t))
	config.Say = func(step string) {
		if strings.HasPrefix(step, "menyiapkan") {
			cancel()
		}
	}
	if c, err := Start(ctx, config); err == nil {
		stop(t, c)
		t.Fatal("started although the context had ended")
	}
	left, err := filepath.Glob(filepath.Join(config.Dir, dataName+"*"))
	if err != nil || len(left) > 1 { // the log may be there
		t.Errorf("left %v, %v", left, err)
	}
	start(t, testConfig(config.Dir))
}

func TestAnUnfinishedClusterIsNeverUsed(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	unfinished := filepath.Join(dir, dataName+".new-123")
	if err := os.MkdirAll(filepath.Join(unfinished, "base"), 0o700); err != nil {
		t.Fatal(err)
	}
	c := start(t, testConfig(dir))
	query[int](t, c, `select 1`)
	if _, err := os.Stat(unfinished); !os.IsNotExist(err) {
		t.Errorf("the unfinished cluster is still there: %v", err)
	}
}

func TestASecondProgramIsRefused(t *testing.T) {
	t.Parallel()
	dir := clusterFolder(t)
	first := run(t, program{Dir: dir})
	_, err := Start(t.Context(), testConfig(dir))
	refusal := wantRefusal(t, err, "postgres.in_use")
	want := map[string]string{"folder": dir, "pid": strconv.Itoa(first.Process.Pid)}
	if d := cmp.Diff(want, refusal.Params); d != "" {
		t.Error(d)
	}
	if gone(first.postmaster, dir) {
		t.Error("the first program lost its PostgreSQL")
	}
}

func TestAnotherMajorVersionIsRefusedAndNothingTouched(t *testing.T) {
	t.Parallel()
	dir := clusterFolder(t)
	if err := os.WriteFile(filepath.Join(dir, dataName, "PG_VERSION"), []byte("9.6\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := listing(t, filepath.Join(dir, dataName))
	_, err := Start(t.Context(), testConfig(dir))
	refusal := wantRefusal(t, err, "postgres.wrong_major")
	if refusal.Params["have"] != "9" || refusal.Params["found"] == "-" || refusal.Params["folder"] != filepath.Join(dir, dataName) {
		t.Errorf("params %v", refusal.Params)
	}
	if d := cmp.Diff(before, listing(t, filepath.Join(dir, dataName))); d != "" {
		t.Errorf("the refused cluster changed: %s", d)
	}
}

func listing(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		all = append(all, path+" "+info.ModTime().String()+" "+strconv.FormatInt(info.Size(), 10))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestALongFolderNameGetsItsSocketElsewhere(t *testing.T) {
	t.Parallel()
	dir := clusterFolder(t)
	long := filepath.Join(filepath.Dir(dir), "localpg-"+strings.Repeat("panjang-", 20)+filepath.Base(dir))
	if err := os.Rename(dir, long); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(long) })
	c := start(t, testConfig(long))
	query[int](t, c, `select 1`)
	if strings.HasPrefix(c.socket, long) || len(c.socket) > longestSocketFolder {
		t.Errorf("the socket is in %s", c.socket)
	}
	info, err := os.Stat(c.socket)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o700 {
		t.Errorf("its folder has mode %o", got)
	}
	stop(t, c)
	if _, err := os.Stat(c.socket); !os.IsNotExist(err) {
		t.Errorf("its folder is still there: %v", err)
	}
}

func TestASocketFolderOfSomebodyElseIsNotUsed(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(folder(t), strings.Repeat("x", 100))
	me := account{uid: os.Geteuid(), gid: os.Getegid()}
	first, err := socketFolder(dir, me)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(first); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/", first); err != nil { // laid out beforehand
		t.Fatal(err)
	}
	defer os.Remove(first)
	second, err := socketFolder(dir, me)
	if err != nil {
		t.Fatal(err)
	}
	defer os.Remove(second)
	if second == first {
		t.Errorf("the socket went to %s", second)
	}
}

func TestASettingThatPostgreSQLRefusesIsReported(t *testing.T) {
	t.Parallel()
	config := testConfig(clusterFolder(t))
	config.Settings = map[string]string{"max_connections": "banyak"}
	_, err := Start(t.Context(), config)
	refusal := wantRefusal(t, err, "postgres.broken")
	if !strings.Contains(refusal.Params["said"], "max_connections") {
		t.Errorf("said %q", refusal.Params["said"])
	}
	start(t, testConfig(config.Dir)) // the folder is free again
}

func TestAServerSomebodyElseRunsIsUsedAsItIs(t *testing.T) {
	t.Parallel()
	other := start(t, testConfig(clusterFolder(t)))
	c, err := Start(t.Context(), Config{URL: other.URL("postgres")})
	if err != nil {
		t.Fatal(err)
	}
	url, err := c.Database(t.Context(), "ignored")
	if err != nil || url != other.URL("postgres") {
		t.Errorf("got %q, %v", url, err)
	}
	if got := c.URL("template1"); got != other.URL("template1") {
		t.Errorf("URL of another database is %q", got)
	}
	if err := c.Close(t.Context()); err != nil {
		t.Error(err)
	}
	query[int](t, other, `select 1`) // it was not ours to stop

	if _, err := Start(t.Context(), Config{URL: "postgres:///x?host=" + t.TempDir()}); err == nil {
		t.Error("a server that does not answer was accepted")
	}
}

func TestTheLogHoldsNoStatementAndNoRow(t *testing.T) {
	t.Parallel()
	dir := clusterFolder(t)
	c := start(t, testConfig(dir))
	const secret = "9901010101900001"
	for _, sql := range []string{
		`select '` + secret + `'::text::date`,
		`insert into no_such_table values ('` + secret + `')`,
		`do $$ begin create temp table people (nik text unique); insert into people values ('` + secret + `'), ('` + secret + `'); end $$`,
	} {
		if _, err := ask[string](c, sql); err == nil {
			t.Errorf("%s went well", sql)
		}
	}
	log, err := os.ReadFile(filepath.Join(dir, logName))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(log), secret) {
		t.Errorf("the log says %s", log)
	}
	if !strings.Contains(string(log), "ready to accept connections") {
		t.Errorf("the log says nothing: %s", log)
	}
}

func TestALargeLogIsPutAside(t *testing.T) {
	t.Parallel()
	dir := clusterFolder(t)
	if err := os.Truncate(filepath.Join(dir, logName), maxLog+1); err != nil {
		t.Fatal(err)
	}
	start(t, testConfig(dir))
	if info, err := os.Stat(filepath.Join(dir, logName+".1")); err != nil || info.Size() != maxLog+1 {
		t.Errorf("old log: %v, %v", info, err)
	}
}

func TestTheEnvironmentDoesNotSteerTheCluster(t *testing.T) {
	dir := clusterFolder(t)
	for _, name := range []string{"PGPORT", "PGDATA", "PGHOST", "PGUSER", "PGDATABASE", "PGPASSWORD"} {
		t.Setenv(name, "1")
	}
	c := start(t, testConfig(dir))
	if got := query[string](t, c, `show port`); got != port {
		t.Errorf("port is %s", got)
	}
}
