package app_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/crypto/bcrypt"

	"kabinet/handlers/app"
)

func TestTheThreeDemoAccountsSignIn(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	for _, email := range []string{"anna@example.com", "boris@example.com", "admin@example.com", "  Anna@Example.COM "} {
		c := r.client(t)
		c.signIn(email)
		if response := c.get("/dashboard"); response.StatusCode != http.StatusOK {
			t.Errorf("%s: the dashboard answers %s", email, response.Status)
		}
	}
}

// The constant that spares the demo's start a hash is the hash of the demo's password.
func TestTheDemoPasswordIsHashedAhead(t *testing.T) {
	t.Parallel()
	r := start(t, app.Demo, app.Settings{Data: t.TempDir()})
	u, err := r.DB.UserByEmail(t.Context(), "anna@example.com")
	if err != nil {
		t.Fatal(err)
	}
	if cost, err := bcrypt.Cost([]byte(u.PasswordHash)); err != nil || cost != 12 {
		t.Errorf("the cost is %d, %v", cost, err)
	}
	c := r.client(t)
	c.http.Timeout = 10 * time.Minute // a real hash yields to everything else, and everything else is running
	c.signIn("anna@example.com")
}

func TestAnUnknownEmailAndAWrongPasswordGetTheSameAnswer(t *testing.T) {
	t.Parallel()
	c := startDemo(t).client(t)
	normal := regexp.MustCompile(`nonce[-="]+[A-Z2-7]+|value="[^"]*@[^"]*"`)
	var answers []string
	for _, email := range []string{"anna@example.com", "nobody@example.com"} {
		response := c.post("/login", url.Values{"email": {email}, "password": {"wrong"}})
		if response.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %s", email, response.Status)
		}
		answers = append(answers, normal.ReplaceAllString(bodyOf(t, response), ""))
	}
	if answers[0] != answers[1] {
		t.Errorf("the pages differ:\n%s\n%s", answers[0], answers[1])
	}
}

func TestAFailedSignInKeepsWhatWasTypedButThePassword(t *testing.T) {
	t.Parallel()
	c := startDemo(t).client(t)
	for _, tt := range []struct {
		form   url.Values
		fields []string
	}{
		{url.Values{"email": {"anna@example.com"}, "password": {"wrong-one"}, "remember": {"yes"}, "next": {"/profile"}}, []string{"#email"}},
		{url.Values{"email": {""}, "password": {""}}, []string{"#email", "#password"}},
		{url.Values{"email": {`"><script>alert(1)</script>`}, "password": {"x"}}, []string{"#email"}},
	} {
		response := c.post("/login", tt.form)
		page := pageOf(t, response)
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
		{"demo, remembered", "", "yes", `^kabinet=[A-Za-z0-9_-]{43}; Path=/; Expires=[^;]+; Max-Age=2592000; HttpOnly; SameSite=Lax$`},
		{"https", "https://portal.example.com", "", `^__Host-kabinet=[A-Za-z0-9_-]{43}; Path=/; HttpOnly; Secure; SameSite=Lax$`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := startDemo(t)
			if tt.base != "" {
				r = startServe(t, app.Settings{BaseURL: tt.base}, secureSecret)
				r.url = "http://" + r.addr
			}
			form := url.Values{"email": {"anna@example.com"}, "password": {password}, "remember": {tt.remember}}
			response := r.client(t).do(http.MethodPost, "/login", form, header("Origin", r.BaseURL.String()))
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
	c := startDemo(t).client(t)
	response := c.post("/login?email=anna@example.com&password="+app.DemoPassword, url.Values{})
	if response.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a password in the address: %s", response.Status)
	}
}

func TestTheWayBackSurvivesAFailedSignInAndAChangeOfLanguage(t *testing.T) {
	t.Parallel()
	c := startDemo(t).client(t)
	for _, response := range []*http.Response{c.get("/login?next=/profile"), c.post("/login", url.Values{"next": {"/profile"}})} {
		page := pageOf(t, response)
		if got := page.Find("main input[name=next]").AttrOr("value", ""); got != "/profile" {
			t.Errorf("the form leads to %q", got)
		}
		if got := page.Find(".languages input[name=next]").AttrOr("value", ""); got != "/login?next=%2Fprofile" && got != "/login?next=/profile" {
			t.Errorf("a change of language leads to %q", got)
		}
	}
}

func TestSigningOutEndsTheSessionOnTheServer(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	c := r.client(t)
	c.signIn("anna@example.com")
	stolen := c.http.Jar.Cookies(mustParse(t, r.url))
	if response := c.post("/logout", url.Values{}); response.StatusCode != http.StatusSeeOther {
		t.Fatalf("signing out: %s", response.Status)
	}
	thief := r.client(t)
	thief.http.Jar.SetCookies(mustParse(t, r.url), stolen)
	if response := thief.get("/dashboard"); response.StatusCode != http.StatusSeeOther {
		t.Errorf("the old cookie gets %s", response.Status)
	}
}

func TestSigningInMakesANewSessionAndEndsTheOldOne(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	c := r.client(t)
	planted := &http.Cookie{Name: "kabinet", Value: strings.Repeat("A", 43)}
	c.http.Jar.SetCookies(mustParse(t, r.url), []*http.Cookie{planted})
	c.signIn("anna@example.com")
	first := c.http.Jar.Cookies(mustParse(t, r.url))[0]
	if first.Value == planted.Value {
		t.Fatal("the planted token was taken over")
	}
	c.signIn("boris@example.com")
	second := c.http.Jar.Cookies(mustParse(t, r.url))[0]
	for _, dead := range []*http.Cookie{planted, first} {
		other := r.client(t)
		other.http.Jar.SetCookies(mustParse(t, r.url), []*http.Cookie{dead})
		if response := other.get("/dashboard"); response.StatusCode != http.StatusSeeOther {
			t.Errorf("the token of before gets %s", response.Status)
		}
	}
	if second.Value == first.Value {
		t.Error("the token stayed the same")
	}
}

func TestAStrangerIsSentToSignInAndBack(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	c := r.client(t)
	for _, path := range []string{"/dashboard", "/profile?saved", "/cabinet"} {
		response := c.get(path)
		to := response.Header.Get("Location")
		if want := "/login?next=" + url.QueryEscape(path); response.StatusCode != http.StatusSeeOther || to != want {
			t.Errorf("%s: %s to %s", path, response.Status, to)
		}
	}
	// A form leads back to the page that it stood on, where that is the portal's.
	for referer, next := range map[string]string{r.url + "/profile": "%2Fprofile", "": "%2Fdashboard", "https://evil.example//evil.example": "%2Fdashboard", "%": "%2Fdashboard"} {
		response := c.do(http.MethodPost, "/profile", url.Values{}, header("Referer", referer))
		redirected(t, response, "/login?ended&next="+next)
	}
	if text := pageOf(t, c.get("/login?ended&next=%2Fprofile")).Find(".note").Text(); !strings.Contains(text, "Сеанс закончился") {
		t.Errorf("it says %q", text)
	}
}

func TestTheWayBackStaysWithinThePortal(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	for next, want := range map[string]string{
		"/profile":             "/profile",
		"":                     "/dashboard",
		"https://evil.example": "/dashboard",
		"//evil.example":       "/dashboard",
		`/%2Fevil.example/"`:   "/dashboard",
	} {
		response := r.client(t).post("/login", url.Values{"email": {"anna@example.com"}, "password": {app.DemoPassword}, "next": {next}})
		if got := response.Header.Get("Location"); got != want {
			t.Errorf("%q leads to %q, want %q", next, got, want)
		}
		// Signed in already, the same way leads on from the address alone.
		c := r.client(t)
		c.signIn("anna@example.com")
		if got := c.get("/login?" + url.Values{"next": {next}}.Encode()).Header.Get("Location"); got != want {
			t.Errorf("%q in the address leads to %q, want %q", next, got, want)
		}
	}
}
