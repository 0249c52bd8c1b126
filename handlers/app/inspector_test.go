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
	"kabinet/integrations/outgoing"
	"kabinet/integrations/sandbox"

	"kabinet/handlers/app/apptest"
)

// inspectable makes exchanges of every vendor, good and bad.
func inspectable(tb testing.TB, p *apptest.Program) {
	tb.Helper()
	anna := p.SignedInAs(tb, "anna@example.com")
	for _, v := range vendors() {
		v.exchanges(anna, p)
	}
}

func TestTheInspectorShowsExchangesAndNoCredential(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	inspectable(t, p)
	page := apptest.BodyOf(t, p.SignedInAs(t, "admin@example.com").Get("/admin/inspector"))
	for _, v := range vendors() {
		for _, want := range v.inspected {
			if !strings.Contains(html.UnescapeString(page), want) {
				t.Errorf("%s: %q is not there", v.name, want)
			}
		}
	}
	all := fmt.Sprintf("%+v", p.Recorder.Exchanges()) + page
	for _, credential := range append(credentials(), app.DemoPassword) {
		if strings.Contains(all, credential) {
			t.Errorf("it has %s", credential)
		}
	}
	for _, e := range p.Recorder.Exchanges() {
		for _, f := range append(e.Sent.Header, e.Received.Header...) {
			if (f.Name == "Cookie" || f.Name == "Set-Cookie" || f.Name == "Authorization" || f.Name == "Location") &&
				f.Value != "•••" {
				t.Errorf("%s is shown", f.Name)
			}
		}
	}
}

func TestTheInspectorsFilterChooses(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	inspectable(t, p)
	admin := p.SignedInAs(t, "admin@example.com")
	count := func(query string) int {
		return apptest.PageOf(t, admin.Get("/admin/inspector?"+query)).Find("#exchanges details").Length()
	}
	all, of := count(""), 0
	for _, vendor := range vendorNames() {
		n := count("vendor=" + vendor)
		if n == 0 || count("status=ok&vendor="+vendor)+count("status=failed&vendor="+vendor) != n {
			t.Errorf("%d of %s, or it is not one by its outcome", n, vendor)
		}
		of += n
	}
	if all == 0 || of != all || count("status=ok")+count("status=failed") != all {
		t.Errorf("%d in all, %d by vendor, %d and %d by outcome", all, of, count("status=ok"), count("status=failed"))
	}
	p.Recorder.Add(outgoing.Exchange{At: time.Now(), Vendor: vendorNames()[0], Method: "GET",
		Address: "http://x/Some-Address", Status: http.StatusOK})
	if count("text=SOME-address") != 1 || count("text=no+such+text") != 0 {
		t.Error("the text does not choose")
	}
	if mine := count("user=anna@example.com"); mine == 0 || mine > all || count("user=nobody@example.com") != 0 {
		t.Errorf("Anna's are %d of %d", mine, all)
	}
}

func TestTheInspectorIsLiveAndKeepsWhatIsOpen(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	tab := apptest.OpenWholeTab(t) // it has a clipboard
	tab.SignInByCookie(p, "admin@example.com")
	vendor := vendorNames()[0]
	exchange := outgoing.Exchange{At: time.Now(), Vendor: vendor, Cause: outgoing.FirstTry, Method: "POST",
		Address: "http://vendor.example/call", Status: http.StatusOK}
	tab.Open(p.URL + "/admin/inspector?text=vendor.example")
	tab.Wait(`document.readyState === "complete" && document.querySelectorAll("#exchanges details").length === 0`)
	p.Recorder.Add(exchange)
	tab.Wait(`document.querySelectorAll("#exchanges details").length === 1`)
	tab.Do(apptest.Evaluate(`document.querySelector("#exchanges details").open = true; 0`))
	p.Recorder.Add(exchange)
	tab.Wait(`document.querySelectorAll("#exchanges details").length === 2 && document.querySelectorAll("#exchanges details[open]").length === 1 && document.querySelectorAll("#exchanges details")[1].open`)
	// A call to a vendor can be taken along for a shell.
	tab.Click(`details[open] [data-copy]`)
	tab.Wait(`document.querySelector("details[open] [data-copy]").innerText === "Скопировано"`)
	if curl := apptest.Eval[string](tab,
		`document.getElementById(document.querySelector("details[open] [data-copy]").dataset.copy).textContent`); !strings.HasPrefix(curl, "curl -X POST 'http://vendor.example/call'") {
		t.Errorf("taken along is %q", curl)
	}
}

func TestWhatPagesAskInTheBackgroundKeepsNoSessionAlive(t *testing.T) {
	t.Parallel()
	clock := apptest.NewClock()
	p := apptest.Start(t, app.Demo, app.Settings{Now: clock.Now})
	admin := p.SignedInAs(t, "admin@example.com")
	for range 6 {
		clock.Forward(5 * time.Minute)
		admin.Get("/admin/inspector/list")
		admin.Get("/demo/tour")
		for _, vendor := range vendorNames() {
			admin.Get("/how/" + vendor + "/now")
		}
	}
	if admin.SignedIn() {
		t.Error("after half an hour of asking in the background the session goes on")
	}
}

// Whatever a vendor does, the customer reads words, and the portal has no failure of its own.
func TestOfEveryFaultTheCustomerReadsWords(t *testing.T) {
	t.Parallel()
	for _, v := range vendors() {
		if v.breaks == nil {
			continue // no customer's page asks it anything
		}
		for _, kind := range sandbox.Kinds {
			t.Run(v.name+" "+kind, func(t *testing.T) {
				t.Parallel()
				s := app.Settings{}
				if kind == "hang" || kind == "hold" ||
					kind == "drip" { // nothing but the portal's own patience ends it
					s.Patience = 0.4 // long enough for what comes before the fault, on a busy machine too
				}
				p := apptest.Start(t, app.Demo, s)
				v.breaks(t, p.SignedInAs(t, "anna@example.com"), p, kind)
			})
		}
	}
}

func TestABrowserTellsTheInspectorWhatIsKnownAndNotWithoutEnd(t *testing.T) {
	t.Parallel()
	for _, v := range vendors() {
		if v.event == "" {
			continue
		}
		p := apptest.Start(t, app.Demo, app.Settings{Now: apptest.NewClock().Now})
		anna := p.Client(t)
		tell := func(event string) int {
			return anna.Post("/inspector/happened", url.Values{"event": {event}}).StatusCode
		}
		if got := tell(v.event); got != http.StatusNoContent || len(p.Recorder.Exchanges()) != 0 {
			t.Errorf("by a stranger: %d, or it is recorded", got)
		}
		anna.SignIn("anna@example.com")
		if got := tell("anything"); got != http.StatusBadRequest {
			t.Errorf("an unknown event: %d", got)
		}
		refused := 0
		for range 40 {
			if tell(v.event) == http.StatusTooManyRequests {
				refused++
			}
		}
		if refused == 0 {
			t.Error("a page may tell without end")
		}
	}
}
