package catalog_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// packages are those whose structs can happen or stand in what happens.
var packages = []string{"proposal", "forum", "cycle", "grant", "person", "delivery", "reference", "logbook"}

// A source is what the Go files say of the structs of the domain, by
// "package.Type".
type source struct {
	docs    map[string]string            // doc comment of a type
	members map[string]map[string]string // comment of a field, by Go name
	evolves map[string]bool              // types with an evolve method: those that can happen
}

// readSource parses the packages beside this one, tests left out.
func readSource(t *testing.T) source {
	t.Helper()
	s := source{docs: map[string]string{}, members: map[string]map[string]string{}, evolves: map[string]bool{}}
	for _, pkg := range append([]string{"."}, packages...) {
		dir := filepath.Join("..", pkg)
		files := parseDir(t, dir)
		name := filepath.Base(pkg)
		if pkg == "." {
			name = "domain"
		}
		for _, f := range files {
			s.read(name, f)
		}
	}
	return s
}

func parseDir(t *testing.T, dir string) []*ast.File {
	t.Helper()
	names, err := fs.Glob(os.DirFS(dir), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	set := token.NewFileSet()
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(set, filepath.Join(dir, name), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

func (s source) read(pkg string, f *ast.File) {
	for _, decl := range f.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv != nil && d.Name.Name == "evolve" {
				s.evolves[pkg+"."+receiver(d)] = true
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if ts, ok := spec.(*ast.TypeSpec); ok {
					s.readType(pkg, d, ts)
				}
			}
		}
	}
}

func (s source) readType(pkg string, d *ast.GenDecl, ts *ast.TypeSpec) {
	st, ok := ts.Type.(*ast.StructType)
	if !ok {
		return
	}
	name := pkg + "." + ts.Name.Name
	doc := ts.Doc
	if doc == nil && len(d.Specs) == 1 {
		doc = d.Doc
	}
	s.docs[name] = oneLine(doc)
	s.members[name] = map[string]string{}
	for _, f := range st.Fields.List {
		comment := oneLine(f.Doc)
		if comment == "" {
			comment = oneLine(f.Comment)
		}
		for _, n := range f.Names {
			s.members[name][n.Name] = comment
		}
	}
}

func receiver(d *ast.FuncDecl) string {
	t := d.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	return t.(*ast.Ident).Name
}

func oneLine(c *ast.CommentGroup) string {
	return strings.Join(strings.Fields(c.Text()), " ")
}
