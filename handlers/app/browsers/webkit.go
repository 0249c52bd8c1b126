package browsers

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"kabinet/handlers/app/apptest"
)

// webkit is a WebKitGTK of one test, driven by W3C WebDriver. Its driver has one session and no more.
type webkit struct {
	session string // its address
	written []string
}

// miniBrowsers are where distributions keep the browser that WebKitGTK brings.
const miniBrowsers = "/usr/lib/*/webkit2gtk-4.1/MiniBrowser"

// elementKey is what WebDriver names an element by.
const elementKey = "element-6066-11e4-a52e-4f735466cecf"

// display starts an X server without a screen for all of the tests, and returns its name.
var display = sync.OnceValues(func() (string, error) {
	server := exec.Command("Xvfb", "-displayfd", "1", "-screen", "0", "1400x1000x24", "-nolisten", "tcp")
	stdout, err := server.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := server.Start(); err != nil {
		return "", err
	}
	apptest.AtExit(func() { end(server) })
	var number int
	_, err = fmt.Fscan(stdout, &number)
	return fmt.Sprint(":", number), err
})

// end ends a process that we have started, and what it has started.
func end(cmd *exec.Cmd) {
	syscall.Kill(cmd.Process.Pid, syscall.SIGTERM) //nolint:errcheck // it may have ended
	cmd.Wait()                                     //nolint:errcheck // ended by a signal
}

// startWebKit starts a driver and a browser, which end with the test.
func startWebKit(tb testing.TB, miniBrowser string, blocked bool) *webkit {
	tb.Helper()
	screen, err := display()
	if err != nil {
		tb.Fatal(err)
	}
	port := apptest.FreePort(tb)
	driver := exec.Command("WebKitWebDriver", "--port="+port)
	driver.Env = append(os.Environ(), "DISPLAY="+screen, "LANGUAGE=ru_RU:ru")
	if err := driver.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { end(driver) })
	w := &webkit{session: "http://127.0.0.1:" + port + "/session"}
	apptest.Eventually(tb, "WebKit's driver answering", func() bool {
		response, err := http.Get("http://127.0.0.1:" + port + "/status")
		if err == nil {
			response.Body.Close() //nolint:errcheck // that it answered is enough
		}
		return err == nil
	})
	arguments := []string{"--automation"}
	if blocked {
		arguments = append(arguments, "--enable-itp")
	}
	options := map[string]any{"binary": miniBrowser, "args": arguments}
	var begun struct {
		SessionID string
	}
	wanted := map[string]any{"acceptInsecureCerts": true, "webkitgtk:browserOptions": options}
	body := map[string]any{"capabilities": map[string]any{"alwaysMatch": wanted}}
	if err := w.call(http.MethodPost, "", body, &begun); err != nil {
		tb.Fatal(err)
	}
	w.session += "/" + begun.SessionID
	return w
}

// call sends a command of WebDriver's, and decodes what comes of it.
func (w *webkit) call(method, path string, body, result any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequest(method, w.session+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	response, err := (&http.Client{Timeout: apptest.Patience}).Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // read to its end
	said, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	var answered struct{ Value json.RawMessage }
	if err := json.Unmarshal(said, &answered); err != nil {
		return fmt.Errorf("%s: %w", said, err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s", method, path, answered.Value)
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(answered.Value, result)
}

func (w *webkit) post(path string, body any) error { return w.call(http.MethodPost, path, body, nil) }

// find returns the path of an element.
func (w *webkit) find(selector string) (string, error) {
	var found map[string]string
	err := w.call(http.MethodPost, "/element", map[string]string{"using": "css selector", "value": selector}, &found)
	return found[elementKey], err
}

// enter leads the driver to a window and a frame in it.
func (w *webkit) enter(at place) error {
	if err := w.post("/window", map[string]string{"handle": at.window}); err != nil {
		return err
	}
	if err := w.post("/frame", map[string]any{"id": nil}); err != nil || at.frame == "" {
		return err
	}
	element, err := w.find(at.frame)
	if err != nil {
		return err
	}
	return w.post("/frame", map[string]any{"id": map[string]string{elementKey: element}})
}

func (w *webkit) windows() (all []string, err error) {
	err = w.call(http.MethodGet, "/window/handles", nil, &all)
	return all, err
}

func (w *webkit) open() (string, error) {
	var opened struct{ Handle string }
	// A tab would stand behind the first, where MiniBrowser draws nothing and opens nothing.
	err := w.call(http.MethodPost, "/window/new", map[string]string{"type": "window"}, &opened)
	return opened.Handle, err
}

func (w *webkit) close(window string) error {
	if err := w.post("/window", map[string]string{"handle": window}); err != nil {
		return err
	}
	return w.call(http.MethodDelete, "/window", nil, nil)
}

// front has nothing to do: each of the windows takes keys.
func (w *webkit) front(string) error { return nil }

func (w *webkit) eval(at place, script string, result any) error {
	if err := w.enter(at); err != nil {
		return err
	}
	var value json.RawMessage
	var written []string
	body := map[string]any{"script": "return [" + script + ", " + listens + "]", "args": []any{}}
	err := w.call(http.MethodPost, "/execute/sync", body, &[]any{&value, &written})
	w.written = append(w.written, written...)
	if err != nil || result == nil {
		return err
	}
	return json.Unmarshal(value, result)
}

// listens keeps what a page writes to its console from the first look at it, and hands it over. The driver has no
// command for that, and MiniBrowser writes no page's console out while it is driven.
const listens = `(window.writtenToConsole ??= ((lines) => {
	addEventListener("error", (e) => lines.push("error: " + (e.message ?? e.target.outerHTML)), true);
	addEventListener("unhandledrejection", (e) => lines.push("error: " + e.reason));
	addEventListener("securitypolicyviolation", (e) =>
		lines.push("error: Content-Security-Policy: " + e.violatedDirective + " " + e.blockedURI));
	const write = console.error;
	console.error = (...all) => { lines.push("error: " + all.join(" ")); write.apply(console, all); };
	return lines;
})([])).splice(0)`

func (w *webkit) click(at place, selector string) error {
	return w.at(at, selector, "/click", map[string]any{})
}

func (w *webkit) write(at place, selector, text string) error {
	return w.at(at, selector, "/value", map[string]string{"text": text})
}

func (w *webkit) at(at place, selector, what string, body any) error {
	if err := w.enter(at); err != nil {
		return err
	}
	element, err := w.find(selector)
	if err != nil {
		return err
	}
	return w.post("/element/"+element+what, body)
}

func (w *webkit) resize(at place, width, height int) error {
	if err := w.enter(at); err != nil {
		return err
	}
	return w.post("/window/rect", map[string]int{"width": width, "height": height})
}

func (w *webkit) screenshot(at place) ([]byte, error) {
	if err := w.enter(place{window: at.window}); err != nil {
		return nil, err
	}
	var image string
	if err := w.call(http.MethodGet, "/screenshot", nil, &image); err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(image)
}

func (w *webkit) console() ([]string, error) { return w.written, nil }

func (w *webkit) end() error { return w.call(http.MethodDelete, "", nil, nil) }

func findMiniBrowser() string {
	all, _ := filepath.Glob(miniBrowsers) // fails only for a bad pattern
	if len(all) == 0 {
		return ""
	}
	return all[0]
}
