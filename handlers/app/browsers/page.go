package browsers

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kabinet/handlers/app"
	"kabinet/handlers/app/apptest"
)

// place is a window, and a frame in its page: a selector, or nothing.
type place struct{ window, frame string }

// driver does the same in either browser.
type driver interface {
	windows() ([]string, error)
	open() (window string, err error)
	front(window string) error
	close(window string) error
	eval(at place, script string, result any) error
	click(at place, selector string) error
	write(at place, selector, text string) error
	resize(at place, width, height int) error
	screenshot(at place) ([]byte, error)
	console() ([]string, error)
	end() error
}

// Page is a window of a browser, or a frame in it. Whatever fails in it fails the test, which then says where the page
// is, what stands in its console, and where a screenshot of it is.
type Page struct {
	TB testing.TB
	driver
	at place
}

func newPage(tb testing.TB, d driver) *Page {
	tb.Helper()
	all, err := d.windows()
	if err != nil {
		tb.Fatal(err)
	}
	p := &Page{TB: tb, driver: d, at: place{window: all[0]}}
	tb.Cleanup(func() {
		if tb.Failed() {
			p.keep()
		}
		if err := d.end(); err != nil {
			tb.Errorf("closing the browser: %v", err)
		}
	})
	return p
}

// keep says where a failed test's page is, and what can be seen in it.
func (p *Page) keep() {
	all, err := p.windows()
	if err != nil {
		p.TB.Log(err)
	}
	for _, window := range all {
		at := place{window: window}
		var text string
		if err := p.eval(at, `location.href + "\n" + document.body?.innerText.slice(0, 600)`, &text); err != nil {
			text = err.Error()
		}
		file := "none"
		if image, err := p.screenshot(at); err == nil {
			file = apptest.KeepScreenshot(p.TB, image)
		}
		p.TB.Logf("a page: %s\nits screenshot: %s", text, file)
	}
	lines, err := p.console()
	p.TB.Logf("the console: %s %v", strings.Join(lines, "\n"), err)
}

// Open leads the page to an address and waits until it has loaded.
func (p *Page) Open(address string) {
	p.TB.Helper()
	quoted, err := json.Marshal(address)
	if err != nil {
		p.TB.Fatal(err)
	}
	p.leave(fmt.Sprintf("location.href = %s", quoted))
}

// Back presses the browser's Back.
func (p *Page) Back() { p.TB.Helper(); p.leave("history.back()") }

// leave leads the page elsewhere, and waits until that is there.
func (p *Page) leave(by string) {
	p.TB.Helper()
	p.Wait("document.documentElement")
	// A browser may keep the page, and bring it back as it was.
	script := fmt.Sprintf(`(document.documentElement.dataset.left = "yes",
		addEventListener("pageshow", () => delete document.documentElement.dataset.left),
		setTimeout(() => { %s }), 0)`, by)
	if err := p.eval(p.at, script, nil); err != nil {
		p.TB.Fatal(err)
	}
	p.Wait(`!document.documentElement.dataset.left && document.readyState === "complete"`)
}

// Wait waits until a JavaScript expression is true, across navigations.
func (p *Page) Wait(expression string) {
	p.TB.Helper()
	var last error
	deadline := time.Now().Add(apptest.Patience)
	for time.Now().Before(deadline) {
		var done bool
		// An error is a page that is just being left, or not there yet.
		if last = p.eval(p.at, "!!("+expression+")", &done); last == nil && done {
			return
		}
		time.Sleep(40 * time.Millisecond)
	}
	p.TB.Fatalf("waiting for %s: %v", expression, last)
}

// Text is the value of a JavaScript expression, which is a text.
func (p *Page) Text(expression string) string {
	p.TB.Helper()
	var text string
	if err := p.eval(p.at, expression, &text); err != nil {
		p.TB.Fatalf("%s: %v", expression, err)
	}
	return text
}

// Click clicks what a CSS selector finds, once it is there and stays where it is.
func (p *Page) Click(selector string) {
	p.TB.Helper()
	quoted, err := json.Marshal(selector)
	if err != nil {
		p.TB.Fatal(err)
	}
	place := fmt.Sprintf(`(e => {
		return e && document.readyState === "complete" ? JSON.stringify(e.getBoundingClientRect()) : "";
	})(document.querySelector(%s))`, quoted)
	before := ""
	apptest.Eventually(p.TB, selector+" to be clicked", func() bool {
		var now string
		if err := p.eval(p.at, place, &now); err != nil || now == "" || now != before {
			before = now
			return false
		}
		err = p.click(p.at, selector)
		return err == nil
	})
}

// Fill types into a field, in place of what is there.
func (p *Page) Fill(selector, text string) {
	p.TB.Helper()
	p.Click(selector) // in another site's frame keys reach only what was clicked
	quoted, err := json.Marshal(selector)
	if err == nil {
		err = p.eval(p.at, fmt.Sprintf(`(document.querySelector(%s).value = "", 0)`, quoted), nil)
	}
	if err == nil {
		err = p.write(p.at, selector, text)
	}
	if err != nil {
		p.TB.Fatalf("typing into %s: %v", selector, err)
	}
}

// In is a frame of the page.
func (p *Page) In(frame string) *Page {
	in := *p
	in.at.frame = frame
	return &in
}

// Opened is the window that is opened by something at an address that begins so, once it is there.
func (p *Page) Opened(address string, by func()) *Page {
	p.TB.Helper()
	before, err := p.windows()
	if err != nil {
		p.TB.Fatal(err)
	}
	by()
	opened := *p
	apptest.Eventually(p.TB, "a window at "+address, func() bool {
		now, err := p.windows()
		if err != nil {
			p.TB.Fatal(err)
		}
		return slices.ContainsFunc(now, func(window string) bool {
			opened.at = place{window: window}
			var href string
			isNew := !slices.Contains(before, window)
			return isNew && p.eval(opened.at, "location.href", &href) == nil && strings.HasPrefix(href, address)
		})
	})
	return &opened
}

// Beside is another window with the same cookies.
func (p *Page) Beside() *Page {
	p.TB.Helper()
	window, err := p.open()
	if err != nil {
		p.TB.Fatal(err)
	}
	beside := *p
	beside.at = place{window: window}
	return &beside
}

// WaitInFront waits until a JavaScript expression is true while the window is the one that has the focus.
func (p *Page) WaitInFront(expression string) {
	p.TB.Helper()
	apptest.Eventually(p.TB, expression, func() bool {
		var done bool
		return p.front(p.at.window) == nil && p.eval(p.at, "!!("+expression+")", &done) == nil && done
	})
}

// Close closes the window.
func (p *Page) Close() {
	p.TB.Helper()
	if err := p.close(p.at.window); err != nil {
		p.TB.Fatal(err)
	}
}

// ClickLast clicks what closes the window, which may be gone before it has answered.
func (p *Page) ClickLast(selector string) {
	p.TB.Helper()
	p.Wait(`document.readyState === "complete" && document.querySelector("` + selector + `")`)
	if err := p.click(p.at, selector); err != nil {
		if all, listing := p.windows(); listing != nil || slices.Contains(all, p.at.window) {
			p.TB.Fatalf("clicking %s: %v", selector, errors.Join(err, listing))
		}
	}
}

// Picture writes what the page looks like on a desk and on a telephone, for a person to look at, where
// KABINET_SCREENSHOTS names a folder.
func (p *Page) Picture(name string) {
	p.TB.Helper()
	folder := os.Getenv("KABINET_SCREENSHOTS")
	if folder == "" {
		return
	}
	for _, width := range []int{360, 1280} {
		if err := p.resize(p.at, width, 900); err != nil {
			p.TB.Fatal(err)
		}
		p.Wait(fmt.Sprintf("Math.abs(innerWidth - %d) < 100", width)) // MiniBrowser has a least width
		image, err := p.screenshot(p.at)
		if err == nil {
			file := fmt.Sprintf("%s-%d.png", strings.ReplaceAll(name, " ", "-"), width)
			err = os.WriteFile(filepath.Join(folder, file), image, 0o600)
		}
		if err != nil {
			p.TB.Fatal(err)
		}
	}
}

// SignIn signs in by the form, to an account with the demo's password.
func (p *Page) SignIn(r *apptest.Program, email string) {
	p.TB.Helper()
	p.Open(r.URL + "/login")
	p.Fill("#email", email)
	p.Fill("#password", app.DemoPassword)
	p.Click("main button.button")
	p.Wait(`location.pathname === "/dashboard"`)
}

// Console is what pages have written to the console, an exception that nobody caught among it, each as the browser
// puts it.
func (p *Page) Console() []string {
	p.TB.Helper()
	p.Wait("true") // WebKit's is handed over by looking
	lines, err := p.console()
	if err != nil {
		p.TB.Fatal(err)
	}
	return lines
}

// Quiet fails the test if a page has written an error to its console, other than one that has a text.
func (p *Page) Quiet(except ...string) {
	p.TB.Helper()
	for _, line := range p.Console() {
		known := slices.ContainsFunc(except, func(text string) bool { return strings.Contains(line, text) })
		if strings.Contains(strings.ToLower(line), "error") && !known {
			p.TB.Errorf("the console: %s", line)
		}
	}
}
