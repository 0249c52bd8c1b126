package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kabinet/handlers/app/apptest"
	"kabinet/handlers/web"
)

// follow goes on from the answer to a form as a browser does, and returns the last answer: at another host, or a page.
func follow(t *testing.T, c *apptest.Client, answer *http.Response) (last *http.Response, outside string) {
	t.Helper()
	for range 10 {
		to := answer.Header.Get("Location")
		if to == "" {
			return answer, ""
		}
		u := apptest.MustParse(t, c.URL).ResolveReference(apptest.MustParse(t, to))
		if !strings.HasPrefix(u.String(), c.URL+"/") {
			return answer, u.String()
		}
		answer = c.Get(u.RequestURI())
	}
	t.Fatal("there is no end")
	return nil, ""
}

// Chromium stops such a chain, by form-action, without a word.
func TestNoChainOfRedirectsThatBeginsWithAFormLeavesThePortal(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	anna := p.SignedInAs(t, "anna@example.com")
	leaving := map[string]bool{}
	for _, r := range p.Routes() {
		leaving[r.Path] = r.Leaves
	}
	for _, l := range routes(p, func(r web.Route) bool { return r.Method == "" }) {
		twice := "/login?" + url.Values{"next": {l.path}}.Encode()
		for _, next := range []string{l.path, "/x/.." + l.path, strings.TrimSuffix(l.path, "/") + "?a=b", twice,
			"/register?" + url.Values{"next": {twice}}.Encode()} {
			last, outside := follow(t, anna, anna.Post("/language", url.Values{"language": {"ru"}, "next": {next}}))
			if outside != "" {
				t.Errorf("%s leads to %s", next, outside)
			}
			if on := last.Header.Get("Refresh") != ""; on != leaving[l.route] {
				t.Errorf("%s: going on by itself is %v", next, on)
			}
			if leaving[l.route] && !strings.HasPrefix(apptest.GoesOn(t, last), "/") {
				t.Errorf("%s goes on to %s", next, apptest.GoesOn(t, last))
			}
		}
	}
	for _, l := range routes(p, func(r web.Route) bool { return r.Method == http.MethodPost }) {
		if l.path == "/profile/delete" {
			continue // whoever is gone follows nothing
		}
		if !anna.SignedIn() {
			anna.SignIn("anna@example.com")
		}
		if _, outside := follow(t, anna, anna.Post(l.path, everyForm)); outside != "" {
			t.Errorf("%s leads to %s", l.path, outside)
		}
	}
}

func TestAPageIsFoundWithASlashTooManyOrWithout(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	anna := p.SignedInAs(t, "anna@example.com")
	for _, l := range routes(p, func(r web.Route) bool { return r.Method == "" && r.Who != web.Public && r.Path != "/" }) {
		other := l.path + "/"
		if without, ok := strings.CutSuffix(l.path, "/"); ok {
			other = without
		}
		for _, query := range []string{"", "?a=b&c=%2F"} {
			answer := anna.Do(l.method, other+query, nil)
			if answer.Header.Get("Location") != l.path+query && answer.Header.Get("Refresh") != "0; url="+l.path+query {
				t.Errorf("%s %s: %s to %q", l.method, other, answer.Status, answer.Header.Get("Location"))
			}
		}
	}
	apptest.Redirected(t, anna.Get("/.well-known/change-password"), "/profile/password")
}

func TestWhatABrowserAsksForBeforeAnybodyWantsToSeeItDoesNothing(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	anna := p.SignedInAs(t, "anna@example.com")
	before := len(p.Events(t, 1))
	for _, l := range routes(p, func(r web.Route) bool { return r.Method == "" && r.Who != web.Public }) {
		for _, name := range []string{"Sec-Purpose", "Purpose", "X-Moz"} {
			for _, value := range []string{"prefetch", "prefetch;prerender", "Prefetch"} {
				answer := anna.Do(l.method, l.path, nil, apptest.Header(name, value))
				if answer.StatusCode != http.StatusForbidden || answer.Header.Get("Cache-Control") != "no-store" {
					t.Errorf("%s %s, %s: %s", l.method, l.path, name, answer.Status)
				}
			}
		}
	}
	if after := len(p.Events(t, 1)); after != before || p.Recorder.Newest() != 0 {
		t.Errorf("the audit tells of %d events more, and there is an exchange %d", after-before, p.Recorder.Newest())
	}
}

// A file is saved, and the page with the form stays: who has signed in would not see that they have.
func TestWhoSignsInOnTheWayToAFileComesToThePageThatOffersIt(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	files := routes(p, func(r web.Route) bool { return r.File })
	if len(files) == 0 {
		t.Fatal("there is no file")
	}
	for _, l := range files {
		parent := l.path[:strings.LastIndex(l.path, "/")]
		apptest.Redirected(t, p.Client(t).Do(l.method, l.path, nil), "/login?next="+url.QueryEscape(parent))
	}
}
