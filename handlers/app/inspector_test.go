package app_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kabinet/handlers/app"
	amocrmsandbox "kabinet/integrations/amocrm/sandbox"
	"kabinet/integrations/outgoing"
	pricesandbox "kabinet/integrations/priceplan/sandbox"
	sailplaysandbox "kabinet/integrations/sailplay/sandbox"
	"kabinet/integrations/sandbox"
	webimsandbox "kabinet/integrations/webim/sandbox"

	"kabinet/handlers/app/apptest"
)

// inspectable makes exchanges of every vendor, good and bad.
func inspectable(r *apptest.Program, tb testing.TB) {
	tb.Helper()
	t, ok := tb.(*testing.T)
	if !ok {
		tb.Fatal("only in tests")
	}
	anna := r.SignedInAs(t, "anna@example.com")
	comesBack(anna, consents(anna, leaves(anna, url.Values{}), "anna@example.com"))
	anna.Get("/pp-auth/")
	fromWidget(anna, r, http.MethodGet, "/amocrm/card", token(r, tb, annasDeal), "")
	fromWidget(anna, r, http.MethodGet, "/amocrm/card", "foo", "")
	anna.Get("/chat/visitor")
	anna.Post("/webim/events?event=x", url.Values{"chat": {"{}"}, "crc": {"1"}, "signature": {"forged"}})
	if err := r.SailPlay.Faults().Set("users/info", sandbox.Fault{Status: http.StatusBadGateway, Times: 3}); err != nil {
		tb.Fatal(err)
	}
	anna.Post("/loyalty/refresh", url.Values{})
}

func TestTheInspectorShowsExchangesAndNoCredential(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	inspectable(r, t)
	admin := r.SignedInAs(t, "admin@example.com")
	page := apptest.BodyOf(t, admin.Get("/admin/inspector"))
	for _, want := range []string{"/api/clients/1001/auth-key/", "/api/v2/login/", "/amocrm/card", "/webim/events", "/sailplay/callback/:state", "curl -X POST", "✓ подпись", "✗ вид токена", `"entity_id": 7001001`, `"display_name": "Анна Смирнова"`, `"hash": "•••"`, "✗ подпись", "повтор, попытка 3", "вход"} {
		if !strings.Contains(html.UnescapeString(page), want) {
			t.Errorf("%q is not there", want)
		}
	}
	all := fmt.Sprintf("%+v", r.Recorder.Exchanges()) + page
	for _, credential := range []string{
		app.DemoSecret, pricesandbox.DefaultPassword, webimsandbox.DefaultKey, sailplaysandbox.DefaultSecret, sailplaysandbox.DefaultDepartmentKey, amocrmsandbox.DefaultClientSecret,
		token(r, t, annasDeal), app.DemoPassword, "pin_code=" + sailplaysandbox.DefaultPinCode,
	} {
		if strings.Contains(all, credential) {
			t.Errorf("it has %s", credential)
		}
	}
	for _, e := range r.Recorder.Exchanges() {
		for _, f := range append(e.Sent.Header, e.Received.Header...) {
			if (f.Name == "Cookie" || f.Name == "Set-Cookie" || f.Name == "Authorization" || f.Name == "Location") && f.Value != "•••" {
				t.Errorf("%s is shown", f.Name)
			}
		}
	}
}

func TestTheInspectorsFilterChooses(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	inspectable(r, t)
	admin := r.SignedInAs(t, "admin@example.com")
	count := func(query string) int {
		return apptest.PageOf(t, admin.Get("/admin/inspector?"+query)).Find("#exchanges details").Length()
	}
	all, vendors := count(""), 0
	for _, vendor := range []string{"priceplan", "webim", "sailplay", "amocrm"} {
		n := count("vendor=" + vendor)
		if n == 0 {
			t.Errorf("nothing of %s", vendor)
		}
		vendors += n
	}
	if all == 0 || vendors != all || count("status=ok")+count("status=failed") != all || count("vendor=amocrm&status=failed") != 1 {
		t.Errorf("%d in all, %d by vendor, %d and %d by outcome", all, vendors, count("status=ok"), count("status=failed"))
	}
	if count("text=AUTH-KEY") != 1 || count("text=no+such+text") != 0 {
		t.Error("the text does not choose")
	}
	if mine := count("user=anna@example.com"); mine == 0 || mine >= all || count("user=nobody@example.com") != 0 {
		t.Errorf("Anna's are %d of %d", mine, all)
	}
	// One request's exchanges are a diagram, with the same in words.
	var request string
	for _, e := range r.Recorder.Exchanges() {
		if e.Cause == outgoing.Retry {
			request = e.RequestID
		}
	}
	page := apptest.PageOf(t, admin.Get("/admin/inspector?request="+request))
	words := page.Find(".sequence li").Text()
	if page.Find(".sequence svg line.arrow").Length() != 7 || !strings.Contains(words, "Клиент → Kabinet: запрос") || strings.Count(words, "502") != 3 || !strings.Contains(words, "повтор") || page.Find("#exchanges details").Length() != 3 {
		t.Errorf("%d arrows, %q", page.Find(".sequence svg line.arrow").Length(), words)
	}
}

func TestTheInspectorIsLiveAndKeepsWhatIsOpen(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	tab := apptest.OpenWholeTab(t) // it has a clipboard
	tab.SignInByCookie(r, "admin@example.com")
	tab.Open(r.URL + "/admin/inspector?vendor=amocrm")
	tab.Wait(`document.readyState === "complete" && document.querySelectorAll("#exchanges details").length === 0`)
	c := r.Client(t)
	fromWidget(c, r, http.MethodGet, "/amocrm/card", "foo", "")
	tab.Wait(`document.querySelectorAll("#exchanges details").length === 1`)
	tab.Do(apptest.Evaluate(`document.querySelector("#exchanges details").open = true; 0`))
	fromWidget(c, r, http.MethodGet, "/amocrm/card", token(r, t, 1), "")
	tab.Wait(`document.querySelectorAll("#exchanges details").length === 2 && document.querySelectorAll("#exchanges details[open]").length === 1 && document.querySelectorAll("#exchanges details")[1].open`)
	// A call to a vendor can be taken along for a shell.
	c.SignIn("anna@example.com")
	c.Get("/pp-auth/")
	tab.Open(r.URL + "/admin/inspector?text=auth-key")
	tab.Wait(`document.readyState === "complete" && document.querySelector("#exchanges details")`)
	tab.Do(apptest.Evaluate(`document.querySelector("#exchanges details").open = true; 0`))
	tab.Click(`[data-copy]`)
	tab.Wait(`document.querySelector("[data-copy]").innerText === "Скопировано"`)
	if curl := apptest.Eval[string](tab, `document.getElementById(document.querySelector("[data-copy]").dataset.copy).textContent`); !strings.HasPrefix(curl, "curl -X POST 'http://demo-lk.priceplan.localhost") || strings.Contains(curl, "sessionid") {
		t.Errorf("taken along is %q", curl)
	}
}

func TestWhatPagesAskInTheBackgroundKeepsNoSessionAlive(t *testing.T) {
	t.Parallel()
	clock := apptest.NewClock()
	r := apptest.Start(t, app.Demo, app.Settings{Now: clock.Now})
	admin := r.SignedInAs(t, "admin@example.com")
	for range 6 {
		clock.Forward(5 * time.Minute)
		admin.Get("/admin/inspector/list")
		admin.Get("/how/priceplan/now")
		admin.Get("/demo/tour")
	}
	if admin.SignedIn() {
		t.Error("after half an hour of asking in the background the session goes on")
	}
}

// Whatever a vendor does, the customer reads words, and the portal has no failure of its own.
func TestOfEveryFaultTheCustomerReadsWords(t *testing.T) {
	t.Parallel()
	for _, kind := range sandbox.Kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r := apptest.StartDemo(t)
			anna := r.SignedInAs(t, "anna@example.com")
			comesBack(anna, consents(anna, leaves(anna, url.Values{}), "anna@example.com"))
			breakIt := func(set *sandbox.Faults, operation string) {
				if err := set.Set(operation, sandbox.FaultOf(kind)); err != nil {
					t.Fatal(err)
				}
			}
			breakIt(r.PricePlan.Faults(), "auth-key")
			response := anna.Get("/pp-auth/")
			words := strings.TrimSpace(apptest.PageOf(t, response).Find("h1, h2, p").Text())
			slow := kind == "slow" && response.StatusCode < 400 // it has only taken a while
			if response.StatusCode == http.StatusInternalServerError || !slow && (response.StatusCode < 400 || words == "") {
				t.Errorf("the cabinet: %s, %q", response.Status, words)
			}
			breakIt(r.SailPlay.Faults(), "users/info")
			response = anna.Post("/loyalty/refresh", url.Values{})
			to := response.Header.Get("Location")
			if response.StatusCode != http.StatusSeeOther || strings.HasPrefix(to, "/loyalty?down") == (kind == "slow") {
				t.Errorf("the points: %s to %q", response.Status, to)
			}
			if page := apptest.PageOf(t, anna.Get(to)); page.Find(".total").Text() != "165 баллов" {
				t.Errorf("the last known points are not shown: %q", page.Find("main").Text())
			}
		})
	}
}

func TestTheInspectorTellsWhatHappensInABrowser(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	tab.SignInByCookie(r, "anna@example.com")
	tab.Open(r.URL + "/cabinet")
	tab.Wait(`document.getElementById("cabinet").dataset.state === "ready"`)
	happened := func(event string) {
		t.Helper()
		apptest.Eventually(t, event, func() bool {
			for _, e := range r.Recorder.Exchanges() {
				if e.Event == event && e.UserID == 1 {
					return true
				}
			}
			return false
		})
	}
	happened("frame_ready")
	tab.Frame(cabinetOrigin(r) + "/").Click("#logout")
	happened("logout")
	anna := r.Client(t)
	if got := anna.Post("/inspector/happened", url.Values{"event": {"logout"}}); got.StatusCode != http.StatusNoContent || r.Recorder.Exchanges()[len(r.Recorder.Exchanges())-1].UserID == 0 {
		t.Errorf("by a stranger: %s, or it is recorded", got.Status)
	}
	anna.SignIn("anna@example.com")
	if got := anna.Post("/inspector/happened", url.Values{"event": {"anything"}}); got.StatusCode != http.StatusBadRequest {
		t.Errorf("an unknown event: %s", got.Status)
	}
	refused := 0
	for range 40 {
		if anna.Post("/inspector/happened", url.Values{"event": {"logout"}}).StatusCode == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused == 0 {
		t.Error("a page may tell without end")
	}
}
