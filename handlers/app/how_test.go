package app_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"kabinet/handlers/app/apptest"
)

// stepsOf is what the page about an integration says has just happened: the name of each step's function.
func stepsOf(c *apptest.Client, vendor, after string) (now []string, failed int) {
	c.TB.Helper()
	page := apptest.PageOf(c.TB, c.Get("/how/"+vendor+"?after="+after))
	for _, s := range page.Find(".step.now").EachIter() {
		_, function, _ := strings.Cut(s.Find("code").Last().Text(), " · ")
		now = append(now, function)
	}
	return now, page.Find(".step.now.failed").Length()
}

// step is something that a customer does, and the functions whose steps the page about the vendor then marks.
type step struct {
	do     func(anna *apptest.Client, p *apptest.Program)
	want   string
	failed int
}

func TestHowItWorksTellsWhatHasJustHappened(t *testing.T) {
	t.Parallel()
	for _, v := range vendors() {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			p := apptest.StartDemo(t)
			anna := p.SignedInAs(t, "anna@example.com")
			for i, tt := range v.steps {
				after := fmt.Sprint(p.Recorder.Newest())
				tt.do(anna, p)
				now, failed := stepsOf(anna, v.name, after)
				if got := strings.Join(now, " "); got != tt.want || failed != tt.failed {
					t.Errorf("%d: %q with %d failed, want %q with %d", i, got, failed, tt.want, tt.failed)
				}
			}
		})
	}
}

func TestWhatTheDemoBreaksStandsInTheBar(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	anna := p.SignedInAs(t, "anna@example.com")
	for _, vendor := range vendorNames() {
		buttons := apptest.PageOf(t, anna.Get("/how/"+vendor)).Find(".step button")
		if buttons.Length() < 2 {
			t.Errorf("of %s only %d can be broken", vendor, buttons.Length())
		}
		for _, b := range buttons.EachIter() {
			form := url.Values{"vendor": {vendor}, "step": {b.AttrOr("value", "")}}
			response := anna.Post("/demo/break", form)
			if response.StatusCode != http.StatusSeeOther || len(p.Control.Active()) == 0 {
				t.Errorf("%v: %s, set is %q", form, response.Status, p.Control.Active())
			}
			if bar := apptest.PageOf(t, anna.Get(response.Header.Get("Location"))).Find(".faults code").Text(); !strings.Contains(bar, p.Control.Active()[0]) {
				t.Errorf("%v: the page says %q", form, bar)
			}
			p.Control.StopFaults()
		}
		for _, form := range []url.Values{{}, {"vendor": {vendor}},
			{"vendor": {vendor}, "step": {"another.how.points"}},
			{"vendor": {vendor}, "step": {vendor + ".how.title"}}} {
			if got := anna.Post("/demo/break", form); got.StatusCode != http.StatusBadRequest ||
				len(p.Control.Active()) != 0 {
				t.Errorf("%v: %s", form, got.Status)
			}
		}
	}
}

// stepAt finds where in the code a step is, as the page says.
func stepAt(step *goquery.Selection) (file, function string) {
	file, function, _ = strings.Cut(step.Find("code").Last().Text(), " · ")
	return file, function
}

func TestEveryStepNamesAPlaceInTheCodeThatExists(t *testing.T) {
	t.Parallel()
	anna := apptest.StartDemo(t).SignedInAs(t, "anna@example.com")
	for _, vendor := range append(vendorNames(), "account") {
		steps := apptest.PageOf(t, anna.Get("/how/"+vendor)).Find(".step")
		if steps.Length() < 3 {
			t.Errorf("%s has %d steps", vendor, steps.Length())
		}
		for _, s := range steps.EachIter() {
			if file, function := stepAt(s); !declares(t, filepath.Join("..", "..", file), function) {
				t.Errorf("%s: %s has no %s", vendor, file, function)
			}
		}
	}
	if declares(t, "run.go", "Ru") || declares(t, "../../static/how.js", "refres") || declares(t, "nowhere.go", "f") {
		t.Error("what does not exist is found")
	}
}

// declares reports whether a file has a function.
func declares(t *testing.T, file, function string) bool {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		return false
	}
	if strings.HasSuffix(file, ".js") {
		return regexp.MustCompile(`(?m)^(async )?function ` + regexp.QuoteMeta(function) + `\(`).Match(source)
	}
	parsed, err := parser.ParseFile(gotoken.NewFileSet(), file, source, parser.SkipObjectResolution)
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
	p, admin, customer := routed(t)
	for _, c := range []struct {
		cookie *http.Cookie
		status int
	}{{admin, http.StatusOK}, {customer, http.StatusNotFound}, {nil, http.StatusSeeOther}} {
		for _, v := range vendors() {
			for _, path := range []string{"/how/" + v.name, "/how/" + v.name + "/now?after=x"} {
				if got := ask(p, http.MethodGet, path, c.cookie); got.Code != c.status {
					t.Errorf("%s: %d, want %d", path, got.Code, c.status)
				}
			}
			page := ask(p, http.MethodGet, append(v.pages, "/profile")[0], c.cookie).Body.String()
			if strings.Contains(page, "data-how") != (c.status == http.StatusOK) {
				t.Errorf("%s leads there, or does not: %v", v.name, c.status)
			}
		}
	}
	if got := ask(p, http.MethodGet, "/how/nobody", admin); got.Code != http.StatusNotFound {
		t.Errorf("of nobody: %d", got.Code)
	}
}
