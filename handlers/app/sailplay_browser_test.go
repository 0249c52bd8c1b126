package app_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
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
)

// sailPlayOrigin is where the demo's sandbox of SailPlay is.
func (r *running) sailPlayOrigin() string {
	return "http://sailplay.localhost" + r.addr[strings.LastIndex(r.addr, ":"):]
}

// window attaches to a window that a page has opened, at an address that begins so.
func (t *tab) window(prefix string) *tab {
	t.tb.Helper()
	var found *tab
	eventually(t.tb, "a window at "+prefix, func() bool {
		infos, err := chromedp.Targets(t.ctx)
		if err != nil {
			t.tb.Fatal(err)
		}
		for _, info := range infos {
			if info.Type == "page" && strings.HasPrefix(info.URL, prefix) {
				ctx, cancel := chromedp.NewContext(t.ctx, chromedp.WithTargetID(info.TargetID))
				t.tb.Cleanup(cancel)
				found = &tab{t.tb, ctx}
				return true
			}
		}
		return false
	})
	return found
}

// signsInAtSailPlay fills SailPlay's form and comes to the question.
func (t *tab) signsInAtSailPlay(name string) {
	t.tb.Helper()
	t.wait(`document.readyState === "complete" && document.getElementById("name")`)
	t.do(chromedp.SendKeys(chromedp.ID("name"), name), chromedp.SendKeys(chromedp.ID("password"), sailplaysandbox.DemoPassword))
	t.click("#go")
	t.wait(`document.readyState === "complete" && document.getElementById("join")`)
}

const hasPoints = `document.querySelector(".total")?.innerText === "165 баллов"`

func TestAnAccountIsLinkedInAWindowOfItsOwn(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	tab := openTab(t)
	tab.signIn(r, "anna@example.com")
	tab.open(r.url + "/loyalty")
	tab.wait(`document.readyState === "complete"`)
	tab.click("#connect")
	window := tab.window(r.sailPlayOrigin() + "/auth/authorize/")
	window.signsInAtSailPlay("anna@example.com")
	if question := eval[string](window, `document.querySelector("main").innerText`); !strings.Contains(question, "Анна, «Kabinet» (http://localhost") {
		t.Errorf("it asks %q", question)
	}
	// The window closes while the press is answered.
	_ = chromedp.Do(window.ctx, chromedp.Click(chromedp.ID("join")))
	tab.wait(`location.search === "?linked" && ` + hasPoints)
	eventually(t, "the window having closed", func() bool {
		infos, err := chromedp.Targets(tab.ctx)
		return err == nil && !slices.ContainsFunc(infos, func(i *target.Info) bool { return strings.HasPrefix(i.URL, r.url+"/sailplay/callback/") })
	})
}

func TestAnAccountIsLinkedInTheSameTabWherePopupsAreBlocked(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	tab := openTab(t)
	tab.signIn(r, "anna@example.com")
	tab.open(r.url + "/loyalty")
	tab.wait(`document.readyState === "complete"`)
	tab.do(evaluate(`window.open = () => null; 0`))
	tab.click("#connect")
	tab.signsInAtSailPlay("+79120000001")
	tab.click("#cancel")
	tab.wait(`location.search === "?problem=cancelled" && document.querySelector("[role=alert]").innerText === "Вы отказались. Ничего не изменилось."`)
	tab.do(evaluate(`window.open = () => null; 0`))
	tab.click("#connect")
	tab.wait(`document.readyState === "complete" && document.getElementById("join")`) // still signed in at SailPlay
	tab.click("#join")
	tab.wait(`location.search === "?linked" && ` + hasPoints)

	tab.click(`a[href="/sailplay/disconnect"]`)
	tab.fill("password", app.DemoPassword)
	tab.click("main .danger")
	tab.wait(`location.search === "?unlinked" && document.getElementById("connect")`)
}

func TestThePageAsksForFreshFiguresByItself(t *testing.T) {
	t.Parallel()
	clock := newClock()
	r := start(t, app.Demo, app.Settings{Data: t.TempDir(), QuickPasswords: true, Now: clock.Now})
	anna := r.traveller(t, "anna@example.com")
	anna.comesBack(anna.consents(anna.leaves(url.Values{}), "anna@example.com"))
	tab := openTab(t)
	tab.signIn(r, "anna@example.com")
	clock.forward(time.Minute)
	if err := r.SailPlay.AddPoints("anna@example.com", 1000); err != nil {
		t.Fatal(err)
	}
	tab.open(r.url + "/loyalty")
	tab.wait(`document.querySelector(".total").innerText === "1165 баллов"`)
	clock.forward(time.Minute)
	if err := r.SailPlay.Faults().Set("users/info", sandbox.Fault{Status: 502}); err != nil {
		t.Fatal(err)
	}
	tab.open(r.url + "/loyalty")
	tab.wait(`document.querySelector("#figures .note")?.innerText.includes("не отвечает") && document.querySelector(".total").innerText === "1165 баллов"`)
}

// The shop keeps no windows apart, so that the message arrives.
func TestThePopupOfTheVendorsScriptTellsThePageBehindIt(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	shop := openTab(t)
	shop.open(sailplaysandbox.ShopOrigin(r.sailPlayOrigin()) + "/")
	shop.click("#enter-sdk")
	window := shop.window(r.sailPlayOrigin() + "/auth/authorize/")
	window.signsInAtSailPlay("anna@example.com")
	shop.do(evaluate(`for (const origin of ["https://evil.example"]) dispatchEvent(new MessageEvent("message", {origin, data: {name: "oauth.done", to: "/?refused"}})); 0`))
	if eval[string](shop, `location.search`) != "" {
		t.Error("a message of somebody else's is believed")
	}
	_ = chromedp.Do(window.ctx, chromedp.Click(chromedp.ID("join"))) // the window closes while the press is answered
	shop.wait(`document.getElementById("points")?.innerText === "Анна, баллов: 165"`)
}

func TestTheVendorsOwnScriptLinksToo(t *testing.T) {
	t.Parallel()
	r := start(t, app.Demo, app.Settings{Data: t.TempDir(), QuickPasswords: true, SailPlay: app.SailPlaySettings{SDK: "true", Widget: "true"}})
	tab := openTab(t)
	tab.signIn(r, "anna@example.com")
	tab.open(r.url + "/loyalty")
	tab.wait(`document.readyState === "complete" && !document.getElementById("connect-sdk").hidden`)
	tab.click("#connect-sdk")
	window := tab.window(r.sailPlayOrigin() + "/auth/authorize/")
	window.signsInAtSailPlay("anna@example.com")
	_ = chromedp.Do(window.ctx, chromedp.Click(chromedp.ID("join"))) // the window closes while the press is answered
	tab.wait(`location.search === "?linked" && ` + hasPoints)
	tab.wait(`document.getElementById("widget").innerText === "Виджет SailPlay, баллов: 165"`)
}

func TestTheHashReachesAPageOnlyWithTheWidget(t *testing.T) {
	t.Parallel()
	for widget, want := range map[string]bool{"": false, "true": true} {
		r := start(t, app.Demo, app.Settings{Data: t.TempDir(), QuickPasswords: true, SailPlay: app.SailPlaySettings{Widget: widget}})
		anna := r.traveller(t, "anna@example.com")
		anna.comesBack(anna.consents(anna.leaves(url.Values{}), "anna@example.com"))
		link, err := r.DB.SailPlayLink(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		hash, err := secret.NewSealer("sailplay", secret.New(app.DemoSecret)).Open(link.AuthHash, "1 "+link.OriginUserID)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(bodyOf(t, anna.get("/loyalty")), hash.Reveal()); got != want {
			t.Errorf("with the widget %q: %v", widget, got)
		}
		for _, path := range []string{"/dashboard", "/profile", "/profile/export", "/sailplay/disconnect"} {
			if strings.Contains(bodyOf(t, anna.get(path)), hash.Reveal()) {
				t.Errorf("it is on %s", path)
			}
		}
	}
}

func TestAnAccountIsLinkedWithoutJavaScript(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	tab := openTab(t)
	tab.do(func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return chromedp.Void{}, err
	})
	tab.signIn(r, "anna@example.com")
	tab.open(r.url + "/loyalty")
	tab.click("#connect")
	tab.signsInAtSailPlay("anna@example.com")
	tab.click("#join")
	tab.wait(`location.search === "?linked" && ` + hasPoints)
}

// The published package, which carries no licence and so is only tested with.
func TestThePublishedHubInitialisesSignsInAndShowsPoints(t *testing.T) {
	t.Parallel()
	needBrowser(t)
	hub, err := os.ReadFile(filepath.Join("..", "..", "node_modules", "sailplay-hub", "sailplay.hub.js"))
	if err != nil {
		t.Fatal(err)
	}
	r := startDemo(t)
	anna := r.traveller(t, "anna@example.com")
	anna.comesBack(anna.consents(anna.leaves(url.Values{}), "anna@example.com"))
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
		</script>`, hub, hash.Reveal(), sailplaysandbox.DefaultPartnerID, r.sailPlayOrigin())
	}))
	t.Cleanup(shop.Close)
	tab := openTab(t)
	tab.open(shop.URL)
	tab.wait(`window.member === "Анна" && window.total === 165 && window.lines === 4`)
}

// loyaltyPlaces are the pages and states of the loyalty programme.
func loyaltyPlaces() []place {
	atSailPlay := func(t *tab, r *running) {
		t.open(r.url + "/loyalty")
		t.do(evaluate(`window.open = () => null; 0`))
		t.click("#connect")
		t.wait(`document.readyState === "complete" && document.getElementById("name")`)
	}
	return []place{
		{"loyalty-none", "anna@example.com", at("/loyalty", "true")},
		{"loyalty-problem", "anna@example.com", at("/loyalty?problem=foreign", "true")},
		{"loyalty-linked", "anna@example.com", func(t *tab, r *running) {
			t.links(r)
			t.open(r.url + "/loyalty")
			t.wait(`document.querySelector(".total")`)
		}},
		{"loyalty-down", "anna@example.com", func(t *tab, r *running) {
			t.links(r)
			t.open(r.url + "/loyalty?down")
		}},
		{"loyalty-disconnect", "anna@example.com", func(t *tab, r *running) {
			t.links(r)
			t.open(r.url + "/sailplay/disconnect")
		}},
		{"loyalty-replace", "anna@example.com", func(t *tab, r *running) {
			t.links(r)
			t.open(r.url + "/loyalty/replace")
			t.click("main .button")
			t.wait(`document.getElementById("errors")`)
		}},
		{"loyalty-closing", "anna@example.com", func(t *tab, r *running) {
			t.open(r.url + "/loyalty")
			t.do(evaluate(`{ const form = document.querySelector("form[data-popup]"), mark = document.createElement("input"); Object.assign(mark, {type: "hidden", name: "popup", value: "yes"}); form.append(mark); HTMLFormElement.prototype.submit.call(form); 0 }`))
			t.signsInAtSailPlay("anna@example.com")
			t.click("#join")
			t.wait(`document.getElementById("to")`)
		}},
		{"sailplay-sign-in", "anna@example.com", atSailPlay},
		{"sailplay-register", "anna@example.com", func(t *tab, r *running) {
			atSailPlay(t, r)
			t.click(`a[href$="&register"]`)
			t.wait(`document.readyState === "complete" && document.getElementById("first_name")`)
			t.do(chromedp.SendKeys(chromedp.ID("name"), "anna@example.com"), chromedp.SendKeys(chromedp.ID("first_name"), "А"), chromedp.SendKeys(chromedp.ID("password"), "password"))
			t.click("#go")
			t.wait(`document.getElementById("problem")`)
		}},
		{"sailplay-consent", "anna@example.com", func(t *tab, r *running) {
			atSailPlay(t, r)
			t.signsInAtSailPlay("anna@example.com")
		}},
		{"sailplay-refused", "", func(t *tab, r *running) {
			t.open(r.sailPlayOrigin() + "/auth/authorize/?partner_id=7301&store_department_id=9104&redirect_url=https://evil.example/")
		}},
		{"sailplay-desk", "anna@example.com", func(t *tab, r *running) {
			t.links(r)
			t.open(r.sailPlayOrigin() + "/_sandbox/")
		}},
		{"sailplay-shop", "anna@example.com", func(t *tab, r *running) {
			atSailPlay(t, r)
			t.signsInAtSailPlay("anna@example.com")
			t.speak(sailplaysandbox.ShopOrigin(r.sailPlayOrigin())+"/", eval[string](t, `document.documentElement.lang`))
			t.wait(`document.readyState === "complete"`)
			t.click("#enter")
			t.wait(`document.readyState === "complete" && document.getElementById("join")`)
			t.click("#join")
			t.wait(`document.readyState === "complete" && document.getElementById("points")`)
			t.click(`[name=goods]`)
			t.wait(`document.querySelector("[role=status]")`)
		}},
		{"sailplay-auth-page", "", func(t *tab, r *running) {
			t.open(r.sailPlayOrigin() + "/users/auth-page/?partner_id=" + sailplaysandbox.DefaultPartnerID)
			t.do(chromedp.SendKeys(chromedp.ID("name"), "anna@example.com"), chromedp.SendKeys(chromedp.ID("password"), "wrong"))
			t.click("#go")
			t.wait(`document.getElementById("problem")`)
		}},
		{"loyalty-admin", "admin@example.com", at("/admin/sailplay", "true")},
		{"sailplay-limits", "", func(t *tab, r *running) { t.open(r.sailPlayOrigin() + "/_sandbox/limits") }},
	}
}

// links links Anna's account, in the same tab.
func (t *tab) links(r *running) {
	t.tb.Helper()
	t.open(r.url + "/loyalty")
	t.do(evaluate(`window.open = () => null; 0`))
	t.click("#connect")
	t.signsInAtSailPlay("anna@example.com")
	t.click("#join")
	t.wait(`location.search === "?linked"`)
}

// The point of unified authorization: one account on several sites.
func TestAPurchaseInAnothersShopChangesThePoints(t *testing.T) {
	t.Parallel()
	clock := newClock()
	r := start(t, app.Demo, app.Settings{Data: t.TempDir(), QuickPasswords: true, Now: clock.Now})
	tab := openTab(t)
	tab.signIn(r, "anna@example.com")
	tab.links(r)
	tab.wait(hasPoints)
	shop := tab.sibling()
	shop.open(sailplaysandbox.ShopOrigin(r.sailPlayOrigin()) + "/")
	shop.click("#enter")
	shop.wait(`document.readyState === "complete" && document.getElementById("join")`) // who has signed in at SailPlay is asked only
	shop.click("#join")
	shop.wait(`document.readyState === "complete" && document.getElementById("points")?.innerText === "Анна, баллов: 165"`)
	shop.click(`[name=goods][value="1"]`)
	shop.wait(`document.getElementById("points")?.innerText === "Анна, баллов: 240" && document.querySelector("[role=status]").innerText.includes("75")`)
	clock.forward(time.Minute)
	tab.open(r.url + "/loyalty")
	tab.wait(`document.querySelector(".total").innerText === "240 баллов" && document.querySelector(".rows li").innerText.includes("Чайная лавка")`)
}
