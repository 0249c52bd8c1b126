package app_test

import (
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kabinet/handlers/app"
	"kabinet/handlers/app/apptest"
	"kabinet/handlers/web"
)

const logoSVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>`

func ofAcme(t *testing.T) app.Settings {
	t.Helper()
	logo := filepath.Join(t.TempDir(), "logo.svg")
	if err := os.WriteFile(logo, []byte(logoSVG), 0o600); err != nil {
		t.Fatal(err)
	}
	return app.Settings{BrandSettings: app.BrandSettings{
		Name: "Ромашка & Co", Logo: logo, Accent: "#00695c,#80cbc4", Terms: "https://example.com/terms",
		Privacy: "https://example.com/privacy", Contact: "help@example.com",
	}}
}

// Every page that can be opened without more is looked at, a customer's and an administrator's.
func TestAPortalOfAnotherNameSaysOursOnNoPage(t *testing.T) {
	t.Parallel()
	s := ofAcme(t)
	s.Mail.From = "portal@example.com"
	p := apptest.Start(t, app.Demo, s)
	p.EndStreams() // those that are asked for end at once
	stranger, anna := p.Client(t), p.SignedInAs(t, "anna@example.com")
	admin := p.SignedInAs(t, "admin@example.com")
	for _, v := range vendors() {
		if v.stands != nil {
			v.stands(anna, p)
		}
	}
	looked := 0
	pages := routes(p, func(r web.Route) bool { return r.Method == "" && r.Who != web.Public && !r.Leaves && !r.File })
	for _, l := range pages {
		path := l.path
		if l.method != http.MethodGet {
			continue
		}
		for who, c := range map[string]*apptest.Client{"a stranger": stranger, "Anna": anna, "an administrator": admin} {
			page := c.Get(path)
			if page.StatusCode != http.StatusOK || !strings.HasPrefix(page.Header.Get("Content-Type"), "text/html") {
				continue
			}
			looked++
			text := apptest.BodyOf(t, page)
			for _, ours := range []string{"Kabinet", "favicon.svg"} {
				if strings.Contains(text, ours) {
					at := strings.Index(text, ours)
					t.Errorf("%s, %s: …%s…", path, who, text[max(0, at-60):min(len(text), at+60)])
				}
			}
			if !strings.Contains(text, "· Ромашка &amp; Co</title>") || !strings.Contains(text, "mailto:help@example.com") {
				t.Errorf("%s, %s: neither name nor contact", path, who)
			}
		}
	}
	if looked < 40 {
		t.Errorf("only %d pages were looked at", looked)
	}
	stranger.Post("/recover", url.Values{"email": {"anna@example.com"}})
	letter := newest(t, p, "anna@example.com")
	for _, text := range []string{letter.Text, letter.HTML} {
		if strings.Contains(text, "Kabinet") || !strings.Contains(html.UnescapeString(text), "Ромашка & Co, ") {
			t.Errorf("the letter is of another portal:\n%s", text)
		}
	}
	if !strings.Contains(letter.HTML, "#00695c") {
		t.Errorf("the letter's button has another colour:\n%s", letter.HTML)
	}
}

func TestTheFilesOfABrandDoNothing(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, app.Demo, ofAcme(t))
	page := apptest.PageOf(t, p.Client(t).Get("/"))
	logo, style := page.Find(".brand img").AttrOr("src", ""), page.Find("link[rel=stylesheet]").Last().AttrOr("href", "")
	for path, want := range map[string]string{logo: logoSVG, style: "light-dark(#00695c, #80cbc4)"} {
		file := p.Client(t).Get(path)
		if got := apptest.BodyOf(t, file); !strings.Contains(got, want) {
			t.Errorf("%s: %s", path, got)
		}
		if got := file.Header.Get("Content-Security-Policy"); got != "default-src 'none'; sandbox" {
			t.Errorf("%s: %s", path, got)
		}
		if got := file.Header.Get("Cache-Control"); !strings.Contains(got, "immutable") {
			t.Errorf("%s: %s", path, got)
		}
	}
	if got := p.Client(t).Get("/brand/other/logo"); got.StatusCode != http.StatusNotFound {
		t.Errorf("another file: %s", got.Status)
	}
}

func TestWhoRegistersAgreesToTheTermsWhereThereAreSome(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, app.Demo, ofAcme(t))
	c := p.Client(t)
	refused := c.Post("/register", registration())
	page := apptest.PageOf(t, refused)
	if refused.StatusCode != http.StatusUnprocessableEntity || page.Find("#errors a[href='#consent']").Length() != 1 ||
		page.Find(".check a[href='https://example.com/terms']").Length() != 1 {
		t.Errorf("without: %s", refused.Status)
	}
	before := time.Now().Add(-time.Second)
	apptest.Redirected(t, c.Post("/register", registration("consent", "yes")), "/dashboard")
	if at := p.User(t, "vera@example.com").ConsentedAt; at.Before(before.Truncate(time.Second)) {
		t.Errorf("agreed at %v", at)
	}
	if text := apptest.BodyOf(t, c.Get("/profile/export")); !strings.Contains(text, `"consented_at"`) {
		t.Error(text)
	}
	// Where there are none, nobody asks.
	plain := apptest.StartDemo(t)
	apptest.Redirected(t, plain.Client(t).Post("/register", registration()), "/dashboard")
	if at := plain.User(t, "vera@example.com").ConsentedAt; !at.IsZero() {
		t.Errorf("agreed to nothing at %v", at)
	}
}

func TestWrongSettingsOfABrandAreToldWithWhatWouldDo(t *testing.T) {
	t.Parallel()
	for wrong, s := range map[string]app.BrandSettings{
		"KABINET_NAME": {Name: "a<b"},
		"KABINET_LOGO": {Logo: "/nonexistent.svg"},
		"for example KABINET_ACCENT='#7a711c,#ffeb3b'": {Accent: "#ffeb3b"},
		"KABINET_TERMS":   {Terms: "example.com"},
		"KABINET_PRIVACY": {Privacy: "javascript:alert(1)"},
		"KABINET_CONTACT": {Contact: "somebody"},
	} {
		if err := build(t, app.Demo, app.Settings{BrandSettings: s}); err == nil || !strings.Contains(err.Error(), wrong) {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}
