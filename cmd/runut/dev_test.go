package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"runut/cmd/runut/demo"
	"runut/domain"
)

// TestDev lives a newcomer's first hour: the README's first command on an empty
// folder, its tour, Ctrl-C, a second start, a kill, and a third.
func TestDev(t *testing.T) {
	if testing.Short() {
		t.Skip("makes the whole demo")
	}
	dir, err := os.MkdirTemp("", "runut-dev-") // as mktemp -d: closed to others
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Cleanup(func() { // should a test fail half-way
		for _, p := range processesOf(dir) {
			p.Kill()
		}
	})

	first := dev(t, dir, "--day="+time.Now().In(domain.Zones["WITA"]).Format(time.DateOnly))
	said := first.out.String()
	for _, want := range []string{"village_operator", "opd_head", "rnt_", "/openapi.json"} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}
	if seeded := first.position(); seeded < 10_000 {
		t.Errorf("the demo has %d events", seeded)
	}
	t.Run("what it tells to try works", func(t *testing.T) {
		curls := regexp.MustCompile(`(?m)^ *curl -s (?:-H '([^:]+): ([^']+)' )?'([^']+)'$`).FindAllStringSubmatch(said, -1)
		if len(curls) != 3 {
			t.Errorf("%d lines of curl, want 3:\n%s", len(curls), said)
		}
		for _, c := range curls {
			if status, body, _ := get(t, c[3], c[1], c[2]); status != http.StatusOK || len(body) < 100 {
				t.Errorf("%s: %d %s", c[0], status, body)
			}
		}
	})
	t.Run("what is planted is listed, and stands in the log", func(t *testing.T) {
		var planted []demo.Plant
		list, err := os.ReadFile(filepath.Join(dir, "planted.json"))
		if err == nil {
			err = json.Unmarshal(list, &planted)
		}
		if err != nil || len(planted) < 200 {
			t.Fatalf("%d planted, %v", len(planted), err)
		}
		auditor := regexp.MustCompile(`auditor +(rnt_\w+)`).FindStringSubmatch(said)[1]
		for _, f := range []demo.Finding{demo.NoReason, demo.ScoreChanged, demo.RankLeapfrogged} {
			p := planted[slices.IndexFunc(planted, func(p demo.Plant) bool { return p.Finding == f })]
			status, body, _ := get(t, first.base+"/api/v1/proposals/"+p.Proposal+"/timeline", "Authorization", "Bearer "+auditor)
			if status != http.StatusOK || f != demo.ScoreChanged && !strings.Contains(body, p.Event) {
				t.Errorf("%+v: %d %s", p, status, body)
			}
		}
	})
	t.Run("commands beside it find its database", func(t *testing.T) {
		status, out, complaints := runs(t, "account", "list", "--data="+dir)
		if status != 0 || strings.Count(out, "\n") < 10 {
			t.Errorf("%d %s%s", status, out, complaints)
		}
	})
	t.Run("a second one is turned away", func(t *testing.T) {
		other := start(t, "dev", "--data="+dir, "--listen=127.0.0.1:0")
		<-other.exited
		if other.status == nil || !strings.Contains(other.err.String(), dir) {
			t.Errorf("on the same folder: %v %s", other.status, other.err.String())
		}
		address := strings.TrimPrefix(first.base, "http://")
		taken := start(t, "dev", "--data="+filepath.Join(dir, "lain"), "--listen="+address)
		<-taken.exited
		if taken.status == nil || !strings.Contains(taken.err.String(), address) {
			t.Errorf("on the same address: %v %s", taken.status, taken.err.String())
		}
	})
	t.Run("the README's tour works", func(t *testing.T) { tour(t, dir) })
	head := first.position()
	opd := subscribes(t, dir, first.base, said)
	stopped := first.interrupt()
	gone(t, dir)

	second := dev(t, dir)
	if p := second.position(); p != head {
		t.Errorf("started again it has %d events, before %d", p, head)
	}
	if tokensOf(second.out.String()) != tokensOf(said) {
		t.Error("started again it has other tokens")
	}
	second.kill()

	third := dev(t, dir)
	if p := third.position(); p != head {
		t.Errorf("after kill -9 it has %d events, before %d", p, head)
	}
	opd.complete(t, third.program)
	third.interrupt()
	gone(t, dir)
	t.Logf("ready with %d events in %s, stopped in %s; again in %s; after kill -9 in %s", head,
		first.took.Round(time.Millisecond), stopped.Round(time.Millisecond), second.took.Round(time.Millisecond), third.took.Round(time.Millisecond))
	for what, took := range map[string]time.Duration{"stopping": stopped, "starting again": second.took, "starting after kill -9": third.took} {
		if took > time.Minute { // seeding again would take longer on such a machine
			t.Errorf("%s took %s", what, took)
		}
	}
}

var fence = regexp.MustCompile("(?s)```bash\n(.*?)```")

// unhurried makes each curl of the tour wait for the read models to know what the
// one before wrote. A person who pastes it block by block takes longer than they do.
const unhurried = `curl() {
  local said; said=$(command curl -H "X-Runut-Wait: $(cat "$WROTE")" "$@"); printf '%s' "$said"
  case "$*" in *POST*) printf '%s' "$said" | sed -n 's/.*"last":\([0-9]*\).*/\1/p' > "$WROTE";; esac
}
echo 0 > "$WROTE"
`

// tour runs the README's tour as it stands there.
func tour(t *testing.T, dir string) {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := fence.FindSubmatch(readme)
	if block == nil {
		t.Fatal("the README has no tour")
	}
	script := strings.Replace(string(block[1]), ".runut/tour.env", dir+"/tour.env", 1)
	cmd := exec.CommandContext(t.Context(), "bash", "-eu", "-c", unhurried+script)
	cmd.Env = append(os.Environ(), "WROTE="+filepath.Join(t.TempDir(), "position"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("the tour: %v\n%s", err, out)
	}
	for _, want := range []string{`"fate":"funded"`, `"type":"proposal.formed_by_merge"`, `"type":"proposal.funded"`, `"specversion":"1.0"`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the tour does not show %s", want)
		}
	}
	if strings.Contains(string(out), "urn:runut:problem") {
		t.Errorf("the tour was refused something:\n%s", out)
	}
}

// A served is runut dev that answers.
type served struct {
	*program
	base string
	took time.Duration // until it was ready
}

func dev(t *testing.T, dir string, args ...string) *served {
	t.Helper()
	began := time.Now()
	s := &served{program: start(t, append([]string{"dev", "--data=" + dir, "--listen=127.0.0.1:0"}, args...)...)}
	address := regexp.MustCompile(`(http://127\.0\.0\.1:\d+)/openapi\.json`)
	s.until("the welcome", func() bool { return address.MatchString(s.out.String()) })
	s.base = address.FindStringSubmatch(s.out.String())[1]
	s.until("readiness", func() bool {
		res, err := http.Get(s.base + "/readyz")
		if err != nil {
			return false
		}
		res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
	s.took = time.Since(began)
	return s
}

// position returns where the public read model stands.
func (s *served) position() int64 {
	s.Helper()
	_, _, header := get(s.T, s.base+"/api/v1/public/cycles", "", "")
	n, err := strconv.ParseInt(header.Get("X-Runut-Position"), 10, 64)
	if err != nil {
		s.Error(err)
	}
	return n
}

func get(t *testing.T, url, header, value string) (int, string, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if header != "" {
		req.Header.Set(header, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body), res.Header
}

func tokensOf(said string) string {
	return strings.Join(regexp.MustCompile(`rnt_\w+`).FindAllString(said, -1), " ")
}

// processesOf returns the processes that were started on a folder: the server
// itself and its PostgreSQL.
func processesOf(dir string) (found []*os.Process) {
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range lines {
		line, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(line), dir) {
			continue
		}
		pid, err := strconv.Atoi(strings.Split(path, "/")[2])
		if err != nil || pid == os.Getpid() {
			continue
		}
		if p, err := os.FindProcess(pid); err == nil {
			found = append(found, p)
		}
	}
	return found
}

// gone fails where a process of a folder is left.
func gone(t *testing.T, dir string) {
	t.Helper()
	for _, p := range processesOf(dir) {
		line, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.Pid), "cmdline"))
		t.Errorf("process %d is left: %s", p.Pid, strings.ReplaceAll(string(line), "\x00", " "))
	}
}
