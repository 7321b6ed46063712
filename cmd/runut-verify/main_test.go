package main

import (
	"os/exec"
	"strings"
	"testing"
)

// The auditor's program opens files and, if asked, reads over HTTP. Whatever
// speaks to a database or answers requests has no place in it.
func TestNoDatabaseAndNoServerIsInIt(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(out))
	if len(deps) < 100 {
		t.Fatalf("go list named only %d packages", len(deps))
	}
	for _, dep := range deps {
		for _, banned := range []string{"jackc/pgx", "watermill", "go-chi", "danielgtaylor/huma", "pressly/goose", "go-sse",
			"runut/eventstore/vault", "runut/eventstore/notary", "runut/projections", "runut/migrations", "runut/api/web", "runut/api/feed"} {
			if strings.Contains(dep, banned) {
				t.Errorf("%s is in it", dep)
			}
		}
		if dep == "runut/eventstore" || dep == "runut/api" {
			t.Errorf("%s is in it", dep)
		}
	}
}
