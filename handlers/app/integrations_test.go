package app_test

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"kabinet/handlers/app"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/sandbox"

	"kabinet/handlers/app/apptest"
)

// section is what the page of integrations shows of a vendor's exchanges.
type section struct {
	success, failure, state string // how each begins; HOST is the portal's origin
	bars, crosses           int
}

// checkFromWeb is something that breaks the vendor, and what the page then says of the step that fails.
type checkFromWeb struct {
	breaks func(p *apptest.Program) error
	ru, en []string
}

func administrator(r *apptest.Program, tb testing.TB, language string) *apptest.Client {
	tb.Helper()
	c := r.SignedInAs(tb, "admin@example.com")
	c.Post("/language", url.Values{"language": {language}})
	return c
}

// facts are the addresses, the last success and the last failure that a section shows.
func facts(page *goquery.Document, vendor string) (success, failure *goquery.Selection) {
	all := page.Find("#" + vendor + " dd")
	return all.Eq(1), all.Eq(2)
}

func TestThePageOfIntegrationsShowsTheLastSuccessAndFailureOfEach(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	admin := administrator(p, t, "ru")
	before := requestsToVendors(p)
	page := apptest.PageOf(t, admin.Get("/admin/integrations"))
	for _, vendor := range vendorNames() {
		success, failure := facts(page, vendor)
		if s := page.Find("#" + vendor); s.Length() != 1 || s.Find("svg").Length() != 0 ||
			!strings.Contains(s.Find(".badge.soft").Text(), "песочница") ||
			strings.TrimSpace(success.Text()) != "Ещё не было" || strings.TrimSpace(failure.Text()) != "Ещё не было" ||
			s.Find(".state").Text() != "Обменов ещё не было" {
			t.Errorf("before anything has happened, %s: %q", vendor, s.Text())
		}
	}
	if requestsToVendors(p) != before {
		t.Error("the page asks a vendor")
	}
	inspectable(t, p)
	before = requestsToVendors(p)
	page = apptest.PageOf(t, admin.Get("/admin/integrations"))
	for _, v := range vendors() {
		c := v.section
		section := page.Find("#" + v.name)
		success, failure := facts(page, v.name)
		for want, shown := range map[string]*goquery.Selection{strings.ReplaceAll(c.success, "HOST", p.URL): success,
			strings.ReplaceAll(c.failure, "HOST", p.URL): failure} {
			if got := strings.Join(strings.Fields(shown.Text()), " "); !strings.HasPrefix(got, want) {
				t.Errorf("%s: %q, not %q", v.name, got, want)
			}
			address, ok := shown.Find("a").Attr("href")
			if !ok {
				continue
			}
			path, exchange, _ := strings.Cut(address, "#")
			if among := apptest.PageOf(t, admin.Get(path)); among.Find("#"+exchange).Length() != 1 {
				t.Errorf("%s: %s leads to no such exchange", v.name, address)
			}
		}
		words := section.Find("figcaption").Text()
		if section.Find("rect").Length() != c.bars || section.Find("svg path").Length() != c.crosses ||
			section.Find(".state").Text() != c.state ||
			!strings.Contains(words, "обменов: "+strconv.Itoa(c.bars)+"; неудач (✗): "+strconv.Itoa(c.crosses)) ||
			!strings.Contains(words, "95 из 100") {
			t.Errorf("%s: %d bars, %d crosses, %q, %q", v.name, section.Find("rect").Length(),
				section.Find("svg path").Length(), words, section.Find(".state").Text())
		}
	}
	if requestsToVendors(p) != before {
		t.Error("the page asks a vendor")
	}
}

func TestAnIntegrationThatIsQuietKeepsItsLastExchanges(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	quiet := vendorNames()[0]
	exchange := func(vendor string, status int) {
		p.Recorder.Add(outgoing.Exchange{At: time.Now(), Vendor: vendor, Cause: outgoing.FirstTry, Method: "GET",
			Address: "http://x", Status: status})
	}
	exchange(quiet, http.StatusOK)
	exchange(quiet, http.StatusBadGateway)
	for n := range int64(1000) { // of so many that each has had one
		p.Recorder.Add(outgoing.Exchange{Vendor: "another", UserID: n + 1, Status: http.StatusOK})
	}
	page := apptest.PageOf(t, administrator(p, t, "en").Get("/admin/integrations"))
	success, failure := facts(page, quiet)
	for want, shown := range map[string]*goquery.Selection{"200": success, "502": failure} {
		if shown.Find(".badge").Text() != want || shown.Find("a").Length() != 0 ||
			!strings.Contains(shown.Text(), "remembers it no longer") {
			t.Errorf("%q", shown.Text())
		}
	}
	if page.Find("#"+quiet+" svg").Length() != 0 {
		t.Error("what is forgotten is drawn")
	}
	for n := range int64(100) {
		p.Recorder.Add(outgoing.Exchange{At: time.Now(), Vendor: quiet, Cause: outgoing.FirstTry, Method: "GET",
			Address: "http://x", Status: http.StatusOK, UserID: 2000 + n})
	}
	page = apptest.PageOf(t, administrator(p, t, "en").Get("/admin/integrations"))
	if drawn := page.Find("#" + quiet + " rect").Length(); drawn != 60 {
		t.Errorf("%d are drawn", drawn)
	}
}

func TestACheckFromThePageSaysTheCauseAndTheVariableInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	for _, v := range vendors() {
		if v.checkFromWeb.breaks == nil {
			continue
		}
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			p := apptest.StartDemo(t)
			if err := v.checkFromWeb.breaks(p); err != nil {
				t.Fatal(err)
			}
			got := administrator(p, t, "ru").Post("/admin/integrations/check", url.Values{"vendor": {v.name}})
			if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/admin/integrations#"+v.name {
				t.Fatalf("%s to %s", got.Status, got.Header.Get("Location"))
			}
			for language, want := range map[string][]string{"ru": v.checkFromWeb.ru, "en": v.checkFromWeb.en} {
				page := apptest.PageOf(t, administrator(p, t, language).Get("/admin/integrations"))
				v.checkFromWeb.isShown(t, language, page.Find("#"+v.name), want)
			}
		})
	}
}

func (c checkFromWeb) isShown(t *testing.T, language string, section *goquery.Selection, want []string) {
	t.Helper()
	failed := section.Find(".tried li").FilterFunction(func(_ int, s *goquery.Selection) bool {
		return s.Find(".failed").Text() == "✗"
	})
	if failed.Length() != 1 || section.Find(".tried .badge.bad").Length() != 1 || section.Find("time").Length() == 0 {
		t.Errorf("%s: %q", language, section.Text())
	}
	for _, words := range want {
		if !strings.Contains(failed.Text(), words) {
			t.Errorf("%s: %q is not in %q", language, words, failed.Text())
		}
	}
}

func TestACheckFromThePageFindsNothingWrongInADemoAndShowsNoCredential(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	admin := administrator(p, t, "ru")
	for _, vendor := range vendorNames() {
		admin.Post("/admin/integrations/check", url.Values{"vendor": {vendor}})
	}
	for _, language := range []string{"ru", "en"} {
		page := apptest.PageOf(t, administrator(p, t, language).Get("/admin/integrations"))
		for _, vendor := range vendorNames() {
			steps := page.Find("#" + vendor + " .tried")
			if steps.Find("li").Length() < 4 || strings.Contains(steps.Text(), "✗") ||
				strings.Contains(steps.Text(), "<no value>") || strings.Contains(steps.Text(), "check.") {
				t.Errorf("%s in %s: %q", vendor, language, steps.Text())
			}
		}
		for _, credential := range credentials() {
			if strings.Contains(page.Text(), credential) {
				t.Errorf("it shows %s", credential)
			}
		}
	}
}

func TestChecksFromThePageArePaced(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, app.Demo, app.Settings{Now: apptest.NewClock().Now})
	admin := administrator(p, t, "ru")
	check := func(vendor string) int {
		return admin.Post("/admin/integrations/check", url.Values{"vendor": {vendor}}).StatusCode
	}
	vendor := vendorNames()[0]
	for range 8 {
		if got := check(vendor); got != http.StatusSeeOther {
			t.Fatal(got)
		}
	}
	asked := requestsToVendors(p)
	if got := check(vendor); got != http.StatusTooManyRequests || requestsToVendors(p) != asked {
		t.Errorf("%d, and vendors are asked %d times", got, requestsToVendors(p)-asked)
	}
	if n := len(p.Recorder.Exchanges()); n != 0 {
		t.Errorf("%d exchanges look like the portal's own", n)
	}
	if got := check("another"); got != http.StatusBadRequest {
		t.Errorf("of a vendor that there is not: %d", got)
	}
}

func TestOneCheckIsMadeAtATimeAndEndsWithWhoeverAskedForIt(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	v := vendors()[0]
	for _, operation := range v.faults(p).Operations() {
		set(t, v.faults(p), operation, sandbox.Fault{Hold: true})
	}
	admin, another := administrator(p, t, "ru"), administrator(p, t, "ru")
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	left := make(chan error, 1)
	go func() { left <- askForCheck(ctx, admin, v.name) }()
	asked := func() bool { return len(v.requests(p)) > 0 }
	apptest.Eventually(t, "asking the vendor", asked)
	check := func() string {
		return another.Post("/admin/integrations/check", url.Values{"vendor": {v.name}}).Header.Get("Location")
	}
	if got := check(); got != "/admin/integrations?busy" {
		t.Errorf("a second check leads to %s", got)
	}
	if page := apptest.PageOf(t, another.Get("/admin/integrations?busy")); page.Find(".note.bad").Length() != 1 {
		t.Error("the page does not say so")
	}
	leave()
	if err := <-left; err == nil {
		t.Error("the first was answered")
	}
	if page := apptest.PageOf(t, another.Get("/admin/integrations")); page.Find(".tried").Length() != 0 {
		t.Error("what was not tried to the end is shown")
	}
	v.faults(p).Clear()
	apptest.Eventually(t, "another check", func() bool { return check() == "/admin/integrations#"+v.name })
	if page := apptest.PageOf(t, another.Get("/admin/integrations")); page.Find("#"+v.name+" .tried").Length() != 1 {
		t.Error("what was tried is not shown")
	}
}

// askForCheck asks for a check until the context ends.
func askForCheck(ctx context.Context, c *apptest.Client, vendor string) error {
	body := strings.NewReader(url.Values{"vendor": {vendor}}.Encode())
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL+"/admin/integrations/check", body)
	if err != nil {
		return err
	}
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	q.Header.Set("Origin", c.URL)
	response, err := c.HTTP.Do(q)
	if err == nil {
		response.Body.Close() //nolint:errcheck // that it was answered is enough
	}
	return err
}
