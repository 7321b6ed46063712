package web

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"runut/api/text"
	"runut/domain/delivery"
	"runut/domain/forum"
	"runut/domain/history"
	"runut/projections"
)

// literals are the places where pages name a text by its code.
var literals = []*regexp.Regexp{
	regexp.MustCompile(`\bt "([a-z0-9_.-]+)"`),                                    // templates
	regexp.MustCompile(`(?:\.t|\.T|wordOr|\badd)\("([a-z_]+\.[a-z0-9_.-]+)"[,)]`), // Go
	regexp.MustCompile(`\{"((?:written)\.[a-z_]+)", s\.`),                         // lists of facts
}

func TestEveryTextOfThePagesExists(t *testing.T) {
	found := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") || !strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, ".html") || strings.HasPrefix(path, "testdata") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, re := range literals {
			for _, m := range re.FindAllSubmatch(source, -1) {
				code := string(m[1])
				if strings.HasSuffix(code, ".") {
					continue // the beginning of one; see below
				}
				found++
				if !text.Has(code) {
					t.Errorf("%s: text %q does not exist", path, code)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 200 {
		t.Errorf("only %d texts were found in the pages", found)
	}
}

// TestTextsThatArePutTogetherExist covers codes of which only the beginning
// stands in the source.
func TestTextsThatArePutTogetherExist(t *testing.T) {
	need := func(code string) {
		t.Helper()
		if !text.Has(code) {
			t.Errorf("text %q does not exist", code)
		}
	}
	fates := []string{"partly", projections.FateUnannounced}
	for _, f := range history.Fates {
		fates = append(fates, string(f))
	}
	for _, f := range fates {
		need("fate." + f)
		need("sentence." + f)
		need("sentence.merged." + f)
		if tones[f] == "" {
			t.Errorf("fate %s has no tone", f)
		}
	}
	for _, s := range sorts {
		need("list.sort." + string(s))
	}
	for _, m := range measures {
		need("method." + m)
		need("method." + m + ".means")
	}
	for _, a := range abbreviations {
		need("glossary." + strings.ToLower(a))
	}
	for _, f := range []string{"nasib", "tahap", "kecamatan", "desa", "opd", "jalur", "alasan", "status", "tanpa_alasan", "asal", "sanggahan"} {
		need("filter." + f)
	}
	for _, k := range paperKinds {
		need("document." + k)
	}
	for kind := range forum.Kinds {
		need("forum." + kind)
	}
	for _, s := range projections.LetterStatuses {
		need("letter.status." + s)
		if letterTones[s] == "" {
			t.Errorf("letters that are %s have no tone", s)
		}
	}
	for _, c := range delivery.Channels {
		need("channel." + c)
	}
	need("attendance.luring")
	need("attendance.daring")
	for place, words := range choices {
		_, member, _ := strings.Cut(place, ".")
		for _, w := range words {
			need("word." + member + "." + w)
		}
	}
}

// TestNoTextIsGivenTwice: of two, one would never be seen.
func TestNoTextIsGivenTwice(t *testing.T) {
	seen := map[string]bool{}
	for code, words := range text.All() {
		if seen[code] {
			t.Errorf("text %q stands in two tables", code)
		}
		seen[code] = true
		if words.ID == "" || words.EN == "" {
			t.Errorf("text %q lacks a language", code)
		}
	}
}

// TestNoTextLacksItsValues: a page with a brace left in it asked for a value
// nobody gave.
func TestNoTextLacksItsValues(t *testing.T) {
	for _, lang := range languages {
		for name, page := range samples(t, lang) {
			body, err := html(name, page)
			if err != nil {
				t.Fatal(err)
			}
			if m := regexp.MustCompile(`\{[a-z]+\??[^}]*\}`).Find(body); m != nil {
				t.Errorf("page %s in %s: %s was not filled in", name, lang, m)
			}
		}
	}
}
