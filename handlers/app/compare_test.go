package app_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"kabinet/handlers/app"
	"kabinet/integrations/claim"

	"kabinet/handlers/app/apptest"
)

// compareOf compares the sandboxes of a demo as if they were real vendors, without pauses.
func compareOf(p *apptest.Program) app.Compare {
	return app.Compare{Asked: checkOf(p).Asked, Wait: func(context.Context, time.Duration) error { return nil }}
}

func TestAComparisonOfSandboxesFindsThemAsForeseenAndKeepsNothingOfAnybody(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemoWithMail(t)
	for name, write := range map[string]bool{"reading": false, "writing": true} {
		c := compareOf(p)
		c.Write, c.Out = write, filepath.Join(t.TempDir(), "comparison.json")
		for _, v := range vendors() {
			if v.handed != nil {
				v.handed(t, &c, p)
			}
		}
		var out bytes.Buffer
		if err := c.Run(t.Context(), &out); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out.String())
		}
		file, err := os.ReadFile(c.Out)
		if err != nil {
			t.Fatal(err)
		}
		found, err := claim.ReadFile(c.Out)
		if err != nil {
			t.Fatal(err)
		}
		tried := 0
		for _, f := range found.Findings {
			if f.Result == claim.Different {
				t.Errorf("%s: %s/%s: foreseen %q, seen %q", name, f.Vendor, f.Claim, f.Foreseen, f.Seen)
			}
			if f.Result == claim.Same {
				tried++
			}
			if write && strings.HasPrefix(f.Why, "claim.not.") && f.Why != string(claim.NotConfigured) {
				t.Errorf("%s/%s could be tried: %s", f.Vendor, f.Claim, f.Why)
			}
		}
		for _, v := range vendors() {
			if !strings.Contains(out.String(), "\n"+v.name+"\n") {
				t.Errorf("%s: nothing is said of %s", name, v.name)
			}
		}
		if tried == 0 {
			t.Errorf("%s: nothing was tried", name)
		}
		if write != strings.Contains(out.String(), "What this leaves behind") {
			t.Errorf("%s: it does not say beforehand what it leaves: %s", name, out.String())
		}
		isOfNobody(t, string(file))
		isOfNobody(t, out.String())
		if strings.Contains(out.String(), "claim.") || strings.Contains(out.String(), "limit.") {
			t.Errorf("%s: a text is missing: %s", name, out.String())
		}
	}
}

// isOfNobody fails the test where a text has a credential, or something of a customer's.
func isOfNobody(t *testing.T, text string) {
	t.Helper()
	for _, of := range append(credentials(), "Анна", "Борис", "Смирнов", "Петров", "anna@", "boris@", "1001") {
		if strings.Contains(text, of) {
			t.Errorf("it has %s", of)
		}
	}
	if found := regexp.MustCompile(`[0-9a-f]{24,}|\+7[0-9 ]{6,}`).FindString(text); found != "" {
		t.Errorf("it has %s", found)
	}
}

func TestAComparisonAsJSONIsTheFileThatASandboxTakes(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	v := vendors()[0]
	c := compareOf(p)
	c.Which, c.JSON = []string{v.name}, true
	var out bytes.Buffer
	if err := c.Run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "comparison.json")
	if err := os.WriteFile(name, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if found, err := claim.ReadFile(name); err != nil || found.Findings[0].Vendor != v.name {
		t.Errorf("%v, %s", err, out.String())
	}
}

func TestAComparisonThatCannotBeginSaysWhy(t *testing.T) {
	t.Parallel()
	first := vendors()[0].name
	for want, asked := range map[string]app.Asked{
		"no vendor is configured": {BaseURL: "http://localhost:8080"},
		`there is no "amo"`:       {BaseURL: "http://localhost:8080", Which: []string{"amo"}},
		"it is not set, and so " + first + " cannot be compared": {BaseURL: "http://localhost:8080",
			Which: []string{first}},
	} {
		if err := (app.Compare{Asked: asked}).Run(t.Context(), io.Discard); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func limitsIn(t *testing.T, s http.Handler, language string) *goquery.Document {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8081/_sandbox/limits", nil)
	r.Header.Set("Accept-Language", language)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	page, err := goquery.NewDocumentFromReader(w.Body)
	if err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d, %v", w.Code, err)
	}
	return page
}

func TestEachWayIsSaidInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	code := regexp.MustCompile(`^([0-9]{3}|SameSite=.*)$`)
	for _, v := range vendors() {
		s := sandboxesOf(t, v.name)
		for _, language := range []string{"ru", "en"} {
			limitsIn(t, s, language).Find("[name=way] option").Each(func(_ int, o *goquery.Selection) {
				way := o.AttrOr("value", "")
				if same := o.Text() == way; same != (language == "en" || code.MatchString(way)) {
					t.Errorf("%s, %q is said as %q in %s", v.name, way, o.Text(), language)
				}
			})
		}
	}
}

// chosenWays are the choices on a sandbox's page of limits: the ways of each claim, the current one first.
func chosenWays(t *testing.T, s http.Handler) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	limitsIn(t, s, "en").Find(`form[action="/_sandbox/choice"]`).Each(func(_ int, form *goquery.Selection) {
		id := form.Find("[name=claim]").AttrOr("value", "")
		form.Find("option").Each(func(_ int, o *goquery.Selection) {
			way := o.AttrOr("value", "")
			if _, current := o.Attr("selected"); current {
				all[id] = append([]string{way}, all[id]...)
			} else {
				all[id] = append(all[id], way)
			}
		})
		if seen := form.Parent().Find(".seen").Text(); seen != "" {
			all[id+" seen"] = []string{seen}
		}
	})
	return all
}

// Each choice of each sandbox is played from a file, is said on the page of limits, and outlives a reset.
func TestSandboxesPlayWhatAComparisonHasSeen(t *testing.T) {
	t.Parallel()
	for _, v := range vendors() {
		comparison := claim.Comparison{Format: 1, Day: "2026-11-28"}
		want := map[string]string{}
		for id, ways := range chosenWays(t, sandboxesOf(t, v.name)) {
			want[id] = ways[1]
			comparison.Findings = append(comparison.Findings, claim.Finding{Vendor: v.name, Claim: id,
				Standing: claim.Ours, Result: claim.Different, Foreseen: ways[0], Seen: ways[1]})
		}
		s := playing(t, v.name, comparison)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8081/_sandbox/reset", nil))
		got := chosenWays(t, s)
		for id, way := range want {
			if got[id][0] != way || !strings.Contains(got[id+" seen"][0], "2026-11-28") ||
				!strings.Contains(got[id+" seen"][0], way) {
				t.Errorf("%s: %s is %q, and it is said: %q", v.name, id, got[id], got[id+" seen"])
			}
		}
	}
}

// playing are the sandboxes of one vendor that play a comparison.
func playing(t *testing.T, vendor string, c claim.Comparison) http.Handler {
	t.Helper()
	name := filepath.Join(t.TempDir(), "comparison.json")
	f, err := os.Create(name)
	if err == nil {
		err = errors.Join(c.Write(f), f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	s, err := app.NewSandboxes(app.SandboxSettings{Portal: "http://localhost:8080", Which: []string{vendor}, As: name},
		&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8081}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAChoiceThatASandboxHasNotIsRefused(t *testing.T) {
	t.Parallel()
	for _, v := range vendors() {
		s := sandboxesOf(t, v.name)
		r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8081/_sandbox/choice",
			strings.NewReader(url.Values{"claim": {"nothing"}, "way": {"x"}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		if s.ServeHTTP(w, r); w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d", v.name, w.Code)
		}
	}
	s := app.SandboxSettings{Portal: "http://localhost:8080", As: "nothing.json"}
	if _, err := app.NewSandboxes(s, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8081},
		slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "--as") {
		t.Errorf("a file that there is not: %v", err)
	}
}

// Whoever presses Ctrl-C has nothing left behind at the vendor, and what was found until then.
func TestAComparisonThatIsInterruptedCleansUp(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemoWithMail(t)
	c := compareOf(p)
	c.Write, c.Out = true, filepath.Join(t.TempDir(), "comparison.json")
	ctx, stop := context.WithCancel(t.Context())
	asked := 0
	c.Wait = func(ctx context.Context, _ time.Duration) error {
		if asked++; asked == 8 {
			stop()
		}
		return ctx.Err()
	}
	if err := c.Run(ctx, io.Discard); err != nil {
		t.Fatal(err)
	}
	found, err := claim.ReadFile(c.Out)
	if err != nil {
		t.Fatal(err)
	}
	same, stopped := 0, 0
	for _, f := range found.Findings {
		if f.Result == claim.Same {
			same++
		}
		if f.Why == "claim.not.stopped" {
			stopped++
		}
	}
	if same == 0 || stopped == 0 {
		t.Errorf("%d were tried, %d stopped", same, stopped)
	}
}
