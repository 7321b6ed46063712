package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

var (
	// invocation is a runut command within a line of shell: at its beginning, or
	// after what a shell puts before a command.
	invocation = regexp.MustCompile(`(?:^|[;(|&] *|do )(runut(?:-verify)?) ([^|;>)]*)`)
	linked     = regexp.MustCompile(`\]\(([^)#:]+)\)`)
	given      = regexp.MustCompile(`\$\([^)]*\)|\$\{?[A-Z]+[^\s;|]*`) // what only a shell knows
	written    = regexp.MustCompile(`(?:> |-o |tee )([a-z0-9.-]+)`)
	file       = regexp.MustCompile(`^[a-z-]+\.(?:csv|xlsx|pdf|ndjson)$`)
)

// TestPanduan holds docs/panduan.md to its word: every command line in it is one
// that this program understands, and every file it names is there.
func TestPanduan(t *testing.T) {
	manual, err := os.ReadFile("../../docs/panduan.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range linked.FindAllSubmatch(manual, -1) {
		if _, err := os.Stat(filepath.Join("../../docs", string(link[1]))); err != nil {
			t.Errorf("it links to %s: %v", link[1], err)
		}
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../docs/latihan")); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	commands := 0
	for _, block := range fence.FindAllSubmatch(manual, -1) {
		script := strings.ReplaceAll(string(block[1]), "\\\n", "")
		for line := range strings.Lines(given.ReplaceAllString(script, "x")) {
			makes(t, line)
			for _, found := range invocation.FindAllStringSubmatch(line, -1) {
				commands++
				understood(t, found[1], found[2])
			}
		}
	}
	if commands < 30 {
		t.Errorf("only %d commands were found", commands)
	}
}

// understood fails where a command line does not parse, or names a file that
// neither comes with the manual nor was made by an earlier line of it.
func understood(t *testing.T, program, words string) {
	t.Helper()
	args := strings.Fields(quoted(words))
	for _, arg := range args {
		if _, err := os.Stat(arg); err != nil && file.MatchString(arg) {
			t.Errorf("%s %s: %v", program, words, err)
		}
	}
	if program == "runut-verify" { // the same commands
		args = append([]string{"verify"}, args...)
	}
	parser, err := kong.New(&cli{}, kong.Name("runut"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(args); err != nil {
		t.Errorf("%s %s: %v", program, words, err)
	}
}

// quoted joins what stands in double quotes into one word.
func quoted(words string) string {
	parts := strings.Split(words, `"`)
	for i := 1; i < len(parts); i += 2 {
		parts[i] = strings.ReplaceAll(parts[i], " ", "_")
	}
	return strings.Join(parts, "")
}

// makes leaves an empty file for each that a line writes.
func makes(t *testing.T, line string) {
	t.Helper()
	for _, made := range written.FindAllStringSubmatch(line, -1) {
		if err := os.WriteFile(made[1], nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
