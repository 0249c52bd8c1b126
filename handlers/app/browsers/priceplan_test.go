package browsers_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"kabinet/handlers/app"
	"kabinet/handlers/app/apptest"
	"kabinet/handlers/app/browsers"
	"kabinet/integrations/priceplan"
	"kabinet/integrations/priceplan/sandbox"
	"kabinet/integrations/secret"
	"kabinet/store"
)

// inFrame is the cabinet's frame in the portal's page.
const inFrame = "#cabinet-frame iframe"

// way is one in which the cabinet opens: the widget's frame begins at the cabinet's host or at the portal.
type way struct {
	embed      string
	fromPortal bool
}

var ways = []way{{"widget", false}, {"widget", true}, {"iframe", false}, {"redirect", false}}

func (w way) String() string {
	if w.fromPortal {
		return w.embed + " that begins at the portal"
	}
	return w.embed
}

// cabinet is a portal whose first customer has a cabinet, and where that is.
type cabinet struct {
	*apptest.Program
	origin  string
	sandbox *sandbox.Sandbox
	clock   *apptest.Clock
}

func open(t *testing.T, scheme string, w way) cabinet {
	t.Helper()
	clock := apptest.NewClock()
	var c cabinet
	if scheme == "https" {
		c = startSecurely(t, w, clock)
	} else {
		settings := app.PricePlanSettings{Embed: w.embed}
		c.Program = apptest.Start(t, app.Demo, app.Settings{
			Vendors: app.Vendors{PricePlan: settings}, Now: clock.Now,
		})
		c.origin = c.SandboxOrigin("demo-lk.priceplan.localhost")
		c.sandbox = app.SandboxOf[*sandbox.Sandbox](c.App)
	}
	c.clock = clock
	if w.fromPortal {
		form := url.Values{
			"widget": {"on"}, "auth_by_link": {"on"}, "partitioned": {"on"}, "from_portal": {"on"},
			"domains": {"localhost"}, "frame_origins": {c.URL},
		}
		q := httptest.NewRequest(http.MethodPost, c.origin+"/_sandbox/settings", strings.NewReader(form.Encode()))
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		answer := httptest.NewRecorder()
		if c.sandbox.ServeHTTP(answer, q); answer.Code != http.StatusSeeOther {
			t.Fatalf("the settings: %d %s", answer.Code, answer.Body)
		}
	}
	return c
}

// startSecurely runs the portal as in production, and PricePlan's sandbox, both at https.
func startSecurely(t *testing.T, w way, clock *apptest.Clock) cabinet {
	t.Helper()
	server := browsers.StartSecure(t)
	portal := "https://localhost:" + server.Port
	hosts := priceplan.Hosts{Customer: "demo", Domain: "vendor.localhost:" + server.Port, HTTPS: true}
	box, err := sandbox.New(sandbox.Config{
		Hosts: hosts, User: secret.New(sandbox.DefaultUser), Password: secret.New(sandbox.DefaultPassword),
		Portals: []string{portal}, Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Serve(hosts.CabinetHost(), box)
	p := apptest.StartServe(t, app.Settings{BaseURL: portal, Now: clock.Now,
		Vendors: app.Vendors{PricePlan: app.PricePlanSettings{
			Customer: hosts.Customer, Domain: hosts.Domain, Embed: w.embed,
			User: sandbox.DefaultUser, Password: secret.New(sandbox.DefaultPassword),
		}}}, apptest.Secret)
	server.Serve("localhost", p.App)
	id := p.User(t, "anna@example.com").ID
	if err := p.DB.SetPricePlanClient(t.Context(), id, int64(sandbox.DemoClient), store.Actor{}); err != nil {
		t.Fatal(err)
	}
	return cabinet{Program: p, origin: hosts.Cabinet(), sandbox: box}
}

// keeps reports whether a browser keeps the cabinet's cookie inside the portal's page.
func keeps(b browsers.Browser) bool { return b == browsers.Browser{Name: "Firefox"} }

func TestPricePlansCabinetOpensInEveryBrowserOrSaysWhyAndOpensInATab(t *testing.T) {
	t.Parallel()
	browsers.NeedAll(t)
	for _, b := range browsers.Browsers {
		for _, scheme := range []string{"http", "https"} {
			for _, w := range ways {
				t.Run(fmt.Sprintf("%s, %s, %s", b, scheme, w), func(t *testing.T) {
					t.Parallel()
					comesInside(t, b, scheme, w)
				})
			}
		}
	}
}

// In the suite: the rest of this file takes longer, and is for make browsers.
func TestACustomerIsInsidePricePlansCabinetInFirefox(t *testing.T) {
	t.Parallel()
	b := browsers.Browsers[0]
	page := b.Open(t)
	c := open(t, "http", ways[0])
	page.SignIn(c.Program, "anna@example.com")
	inside := opensCabinet(page, c, b, ways[0])
	if name := inside.Text(`document.querySelector("h1").innerText`); name != "Анна Смирнова" {
		t.Errorf("it is the cabinet of %q", name)
	}
	page.Quiet()
}

// opensPricePlan and breaksAndMendsPricePlan are stops of the tour.
func opensPricePlan(page *browsers.Page, _ *apptest.Program) {
	page.TB.Helper()
	page.Click(`a.button[href="/cabinet"]`)
	isShown(page)
}

func breaksAndMendsPricePlan(page *browsers.Page, _ *apptest.Program) {
	page.TB.Helper()
	page.Click(".how summary")
	page.Click(`.how button[value="priceplan.how.key"]`)
	page.Wait(`document.getElementById("cabinet")?.dataset.state === "failed"`)
	page.Click(".faults button")
	isShown(page)
}

// isShown waits for the cabinet in the frame, or opens it in a tab.
func isShown(page *browsers.Page) {
	page.TB.Helper()
	page.Wait(`["ready", "stalled"].includes(document.getElementById("cabinet")?.dataset.state)`)
	if page.Text(`document.getElementById("cabinet").dataset.state`) == "ready" {
		page.In(inFrame).Wait(`document.getElementById("balance")`)
		return
	}
	tab := page.Opened("http://demo-lk.", func() { page.Click(`#cabinet-stalled a[target=_blank]`) })
	tab.Wait(`document.getElementById("balance")`)
	tab.Close()
}

// comesInside opens the cabinet, logs out there, opens it again, and once more after the portal's session has expired.
func comesInside(t *testing.T, b browsers.Browser, scheme string, w way) {
	c := open(t, scheme, w)
	page := b.Open(t)
	page.SignIn(c.Program, "anna@example.com")
	for _, again := range []bool{false, true} {
		inside := opensCabinet(page, c, b, w)
		page.Picture(fmt.Sprintf("%s %s %s", b, scheme, w))
		inside.Click("#logout")
		inside.Wait(`location.pathname === "/logged-out/"`)
		if w.embed == "widget" && keeps(b) {
			page.Wait(`!document.getElementById("cabinet-left").hidden`)
			page.Click("#cabinet-left a")
			page.In(inFrame).Wait(`document.getElementById("balance")`)
		}
		if again {
			break
		}
		c.clock.Forward(time.Hour)
		page.Open(c.URL + "/cabinet")
		page.Wait(`location.pathname === "/login"`)
		page.SignIn(c.Program, "anna@example.com")
	}
	page.Quiet()
}

// opensCabinet opens the cabinet, and returns the page or the frame that it is in.
func opensCabinet(page *browsers.Page, c cabinet, b browsers.Browser, w way) *browsers.Page {
	page.TB.Helper()
	page.Open(c.URL + "/cabinet")
	if w.embed == "redirect" {
		page.Click(`main a.button[href="/pp-auth/"]`)
		page.Wait(`location.origin === "` + c.origin + `" && document.getElementById("balance")`)
		return page
	}
	if keeps(b) {
		page.Wait(`document.getElementById("cabinet").dataset.state === "ready"`)
		inside := page.In(inFrame)
		inside.Wait(`document.getElementById("balance")`)
		return inside
	}
	page.Wait(`document.getElementById("cabinet").dataset.state === "stalled"`)
	if text := page.Text(`document.getElementById("cabinet-stalled").innerText`); !strings.Contains(text, "cookie") {
		page.TB.Errorf("it says %q", text)
	}
	tab := page.Opened(c.origin, func() { page.Click(`#cabinet-stalled a[target=_blank]`) })
	tab.Wait(`document.getElementById("balance")`)
	return tab
}
