package apptest

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"kabinet/handlers/app"
)

// Tab is a tab of a browser, or a frame in it. Whatever fails in it fails the test, which then says where the tab is,
// what stands in its console, and where a screenshot of it is.
type Tab struct {
	TB      testing.TB
	Ctx     context.Context
	console *console
}

func newTab(tb testing.TB, browser context.Context) *Tab {
	tb.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	if err := chromedp.Do(ctx); err != nil {
		cancel()
		tb.Fatal(err)
	}
	tb.Cleanup(cancel)
	return follow(tb, ctx)
}

// follow makes a tab of a browser's context; what it shows is kept if the test fails.
func follow(tb testing.TB, ctx context.Context) *Tab {
	t := &Tab{TB: tb, Ctx: ctx, console: listen(ctx)}
	tb.Cleanup(func() {
		if tb.Failed() {
			t.keep()
		}
	})
	return t
}

// Sibling is another tab with the same cookies.
func (t *Tab) Sibling() *Tab {
	t.TB.Helper()
	ctx, cancel := chromedp.NewContext(t.Ctx)
	if err := chromedp.Do(ctx); err != nil {
		cancel()
		t.TB.Fatal(err)
	}
	t.TB.Cleanup(cancel)
	return follow(t.TB, ctx)
}

// Do carries out steps of chromedp's.
func (t *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	t.TB.Helper()
	if err := t.try(steps...); err != nil {
		t.TB.Fatal(err)
	}
}

func (t *Tab) try(steps ...chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(t.Ctx, Patience)
	defer cancel()
	return chromedp.Do(ctx, steps...)
}

// Open leads the tab to an address and waits until the page has loaded.
func (t *Tab) Open(address string) { t.TB.Helper(); t.Do(chromedp.Navigate(address)) }

// Go leads the tab to an address, and does not wait for what may hang there.
func (t *Tab) Go(address string) {
	t.TB.Helper()
	t.Do(Evaluate("location.href = " + strconv.Quote(address)))
}

// Click clicks what a CSS selector finds once the page has loaded, and again where the page was just being left for
// another.
func (t *Tab) Click(selector string) {
	t.TB.Helper()
	var err error
	for range 4 {
		t.Settle()
		t.steady(selector)
		err = t.try(chromedp.Click(chromedp.CSS(selector)))
		if err == nil || !strings.Contains(err.Error(), "Could not find node") {
			break
		}
	}
	if err != nil {
		t.TB.Fatalf("clicking %s: %v", selector, err)
	}
}

// Settle waits until the page has loaded, or two seconds where something of it hangs.
func (t *Tab) Settle() {
	t.TB.Helper()
	for range 80 {
		if done, err := chromedp.Run(t.Ctx,
			chromedp.Evaluate[bool](`document.readyState === "complete"`)); err == nil && done {
			return
		}
		t.Do(chromedp.Sleep(25 * time.Millisecond))
	}
}

// steady waits until what a selector finds stays where it is, or two seconds: a press is aimed at a place, and a frame
// that is being resized moves it.
func (t *Tab) steady(selector string) {
	t.TB.Helper()
	place := fmt.Sprintf(`(e => {
		const r = e?.getBoundingClientRect();
		return e ? [r.x, r.y, r.width, r.height, innerHeight, scrollY].join() : "";
	})(document.querySelector(%q))`, selector)
	before := ""
	for range 60 {
		// An error is a page that is just being left.
		now, err := chromedp.Run(t.Ctx, chromedp.Evaluate[string](place))
		if err == nil && now != "" && now == before {
			return
		}
		before = now
		t.Do(chromedp.Sleep(30 * time.Millisecond))
	}
}

// Wait waits until a JavaScript expression is true, across navigations.
func (t *Tab) Wait(expression string) {
	t.TB.Helper()
	var err error
	deadline := time.Now().Add(Patience)
	for pause := firstPause; time.Now().Before(deadline); pause = min(pause*3/2, lastPause) {
		var done bool
		// An error is a page that is just being left, or not there yet.
		if done, err = chromedp.Run(t.Ctx, chromedp.Evaluate[bool]("!!("+expression+")")); err == nil && done {
			return
		}
		t.Do(chromedp.Sleep(pause))
	}
	t.TB.Fatalf("waiting for %s: %v", expression, err)
}

// Eval returns the value of a JavaScript expression, awaited where it is a promise.
func Eval[T any](t *Tab, expression string) T {
	t.TB.Helper()
	ctx, cancel := context.WithTimeout(t.Ctx, Patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.TB.Fatalf("%s: %v", expression, err)
	}
	return v
}

// Evaluate is a step that runs JavaScript, which may lead the page elsewhere before it has answered.
func Evaluate(expression string) chromedp.Action[chromedp.Void] {
	run := chromedp.Evaluate[chromedp.Void](expression)
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		v, err := run(ctx, target)
		if err != nil && strings.Contains(err.Error(), "navigated or closed") {
			return v, nil
		}
		return v, err
	}
}

// OpenUntil opens an address again and again until an expression is true there.
func (t *Tab) OpenUntil(address, expression string) {
	t.TB.Helper()
	Eventually(t.TB, expression, func() bool {
		t.Open(address)
		return Eval[bool](t, "!!("+expression+")")
	})
}

// Frame attaches to the frame of another site whose address begins so, once there is one.
func (t *Tab) Frame(prefix string) *Tab { t.TB.Helper(); return t.attach("iframe", prefix) }

// Window attaches to a window that a page has opened, at an address that begins so, once there is one.
func (t *Tab) Window(prefix string) *Tab { t.TB.Helper(); return t.attach("page", prefix) }

func (t *Tab) attach(kind, prefix string) *Tab {
	t.TB.Helper()
	var found *Tab
	Eventually(t.TB, fmt.Sprintf("a target of kind %s at %s", kind, prefix), func() bool {
		infos, err := chromedp.Targets(t.Ctx)
		if err != nil {
			t.TB.Fatal(err)
		}
		for _, info := range infos {
			if info.Type == kind && strings.HasPrefix(info.URL, prefix) {
				ctx, cancel := chromedp.NewContext(t.Ctx, chromedp.WithTargetID(info.TargetID))
				t.TB.Cleanup(cancel)
				found = follow(t.TB, ctx)
				return true
			}
		}
		return false
	})
	return found
}

// SignIn signs in by the form, to one of the demo's accounts.
func (t *Tab) SignIn(p *Program, email string) {
	t.TB.Helper()
	t.Open(p.URL + "/login")
	SubmitSignIn(t, email)
	t.Wait(`location.pathname === "/dashboard"`)
}

// SubmitSignIn fills the form of the page of signing in, which is open in the tab, and sends it.
func SubmitSignIn(t *Tab, email string) {
	t.TB.Helper()
	t.Do(chromedp.SendKeys(chromedp.ID("email"), email), chromedp.SendKeys(chromedp.ID("password"), app.DemoPassword))
	t.Click(`main button.button`)
}

// SignInByCookie signs in without the form: for tests that are about other pages. The tab stays where it is.
func (t *Tab) SignInByCookie(p *Program, email string) {
	t.TB.Helper()
	t.TakeCookies(p.SignedInAs(t.TB, email), p.URL)
}

// TakeCookies gives the tab the cookies that a client has at an origin.
func (t *Tab) TakeCookies(c *Client, origin string) {
	t.TB.Helper()
	for _, cookie := range c.HTTP.Jar.Cookies(MustParse(t.TB, origin)) {
		t.Do(func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
			_, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{
				Name: cookie.Name, Value: cookie.Value, URL: origin +
					"/", HTTPOnly: new(true), SameSite: network.CookieSameSiteLax,
			})
			return chromedp.Void{}, err
		})
	}
}

// ChooseLanguage chooses the language on an address's own switch.
func (t *Tab) ChooseLanguage(address, language string) {
	t.TB.Helper()
	t.Open(address)
	if Eval[string](t, `document.documentElement.lang`) == language {
		return
	}
	t.Click(`.languages button[value=` + language + `]`)
	t.Wait(`document.documentElement.lang === "` + language + `" && document.readyState === "complete"`)
}

// Fill types into a field, in place of what is there.
func (t *Tab) Fill(id, text string) {
	t.TB.Helper()
	t.Wait(`document.readyState === "complete" && document.getElementById("` + id + `")`)
	t.Do(Evaluate(`document.getElementById("`+id+`").value = ""; 0`), chromedp.SendKeys(chromedp.ID(id), text))
}

// Back presses the browser's Back, and waits until another document is there.
func (t *Tab) Back() {
	t.TB.Helper()
	t.Wait(`document.readyState === "complete"`)
	t.Do(Evaluate(`document.documentElement.dataset.left = "yes"; setTimeout(() => history.back(), 20); 0`))
	t.Wait(`document.documentElement.dataset.left === undefined && document.readyState === "complete"`)
}

// Offline loses a tab's connection, or brings it back.
func Offline(t *Tab, lost bool) {
	t.TB.Helper()
	type conditions struct {
		Offline  bool    `json:"offline"`
		Latency  float64 `json:"latency"`
		Download float64 `json:"downloadThroughput"`
		Upload   float64 `json:"uploadThroughput"`
	}
	// The library's newer command is not known to older browsers.
	command := cdp.Command[conditions, cdp.Empty]{Method: "Network.emulateNetworkConditions"}
	t.Do(func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Call(ctx, command, conditions{Offline: lost, Download: -1, Upload: -1})
		return chromedp.Void{}, err
	})
}
