package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"kabinet/handlers/app/apptest"
	"kabinet/integrations/sandbox"
)

// dashboardOf is the page, for which no vendor was asked.
func dashboardOf(c *apptest.Client, p *apptest.Program) *goquery.Document {
	c.TB.Helper()
	before := p.Recorder.Newest()
	page := apptest.PageOf(c.TB, c.Get("/dashboard"))
	if now := p.Recorder.Newest(); now != before {
		c.TB.Errorf("the dashboard asks: %d exchanges", now-before)
	}
	return page
}

func TestTheDashboardSaysHowThingsStand(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	anna := p.SignedInAs(t, "anna@example.com")
	for _, v := range vendors() {
		if v.stands == nil {
			continue
		}
		want := v.stands(anna, p)
		if got := anna.Post("/dashboard/refresh", url.Values{"vendor": {v.name}}); got.StatusCode != http.StatusSeeOther {
			t.Errorf("%s: refreshing is %s", v.name, got.Status)
		}
		card := dashboardOf(anna, p).Find("#" + v.name)
		for _, text := range want {
			if !strings.Contains(card.Text(), text) {
				t.Errorf("%s's card has no %q:\n%s", v.name, text, card.Text())
			}
		}
		if card.Is("[data-stale]") {
			t.Errorf("%s's card is not fresh", v.name)
		}
	}
	stranger := p.SignedInAs(t, "boris@example.com")
	if lines := dashboardOf(stranger, p).Find(".card .lines"); lines.Length() != 0 {
		t.Errorf("another customer sees %q", lines.Text())
	}
}

// A page that was made before has the nonce of the answer that it goes out with, and of no other.
func TestADashboardThatWasMadeBeforeHasANonceOfItsOwn(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	anna := p.SignedInAs(t, "anna@example.com")
	nonces := map[string]bool{}
	for range 3 {
		answer := anna.Get("/dashboard")
		policy := answer.Header.Get("Content-Security-Policy")
		scripts := apptest.PageOf(t, answer).Find("script")
		if scripts.Length() < 2 {
			t.Fatalf("%d scripts", scripts.Length())
		}
		for _, s := range scripts.EachIter() {
			nonce := s.AttrOr("nonce", "")
			nonces[nonce] = true
			if nonce == "" || !strings.Contains(policy, "'nonce-"+nonce+"'") {
				t.Errorf("the nonce %q is not that of %s", nonce, policy)
			}
		}
	}
	if len(nonces) != 3 {
		t.Errorf("three answers have %d nonces", len(nonces))
	}
	boris := p.SignedInAs(t, "boris@example.com")
	if title := dashboardOf(boris, p).Find("h1").Text(); strings.Contains(title, dashboardOf(anna, p).Find(".who").Text()) {
		t.Errorf("another customer is greeted by %q", title)
	}
}

// A vendor that does not answer is asked in vain, and the card stays as it was.
func TestAVendorThatIsDownTakesNothingFromTheDashboard(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	anna := p.SignedInAs(t, "anna@example.com")
	asked := 0
	for _, v := range vendors() {
		if v.stands == nil {
			continue
		}
		v.stands(anna, p)
		refresh := func() { anna.Post("/dashboard/refresh", url.Values{"vendor": {v.name}}) }
		refresh()
		card := func() string { return dashboardOf(anna, p).Find("#" + v.name + " .lines").Text() }
		known := card()
		for _, operation := range v.faults(p).Operations() {
			set(t, v.faults(p), operation, sandbox.Fault{Status: http.StatusServiceUnavailable})
		}
		before := len(v.requests(p))
		for range 5 {
			refresh()
		}
		if now := card(); now != known || known == "" {
			t.Errorf("%s's card had %q and has %q", v.name, known, now)
		}
		v.faults(p).Clear()
		if got := len(v.requests(p)) - before; got > 12 {
			t.Errorf("%s was asked %d times", v.name, got)
		} else if got > 0 {
			asked++
		}
	}
	if asked == 0 {
		t.Error("nobody was asked")
	}
}

// What is asked behind the dashboard, how often and of how many at once, an administrator reads.
func TestAdministratorsReadWhatIsAskedBehindTheDashboard(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	anna := p.SignedInAs(t, "anna@example.com")
	admin := p.SignedInAs(t, "admin@example.com")
	told := func(vendor string) string {
		return apptest.PageOf(t, admin.Get("/admin/integrations")).Find("#" + vendor + " [data-behind]").Text()
	}
	found := 0
	for _, v := range vendors() {
		if v.stands == nil || told(v.name) == "" {
			continue
		}
		found++
		v.stands(anna, p)
		if before := told(v.name); !strings.Contains(before, "запросов: 0") {
			t.Errorf("%s, before: %s", v.name, before)
		}
		anna.Post("/dashboard/refresh", url.Values{"vendor": {v.name}})
		if after := told(v.name); !strings.Contains(after, "запросов: 1") || !strings.Contains(after, "без ответа: 0") {
			t.Errorf("%s, after: %s", v.name, after)
		}
	}
	if found == 0 {
		t.Error("nothing is told of anybody")
	}
}
