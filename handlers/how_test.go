package handlers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestEveryStepNamesAPlaceInTheCodeThatExists(t *testing.T) {
	t.Parallel()
	p, _, _ := withVendors(t)
	if len(p.features) != len(vendors) {
		t.Fatalf("%d integrations", len(p.features))
	}
	for _, f := range p.features {
		h := f.how()
		if len(h.steps) < 3 {
			t.Errorf("%s has %d steps", h.vendor, len(h.steps))
		}
		for _, s := range h.steps {
			if !declares(t, filepath.Join("..", s.file), s.function) {
				t.Errorf("%s: %s has no %s", s.key, s.file, s.function)
			}
		}
	}
	if declares(t, "how.go", "(*Portal).howItWork") || declares(t, "../static/how.js", "refres") || declares(t, "../handlers/nowhere.go", "f") {
		t.Error("what does not exist is found")
	}
}

// declares tells whether a file has a function.
func declares(t *testing.T, file, function string) bool {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		return false
	}
	if strings.HasSuffix(file, ".js") {
		return regexp.MustCompile(`(?m)^(async )?function ` + regexp.QuoteMeta(function) + `\(`).Match(source)
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range parsed.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && nameOf(f) == function {
			return true
		}
	}
	return false
}

// nameOf is a function's name, (*T).f for a method.
func nameOf(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return f.Name.Name
	}
	if pointer, ok := f.Recv.List[0].Type.(*ast.StarExpr); ok {
		return "(*" + pointer.X.(*ast.Ident).Name + ")." + f.Name.Name
	}
	return f.Recv.List[0].Type.(*ast.Ident).Name + "." + f.Name.Name
}

func TestInProductionOnlyAdministratorsLearnHowItWorks(t *testing.T) {
	t.Parallel()
	p, admin, customer := withVendors(t)
	for _, c := range []struct {
		cookie *http.Cookie
		status int
	}{{admin, http.StatusOK}, {customer, http.StatusNotFound}, {nil, http.StatusSeeOther}} {
		for _, f := range p.features {
			h := f.how()
			for _, path := range []string{"/how/" + h.vendor, "/how/" + h.vendor + "/now?after=x"} {
				if got := ask(p, http.MethodGet, path, c.cookie); got.Code != c.status {
					t.Errorf("%s: %d, want %d", path, got.Code, c.status)
				}
			}
			page := ask(p, http.MethodGet, h.page, c.cookie).Body.String()
			if strings.Contains(page, "data-how") != (c.status == http.StatusOK) {
				t.Errorf("%s leads there, or does not: %v", h.page, c.status)
			}
		}
	}
	if got := ask(p, http.MethodGet, "/how/nobody", admin); got.Code != http.StatusNotFound {
		t.Errorf("of nobody: %d", got.Code)
	}
}
