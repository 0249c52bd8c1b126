// Package browsers has the tests of what customers meet in Firefox and in WebKit; those of Chromium stand with the
// program's own. `make browsers` runs all of them, `make test` a single one, in Firefox.
//
// A test opens a [Page] in a [Browser] and does with it what a person would: no cookie is set, no event is made up.
// Both browsers are driven from outside, Firefox by npm's puppeteer-core (firefox.mjs), WebKit by its own driver.
package browsers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"kabinet/handlers/app/apptest"
)

// Browser is one in which the portal is tried, as it comes, or such that it keeps no cookies of other sites in a
// page: by a setting of Firefox's, by the tracking prevention (ITP) that Safari has and WebKitGTK can be given.
type Browser struct {
	Name    string // Firefox or WebKit
	Blocked bool
}

// Browsers are all of them.
var Browsers = []Browser{
	{Name: "Firefox"}, {Name: "Firefox", Blocked: true}, {Name: "WebKit"}, {Name: "WebKit", Blocked: true},
}

// String is the name of a subtest.
func (b Browser) String() string {
	if b.Blocked {
		return b.Name + " with third-party cookies blocked"
	}
	return b.Name
}

// NeedAll skips a test that takes too long for `make test`.
func NeedAll(tb testing.TB) {
	tb.Helper()
	if os.Getenv("KABINET_BROWSERS") != "all" {
		tb.Skip("`make browsers` runs it")
	}
}

// Open opens a window with cookies of its own. Without the browser the test is skipped, or fails where all are wanted.
func (b Browser) Open(tb testing.TB) *Page {
	tb.Helper()
	if os.Getenv("KABINET_TEST_BROWSER") == "none" {
		tb.Skip("without a browser (KABINET_TEST_BROWSER=none)")
	}
	if missing := b.missing(); missing != "" {
		if os.Getenv("KABINET_BROWSERS") == "all" {
			tb.Fatal(missing)
		}
		tb.Skip(missing)
	}
	if b.Name == "WebKit" {
		atATime <- struct{}{}
		tb.Cleanup(func() { <-atATime })
		return newPage(tb, startWebKit(tb, findMiniBrowser(), b.Blocked))
	}
	running := open
	if b.Blocked {
		running = blocking
	}
	f, err := running()
	if err != nil {
		tb.Fatal(err)
	}
	return newPage(tb, f.start(tb))
}

// atATime is how many WebKits run: each is a browser of its own, and none is waited for in vain.
var atATime = make(chan struct{}, 3)

var (
	open     = sync.OnceValues(func() (*firefox, error) { return startFirefox(findFirefox(), false) })
	blocking = sync.OnceValues(func() (*firefox, error) { return startFirefox(findFirefox(), true) })
)

// missing says what is not installed.
func (b Browser) missing() string {
	needed := map[string]bool{
		"firefox-esr or firefox": findFirefox() != "",
		"node":                   installed("node"), "puppeteer-core of npm": hasPuppeteer(),
	}
	if b.Name == "WebKit" {
		needed = map[string]bool{
			"WebKitWebDriver": installed("WebKitWebDriver"), "Xvfb": installed("Xvfb"),
			"WebKitGTK's MiniBrowser": findMiniBrowser() != "",
		}
	}
	for what, is := range needed {
		if !is {
			return fmt.Sprintf("%s is not installed", what)
		}
	}
	return ""
}

func installed(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

func findFirefox() string {
	for _, name := range []string{"firefox-esr", "firefox"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

func hasPuppeteer() bool {
	_, err := os.Stat(filepath.Join(apptest.Root(), "node_modules", "puppeteer-core"))
	return err == nil
}
