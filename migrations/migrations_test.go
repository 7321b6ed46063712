package migrations_test

import (
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"runut/migrations"
)

var form = regexp.MustCompile(`^(\d{5})_[a-z][a-z0-9_]*\.sql$`)

func TestMigrationsAreNumberedWithoutGaps(t *testing.T) {
	files, err := fs.Glob(migrations.FS, "*")
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range files {
		match := form.FindStringSubmatch(name)
		if match == nil {
			t.Errorf("%s is not named NNNNN_name.sql", name)
			continue
		}
		if got, _ := strconv.Atoi(match[1]); got != i+1 {
			t.Errorf("%s is number %d, want %d", name, got, i+1)
		}
	}
}

func TestMigrationsGoUpOnly(t *testing.T) {
	files, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := fs.ReadFile(migrations.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(string(text), "-- +goose Up"); got != 1 {
			t.Errorf("%s has %d lines \"-- +goose Up\", want 1", name, got)
		}
		if strings.Contains(string(text), "-- +goose Down") {
			t.Errorf("%s has a way down: the log is never thrown away", name)
		}
	}
}
