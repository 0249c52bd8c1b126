package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"kabinet/handlers/app/apptest"
)

// isAt waits until the tour is at a stop where nothing has been seen yet.
func isAt(t *apptest.Tab, stop int, path string) {
	t.TB.Helper()
	path, _, _ = strings.Cut(path, "#")
	t.Wait(fmt.Sprintf(`document.readyState === "complete" && location.pathname === %q && document.getElementById("tour-title")?.innerText.includes("%d") && !document.querySelector(".tour .done")`, path, stop))
}

// touring is a stop of the tour: where it begins, what its title says, and what a reader does there.
type touring struct {
	path  string
	title string // in Russian
	do    func(tab *apptest.Tab, p *apptest.Program)
}

// stops are those of the vendors, and the last one.
func stops() []touring {
	var all []touring
	var last *touring
	for _, v := range vendors() {
		if v.stop != nil {
			all = append(all, *v.stop)
		}
		if last == nil {
			last = v.fails
		}
	}
	if last != nil {
		all = append(all, *last)
	}
	return append(all, touring{path: "/profile/security", title: "второй фактор", do: func(tab *apptest.Tab, p *apptest.Program) {
		language := apptest.Eval[string](tab, `document.documentElement.lang`)
		tab.Click(`.account form button`)
		tab.Wait(`location.pathname === "/login" && document.readyState === "complete"`)
		apptest.SubmitSignIn(tab, "lena@example.com")
		tab.Wait(asked)
		tab.Do(apptest.Evaluate(`document.getElementById("code").value = document.querySelector("main .hint code").innerText; 0`))
		tab.Click("main button.button")
		tab.Wait(`location.pathname === "/profile/security" || location.pathname === "/dashboard"`)
		tab.ChooseLanguage(p.URL+"/profile/security", language)
	}})
}

func TestTheTourLeadsFromTheFirstStopToTheLast(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"ru", "en"} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			p := apptest.StartDemo(t)
			tab := apptest.OpenTab(t)
			tab.ChooseLanguage(p.URL+"/", language)
			tab.Click(`.bottom form[action="/demo/tour"] button`)
			tab.Wait(`location.pathname === "/login" && document.querySelector(".tour li").innerText.includes("kabinet-demo")`)
			tab.SignIn(p, "anna@example.com")
			tab.ChooseLanguage(p.URL+"/dashboard", language)
			for i, stop := range stops() {
				isAt(tab, i+1, stop.path)
				if at := apptest.Eval[string](tab, `document.activeElement.id`); at != "tour" && i > 0 && !strings.Contains(stop.path, "#") {
					t.Errorf("stop %d is not read out: the focus is at %q", i+1, at)
				}
				stop.do(tab, p)
				tab.Wait(`document.querySelector(".tour .done")`)
				if text := apptest.Eval[string](tab,
					`document.querySelector(".tour").innerText`); strings.Contains(text, "tour.") ||
					strings.Contains(text, "Экскурсия") != (language == "ru") {
					t.Errorf("it says %q", text)
				}
				tab.Click(".tour .button")
			}
			tab.Wait(`location.pathname === "/demo/tour" && document.readyState === "complete" && !document.querySelector(".tour")`)
			tab.Click("main .button")
			tab.Wait(`location.pathname === "/dashboard" && document.readyState === "complete"`)
		})
	}
}

func TestTheTourIsDismissedAndTakesNoNonsense(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	anna := p.SignedInAs(t, "anna@example.com")
	at := func() string {
		return strings.Join(strings.Fields(apptest.PageOf(t, anna.Get("/profile")).Find("#tour-title").Text()), " ")
	}
	all := stops()
	begin := func(stop, to, title string) {
		t.Helper()
		apptest.Redirected(t, anna.Post("/demo/tour", url.Values{"stop": {stop}}), to)
		if got := at(); got != title {
			t.Errorf("%q: %q, want %q", stop, got, title)
		}
	}
	for i, stop := range all {
		path := stop.path
		if !strings.Contains(path, "#") {
			path += "#tour"
		}
		begin(strconv.Itoa(i+1), path, fmt.Sprintf("Экскурсия, %d из %d: %s", i+1, len(all), stop.title))
	}
	begin(strconv.Itoa(len(all)+1), "/demo/tour", "")
	for _, nonsense := range []string{"", strconv.Itoa(len(all) + 2), "-1", "x"} {
		begin(nonsense, "/dashboard", "")
	}
	for _, cookie := range []string{"9.9", "0.0", "x", "2.", "-1.5", "99999999999999999999.1"} {
		got := anna.Do(http.MethodGet, "/profile", nil, apptest.Header("Cookie", "kabinet_tour="+cookie))
		if got.StatusCode >= http.StatusInternalServerError {
			t.Errorf("%q: %s", cookie, got.Status)
		}
	}
}
