package cmd

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// TestEveryExportedNameIsDocumented reads the whole module: a name that others may use says what it is. In a
// group of constants or variables the group's sentence will do; packages say what they own.
func TestEveryExportedNameIsDocumented(t *testing.T) {
	packages := map[string]bool{} // by folder: some file has the package's comment
	names := 0
	err := filepath.WalkDir("..", func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			if name := e.Name(); name == "testdata" || name == "node_modules" || name == "build" || name == "data" || strings.HasPrefix(name, ".") && name != ".." {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		folder := filepath.Dir(path)
		packages[folder] = packages[folder] || file.Doc != nil
		for _, d := range file.Decls {
			for _, bare := range bareNames(d, &names) {
				t.Errorf("%s: %s has no sentence", set.Position(bare.Pos()), bare.Name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for folder, documented := range packages {
		if !documented {
			t.Errorf("%s: no file says what the package owns", folder)
		}
	}
	if names < 1000 {
		t.Errorf("got %d exported names, want more than 1000: the search is broken", names)
	}
}

// bareNames are the exported names of a declaration without a comment; all are counted.
func bareNames(d ast.Decl, count *int) (bare []*ast.Ident) {
	look := func(name *ast.Ident, doc ...*ast.CommentGroup) {
		if !name.IsExported() {
			return
		}
		*count++
		for _, c := range doc {
			if c != nil {
				return
			}
		}
		bare = append(bare, name)
	}
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil || exportedReceiver(d.Recv) {
			look(d.Name, d.Doc)
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				look(s.Name, d.Doc, s.Doc)
			case *ast.ValueSpec:
				for _, n := range s.Names {
					look(n, d.Doc, s.Doc, s.Comment)
				}
			}
		}
	}
	return bare
}

// exportedReceiver reports whether a method belongs to a type that others see.
func exportedReceiver(r *ast.FieldList) bool {
	t := r.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if index, ok := t.(*ast.IndexExpr); ok {
		t = index.X
	}
	name, ok := t.(*ast.Ident)
	return ok && name.IsExported()
}
