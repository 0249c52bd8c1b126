package app_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"kabinet/handlers/app"
	sailplaysandbox "kabinet/integrations/sailplay/sandbox"
	"kabinet/integrations/sandbox"
	"kabinet/integrations/secret"

	"kabinet/handlers/app/apptest"
)

// sailPlayOrigin is where the demo's sandbox of SailPlay is.
func sailPlayOrigin(r *apptest.Program) string {
	return r.SandboxOrigin("sailplay.localhost")
}

// asksAtSailPlay has SailPlay's sandbox ask whoever is signed in there, which it does not by itself.
func asksAtSailPlay(t *apptest.Tab) {
	t.TB.Helper()
	t.Do(apptest.Evaluate(`window.asked = fetch("/_sandbox/www", { method: "POST", body: new URLSearchParams({ ask: "on" }) }).then((a) => { window.asks = a.ok; }); 0`))
	t.Wait(`window.asks`)
}

// signsInAtSailPlay fills SailPlay's form and comes to the question.
func signsInAtSailPlay(t *apptest.Tab, name string) {
	t.TB.Helper()
	t.Wait(`document.readyState === "complete" && document.getElementById("name")`)
	asksAtSailPlay(t)
	t.Do(chromedp.SendKeys(chromedp.ID("name"), name),
		chromedp.SendKeys(chromedp.ID("password"), sailplaysandbox.DemoPassword))
	t.Click("#go")
	t.Wait(`document.readyState === "complete" && document.getElementById("join")`)
}

const hasPoints = `document.querySelector(".total")?.innerText === "165 баллов"`

func TestASailPlayAccountIsLinkedInAWindowOfItsOwn(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	tab.SignInByCookie(r, "anna@example.com")
	tab.Open(r.URL + "/loyalty")
	tab.Wait(`document.readyState === "complete"`)
	tab.Click("#connect")
	window := tab.Window(sailPlayOrigin(r) + "/auth/authorize/")
	signsInAtSailPlay(window, "anna@example.com")
	if question := apptest.Eval[string](window,
		`document.querySelector("main").innerText`); !strings.Contains(question, "Анна, «Kabinet» (http://localhost") {
		t.Errorf("it asks %q", question)
	}
	// The window closes while the press is answered.
	_ = chromedp.Do(window.Ctx, chromedp.Click(chromedp.ID("join")))
	tab.Wait(`location.search === "?linked" && ` + hasPoints)
	apptest.Eventually(t, "the window having closed", func() bool {
		infos, err := chromedp.Targets(tab.Ctx)
		return err == nil && !slices.ContainsFunc(infos, func(i *target.Info) bool {
			return strings.HasPrefix(i.URL, r.URL+"/sailplay/callback/")
		})
	})
}

func TestASailPlayAccountIsLinkedInTheSameTabWherePopupsAreBlocked(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	tab.SignInByCookie(r, "anna@example.com")
	tab.Open(r.URL + "/loyalty")
	tab.Wait(`document.readyState === "complete"`)
	tab.Do(apptest.Evaluate(`window.open = () => null; 0`))
	tab.Click("#connect")
	signsInAtSailPlay(tab, "+79120000001")
	tab.Click("#cancel")
	tab.Wait(`location.search === "?problem=cancelled" && document.querySelector("[role=alert]").innerText === "Вы отказались. Ничего не изменилось."`)
	tab.Do(apptest.Evaluate(`window.open = () => null; 0`))
	tab.Click("#connect")
	tab.Wait(`document.readyState === "complete" && document.getElementById("join")`) // still signed in at SailPlay
	tab.Click("#join")
	tab.Wait(`location.search === "?linked" && ` + hasPoints)

	tab.Click(`a[href="/sailplay/disconnect"]`)
	tab.Wait(`document.querySelector("main .danger")`)
	tab.Click("main .danger")
	tab.Wait(`location.search === "?unlinked" && document.getElementById("connect")`)
}

func TestThePageAsksSailPlayForFreshFiguresByItself(t *testing.T) {
	t.Parallel()
	clock := apptest.NewClock()
	r := apptest.Start(t, app.Demo, app.Settings{Now: clock.Now})
	anna := r.SignedInAs(t, "anna@example.com")
	comesBack(anna, consents(anna, leaves(anna, url.Values{}), "anna@example.com"))
	tab := apptest.OpenTab(t)
	tab.SignInByCookie(r, "anna@example.com")
	clock.Forward(time.Minute)
	if err := sailPlaySandbox(r).AddPoints("anna@example.com", 1000); err != nil {
		t.Fatal(err)
	}
	tab.Open(r.URL + "/loyalty")
	tab.Wait(`document.querySelector(".total").innerText === "1165 баллов"`)
	clock.Forward(time.Minute)
	if err := sailPlaySandbox(r).Faults().Set("users/info", sandbox.Fault{Status: 502}); err != nil {
		t.Fatal(err)
	}
	tab.Open(r.URL + "/loyalty")
	tab.Wait(`document.querySelector("#figures .note")?.innerText.includes("не отвечает") && document.querySelector(".total").innerText === "1165 баллов"`)
}

// The shop keeps no windows apart, so that the message arrives.
func TestThePopupOfSailPlaysScriptTellsThePageBehindIt(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	shop := apptest.OpenTab(t)
	shop.Open(sailplaysandbox.ShopOrigin(sailPlayOrigin(r)) + "/")
	shop.Click("#enter-sdk")
	window := shop.Window(sailPlayOrigin(r) + "/auth/authorize/")
	signsInAtSailPlay(window, "anna@example.com")
	shop.Do(apptest.Evaluate(`for (const origin of ["https://evil.example"]) dispatchEvent(new MessageEvent("message", {origin, data: {name: "oauth.done", to: "/?refused"}})); 0`))
	if apptest.Eval[string](shop, `location.search`) != "" {
		t.Error("a message of somebody else's is believed")
	}
	_ = chromedp.Do(window.Ctx, chromedp.Click(chromedp.ID("join"))) // the window closes while the press is answered
	shop.Wait(`document.getElementById("points")?.innerText === "Анна, баллов: 165"`)
}

func TestSailPlaysOwnScriptLinksToo(t *testing.T) {
	t.Parallel()
	r := apptest.Start(t, app.Demo,
		app.Settings{Vendors: app.Vendors{SailPlay: app.SailPlaySettings{SDK: "true", Widget: "true"}}})
	tab := apptest.OpenTab(t)
	tab.SignInByCookie(r, "anna@example.com")
	tab.Open(r.URL + "/loyalty")
	tab.Wait(`document.readyState === "complete" && !document.getElementById("connect-sdk").hidden`)
	tab.Click("#connect-sdk")
	window := tab.Window(sailPlayOrigin(r) + "/auth/authorize/")
	signsInAtSailPlay(window, "anna@example.com")
	_ = chromedp.Do(window.Ctx, chromedp.Click(chromedp.ID("join"))) // the window closes while the press is answered
	tab.Wait(`location.search === "?linked" && ` + hasPoints)
	tab.Wait(`document.getElementById("widget").innerText === "Виджет SailPlay, баллов: 165"`)
}

func TestSailPlaysHashReachesAPageOnlyWithTheWidget(t *testing.T) {
	t.Parallel()
	for widget, want := range map[string]bool{"": false, "true": true} {
		r := apptest.Start(t, app.Demo,
			app.Settings{Vendors: app.Vendors{SailPlay: app.SailPlaySettings{Widget: widget}}})
		anna := r.SignedInAs(t, "anna@example.com")
		comesBack(anna, consents(anna, leaves(anna, url.Values{}), "anna@example.com"))
		link, err := r.DB.SailPlayLink(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		hash, err := secret.NewSealer("sailplay", secret.New(app.DemoSecret)).Open(link.AuthHash,
			"1 "+link.OriginUserID)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(apptest.BodyOf(t, anna.Get("/loyalty")), hash.Reveal()); got != want {
			t.Errorf("with the widget %q: %v", widget, got)
		}
		for _, path := range []string{"/dashboard", "/profile", "/profile/export", "/sailplay/disconnect"} {
			if strings.Contains(apptest.BodyOf(t, anna.Get(path)), hash.Reveal()) {
				t.Errorf("it is on %s", path)
			}
		}
	}
}

func TestASailPlayAccountIsLinkedWithoutJavaScript(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	tab.Do(func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled,
			emulation.SetScriptExecutionDisabledParams{Value: true})
		return chromedp.Void{}, err
	})
	tab.SignInByCookie(r, "anna@example.com")
	tab.Open(r.URL + "/loyalty")
	tab.Click("#connect")
	signsInAtSailPlay(tab, "anna@example.com")
	tab.Click("#join")
	tab.Wait(`location.search === "?linked" && ` + hasPoints)
}

// The published package, which carries no licence and so is only tested with.
func TestSailPlaysPublishedHubInitialisesSignsInAndShowsPoints(t *testing.T) {
	t.Parallel()
	apptest.NeedBrowser(t)
	hub := apptest.NodeModule(t, "sailplay-hub", "sailplay.hub.js")
	r := apptest.StartDemo(t)
	anna := r.SignedInAs(t, "anna@example.com")
	comesBack(anna, consents(anna, leaves(anna, url.Values{}), "anna@example.com"))
	link, err := r.DB.SailPlayLink(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	hash, err := secret.NewSealer("sailplay", secret.New(app.DemoSecret)).Open(link.AuthHash, "1 "+link.OriginUserID)
	if err != nil {
		t.Fatal(err)
	}
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!DOCTYPE html><script>%s</script><script>
			SAILPLAY.on('init.success', () => SAILPLAY.send('login', %q));
			SAILPLAY.on('login.success', (user) => { window.member = user.first_name; SAILPLAY.send('load.user.info'); SAILPLAY.send('load.user.history'); });
			SAILPLAY.on('load.user.info.success', (data) => { window.total = data.user_points.total; });
			SAILPLAY.on('load.user.history.success', (history) => { window.lines = history.length; });
			SAILPLAY.send('init', {partner_id: %s, domain: %q});
		</script>`, hub, hash.Reveal(), sailplaysandbox.DefaultPartnerID, sailPlayOrigin(r))
	}))
	t.Cleanup(shop.Close)
	tab := apptest.OpenTab(t)
	tab.Open(shop.URL)
	tab.Wait(`window.member === "Анна" && window.total === 165 && window.lines === 4`)
}

// sailPlayPlaces are the pages and states of the loyalty programme.
func sailPlayPlaces() []place {
	atSailPlay := func(t *apptest.Tab, r *apptest.Program) {
		t.Open(r.URL + "/loyalty")
		t.Do(apptest.Evaluate(`window.open = () => null; 0`))
		t.Click("#connect")
		t.Wait(`document.readyState === "complete" && document.getElementById("name")`)
	}
	return []place{
		{"loyalty-none", "anna@example.com", at("/loyalty", "true")},
		{"loyalty-problem", "anna@example.com", at("/loyalty?problem=foreign", "true")},
		{"loyalty-linked", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			links(t, r)
			t.Open(r.URL + "/loyalty")
			t.Wait(`document.querySelector(".total")`)
		}},
		{"loyalty-down", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			links(t, r)
			t.Open(r.URL + "/loyalty?down")
		}},
		{"loyalty-disconnect", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			links(t, r)
			t.Open(r.URL + "/sailplay/disconnect")
		}},
		{"loyalty-replace", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			links(t, r)
			t.Open(r.URL + "/loyalty/replace")
		}},
		{"loyalty-closing", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(r.URL + "/loyalty")
			t.Do(apptest.Evaluate(`{ const form = document.querySelector("form[data-popup]"), mark = document.createElement("input"); Object.assign(mark, {type: "hidden", name: "popup", value: "yes"}); form.append(mark); HTMLFormElement.prototype.submit.call(form); 0 }`))
			signsInAtSailPlay(t, "anna@example.com")
			t.Click("#join")
			t.Wait(`document.getElementById("to")`)
		}},
		{"sailplay-sign-in", "anna@example.com", atSailPlay},
		{"sailplay-register", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			atSailPlay(t, r)
			t.Click(`a[href$="&register"]`)
			t.Wait(`document.readyState === "complete" && document.getElementById("first_name")`)
			t.Do(chromedp.SendKeys(chromedp.ID("name"), "anna@example.com"),
				chromedp.SendKeys(chromedp.ID("first_name"), "А"),
				chromedp.SendKeys(chromedp.ID("password"), "password"))
			t.Click("#go")
			t.Wait(`document.activeElement?.id === "problem"`)
		}},
		{"sailplay-consent", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			atSailPlay(t, r)
			signsInAtSailPlay(t, "anna@example.com")
		}},
		{"sailplay-refused", "", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(sailPlayOrigin(r) + "/auth/authorize/?partner_id=7301&store_department_id=9104&redirect_url=https://evil.example/")
		}},
		{"sailplay-desk", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			links(t, r)
			t.Open(sailPlayOrigin(r) + "/_sandbox/")
		}},
		{"sailplay-shop", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			atSailPlay(t, r)
			signsInAtSailPlay(t, "anna@example.com")
			t.ChooseLanguage(sailplaysandbox.ShopOrigin(sailPlayOrigin(r))+"/",
				apptest.Eval[string](t, `document.documentElement.lang`))
			t.Wait(`document.readyState === "complete"`)
			t.Click("#enter")
			t.Wait(`document.readyState === "complete" && document.getElementById("join")`)
			t.Click("#join")
			t.Wait(`document.readyState === "complete" && document.getElementById("points")`)
			t.Click(`[name=goods]`)
			t.Wait(`document.querySelector("[role=status]")`)
		}},
		{"sailplay-auth-page", "", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(sailPlayOrigin(r) + "/users/auth-page/?partner_id=" + sailplaysandbox.DefaultPartnerID)
			t.Do(chromedp.SendKeys(chromedp.ID("name"), "anna@example.com"),
				chromedp.SendKeys(chromedp.ID("password"), "wrong"))
			t.Click("#go")
			t.Wait(`document.activeElement?.id === "problem"`)
		}},
		{"sailplay-attack", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(sailPlayOrigin(r) + "/_sandbox/attack")
			t.Click("#by-code")
			t.Wait(`location.search === "?problem=unknown" && document.querySelector("[role=alert]")`)
			t.Open(sailPlayOrigin(r) + "/_sandbox/attack")
			t.Wait(`document.getElementById("became")`)
		}},
		{"loyalty-admin", "admin@example.com", at("/admin/sailplay", "true")},
		{"sailplay-limits", "", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(sailPlayOrigin(r) + "/_sandbox/limits")
		}},
	}
}

// links links Anna's account, in the same tab.
func links(t *apptest.Tab, r *apptest.Program) {
	t.TB.Helper()
	t.Open(r.URL + "/loyalty")
	t.Do(apptest.Evaluate(`window.open = () => null; 0`))
	t.Click("#connect")
	signsInAtSailPlay(t, "anna@example.com")
	t.Click("#join")
	t.Wait(`location.search === "?linked"`)
}

// The point of unified authorization: one account on several sites.
func TestAPurchaseInAnotherSailPlayShopChangesThePoints(t *testing.T) {
	t.Parallel()
	clock := apptest.NewClock()
	r := apptest.Start(t, app.Demo, app.Settings{Now: clock.Now})
	tab := apptest.OpenTab(t)
	tab.SignInByCookie(r, "anna@example.com")
	links(tab, r)
	tab.Wait(hasPoints)
	shop := tab.Sibling()
	shop.Open(sailplaysandbox.ShopOrigin(sailPlayOrigin(r)) + "/")
	shop.Click("#enter")
	shop.Wait(`document.readyState === "complete" && document.getElementById("join")`) // who has signed in at SailPlay is asked only
	shop.Click("#join")
	shop.Wait(`document.readyState === "complete" && document.getElementById("points")?.innerText === "Анна, баллов: 165"`)
	shop.Click(`[name=goods][value="1"]`)
	shop.Wait(`document.getElementById("points")?.innerText === "Анна, баллов: 240" && document.querySelector("[role=status]").innerText.includes("75")`)
	clock.Forward(time.Minute)
	tab.Open(r.URL + "/loyalty")
	tab.Wait(`document.querySelector(".total").innerText === "240 баллов" && document.querySelector(".rows li").innerText.includes("Чайная лавка")`)
}

// Chromium stops a form that is redirected beyond what the page's policy names, without a word.
func TestTheWayToSailPlayArrivesWhereItLeadsOnToAnotherHostOfItsOwn(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	another := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "<title>SailPlay, elsewhere</title>") //nolint:errcheck // the test would see nothing
	}))
	t.Cleanup(another.Close)
	elsewhere := strings.Replace(another.URL, "127.0.0.1", "account.sailplay.localhost", 1)
	set(t, sailPlaySandbox(r).Faults(), "authorize", sandbox.Fault{Status: http.StatusOK, ContentType: "text/html",
		Body: `<meta http-equiv="refresh" content="0; url=` + elsewhere + `/">`})
	tab := apptest.OpenTab(t)
	tab.SignInByCookie(r, "anna@example.com")
	tab.Open(r.URL + "/loyalty")
	tab.Wait(`document.readyState === "complete"`)
	tab.Do(apptest.Evaluate(`window.open = () => null; 0`))
	tab.Click("#connect")
	tab.Wait(`location.origin === "` + elsewhere + `"`)
}

// As the vendor's page says: who is signed in at SailPlay is not asked.
func TestWhoIsSignedInAtSailPlayIsLinkedAtOnce(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	tab.SignInByCookie(r, "anna@example.com")
	tab.Open(r.URL + "/loyalty")
	tab.Do(apptest.Evaluate(`window.open = () => null; 0`))
	tab.Click("#connect")
	tab.Wait(`document.readyState === "complete" && document.getElementById("name")`)
	tab.Do(chromedp.SendKeys(chromedp.ID("name"), "anna@example.com"),
		chromedp.SendKeys(chromedp.ID("password"), sailplaysandbox.DemoPassword))
	tab.Click("#go")
	tab.Wait(`location.search === "?linked" && ` + hasPoints)
}
