package apptest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"kabinet/handlers/app/apptest"
)

func TestMain(m *testing.M) { os.Exit(apptest.Main(m)) }

// watched is a test whose failure is looked at, and does not fail the test around it.
type watched struct {
	testing.TB
	said     []string
	failed   bool
	cleanups []func()
}

func (w *watched) Helper()          {}
func (w *watched) Name() string     { return "TestThat/fails" }
func (w *watched) Failed() bool     { return w.failed }
func (w *watched) Cleanup(f func()) { w.cleanups = append(w.cleanups, f) }

func (w *watched) Logf(format string, a ...any) { w.said = append(w.said, fmt.Sprintf(format, a...)) }

func (w *watched) Errorf(format string, a ...any) {
	w.failed = true
	w.Logf(format, a...)
}

func (w *watched) Fatalf(format string, a ...any) {
	w.Errorf(format, a...)
	runtime.Goexit()
}

func (w *watched) Fatal(a ...any) { w.Fatalf("%s", fmt.Sprint(a...)) }

// run runs a test to its end, and returns what it said.
func (w *watched) run(test func(tb testing.TB)) string {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		test(w)
	}()
	<-ended
	for len(w.cleanups) > 0 {
		last := w.cleanups[len(w.cleanups)-1]
		w.cleanups = w.cleanups[:len(w.cleanups)-1]
		last()
	}
	return strings.Join(w.said, "\n")
}

// serves is a page of a test's own.
func serves(t *testing.T, html string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, html)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestATestThatFailsInABrowserSaysWhereItIsAndKeepsAScreenshot(t *testing.T) {
	t.Parallel()
	apptest.NeedBrowser(t)
	address := serves(t, `<!DOCTYPE html><title>x</title><h1>Hello</h1><script>console.error("something is odd")</script><p style="width: 9999px">wide</p>`)
	w := &watched{TB: t}
	said := w.run(func(tb testing.TB) {
		tab := apptest.OpenTab(tb)
		tab.Open(address + "/place")
		tab.CheckFits("the page")
	})
	for _, want := range []string{"the page is", "px too wide", address + "/place", "Hello", "something is odd"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said: %s", want, said)
		}
	}
	m := regexp.MustCompile(`its screenshot: (\S+\.png)`).FindStringSubmatch(said)
	if m == nil {
		t.Fatalf("no screenshot is named: %s", said)
	}
	if image, err := os.ReadFile(m[1]); err != nil || !strings.HasPrefix(string(image), "\x89PNG") {
		t.Errorf("%s: %v", m[1], err)
	}
	if err := os.Remove(m[1]); err != nil {
		t.Error(err)
	}
}

func TestWhatIsClickedIsWaitedFor(t *testing.T) {
	t.Parallel()
	apptest.NeedBrowser(t)
	address := serves(t, `<!DOCTYPE html><title>x</title><div id="place"></div><script>
		setTimeout(() => { place.innerHTML = '<button>Go</button>'; place.firstChild.onclick = () => { location.href = "/next"; }; }, 200)</script>`)
	tab := apptest.OpenTab(t)
	tab.Open(address)
	tab.Click("button")
	tab.Wait(`location.pathname === "/next"`)
	tab.Back()
	tab.OpenUntil(address+"/other", `location.pathname === "/other"`)
}

func TestFurtherNamesAreLookedForAtThisMachine(t *testing.T) {
	t.Parallel()
	apptest.NeedBrowser(t)
	address := strings.TrimPrefix(serves(t, `<!DOCTYPE html><title>x</title><h1>Here</h1>`), "http://")
	tab := apptest.OpenTabResolving(t, "MAP portal.example:80 "+address)
	tab.Open("http://portal.example/")
	if got := apptest.Eval[string](tab, `document.querySelector("h1").textContent`); got != "Here" {
		t.Errorf("it reads %q", got)
	}
}
