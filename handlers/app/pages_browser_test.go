package app_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"kabinet/handlers/app"
	"kabinet/integrations/sandbox"
	"kabinet/store"

	"kabinet/handlers/app/apptest"
)

// place is a page that a person can be on, and how to get there.
type place struct {
	name  string
	email string // "" for a stranger
	visit func(t *apptest.Tab, r *apptest.Program)
}

func at(path, when string) func(*apptest.Tab, *apptest.Program) {
	return func(t *apptest.Tab, r *apptest.Program) {
		t.Open(r.URL + path)
		t.Wait(`document.readyState === "complete" && (` + when + `)`)
	}
}

func places() []place {
	return []place{
		{"landing", "", at("/", "true")},
		{"login", "", at("/login", "true")},
		{"login-wrong", "", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(r.URL + "/login")
			t.Do(chromedp.SendKeys(chromedp.ID("email"), "anna@example.com"),
				chromedp.SendKeys(chromedp.ID("password"), "wrong"))
			t.Click("main button.button")
			t.Wait(`document.getElementById("errors")`)
		}},
		{"signed-out", "", at("/login?signed-out", "true")},
		{"not-found", "", at("/no/such/page", "true")},
		{"method-not-allowed", "", at("/logout", "true")},
		{"dashboard", "anna@example.com", at("/dashboard", "true")},
		{"dashboard-faults", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			for _, v := range vendors() {
				set(t.TB, v.faults(r), v.faults(r).Operations()[0],
					sandbox.Fault{Status: http.StatusBadGateway, Times: 5})
			}
			t.Open(r.URL + "/dashboard")
		}},
		{"sandbox-control", "", func(t *apptest.Tab, r *apptest.Program) {
			v := vendors()[0]
			set(t.TB, v.faults(r), v.faults(r).Operations()[0], sandbox.Fault{Status: http.StatusBadGateway, Times: 5})
			control := r.SandboxOrigin("sandbox.localhost")
			t.ChooseLanguage(control+"/", apptest.Eval[string](t, `document.documentElement.lang`))
			t.Open(control + "/?reset")
		}},
		{"dashboard-none", "boris@example.com", at("/dashboard", "true")},
		{"profile", "anna@example.com", at("/profile", "true")},
		{"profile-none", "boris@example.com", at("/profile?saved", "true")},
		{"profile-wrong", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(r.URL + "/profile")
			t.Do(apptest.Evaluate(`document.getElementById("name").value = ""; document.getElementById("phone").value = "12"; 0`))
			t.Click("main form button")
			t.Wait(`document.getElementById("errors")`)
		}},
		{"landing-deleted", "", at("/?deleted", "true")},
		{"login-throttled", "", func(t *apptest.Tab, r *apptest.Program) {
			c := r.Client(t.TB)
			for range 5 {
				c.Post("/login", url.Values{"email": {"anna@example.com"}, "password": {"wrong"}})
			}
			t.Open(r.URL + "/login")
			t.Do(chromedp.SendKeys(chromedp.ID("email"), "anna@example.com"),
				chromedp.SendKeys(chromedp.ID("password"), "wrong"))
			t.Click("main button.button")
			t.Wait(`document.getElementById("errors")`)
		}},
		{"register", "", at("/register", "true")},
		{"register-wrong", "", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(r.URL + "/register")
			t.Do(chromedp.SendKeys(chromedp.ID("email"), "anna@example"),
				chromedp.SendKeys(chromedp.ID("password"), "password"))
			t.Click("main button.button")
			t.Wait(`document.getElementById("errors")`)
		}},
		{"email", "anna@example.com", at("/profile/email", "true")},
		{"email-wrong", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(r.URL + "/profile/email")
			t.Do(chromedp.SendKeys(chromedp.ID("email"), "anna"))
			t.Click("main button.button")
			t.Wait(`document.getElementById("errors")`)
		}},
		{"password", "anna@example.com", at("/profile/password", "true")},
		{"password-wrong", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(r.URL + "/profile/password")
			t.Do(chromedp.SendKeys(chromedp.ID("password"), "password"))
			t.Click("main button.button")
			t.Wait(`document.getElementById("errors")`)
		}},
		{"sessions", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			r.SignedInAs(t.TB, "anna@example.com")
			t.Open(r.URL + "/profile/sessions")
		}},
		{"delete", "anna@example.com", at("/profile/delete", "true")},
		{"users", "admin@example.com", at("/admin/users", "true")},
		{"users-many", "admin@example.com", func(t *apptest.Tab, r *apptest.Program) {
			for i := range store.PageSize {
				u := store.User{Email: fmt.Sprintf("somebody-with-a-long-address-%d@example.com", i),
					Name: "Некто Достаточно-Длинноимённый", Language: "ru"}
				if _, err := r.DB.Register(context.Background(), u, "192.0.2.1"); err != nil {
					t.TB.Fatal(err)
				}
			}
			t.Open(r.URL + "/admin/users?search=example")
		}},
		{"users-none", "admin@example.com", at("/admin/users?search=nobody", "true")},
		{"user", "admin@example.com", at("/admin/users/1", "true")},
		{"user-self", "admin@example.com", at("/admin/users/3", "true")},
		{"user-last-administrator", "admin@example.com", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(r.URL + "/admin/users/3")
			t.Click(`form[action$="/disable"] button`)
			t.Wait(`document.getElementById("errors")`)
		}},
		{"user-disabled", "admin@example.com", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(r.URL + "/admin/users/2")
			t.Click(`form[action$="/disable"] button`)
			t.Wait(`document.querySelector(".note.bad")`)
		}},
		{"audit", "admin@example.com", func(t *apptest.Tab, r *apptest.Program) {
			c := r.Client(t.TB)
			c.Post("/login", url.Values{"email": {"nobody@example.com"}, "password": {"wrong"}})
			c.SignIn("anna@example.com")
			c.Post("/profile/sessions/end-others", url.Values{})
			t.Open(r.URL + "/admin/audit")
		}},
		{"integrations", "admin@example.com", func(t *apptest.Tab, r *apptest.Program) {
			inspectable(t.TB, r)
			t.Open(r.URL + "/admin/integrations")
			for _, v := range vendors() {
				if v.checkFromWeb.breaks != nil {
					if err := v.checkFromWeb.breaks(r); err != nil {
						t.TB.Fatal(err)
					}
				}
				t.Click("#" + v.name + " form button")
				t.Wait(`document.readyState === "complete" && document.querySelector("#` + v.name + ` .tried")`)
			}
		}},
		{"integrations-none", "admin@example.com", at("/admin/integrations?busy", "true")},
		{"inspector", "admin@example.com", func(t *apptest.Tab, r *apptest.Program) {
			inspectable(t.TB, r)
			t.Open(r.URL + "/admin/inspector")
			t.Do(apptest.Evaluate(`document.querySelectorAll("#exchanges details")[1].open = true; 0`))
		}},
		{"inspector-request", "admin@example.com", func(t *apptest.Tab, r *apptest.Program) {
			inspectable(t.TB, r)
			t.Open(r.URL + "/admin/inspector?user=anna@example.com")
			t.Do(apptest.Evaluate(`location.href = [...document.querySelectorAll("#exchanges a[href*=request]")].at(-1).href`))
			t.Wait(`document.querySelector(".sequence svg")`)
		}},
		{"inspector-none", "admin@example.com", at("/admin/inspector?user=nobody@example.com&status=failed", "true")},
		{"audit-nobody", "admin@example.com", at("/admin/audit?user=nobody@example.com&event=signed_in", "true")},
		{"audit-none", "admin@example.com", at("/admin/audit?event=user_deleted", "true")},
		{"tour", "anna@example.com", func(t *apptest.Tab, r *apptest.Program) {
			t.Open(r.URL + "/dashboard")
			t.Click(`.bottom form[action="/demo/tour"] button`)
			t.Wait(`document.readyState === "complete" && document.querySelector(".tour")`)
			stops()[0].do(t, r)
			t.Wait(`document.querySelector(".tour .done")`)
			t.Open(r.URL + "/profile")
			t.Wait(`document.querySelector(".tour .done")`)
		}},
		{"how", "admin@example.com", func(t *apptest.Tab, r *apptest.Program) {
			inspectable(t.TB, r)
			t.Open(r.URL + "/how/" + vendorNames()[0])
		}},
	}
}

// looks is what there is to look at of a vendor.
type looks struct {
	places []place
	// with changes the settings for a place.
	with func(place string, s *app.Settings)
	// sandbox is where the place is, when it is not the portal's: the origin of whose pages the language is chosen.
	sandbox func(place string, p *apptest.Program) []string
	// inside is the frame in a page, to be looked at like the page; nil for none.
	inside func(tab *apptest.Tab, p *apptest.Program, place string) *apptest.Tab
	// administered are pages for administrators.
	administered []string
}

func TestEveryPageIsAccessibleAndFitsInBothThemesAndLanguages(t *testing.T) {
	t.Parallel()
	apptest.NeedBrowser(t)
	all := append(places(), factorPlaces()...)
	for _, v := range vendors() {
		all = append(all, v.looks.places...)
	}
	for i, place := range all {
		languages, axe := []string{"ru", "en"}, themes
		if !inEveryWay() { // one page in one, the next in the other: both take twice as long
			languages, axe = languages[i%2:i%2+1], axe[i/2%2:i/2%2+1]
		}
		for _, language := range languages {
			t.Run(place.name+" "+language, func(t *testing.T) {
				t.Parallel()
				p, tab := arrive(t, place, language)
				place.look(tab, p, language, axe...)
			})
		}
	}
}

// inEveryWay reports whether every page is looked at in every way, for pictures.
func inEveryWay() bool { return os.Getenv("KABINET_SCREENSHOTS") != "" }

// arrive brings a tab to a place.
func arrive(t *testing.T, at place, language string) (*apptest.Program, *apptest.Tab) {
	t.Helper()
	var s app.Settings
	for _, v := range vendors() {
		if v.looks.with != nil {
			v.looks.with(at.name, &s)
		}
	}
	p := apptest.Start(t, app.Demo, s)
	tab := apptest.OpenTab(t)
	c := p.Client(t)
	if at.email != "" {
		c.SignIn(at.email)
	}
	c.Post("/language", url.Values{"language": {language}})
	tab.TakeCookies(c, p.URL)
	for _, v := range vendors() {
		for _, origin := range v.looks.sandbox(at.name, p) {
			c.Visit(http.MethodPost, origin+"/_sandbox/language", url.Values{"language": {language}})
			tab.TakeCookies(c, origin)
		}
	}
	tab.Open(p.URL + "/")
	tab.Look(1280, "light")
	at.visit(tab, p)
	return p, tab
}

var themes = []string{"light", "dark"}

// look looks at a place in both themes and three widths; axe looks in those themes that are named.
func (at place) look(tab *apptest.Tab, p *apptest.Program, language string, axe ...string) {
	for _, theme := range themes {
		for _, width := range []int64{1280, 360, 320} {
			looks := slices.Contains(axe, theme)
			if !inEveryWay() && theme == "dark" && (width != 360 || !looks) {
				continue // the layout is that of the light one
			}
			name := fmt.Sprintf("%s-%s-%s-%d", at.name, language, theme, width)
			tab.Look(width, theme)
			at.check(tab, name, theme, width, looks)
			for _, v := range vendors() {
				if v.looks.inside == nil {
					continue
				}
				if frame := v.looks.inside(tab, p, at.name); frame != nil {
					at.check(frame, name+", in the frame", theme, width, looks)
				}
			}
			if width != 320 {
				tab.Picture(name)
			}
		}
	}
}

// check looks whether a page fits, and lets axe look at a wide light one and at a narrow dark one.
func (at place) check(tab *apptest.Tab, name, theme string, width int64, looks bool) {
	tab.CheckFits(name)
	if looks && (theme == "light" && width == 1280 || theme == "dark" && width == 360) {
		tab.CheckAccessible(name)
	}
}

func TestTheKeyboardReachesEverythingAndSeesWhereItIs(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	check := func(path string) {
		tab.Open(r.URL + path)
		tab.Wait(`document.readyState === "complete" && !document.querySelector(".card[data-stale]")`)
		// Each gets a number, so that two links to one place are told apart.
		reachable := apptest.Eval[int](tab, `(all => { all.forEach((e, i) => e.dataset.number = i); return all.length })([...document.querySelectorAll(
			"a[href], button, input:not([type=hidden]), select")].filter(e => e.checkVisibility() && e.tabIndex >= 0))`)
		seen := map[string]bool{}
		for range reachable {
			tab.Do(chromedp.KeyEvent("\t"))
			seen[apptest.Eval[string](tab,
				`(e => e.dataset.number + " " + (getComputedStyle(e).outlineStyle !== "none"))(document.activeElement)`)] = true
		}
		if len(seen) != reachable {
			t.Errorf("%s: %d of %d are reached: %v", path, len(seen), reachable, seen)
		}
		for element := range seen {
			if !strings.HasSuffix(element, " true") {
				t.Errorf("%s: the focus cannot be seen on number %s", path, element)
			}
		}
	}
	check("/")
	check("/login")
	tab.SignIn(r, "anna@example.com")
	check("/dashboard")
	check("/profile")
	check("/profile/password")
	check("/profile/sessions")
	check("/profile/security")
	check("/profile/totp")
	check("/profile/passkeys")
	check("/no/such/page")
	admin := apptest.OpenTab(t)
	admin.SignIn(r, "admin@example.com")
	tab = admin
	check("/admin/users")
	check("/admin/users/1")
	check("/admin/audit")
	check("/admin/integrations")
	for _, v := range vendors() {
		for _, path := range v.looks.administered {
			check(path)
		}
	}
}

func TestTheFirstTabLeadsPastTheHeader(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	tab := apptest.OpenTab(t)
	tab.SignIn(r, "anna@example.com")
	tab.Open(r.URL + "/dashboard")
	tab.Do(chromedp.KeyEvent("\t"), chromedp.KeyEvent("\r"), chromedp.KeyEvent("\t"))
	if at := apptest.Eval[string](tab,
		`document.activeElement.closest("main")?.id ?? document.activeElement.outerHTML`); at != "content" {
		t.Errorf("it leads to %s", at)
	}
}
