package apptest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Main runs the tests of a package, and then closes the browser and removes what they shared. It returns the code to
// exit with.
func Main(m *testing.M) int {
	code := m.Run()
	exitMutex.Lock()
	defer exitMutex.Unlock()
	for _, f := range exit {
		f()
	}
	return code
}

var (
	exitMutex sync.Mutex
	exit      []func()
)

// AtExit calls f after all tests.
func AtExit(f func()) {
	exitMutex.Lock()
	defer exitMutex.Unlock()
	exit = append(exit, f)
}

// browser is a Chromium that tests share, each with cookies of its own.
type browser struct {
	programs []string // under which names it is looked for
	mu       sync.Mutex
	ctx      context.Context
	idle     []context.Context // tabs that nobody uses, each with cookies of its own
}

// The window-less Chromium takes half the time. It has no clipboard, and no third-party cookies to drop: what a test
// of those needs is the whole one.
var (
	whole = &browser{programs: []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}}
	quick = &browser{programs: append([]string{"chromium-headless-shell"}, whole.programs...)}
)

func (b *browser) find() string {
	for _, name := range b.programs {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// need returns the browser's program. Where it is missing, or a file from npm is, the test is skipped, unless
// `make test` says that both must be there; with KABINET_TEST_BROWSER=none it is always skipped.
func (b *browser) need(tb testing.TB) string {
	tb.Helper()
	wanted := os.Getenv("KABINET_TEST_BROWSER")
	if wanted == "none" {
		tb.Skip("without a browser (KABINET_TEST_BROWSER=none)")
	}
	program, missing := b.find(), ""
	if program == "" {
		missing = "no Chromium is installed"
	} else if _, err := os.Stat(nodeModule("axe-core")); err != nil {
		missing = "the packages of npm are missing"
	}
	if missing == "" {
		return program
	}
	if wanted == "required" {
		tb.Fatal(missing)
	}
	tb.Skip(missing + "; `make test` brings it")
	return ""
}

// nodeModule is the path of something that npm brings.
func nodeModule(path ...string) string {
	return filepath.Join(append([]string{Root(), "node_modules"}, path...)...)
}

// Root is the repository's folder: the one with go.mod, at or above the test's own.
var Root = sync.OnceValue(func() string {
	at, err := os.Getwd()
	if err != nil {
		return "."
	}
	for folder := at; ; folder = filepath.Dir(folder) {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		if folder == filepath.Dir(folder) {
			return at
		}
	}
})

// context returns the running browser, started by whichever test comes first.
func (b *browser) context(tb testing.TB) context.Context {
	tb.Helper()
	program := b.need(tb)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ctx == nil {
		ctx, closeIt := launch(tb, program)
		AtExit(closeIt)
		b.ctx = ctx
	}
	return b.ctx
}

// open opens a tab beside one that nobody uses: where cookies have been taken away, a browser's processes are there.
func (b *browser) open(tb testing.TB) *Tab {
	tb.Helper()
	base, err := b.take(b.context(tb))
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := chromedp.NewContext(base)
	if err := chromedp.Do(ctx); err != nil {
		cancel()
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		cancel()
		if _, err := chromedp.Call(base, network.ClearBrowserCookies, cdp.Empty{}); err == nil {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.idle = append(b.idle, base)
		}
	})
	return follow(tb, ctx)
}

// take returns a tab that nobody uses, or a new one.
func (b *browser) take(browser context.Context) (context.Context, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if last := len(b.idle) - 1; last >= 0 {
		tab := b.idle[last]
		b.idle = b.idle[:last]
		return tab, nil
	}
	tab, _ := chromedp.NewContext(browser, chromedp.WithNewBrowserContext()) // goes with the browser
	return tab, chromedp.Do(tab)
}

// launch starts a Chromium that reaches nothing but this machine.
func launch(tb testing.TB, program string, more ...chromedp.ExecAllocatorOption) (context.Context, func()) {
	tb.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program),
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", onlyThisMachine),
		chromedp.Flag("accept-lang", "ru-RU,ru"),
		chromedp.Flag("process-per-site", true), // one process for all tabs of a site with the same cookies
		chromedp.Flag("site-per-process", true), // else the window-less one has no targets for other sites' frames
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocator, cancelAllocator := chromedp.NewExecAllocator(context.Background(), append(options, more...)...)
	ctx, cancel := chromedp.NewContext(allocator)
	if err := chromedp.Do(ctx); err != nil {
		cancel()
		cancelAllocator()
		tb.Fatalf("starting %s: %v", program, err)
	}
	return ctx, func() {
		if err := chromedp.Cancel(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "closing Chromium:", err)
		}
		cancelAllocator()
	}
}

const onlyThisMachine = "MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1"

// OpenTab opens a tab with cookies of its own; tests share one browser.
func OpenTab(tb testing.TB) *Tab {
	tb.Helper()
	return quick.open(tb)
}

// OpenWholeTab opens a tab of a Chromium that has all that the customers' has: a clipboard, and cookies that are
// dropped in another site's frame. It takes longer.
func OpenWholeTab(tb testing.TB) *Tab {
	tb.Helper()
	return whole.open(tb)
}

// OpenTabResolving opens a tab of a browser that is this test's own and looks for further names at this machine, such
// as "MAP cabinet.example.com 127.0.0.1:4443"; it takes the test's own certificates.
func OpenTabResolving(tb testing.TB, rules ...string) *Tab {
	tb.Helper()
	resolver := chromedp.Flag("host-resolver-rules", strings.Join(append(rules, onlyThisMachine), ", "))
	ctx, closeIt := launch(tb, quick.need(tb), resolver, chromedp.IgnoreCertErrors)
	tb.Cleanup(closeIt)
	return newTab(tb, ctx)
}

// NeedBrowser skips a test that cannot have a browser, before it does anything else.
func NeedBrowser(tb testing.TB) {
	tb.Helper()
	quick.need(tb)
}

// NodeModule reads a file that npm brings.
func NodeModule(tb testing.TB, path ...string) []byte {
	tb.Helper()
	text, err := os.ReadFile(nodeModule(path...))
	if err != nil {
		tb.Fatalf("%v; `make assets` brings it", err)
	}
	return text
}
