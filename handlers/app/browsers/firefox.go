package browsers

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"

	"kabinet/handlers/app/apptest"
)

// firefox is a running Firefox, which tests share, each with cookies of its own. npm's puppeteer-core drives it by
// WebDriver BiDi, in a process of Node's: see firefox.mjs.
type firefox struct {
	stdin io.WriteCloser
	mu    sync.Mutex
	last  int
	asked map[int]chan answer
}

var errEnded = errors.New("the browser has ended")

type answer struct {
	ID    int
	Value json.RawMessage
	Error string
}

// preferences let Firefox reach nothing but this machine, and speak Russian.
func preferences(blocked bool) map[string]any {
	all := map[string]any{
		"intl.accept_languages": "ru-RU,ru", "intl.locale.requested": "ru",
		"network.proxy.type":                     0,
		"network.captive-portal-service.enabled": false, "network.connectivity-service.enabled": false,
		"browser.safebrowsing.downloads.remote.enabled": false, "dom.disable_open_during_load": true,
	}
	if blocked {
		all["network.cookie.cookieBehavior"] = 1 // every cookie of another site
	}
	return all
}

// startFirefox starts a Firefox that ends with the tests.
func startFirefox(program string, blocked bool) (*firefox, error) {
	wanted, err := json.Marshal(preferences(blocked))
	if err != nil {
		return nil, err
	}
	node := exec.Command("node", "firefox.mjs", program, string(wanted))
	node.Stderr = os.Stderr
	node.Env = append(os.Environ(), "HOME="+os.TempDir(), "MOZ_DISABLE_CONTENT_SANDBOX=1") // as root it has none
	f := &firefox{asked: map[int]chan answer{}}
	if f.stdin, err = node.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := node.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := node.Start(); err != nil {
		return nil, err
	}
	listened := make(chan struct{})
	go func() { f.listen(stdout); close(listened) }()
	apptest.AtExit(func() {
		f.stdin.Close() //nolint:errcheck // it ends by that
		<-listened
		node.Wait() //nolint:errcheck // nothing is left to be done about it
	})
	return f, nil
}

func (f *firefox) listen(stdout io.Reader) {
	scanner := bufio.NewScanner(stdout)
	scanner.Buffer(nil, 64<<20) // screenshots are long lines
	for scanner.Scan() {
		var a answer
		if err := json.Unmarshal(scanner.Bytes(), &a); err != nil {
			continue // not one of its answers
		}
		f.mu.Lock()
		asked := f.asked[a.ID]
		delete(f.asked, a.ID)
		f.mu.Unlock()
		asked <- a
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, asked := range f.asked {
		asked <- answer{Error: errEnded.Error()}
	}
	f.asked = nil
}

// order has it do something, and decodes what comes of it.
func (f *firefox) order(what map[string]any, result any) error {
	asked := make(chan answer, 1)
	f.mu.Lock()
	if f.asked == nil {
		f.mu.Unlock()
		return errEnded
	}
	f.last++
	what["id"] = f.last
	f.asked[f.last] = asked
	line, err := json.Marshal(what)
	if err == nil {
		_, err = f.stdin.Write(append(line, '\n'))
	}
	f.mu.Unlock()
	if err != nil {
		return err
	}
	a := <-asked
	if a.Error != "" {
		return fmt.Errorf("%s: %s", what["do"], a.Error)
	}
	if result == nil || a.Value == nil {
		return nil
	}
	return json.Unmarshal(a.Value, result)
}

// ofFirefox is a page's driver with cookies of its own.
type ofFirefox struct {
	*firefox
	context string
}

func (f ofFirefox) do(what string, at place, more map[string]any, result any) error {
	order := map[string]any{"do": what, "context": f.context, "page": at.window, "frame": at.frame}
	for name, value := range more {
		order[name] = value
	}
	return f.order(order, result)
}

func (f ofFirefox) windows() (all []string, err error) {
	err = f.do("pages", place{}, nil, &all)
	return all, err
}

func (f ofFirefox) open() (window string, err error) {
	err = f.do("open", place{}, nil, &window)
	return window, err
}

func (f ofFirefox) close(window string) error { return f.do("close", place{window: window}, nil, nil) }

func (f ofFirefox) front(window string) error { return f.do("front", place{window: window}, nil, nil) }

func (f ofFirefox) eval(at place, script string, result any) error {
	return f.do("eval", at, map[string]any{"script": script}, result)
}

func (f ofFirefox) click(at place, selector string) error {
	return f.do("click", at, map[string]any{"selector": selector}, nil)
}

func (f ofFirefox) write(at place, selector, text string) error {
	return f.do("type", at, map[string]any{"selector": selector, "text": text}, nil)
}

func (f ofFirefox) resize(at place, width, height int) error {
	return f.do("size", at, map[string]any{"width": width, "height": height}, nil)
}

func (f ofFirefox) screenshot(at place) ([]byte, error) {
	var image string
	if err := f.do("screenshot", at, nil, &image); err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(image)
}

func (f ofFirefox) console() (lines []string, err error) {
	err = f.do("console", place{}, nil, &lines)
	return lines, err
}

func (f ofFirefox) end() error { return f.do("end", place{}, nil, nil) }

// start opens a window with cookies of its own.
func (f *firefox) start(tb testing.TB) ofFirefox {
	tb.Helper()
	page := ofFirefox{f, tb.Name()}
	if err := page.do("start", place{}, nil, nil); err != nil {
		tb.Fatal(err)
	}
	return page
}
