package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// A rule says what packages may import. Own packages are named without the
// module's prefix; a trailing "/..." covers everything below; the standard
// library is always allowed.
type rule struct {
	packages string
	allow    []string
}

// Arrows point one way: domain knows nobody, the log knows events, projections
// know the log, and what faces outward knows all of them. The first rule that
// names a package holds.
var rules = []rule{
	{"domain", []string{"github.com/google/uuid"}},
	{"domain/event", []string{"domain", "github.com/google/uuid", "github.com/go-json-experiment/json/..."}},
	{"domain/workflow", []string{"domain", "go.yaml.in/yaml/v3"}},
	{"domain/reference", []string{"domain", "domain/event"}},
	{"domain/proposal", []string{"domain", "domain/event", "domain/workflow", "domain/cycle", "domain/forum", "domain/grant", "domain/reference", "github.com/google/uuid"}},
	{"domain/forum", []string{"domain", "domain/event", "domain/workflow", "github.com/google/uuid"}},
	{"domain/cycle", []string{"domain", "domain/event", "domain/workflow", "github.com/google/uuid"}},
	{"domain/grant", []string{"domain", "domain/event", "domain/workflow", "github.com/google/uuid"}},
	{"domain/person", []string{"domain", "domain/event", "github.com/google/uuid"}},
	{"domain/delivery", []string{"domain", "domain/event", "github.com/google/uuid"}},
	{"domain/history", []string{"domain", "domain/event", "domain/workflow", "domain/proposal", "domain/forum", "domain/cycle", "domain/grant", "domain/reference", "github.com/google/uuid"}},
	{"domain/finding", []string{"domain/...", "github.com/google/uuid"}},
	{"domain/process", []string{"domain/...", "github.com/google/uuid"}},
	{"domain/act", []string{"domain/...", "github.com/google/uuid"}},
	{"domain/logbook", []string{"domain", "domain/event"}},
	{"domain/catalog", []string{"domain/...", "github.com/google/uuid"}},
	{"domain/...", nil},

	{"eventstore/secretfile", nil},
	{"eventstore/proof", []string{"domain/event", "eventstore/secretfile", "domain", "golang.org/x/mod/...", "filippo.io/torchwood", "github.com/google/uuid"}},
	{"eventstore/notary", []string{"domain", "domain/logbook", "eventstore", "eventstore/proof", "eventstore/secretfile", "golang.org/x/mod/...", "github.com/jackc/pgx/v5/...", "github.com/google/uuid"}},
	{"eventstore/export", []string{"domain", "domain/event", "eventstore/proof", "eventstore/record", "golang.org/x/mod/...", "github.com/go-json-experiment/json/...", "github.com/klauspost/compress/zstd"}},
	{"eventstore/crashtest", []string{"domain/event", "eventstore/proof", "eventstore/record", "github.com/jackc/pgx/v5/...", "github.com/google/uuid"}},
	{"eventstore/dossier", []string{"domain", "domain/event", "domain/history"}},
	{"eventstore/verify", []string{"domain/...", "eventstore/dossier", "eventstore/export", "eventstore/proof", "eventstore/record", "golang.org/x/mod/...", "github.com/go-json-experiment/json/...", "github.com/google/uuid"}},
	{"eventstore/record", []string{"domain", "domain/event", "github.com/go-json-experiment/json/...", "github.com/google/uuid"}},
	{"eventstore/vault", []string{"domain", "domain/event", "eventstore", "eventstore/record", "eventstore/secretfile", "github.com/jackc/pgx/v5/...", "github.com/google/uuid"}},
	{"eventstore/localpg", []string{"domain", "golang.org/x/sys/...", "github.com/jackc/pgx/v5/..."}},
	{"eventstore/schema", []string{"domain", "migrations", "github.com/jackc/pgx/v5/...", "github.com/pressly/goose/v3/..."}},
	{"eventstore/pgtest", []string{"domain", "eventstore/localpg", "eventstore/schema", "migrations", "github.com/jackc/pgx/v5/...", "golang.org/x/sys/..."}},
	{"eventstore/follower", []string{"domain", "domain/event", "eventstore", "github.com/jackc/pgx/v5/...", "github.com/ThreeDotsLabs/watermill/...", "github.com/google/uuid"}},
	{"eventstore", []string{"domain", "domain/event", "eventstore/proof", "eventstore/record", "github.com/jackc/pgx/v5/...", "github.com/go-json-experiment/json/...", "github.com/segmentio/encoding/...", "github.com/google/uuid"}},
	{"eventstore/...", nil},

	{"api/intake/register", []string{"domain", "domain/reference", "api/intake/sheet"}},
	{"projections/...", []string{"domain/...", "eventstore", "eventstore/follower", "github.com/jackc/pgx/v5/...", "github.com/go-json-experiment/json/...", "github.com/google/uuid", "golang.org/x/sync/..."}},
	{"migrations", nil},

	{"api/intake", []string{"domain", "domain/reference"}},
	{"api/intake/sheet", []string{"domain", "api/text", "github.com/xuri/excelize/v2", "golang.org/x/text/..."}},
	{"api/intake/sipd/sample", []string{"domain", "domain/reference", "github.com/xuri/excelize/v2"}},
	{"api/intake/sipd", []string{"domain/...", "eventstore", "eventstore/vault", "projections", "api/intake/sheet", "api/text", "go.yaml.in/yaml/v3", "github.com/jackc/pgx/v5/...", "github.com/google/uuid"}},
	{"api/intake/lists", []string{"domain/...", "api/intake/sheet", "api/text", "github.com/xuri/excelize/v2"}},
	{"api/qr", []string{"rsc.io/qr"}},
	{"api/subscription", []string{"domain", "eventstore", "eventstore/follower", "eventstore/vault", "projections", "api/feed", "api/wire", "github.com/jackc/pgx/v5/...", "github.com/google/uuid", "github.com/standard-webhooks/standard-webhooks/libraries/go", "code.dny.dev/ssrf"}},
	{"api/intake/template", []string{"domain/...", "api/intake/sheet", "api/text", "github.com/xuri/excelize/v2", "github.com/google/uuid"}},
	{"api/text", []string{"domain", "domain/catalog", "golang.org/x/text/..."}},
	{"api", []string{"domain/...", "eventstore/...", "projections", "api/...", "github.com/go-chi/chi/v5/...", "github.com/danielgtaylor/huma/v2/...", "github.com/jackc/pgx/v5/...", "github.com/google/uuid", "github.com/ThreeDotsLabs/watermill/...", "github.com/prometheus/client_golang/...", "github.com/go-json-experiment/json/..."}},
	{"api/...", []string{"domain/...", "eventstore/...", "projections", "api/text", "api/answer", "api/intake", "api/data", "api/dossier", "api/graph", "api/account", "api/feed", "api/paper", "api/proofs", "api/qr", "api/wire", "github.com/go-chi/chi/v5/...", "github.com/danielgtaylor/huma/v2/...", "github.com/jackc/pgx/v5/...", "github.com/google/uuid", "github.com/ThreeDotsLabs/watermill/...", "github.com/tmaxmax/go-sse", "golang.org/x/text/...", "github.com/go-json-experiment/json/..."}},

	{"cmd/runut-verify/...", []string{"domain/...", "eventstore/export", "eventstore/verify", "eventstore/proof", "api/text", "cmd/runut-verify/...", "github.com/alecthomas/kong", "github.com/schollz/progressbar/v3", "github.com/go-json-experiment/json/..."}},
	{"cmd/...", []string{"domain/...", "eventstore/...", "projections/...", "api/...", "migrations", "cmd/...", "github.com/...", "golang.org/x/...", "filippo.io/torchwood"}},
}

// TestArrows holds the house's import rules over what go list reports, tests
// left out.
func TestArrows(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "runut/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	seen := 0
	for dec.More() {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		seen++
		own := strings.TrimPrefix(p.ImportPath, "runut/")
		i := slices.IndexFunc(rules, func(r rule) bool { return covers(r.packages, own) })
		if i < 0 {
			t.Errorf("package %s is outside the house: no rule names it", own)
			continue
		}
		for _, imported := range p.Imports {
			name, isOwn := strings.CutPrefix(imported, "runut/")
			if !isOwn && !strings.Contains(strings.Split(imported, "/")[0], ".") {
				continue // standard library
			}
			if !slices.ContainsFunc(rules[i].allow, func(a string) bool { return covers(a, name) }) {
				t.Errorf("%s may not import %s", own, imported)
			}
		}
	}
	if seen < 10 {
		t.Errorf("go list named only %d packages", seen)
	}
}

func covers(pattern, name string) bool {
	if area, ok := strings.CutSuffix(pattern, "/..."); ok {
		return name == area || strings.HasPrefix(name, area+"/")
	}
	return pattern == name
}

// TestTopLevel holds that no code stands outside the folders of the house.
func TestTopLevel(t *testing.T) {
	entries, err := os.ReadDir("../..")
	if err != nil {
		t.Fatal(err)
	}
	known := []string{"cmd", "domain", "eventstore", "projections", "api", "migrations", "go.mod", "go.sum", "README.md",
		"docs", "deploy", "LICENSE", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "Dockerfile", "compose.yaml", "data"}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !slices.Contains(known, e.Name()) {
			t.Errorf("%s does not belong at the top level", e.Name())
		}
	}
}
