package browsers_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"kabinet/handlers/app/apptest"
	"kabinet/handlers/app/browsers"
)

// Otherwise a console that is never seen would pass for one without errors.
func TestWhatAPageWritesToTheConsoleIsSeen(t *testing.T) {
	t.Parallel()
	browsers.NeedAll(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", "img-src 'none'")
		fmt.Fprint(w, `<!DOCTYPE html><title>x</title><body><button>x</button><script>
			document.querySelector("button").addEventListener("click", () => {
				console.error("written");
				document.body.append(Object.assign(new Image(), { src: "/forbidden" }));
				nothing.thrown();
			});</script>`)
	}))
	t.Cleanup(server.Close)
	for _, b := range browsers.Browsers {
		page := b.Open(t)
		page.Open(server.URL)
		page.Click("button")
		apptest.Eventually(t, b.String()+" telling of all", func() bool {
			all := strings.Join(page.Console(), "\n")
			written, thrown := strings.Contains(all, "written"), strings.Contains(all, "nothing")
			return written && thrown && strings.Contains(all, "Content")
		})
	}
}

// A frame, a window that a page opens and that closes itself, one beside it, Back, and https.
func TestWhatTestsDoWorksInEveryBrowser(t *testing.T) {
	t.Parallel()
	browsers.NeedAll(t)
	pages := map[string]string{
		"/": `<iframe src="/frame"></iframe><button id="open" onclick="window.open('/window')">x</button>
			<script>addEventListener("storage", () => document.title = "closed")</script>`,
		"/frame":  `<input id="name">`,
		"/window": `<button id="close" onclick="localStorage.closed = 'yes'; window.close()">x</button>`,
		"/other":  `<h1>other</h1>`,
	}
	server := browsers.StartSecure(t)
	server.Serve("localhost", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "<!DOCTYPE html><title>x</title><body>", pages[r.URL.Path])
	}))
	origin := "https://localhost:" + server.Port
	for _, b := range browsers.Browsers {
		page := b.Open(t)
		page.Open(origin + "/")
		page.In("iframe").Fill("#name", "Анна")
		if typed := page.In("iframe").Text(`document.getElementById("name").value`); typed != "Анна" {
			t.Errorf("%s: in the frame stands %q", b, typed)
		}
		page.Opened(origin+"/window", func() { page.Click("#open") }).ClickLast("#close")
		page.Wait(`document.title === "closed"`)
		beside := page.Beside()
		beside.Open(origin + "/other")
		beside.Open(origin + "/")
		beside.Back()
		beside.WaitInFront(`document.querySelector("h1").innerText === "other"`)
		beside.Close()
		page.Quiet("favicon")
	}
}
