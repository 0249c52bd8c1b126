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
	amocrmsandbox "kabinet/integrations/amocrm/sandbox"
	"kabinet/integrations/outgoing"
	pricesandbox "kabinet/integrations/priceplan/sandbox"
	sailplaysandbox "kabinet/integrations/sailplay/sandbox"
	"kabinet/integrations/sandbox"
	webimsandbox "kabinet/integrations/webim/sandbox"

	"kabinet/handlers/app/apptest"
)

var allVendors = []string{"priceplan", "webim", "sailplay", "amocrm"}

// requestsToPricePlan is how often the sandboxes were asked anything.
func requestsToPricePlan(r *apptest.Program) int {
	return len(r.PricePlan.Requests()) + len(r.Webim.Requests()) + len(r.SailPlay.Requests()) + len(r.AmoCRM.Requests())
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
	r := apptest.StartDemo(t)
	admin := administrator(r, t, "ru")
	before := requestsToPricePlan(r)
	page := apptest.PageOf(t, admin.Get("/admin/integrations"))
	for _, vendor := range allVendors {
		success, failure := facts(page, vendor)
		if s := page.Find("#" + vendor); s.Length() != 1 || s.Find("svg").Length() != 0 || !strings.Contains(s.Find(".badge.soft").Text(), "песочница") ||
			strings.TrimSpace(success.Text()) != "Ещё не было" || strings.TrimSpace(failure.Text()) != "Ещё не было" || s.Find(".state").Text() != "Обменов ещё не было" {
			t.Errorf("before anything has happened, %s: %q", vendor, s.Text())
		}
	}
	if requestsToPricePlan(r) != before {
		t.Error("the page asks a vendor")
	}
	inspectable(r, t)
	before = requestsToPricePlan(r)
	page = apptest.PageOf(t, admin.Get("/admin/integrations"))
	for _, c := range []struct {
		vendor, success, failure, state string
		bars, crosses                   int
	}{
		{"priceplan", "200 POST http://demo-lk.priceplan.localhost", "Ещё не было", "Последний обмен удался", 2, 0},
		{"webim", "Ещё не было", "403 POST " + r.URL + "/webim/events", "Последний обмен не удался", 1, 1},
		{"sailplay", "200 GET http://sailplay.localhost", "502 GET http://sailplay.localhost", "Последний обмен не удался", 6, 3},
		{"amocrm", "200 GET " + r.URL + "/amocrm/card", "401 GET " + r.URL + "/amocrm/card", "Последний обмен не удался", 2, 1},
	} {
		section := page.Find("#" + c.vendor)
		success, failure := facts(page, c.vendor)
		for want, shown := range map[string]*goquery.Selection{c.success: success, c.failure: failure} {
			if got := strings.Join(strings.Fields(shown.Text()), " "); !strings.HasPrefix(got, want) {
				t.Errorf("%s: %q, not %q", c.vendor, got, want)
			}
			address, ok := shown.Find("a").Attr("href")
			if !ok {
				continue
			}
			path, exchange, _ := strings.Cut(address, "#")
			if among := apptest.PageOf(t, admin.Get(path)); among.Find("#"+exchange).Length() != 1 {
				t.Errorf("%s: %s leads to no such exchange", c.vendor, address)
			}
		}
		words := section.Find("figcaption").Text()
		if section.Find("rect").Length() != c.bars || section.Find("svg path").Length() != c.crosses || section.Find(".state").Text() != c.state ||
			!strings.Contains(words, "обменов: "+strconv.Itoa(c.bars)+"; неудач: "+strconv.Itoa(c.crosses)) || !strings.Contains(words, "95 из 100") {
			t.Errorf("%s: %d bars, %d crosses, %q, %q", c.vendor, section.Find("rect").Length(), section.Find("svg path").Length(), words, section.Find(".state").Text())
		}
	}
	if requestsToPricePlan(r) != before {
		t.Error("the page asks a vendor")
	}
}

func TestAnIntegrationThatIsQuietKeepsItsLastExchanges(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	inspectable(r, t)
	for range 500 {
		r.Recorder.Add(outgoing.Exchange{At: time.Now(), Vendor: "priceplan", Cause: outgoing.FirstTry, Method: "GET", Address: "http://x", Status: http.StatusOK})
	}
	page := apptest.PageOf(t, administrator(r, t, "en").Get("/admin/integrations"))
	success, failure := facts(page, "sailplay")
	for want, shown := range map[string]*goquery.Selection{"200": success, "502": failure} {
		if shown.Find(".badge").Text() != want || shown.Find("a").Length() != 0 || !strings.Contains(shown.Text(), "remembers it no longer") {
			t.Errorf("%q", shown.Text())
		}
	}
	if page.Find("#sailplay svg").Length() != 0 || page.Find("#priceplan rect").Length() != 60 {
		t.Errorf("%d of SailPlay, %d of PricePlan are drawn", page.Find("#sailplay rect").Length(), page.Find("#priceplan rect").Length())
	}
}

func TestACheckFromThePageSaysTheCauseAndTheVariableInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	for vendor, c := range map[string]struct {
		breaks func(*apptest.Program) error
		ru, en []string
	}{
		"priceplan": {func(r *apptest.Program) error {
			return r.PricePlan.Faults().Set("login", sandbox.Fault{Status: http.StatusOK, Body: `{"success":false,"errors":[]}`})
		}, []string{"вход и чтение списка клиентов", "имя или пароль неверны", "PRICEPLAN_USER или PRICEPLAN_PASSWORD"}, []string{"signing in and reading", "the name or the password is wrong", "PRICEPLAN_USER or PRICEPLAN_PASSWORD"}},
		"webim": {func(r *apptest.Program) error {
			return r.Webim.Faults().Set("button.js", sandbox.Fault{Status: http.StatusNotFound})
		}, []string{"загрузка http", "статус 404", "такого аккаунта в Webim нет", "WEBIM_ACCOUNT"}, []string{"loading http", "status 404", "no such account at Webim", "WEBIM_ACCOUNT"}},
		"sailplay": {func(r *apptest.Program) error {
			return r.SailPlay.Faults().Set("authorize", sandbox.Fault{Status: http.StatusBadRequest})
		}, []string{"redirect_url http", "партнёр или отдел неизвестен", "SAILPLAY_REDIRECT_BASE или KABINET_BASE_URL"}, []string{"redirect_url http", "the partner or the department is unknown", "SAILPLAY_REDIRECT_BASE or KABINET_BASE_URL"}},
	} {
		t.Run(vendor, func(t *testing.T) {
			t.Parallel()
			r := apptest.StartDemo(t)
			if err := c.breaks(r); err != nil {
				t.Fatal(err)
			}
			admin := administrator(r, t, "ru")
			if got := admin.Post("/admin/integrations/check", url.Values{"vendor": {vendor}}); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/admin/integrations#"+vendor {
				t.Fatalf("%s to %s", got.Status, got.Header.Get("Location"))
			}
			for language, want := range map[string][]string{"ru": c.ru, "en": c.en} {
				section := apptest.PageOf(t, administrator(r, t, language).Get("/admin/integrations")).Find("#" + vendor)
				failed := section.Find(".tried li").FilterFunction(func(_ int, s *goquery.Selection) bool { return s.Find(".failed").Text() == "✗" })
				if failed.Length() != 1 || section.Find(".tried .badge.bad").Length() != 1 || section.Find("time").Length() == 0 {
					t.Errorf("%s: %q", language, section.Text())
				}
				for _, words := range want {
					if !strings.Contains(failed.Text(), words) {
						t.Errorf("%s: %q is not in %q", language, words, failed.Text())
					}
				}
			}
		})
	}
}

func TestACheckFromThePageFindsNothingWrongInADemoAndShowsNoCredential(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	admin := administrator(r, t, "ru")
	for _, vendor := range allVendors {
		admin.Post("/admin/integrations/check", url.Values{"vendor": {vendor}})
	}
	for _, language := range []string{"ru", "en"} {
		page := apptest.PageOf(t, administrator(r, t, language).Get("/admin/integrations"))
		for _, vendor := range allVendors {
			steps := page.Find("#" + vendor + " .tried")
			if steps.Find("li").Length() < 4 || strings.Contains(steps.Text(), "✗") || strings.Contains(steps.Text(), "<no value>") || strings.Contains(steps.Text(), "check.") {
				t.Errorf("%s in %s: %q", vendor, language, steps.Text())
			}
		}
		for _, credential := range []string{
			app.DemoSecret, pricesandbox.DefaultPassword, webimsandbox.DefaultKey, sailplaysandbox.DefaultSecret, sailplaysandbox.DefaultDepartmentKey, amocrmsandbox.DefaultClientSecret,
		} {
			if strings.Contains(page.Text(), credential) {
				t.Errorf("it shows %s", credential)
			}
		}
	}
}

func TestChecksFromThePageArePacedAndRedeemNothing(t *testing.T) {
	t.Parallel()
	r := apptest.Start(t, app.Demo, app.Settings{Now: apptest.NewClock().Now})
	admin := administrator(r, t, "ru")
	check := func() int {
		return admin.Post("/admin/integrations/check", url.Values{"vendor": {"priceplan"}}).StatusCode
	}
	for range 8 {
		if got := check(); got != http.StatusSeeOther {
			t.Fatal(got)
		}
	}
	asked, keys := requestsToPricePlan(r), 0
	if got := check(); got != http.StatusTooManyRequests || requestsToPricePlan(r) != asked {
		t.Errorf("%d, and PricePlan is asked %d times", got, requestsToPricePlan(r)-asked)
	}
	for _, q := range r.PricePlan.Requests() {
		if strings.HasPrefix(q.Path, "/auth-key/") {
			t.Errorf("a key is redeemed: %s %s", q.Method, q.Path)
		}
		if strings.HasSuffix(q.Path, "/auth-key/") {
			keys++
		}
	}
	if keys != 8 {
		t.Errorf("%d keys are asked for", keys)
	}
	if n := len(r.Recorder.Exchanges()); n != 0 {
		t.Errorf("%d exchanges look like the portal's own", n)
	}
	if got := admin.Post("/admin/integrations/check", url.Values{"vendor": {"another"}}); got.StatusCode != http.StatusBadRequest {
		t.Errorf("of a vendor that there is not: %s", got.Status)
	}
}

func TestOneCheckIsMadeAtATimeAndEndsWithWhoeverAskedForIt(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	if err := r.PricePlan.Faults().Set("clients", sandbox.Fault{Hang: true}); err != nil {
		t.Fatal(err)
	}
	admin, another := administrator(r, t, "ru"), administrator(r, t, "ru")
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	left := make(chan error, 1)
	go func() {
		body := strings.NewReader(url.Values{"vendor": {"priceplan"}}.Encode())
		q, err := http.NewRequestWithContext(ctx, http.MethodPost, r.URL+"/admin/integrations/check", body)
		if err != nil {
			left <- err
			return
		}
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		q.Header.Set("Origin", r.URL)
		response, err := admin.HTTP.Do(q)
		if err == nil {
			response.Body.Close()
		}
		left <- err
	}()
	apptest.Eventually(t, "asking for the clients", func() bool {
		for _, q := range r.PricePlan.Requests() {
			if q.Path == "/api/clients/" {
				return true
			}
		}
		return false
	})
	to := func(vendor string) string {
		return another.Post("/admin/integrations/check", url.Values{"vendor": {vendor}}).Header.Get("Location")
	}
	if got := to("webim"); got != "/admin/integrations?busy" {
		t.Errorf("a second check leads to %s", got)
	}
	if page := apptest.PageOf(t, another.Get("/admin/integrations?busy")); page.Find(".note.bad").Length() != 1 {
		t.Error("the page does not say so")
	}
	leave()
	if err := <-left; err == nil {
		t.Error("the first was answered")
	}
	apptest.Eventually(t, "another check", func() bool { return to("webim") == "/admin/integrations#webim" })
	if page := apptest.PageOf(t, another.Get("/admin/integrations")); page.Find("#priceplan .tried").Length() != 0 || page.Find("#webim .tried").Length() != 1 {
		t.Error("what was not tried to the end is shown")
	}
}
