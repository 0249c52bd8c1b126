package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"kabinet/handlers/app"
	"kabinet/integrations/priceplan/sandbox"
)

// needBrowser skips a test where there is no Chromium or no file from npm, unless `make test`
// says that both must be there.
func needBrowser(tb testing.TB) string {
	tb.Helper()
	program, missing := findChromium(), ""
	switch {
	case program == "":
		missing = "no Chromium is installed"
	case len(sandbox.MissingAssets()) > 0:
		missing = sandbox.MissingAssets()[0]
	default:
		if _, err := os.Stat(filepath.Join("..", "..", "node_modules", "axe-core")); err != nil {
			missing = "the packages of npm are missing: run `make assets`"
		}
	}
	if missing == "" {
		return program
	}
	if os.Getenv("KABINET_TEST_BROWSER") == "required" {
		tb.Fatal(missing)
	}
	tb.Skipf("%s; `make test` brings what is needed", missing)
	return ""
}

func findChromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// launch starts a Chromium that reaches nothing but this machine. The rules in resolve lead
// further names to it; a browser with such rules is one test's own.
func launch(tb testing.TB, program string, resolve string) context.Context {
	tb.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program),
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", resolve+"MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1"),
		chromedp.Flag("accept-lang", "ru-RU,ru"),
	)
	if resolve != "" { // hosts of the test's own, with its own certificates
		options = append(options, chromedp.IgnoreCertErrors)
	}
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocator, cancelAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	if err := chromedp.Do(ctx); err != nil {
		cancel()
		cancelAllocator()
		tb.Fatalf("starting %s: %v", program, err)
	}
	closeBrowser := func() {
		if err := chromedp.Cancel(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "closing Chromium:", err)
		}
		cancelAllocator()
	}
	if resolve != "" { // a browser of one test
		tb.Cleanup(closeBrowser)
	} else {
		atExit(closeBrowser)
	}
	return ctx
}

var (
	sharedMutex   sync.Mutex
	sharedBrowser context.Context

	exitMutex sync.Mutex
	exit      []func()
)

// atExit calls f after all tests.
func atExit(f func()) {
	exitMutex.Lock()
	defer exitMutex.Unlock()
	exit = append(exit, f)
}

func TestMain(m *testing.M) {
	code := m.Run()
	for _, f := range exit {
		f()
	}
	os.Exit(code)
}

// tab is a tab with cookies of its own; tests share one browser.
type tab struct {
	tb  testing.TB
	ctx context.Context
}

func openTab(tb testing.TB) *tab {
	tb.Helper()
	program := needBrowser(tb)
	sharedMutex.Lock()
	if sharedBrowser == nil {
		sharedBrowser = launch(tb, program, "")
	}
	browser := sharedBrowser
	sharedMutex.Unlock()
	return newTab(tb, browser)
}

func newTab(tb testing.TB, browser context.Context) *tab {
	tb.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	if err := chromedp.Do(ctx); err != nil {
		tb.Fatal(err)
	}
	limited, cancelLimit := context.WithTimeout(ctx, 2*time.Minute)
	tb.Cleanup(func() { cancelLimit(); cancel() })
	return &tab{tb, limited}
}

// tabs are those that many short tests take in turn: a new one costs more than what it is used for.
type tabs chan context.Context

// take returns a tab without cookies at an empty page. One that a test has failed in, or that cannot be left, is
// not used again.
func (all tabs) take(tb testing.TB) *tab {
	tb.Helper()
	var ctx context.Context
	select {
	case ctx = <-all:
	default:
		program := needBrowser(tb)
		sharedMutex.Lock()
		if sharedBrowser == nil {
			sharedBrowser = launch(tb, program, "")
		}
		browser := sharedBrowser
		sharedMutex.Unlock()
		ctx, _ = chromedp.NewContext(browser, chromedp.WithNewBrowserContext()) // goes with the browser
		if err := chromedp.Do(ctx); err != nil {
			tb.Fatal(err)
		}
	}
	limited, cancel := context.WithTimeout(ctx, time.Minute)
	t := &tab{tb, limited}
	tb.Cleanup(func() {
		defer cancel()
		if tb.Failed() || chromedp.Do(limited, chromedp.Navigate("about:blank")) != nil {
			return
		}
		if _, err := chromedp.Call(limited, network.ClearBrowserCookies, cdp.Empty{}); err == nil {
			all <- ctx
		}
	})
	return t
}

// sibling is another tab with the same cookies.
func (t *tab) sibling() *tab {
	t.tb.Helper()
	ctx, cancel := chromedp.NewContext(t.ctx)
	if err := chromedp.Do(ctx); err != nil {
		t.tb.Fatal(err)
	}
	t.tb.Cleanup(cancel)
	return &tab{t.tb, ctx}
}

func (t *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	t.tb.Helper()
	if err := chromedp.Do(t.ctx, steps...); err != nil {
		t.tb.Fatalf("%v; the page says: %.400s", err, t.body())
	}
}

func (t *tab) body() string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.ctx), 2*time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText`))
	if err != nil {
		return err.Error()
	}
	return text
}

func (t *tab) open(address string) { t.tb.Helper(); t.do(chromedp.Navigate(address)) }

// click clicks once the page has loaded, and again where the page was just being left for another.
func (t *tab) click(selector string) {
	t.tb.Helper()
	t.settles()
	err := chromedp.Do(t.ctx, chromedp.Click(chromedp.CSS(selector)))
	for range 3 {
		if err == nil || !strings.Contains(err.Error(), "Could not find node") {
			break
		}
		t.settles()
		err = chromedp.Do(t.ctx, chromedp.Click(chromedp.CSS(selector)))
	}
	if err != nil {
		t.tb.Fatalf("clicking %s: %v; the page says: %.400s", selector, err, t.body())
	}
}

// settles waits until the page has loaded, or two seconds where something of it hangs.
func (t *tab) settles() {
	t.tb.Helper()
	for range 80 {
		if done, err := chromedp.Run(t.ctx, chromedp.Evaluate[bool](`document.readyState === "complete"`)); err == nil && done {
			return
		}
		t.do(chromedp.Sleep(25 * time.Millisecond))
	}
}

// wait waits until a JavaScript expression is true, across navigations.
func (t *tab) wait(expression string) {
	t.tb.Helper()
	deadline := time.Now().Add(20 * time.Second)
	var err error
	for time.Now().Before(deadline) {
		var done bool
		// An error is a page that is just being left, or not there yet.
		if done, err = chromedp.Run(t.ctx, chromedp.Evaluate[bool]("!!("+expression+")")); err == nil && done {
			return
		}
		t.do(chromedp.Sleep(25 * time.Millisecond))
	}
	t.tb.Fatalf("waiting for %s: %v; the page says: %.600s", expression, err, t.body())
}

func eval[T any](t *tab, expression string) T {
	t.tb.Helper()
	v, err := chromedp.Run(t.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.tb.Fatalf("%s: %v", expression, err)
	}
	return v
}

// until opens an address until an expression is true there.
func (t *tab) until(address, expression string) {
	t.tb.Helper()
	eventually(t.tb, expression, func() bool {
		t.open(address)
		return eval[bool](t, "!!("+expression+")")
	})
}

// frame attaches to the frame of another site whose address begins so.
func (t *tab) frame(prefix string) *tab {
	t.tb.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for time.Now().Before(deadline) {
		infos, err := chromedp.Targets(t.ctx)
		if err != nil {
			t.tb.Fatal(err)
		}
		for _, info := range infos {
			if info.Type == "iframe" && strings.HasPrefix(info.URL, prefix) {
				ctx, cancel := chromedp.NewContext(t.ctx, chromedp.WithTargetID(info.TargetID))
				t.tb.Cleanup(cancel)
				return &tab{t.tb, ctx}
			}
		}
		t.do(chromedp.Sleep(50 * time.Millisecond))
	}
	t.tb.Fatalf("no frame at %s; the page says: %.600s", prefix, t.body())
	return nil
}

func (t *tab) signIn(r *running, email string) {
	t.tb.Helper()
	t.open(r.url + "/login")
	t.do(chromedp.SendKeys(chromedp.ID("email"), email), chromedp.SendKeys(chromedp.ID("password"), app.DemoPassword))
	t.click(`main button.button`)
	t.wait(`location.pathname === "/dashboard"`)
}

// isSignedIn signs in without the form: for tests that are about other pages.
func (t *tab) isSignedIn(r *running, email string) {
	t.tb.Helper()
	c := r.client(t.tb)
	c.signIn(email)
	for _, cookie := range c.http.Jar.Cookies(mustParse(t.tb, r.url)) {
		t.do(func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
			_, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{Name: cookie.Name, Value: cookie.Value, URL: r.url + "/", HTTPOnly: new(true), SameSite: network.CookieSameSiteLax})
			return chromedp.Void{}, err
		})
	}
}

// look makes the tab so wide, in a theme.
func (t *tab) look(width int64, theme string) {
	t.tb.Helper()
	t.do(chromedp.EmulateViewport(width, 800), func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}})
		return chromedp.Void{}, err
	})
}

var axe = sync.OnceValues(func() (string, error) {
	b, err := os.ReadFile(filepath.Join("..", "..", "node_modules", "axe-core", "axe.min.js"))
	return string(b), err
})

// accessible fails the test for everything that axe finds on the page.
func (t *tab) accessible(name string) {
	t.tb.Helper()
	source, err := axe()
	if err != nil {
		t.tb.Fatalf("axe-core is missing: run `make assets` (%v)", err)
	}
	t.do(chromedp.Evaluate[chromedp.Void](source + ";0"))
	found := eval[string](t, `axe.run(document, {iframes: false, resultTypes: ["violations"]}).then(r => JSON.stringify(
		{passes: r.passes.length, violations: r.violations.map(v => ({id: v.id, nodes: v.nodes.map(n => n.html + " " + n.failureSummary)}))}))`)
	var result struct {
		Passes     int
		Violations []struct {
			ID    string
			Nodes []string
		}
	}
	if err := json.Unmarshal([]byte(found), &result); err != nil {
		t.tb.Fatal(err)
	}
	if result.Passes == 0 {
		t.tb.Errorf("%s: axe checked nothing", name)
	}
	for _, v := range result.Violations {
		t.tb.Errorf("%s: %s: %.300q", name, v.ID, v.Nodes)
	}
}

// fits fails the test when the page is wider than the window.
func (t *tab) fits(name string) {
	t.tb.Helper()
	if over := eval[int](t, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
		t.tb.Errorf("%s: the page is %d px too wide", name, over)
	}
}

// picture writes a screenshot into $KABINET_SCREENSHOTS, where that is set.
func (t *tab) picture(name string) {
	t.tb.Helper()
	folder := os.Getenv("KABINET_SCREENSHOTS")
	if folder == "" {
		return
	}
	// Chromium paints another site's frame only as far as the window reaches.
	size := eval[[]int64](t, `[innerWidth, Math.max(800, document.documentElement.scrollHeight)]`)
	t.do(chromedp.EmulateViewport(size[0], size[1]), chromedp.Sleep(200*time.Millisecond))
	image, err := chromedp.Run(t.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.MkdirAll(folder, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".png"), image, 0o644)
	}
	if err != nil {
		t.tb.Error(err)
	}
}

func evaluate(expression string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](expression)
}
