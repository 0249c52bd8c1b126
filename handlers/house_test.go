package handlers_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// floors are the rooms from the top of the house to its ground; a vendor's room is on the floor of "vendors".
var floors = []string{"app", "handlers", "account", "admin", "vendors", "observe", "behind", "web", "brand", "contact", "password", "factor"}

func floorOf(room string) int {
	if i := slices.Index(floors, room); i >= 0 {
		return i
	}
	return slices.Index(floors, "vendors")
}

// parsed are the files of a folder, without tests.
func parsed(t *testing.T, folder string) []*ast.File {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fileSet, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

var fileSet = token.NewFileSet()

// rooms are the folders here by their names; this one is "handlers".
func rooms(t *testing.T) map[string][]*ast.File {
	t.Helper()
	all := map[string][]*ast.File{"handlers": parsed(t, ".")}
	folders, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		if f.IsDir() {
			all[f.Name()] = parsed(t, f.Name())
		}
	}
	return all
}

// module is the repository's, whatever a fork calls it.
func module(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(b))[1]
}

// A vendor's room imports no other vendor's: they are on one floor.
func TestAnImportBetweenRoomsRunsDownwards(t *testing.T) {
	t.Parallel()
	found := 0
	for room, files := range rooms(t) {
		for _, file := range files {
			for _, i := range file.Imports {
				other, ok := strings.CutPrefix(strings.Trim(i.Path.Value, `"`), module(t)+"/handlers")
				if !ok {
					continue
				}
				found++
				if other = strings.TrimPrefix(other, "/"); other == "" {
					other = "handlers"
				}
				if floorOf(other) <= floorOf(room) {
					t.Errorf("%s imports %s", fileSet.Position(i.Pos()), other)
				}
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d imports were looked at", found)
	}
}

func TestWhatAPageMayUseIsAShortListThatIsDocumented(t *testing.T) {
	t.Parallel()
	p, err := doc.NewFromFiles(fileSet, parsed(t, "web"), "kabinet/handlers/web")
	if err != nil {
		t.Fatal(err)
	}
	var names, undocumented []string
	note := func(comment string, all ...string) {
		names = append(names, all...)
		if strings.TrimSpace(comment) == "" {
			undocumented = append(undocumented, all...)
		}
	}
	for _, v := range slices.Concat(p.Consts, p.Vars) {
		note(v.Doc, v.Names...)
	}
	for _, f := range p.Funcs {
		note(f.Doc, f.Name)
	}
	for _, of := range p.Types {
		note(of.Doc, of.Name)
		for _, v := range slices.Concat(of.Consts, of.Vars) {
			note(v.Doc, v.Names...)
		}
		for _, f := range of.Funcs {
			note(f.Doc, f.Name)
		}
		for _, m := range of.Methods {
			if m.Doc == "" && m.Name != "Error" && m.Name != "ServeHTTP" {
				undocumented = append(undocumented, of.Name+"."+m.Name)
			}
		}
	}
	if len(names) > 20 || len(names) < 10 {
		t.Errorf("%d names: %q", len(names), names)
	}
	if len(undocumented) > 0 {
		t.Errorf("undocumented: %q", undocumented)
	}
}

func TestNoTypeHasDozensOfMethods(t *testing.T) {
	t.Parallel()
	err := filepath.WalkDir(".", func(folder string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		methods := map[string]int{}
		for _, file := range parsed(t, folder) {
			for _, d := range file.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil {
					methods[receiver(f.Recv.List[0].Type)]++
				}
			}
		}
		for name, n := range methods {
			if n > 25 {
				t.Errorf("%s.%s has %d", folder, name, n)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// receiver is the name of the type that a method is of.
func receiver(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.StarExpr:
		return receiver(t.X)
	case *ast.IndexExpr:
		return receiver(t.X)
	case *ast.Ident:
		return t.Name
	}
	return ""
}

// encoding/json takes a name twice, names in another case, invalid UTF-8 and what follows a value; two programs that
// read a text differently can be told different things by it.
func TestJSONIsReadInOneStrictWay(t *testing.T) {
	t.Parallel()
	read := 0
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains([]string{"node_modules", "testdata", "apptest", "browsers"}, d.Name()) {
			return fs.SkipDir
		}
		if filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		source, err := os.ReadFile(name)
		for _, reading := range []string{"json.Unmarshal(", "json.NewDecoder("} {
			if !strings.Contains(string(source), reading) {
				continue
			}
			read++
			if strings.Contains(string(source), `"encoding/json"`) {
				t.Errorf("%s reads JSON with encoding/json: %s…)", name, reading)
			}
		}
		return err
	})
	if err != nil || read == 0 {
		t.Errorf("found %d ways of reading: %v", read, err)
	}
}
