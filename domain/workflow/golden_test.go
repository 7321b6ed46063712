package workflow_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"runut/domain/workflow"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares got with a file that is reviewed as a document. With -update
// it writes the file instead.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s is not what the definition says; go test ./domain/workflow -update rewrites it (-file +definition):\n%s", file, d)
	}
}

func TestDiagramIsUpToDate(t *testing.T) {
	golden(t, "testdata/musrenbang.mmd", base(t).Mermaid(workflow.Indonesian))
}

func TestDocumentIsUpToDate(t *testing.T) {
	golden(t, "../../docs/workflow.md", base(t).Document(workflow.Indonesian))
}
