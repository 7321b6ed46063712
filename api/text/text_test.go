package text_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"runut/api/text"
	"runut/domain"
)

// TestEveryRefusalHasWords reads the program's source for refusals and holds
// that each has a sentence in both languages that mentions only parameters the
// refusal gives.
func TestEveryRefusalHasWords(t *testing.T) {
	found := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name := ""
			switch fun := call.Fun.(type) {
			case *ast.Ident:
				name = fun.Name
			case *ast.SelectorExpr:
				name = fun.Sel.Name
			}
			if name != "Refuse" || len(call.Args) < 2 {
				return true
			}
			code, ok := literal(call.Args[1])
			if !ok {
				return true
			}
			found++
			where := fset.Position(call.Pos()).String()
			if !text.Has(code) {
				t.Errorf("%s: refusal %q has no words", where, code)
				return true
			}
			var params []string
			for i := 2; i < len(call.Args); i += 2 {
				if p, ok := literal(call.Args[i]); ok {
					params = append(params, p)
				}
			}
			if call.Ellipsis.IsValid() {
				return true // parameters are put together elsewhere
			}
			for _, lang := range []text.Lang{text.ID, text.EN} {
				for _, m := range placeholder.FindAllStringSubmatch(lang.T(code), -1) {
					if !slices.Contains(params, m[1]) {
						t.Errorf("%s: the %s words of %q mention {%s}, which the refusal does not give", where, lang, code, m[1])
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 20 {
		t.Errorf("found only %d refusals in the source", found)
	}
}

// shared are the endings of the codes that a domain.Verdict's own conditions
// refuse with, each behind the noun that is decided on.
var shared = map[string][]string{
	"Role": {"role_missing"}, "Seconded": {"second_needed", "same_person", "second_role_missing"},
	"InTime": {"occurred_in_future"}, "LastWord": {"occurred_before_last"},
	"Decree": {"decree_missing", "date_wrong", "digest_malformed", "missing", "names_somebody"}, "Document": {"date_wrong", "digest_malformed", "names_somebody"},
	"Date": {"date_wrong"}, "Digest": {"digest_malformed"}, "Plain": {"missing", "names_somebody"},
	"Numbers": {"number_malformed", "named_twice"}, "Once": {"named_twice"},
}

// TestSharedConditionsHaveWords holds the same for the refusals whose code is put
// together from a noun and one of the shared conditions.
func TestSharedConditionsHaveWords(t *testing.T) {
	packages, err := filepath.Glob("../../domain/*")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, dir := range packages {
		var nouns, endings []string
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.KeyValueExpr:
					if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Noun" {
						if noun, ok := literal(n.Value); ok && !slices.Contains(nouns, noun) {
							nouns = append(nouns, noun)
						}
					}
				case *ast.CallExpr:
					if fun, ok := n.Fun.(*ast.SelectorExpr); ok {
						endings = append(endings, shared[fun.Sel.Name]...)
					}
				}
				return true
			})
		}
		for _, noun := range nouns {
			for _, ending := range endings {
				found++
				if !text.Has(noun + "." + ending) {
					t.Errorf("%s: refusal %q has no words", filepath.Base(dir), noun+"."+ending)
				}
			}
		}
	}
	if found < 20 {
		t.Errorf("found only %d shared refusals in the source", found)
	}
}

var placeholder = regexp.MustCompile(`\{([a-z_]+)(?:\?[^}]*)?\}`)

func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(l.Value)
	return s, err == nil
}

func TestBothLanguagesSayEverything(t *testing.T) {
	for code, p := range text.All() {
		if strings.TrimSpace(p.ID) == "" || strings.TrimSpace(p.EN) == "" {
			t.Errorf("%s lacks a language: %+v", code, p)
		}
		if id, en := names(p.ID), names(p.EN); !slices.Equal(id, en) {
			t.Errorf("%s mentions %v in Indonesian but %v in English", code, id, en)
		}
	}
}

func names(s string) []string {
	var out []string
	for _, m := range placeholder.FindAllStringSubmatch(s, -1) {
		if !slices.Contains(out, m[1]) {
			out = append(out, m[1])
		}
	}
	slices.Sort(out)
	return out
}

func TestAccept(t *testing.T) {
	for header, want := range map[string]text.Lang{
		"": text.ID, "id": text.ID, "en": text.EN, "en-GB,en;q=0.9": text.EN, "id-ID,id;q=0.9,en;q=0.8": text.ID,
		"fr": text.ID, "jv,id;q=0.5": text.ID, ";;;": text.ID, strings.Repeat("x,", 5000): text.ID,
	} {
		if got := text.Accept(header); got != want {
			t.Errorf("Accept(%.30q) = %s, want %s", header, got, want)
		}
	}
}

func TestNumbersAreWrittenAsTheLanguageDoes(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{text.ID.Count(1104), "1.104"}, {text.EN.Count(1104), "1,104"},
		{text.ID.Rupiah(-1234567), "-Rp1.234.567"}, {text.EN.Rupiah(1234567), "Rp1,234,567"},
		{text.ID.Short(1_250_000_000), "Rp1,2 miliar"}, {text.EN.Short(31_400_000), "Rp31.4 million"}, {text.ID.Short(999), "Rp999"},
		{text.ID.Percent(229, 1000), "22,9 %"}, {text.EN.Percent(1, 2), "50.0%"}, {text.ID.Percent(1, 0), "–"},
		{text.ID.Date("2026-02-20"), "20 Februari 2026"}, {text.EN.Date("2026-02-20"), "20 February 2026"}, {text.ID.Date("31/02/2026"), "31/02/2026"},
		{text.ID.Decimal("350.5"), "350,5"}, {text.EN.Decimal("1200"), "1,200"},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}

func TestRefuseInWords(t *testing.T) {
	err := domain.Refuse(domain.Invalid, "number.mistyped", "number", "U-27-X")
	if got := text.ID.Refuse(err).Title; !strings.Contains(got, "U-27-X") || strings.Contains(got, "{") {
		t.Errorf("Indonesian: %q", got)
	}
	if got := text.EN.Refuse(err).Title; !strings.Contains(got, "mistyped") {
		t.Errorf("English: %q", got)
	}
	if got := text.ID.Refuse(fs.ErrNotExist); got.Code != "internal" || strings.Contains(got.Title, "exist") {
		t.Errorf("a machine's error was shown: %+v", got)
	}
}

func TestACodeStandsOnce(t *testing.T) {
	seen := map[string]bool{}
	for code := range text.All() {
		if seen[code] {
			t.Errorf("%s stands in two tables", code)
		}
		seen[code] = true
	}
}
