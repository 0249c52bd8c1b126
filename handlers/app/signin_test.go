package app_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/crypto/bcrypt"

	"kabinet/handlers/app"

	"kabinet/handlers/app/apptest"
)

func TestTheThreeDemoAccountsSignIn(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	for _, email := range []string{"anna@example.com", "boris@example.com", "admin@example.com",
		"  Anna@Example.COM "} {
		c := r.SignedInAs(t, email)
		if response := c.Get("/dashboard"); response.StatusCode != http.StatusOK {
			t.Errorf("%s: the dashboard answers %s", email, response.Status)
		}
	}
}

// The constant that spares the demo's start a hash is the hash of the demo's password.
func TestTheDemoPasswordIsHashedAhead(t *testing.T) {
	t.Parallel()
	r := apptest.Start(t, app.Demo, app.Settings{BcryptCost: "12"})
	u, err := r.DB.UserByEmail(t.Context(), "anna@example.com")
	if err != nil {
		t.Fatal(err)
	}
	if cost, err := bcrypt.Cost([]byte(u.PasswordHash)); err != nil || cost != 12 {
		t.Errorf("the cost is %d, %v", cost, err)
	}
	c := r.Client(t)
	c.HTTP.Timeout = 0 // a real hash yields to everything else, and everything else is running
	c.SignIn("anna@example.com")
}

func TestAnUnknownEmailAndAWrongPasswordGetTheSameAnswer(t *testing.T) {
	t.Parallel()
	c := apptest.StartDemo(t).Client(t)
	// What differs between any two answers: the code in the list of the demo's accounts is of its half minute.
	normal := regexp.MustCompile(`nonce[-="]+[A-Z2-7]+|value="[^"]*@[^"]*"|challenge&#34;:&#34;[\w-]+|<code>\d{6}</code>`)
	var answers []string
	for _, email := range []string{"anna@example.com", "nobody@example.com"} {
		response := c.Post("/login", url.Values{"email": {email}, "password": {"wrong"}})
		if response.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %s", email, response.Status)
		}
		answers = append(answers, normal.ReplaceAllString(apptest.BodyOf(t, response), ""))
	}
	if answers[0] != answers[1] {
		t.Errorf("the pages differ:\n%s\n%s", answers[0], answers[1])
	}
}

func TestAFailedSignInKeepsWhatWasTypedButThePassword(t *testing.T) {
	t.Parallel()
	c := apptest.StartDemo(t).Client(t)
	for _, tt := range []struct {
		form   url.Values
		fields []string
	}{
		{url.Values{"email": {"anna@example.com"}, "password": {"wrong-one"}, "remember": {"yes"},
			"next": {"/profile"}}, []string{"#email"}},
		{url.Values{"email": {""}, "password": {""}}, []string{"#email", "#password"}},
		{url.Values{"email": {`"><script>alert(1)</script>`}, "password": {"x"}}, []string{"#email"}},
	} {
		response := c.Post("/login", tt.form)
		page := apptest.PageOf(t, response)
		if response.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%v: %s", tt.form, response.Status)
		}
		if got := page.Find("#email").AttrOr("value", "-"); got != tt.form.Get("email") {
			t.Errorf("the e-mail is %q", got)
		}
		if _, there := page.Find("#password").Attr("value"); there {
			t.Error("the password is in the page")
		}
		if _, checked := page.Find("input[name=remember]").Attr("checked"); checked != tt.form.Has("remember") {
			t.Errorf("remember is %v", checked)
		}
		var links []string
		page.Find("#errors a").Each(func(_ int, a *goquery.Selection) { links = append(links, a.AttrOr("href", "")) })
		if strings.Join(links, " ") != strings.Join(tt.fields, " ") {
			t.Errorf("the summary leads to %v, want %v", links, tt.fields)
		}
	}
}

func TestASessionCookieIsMarkedAsItShouldBe(t *testing.T) {
	t.Parallel()
	const password = app.DemoPassword
	secureSecret := "6b1f8e0d5c2a4b7e9f3d1a8c6e4b2f0d7c5a3e1f9b8d6c4a2e0f7d5b3c1a9e8f"
	tests := []struct {
		name     string
		base     string
		remember string
		want     string
	}{
		{"demo", "", "", `^kabinet=[A-Za-z0-9_-]{43}; Path=/; HttpOnly; SameSite=Lax$`},
		{"demo, remembered", "", "yes",
			`^kabinet=[A-Za-z0-9_-]{43}; Path=/; Expires=[^;]+; Max-Age=2592000; HttpOnly; SameSite=Lax$`},
		{"https", "https://portal.example.com", "",
			`^__Host-kabinet=[A-Za-z0-9_-]{43}; Path=/; HttpOnly; Secure; SameSite=Lax$`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := apptest.StartDemo(t)
			if tt.base != "" {
				r = apptest.StartServe(t, app.Settings{BaseURL: tt.base}, secureSecret)
				r.URL = "http://" + r.Addr
			}
			form := url.Values{"email": {"anna@example.com"}, "password": {password}, "remember": {tt.remember}}
			response := r.Client(t).Do(http.MethodPost, "/login", form, apptest.Header("Origin", r.BaseURL.String()))
			if got := response.Header.Get("Set-Cookie"); !regexp.MustCompile(tt.want).MatchString(got) {
				t.Errorf("the cookie is %q", got)
			}
			if hsts := response.Header.Get("Strict-Transport-Security"); (hsts != "") != (tt.base != "") {
				t.Errorf("Strict-Transport-Security is %q", hsts)
			}
		})
	}
}

func TestNothingIsTakenFromTheAddress(t *testing.T) {
	t.Parallel()
	c := apptest.StartDemo(t).Client(t)
	response := c.Post("/login?email=anna@example.com&password="+app.DemoPassword, url.Values{})
	if response.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a password in the address: %s", response.Status)
	}
}

func TestTheWayBackSurvivesAFailedSignInAndAChangeOfLanguage(t *testing.T) {
	t.Parallel()
	c := apptest.StartDemo(t).Client(t)
	for _, response := range []*http.Response{c.Get("/login?next=/profile"),
		c.Post("/login", url.Values{"next": {"/profile"}})} {
		page := apptest.PageOf(t, response)
		if got := page.Find("main input[name=next]").AttrOr("value", ""); got != "/profile" {
			t.Errorf("the form leads to %q", got)
		}
		if got := page.Find(".languages input[name=next]").AttrOr("value", ""); got != "/login?next=%2Fprofile" &&
			got != "/login?next=/profile" {
			t.Errorf("a change of language leads to %q", got)
		}
	}
}

func TestSigningOutEndsTheSessionOnTheServer(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	c := r.SignedInAs(t, "anna@example.com")
	stolen := c.HTTP.Jar.Cookies(apptest.MustParse(t, r.URL))
	if response := c.Post("/logout", url.Values{}); response.StatusCode != http.StatusSeeOther {
		t.Fatalf("signing out: %s", response.Status)
	}
	thief := r.Client(t)
	thief.HTTP.Jar.SetCookies(apptest.MustParse(t, r.URL), stolen)
	if response := thief.Get("/dashboard"); response.StatusCode != http.StatusSeeOther {
		t.Errorf("the old cookie gets %s", response.Status)
	}
}

func TestSigningInMakesANewSessionAndEndsTheOldOne(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	c := r.Client(t)
	planted := &http.Cookie{Name: "kabinet", Value: strings.Repeat("A", 43)}
	c.HTTP.Jar.SetCookies(apptest.MustParse(t, r.URL), []*http.Cookie{planted})
	c.SignIn("anna@example.com")
	first := c.HTTP.Jar.Cookies(apptest.MustParse(t, r.URL))[0]
	if first.Value == planted.Value {
		t.Fatal("the planted token was taken over")
	}
	c.SignIn("boris@example.com")
	second := c.HTTP.Jar.Cookies(apptest.MustParse(t, r.URL))[0]
	for _, dead := range []*http.Cookie{planted, first} {
		other := r.Client(t)
		other.HTTP.Jar.SetCookies(apptest.MustParse(t, r.URL), []*http.Cookie{dead})
		if response := other.Get("/dashboard"); response.StatusCode != http.StatusSeeOther {
			t.Errorf("the previous token gets %s", response.Status)
		}
	}
	if second.Value == first.Value {
		t.Error("the token stayed the same")
	}
}

func TestAStrangerIsSentToSignInAndBack(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	c := r.Client(t)
	paths := []string{"/dashboard", "/profile?saved"}
	for _, v := range vendors() {
		paths = append(paths, v.pages[:min(1, len(v.pages))]...)
	}
	for _, path := range paths {
		response := c.Get(path)
		to := response.Header.Get("Location")
		if want := "/login?next=" + url.QueryEscape(path); response.StatusCode != http.StatusSeeOther || to != want {
			t.Errorf("%s: %s to %s", path, response.Status, to)
		}
	}
	// A form leads back to the page that it stood on, where that is the portal's.
	for referer, next := range map[string]string{r.URL + "/profile": "%2Fprofile", "": "%2Fdashboard",
		"https://evil.example//evil.example": "%2Fdashboard", "%": "%2Fdashboard"} {
		response := c.Do(http.MethodPost, "/profile", url.Values{}, apptest.Header("Referer", referer))
		apptest.Redirected(t, response, "/login?ended&next="+next)
	}
	if text := apptest.PageOf(t, c.Get("/login?ended&next=%2Fprofile")).Find(".note").Text(); !strings.Contains(text,
		"Сеанс закончился") {
		t.Errorf("it says %q", text)
	}
}

func TestTheWayBackStaysWithinThePortal(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	for next, want := range map[string]string{
		"/profile":             "/profile",
		"":                     "/dashboard",
		"https://evil.example": "/dashboard",
		"//evil.example":       "/dashboard",
		`/%2Fevil.example/"`:   "/dashboard",
	} {
		response := r.Client(t).Post("/login",
			url.Values{"email": {"anna@example.com"}, "password": {app.DemoPassword}, "next": {next}})
		if got := response.Header.Get("Location"); got != want {
			t.Errorf("%q leads to %q, want %q", next, got, want)
		}
		// Signed in already, the same way leads on from the address alone.
		c := r.SignedInAs(t, "anna@example.com")
		if got := c.Get("/login?" + url.Values{"next": {next}}.Encode()).Header.Get("Location"); got != want {
			t.Errorf("%q in the address leads to %q, want %q", next, got, want)
		}
	}
}
