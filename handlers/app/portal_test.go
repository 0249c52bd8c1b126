package app_test

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/crypto/bcrypt"

	"kabinet/handlers/app"
	"kabinet/integrations/sandbox"
)

func bodyOf(tb testing.TB, r *http.Response) string {
	tb.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

func pageOf(tb testing.TB, r *http.Response) *goquery.Document {
	tb.Helper()
	d, err := goquery.NewDocumentFromReader(r.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

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
	r.client(t).signIn("anna@example.com")
}

func TestAnUnknownEmailAndAWrongPasswordGetTheSameAnswer(t *testing.T) {
	t.Parallel()
	c := startDemo(t).client(t)
	normal := regexp.MustCompile(`nonce-[A-Z2-7]+|value="[^"]*@[^"]*"`)
	var answers []string
	for _, email := range []string{"anna@example.com", "nobody@example.com"} {
		response := c.post("/login", url.Values{"email": {email}, "password": {"wrong"}})
		if response.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %s", email, response.Status)
		}
		answers = append(answers, normal.ReplaceAllString(bodyOf(t, response), ""))
	}
	if answers[0] != answers[1] {
		t.Error("the pages differ")
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
			response := r.client(t).post("/login", url.Values{"email": {"anna@example.com"}, "password": {password}, "remember": {tt.remember}})
			if got := response.Header.Get("Set-Cookie"); !regexp.MustCompile(tt.want).MatchString(got) {
				t.Errorf("the cookie is %q", got)
			}
			if hsts := response.Header.Get("Strict-Transport-Security"); (hsts != "") != (tt.base != "") {
				t.Errorf("Strict-Transport-Security is %q", hsts)
			}
		})
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
	c := startDemo(t).client(t)
	for _, path := range []string{"/dashboard", "/profile?saved", "/cabinet"} {
		response := c.get(path)
		to := response.Header.Get("Location")
		if want := "/login?next=" + url.QueryEscape(path); response.StatusCode != http.StatusSeeOther || to != want {
			t.Errorf("%s: %s to %s", path, response.Status, to)
		}
	}
	if response := c.post("/profile", url.Values{}); response.StatusCode != http.StatusSeeOther || response.Header.Get("Location") != "/login" {
		t.Errorf("a form: %s to %s", response.Status, response.Header.Get("Location"))
	}
}

func TestTheWayBackStaysWithinThePortal(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	for next, want := range map[string]string{
		"/profile":              "/profile",
		"/cabinet?x=1":          "/cabinet?x=1",
		"":                      "/dashboard",
		"https://evil.example":  "/dashboard",
		"//evil.example":        "/dashboard",
		"/\\evil.example":       "/dashboard",
		"\\\\evil.example":      "/dashboard",
		"/\t/evil.example":      "/dashboard",
		"///evil.example":       "/dashboard",
		"javascript:alert(1)":   "/dashboard",
		"http:/evil.example":    "/dashboard",
		"/%2f%2fevil.example":   "/%2f%2fevil.example", // a path of ours that does not exist
		"profile":               "/dashboard",
		"/profile\r\nX-Evil: 1": "/dashboard",
	} {
		response := r.client(t).post("/login", url.Values{"email": {"anna@example.com"}, "password": {app.DemoPassword}, "next": {next}})
		if got := response.Header.Get("Location"); got != want {
			t.Errorf("%q leads to %q, want %q", next, got, want)
		}
	}
}

func TestAFormFromElsewhereIsRefused(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	c := r.client(t)
	c.signIn("anna@example.com")
	form := url.Values{"name": {"Чужое"}, "language": {"ru"}}
	without := func(q *http.Request) { q.Header.Del("Origin") }
	for name, change := range map[string][]func(*http.Request){
		"another origin":                {header("Origin", "https://evil.example")},
		"a frame's host of the demo":    {header("Origin", r.cabinetOrigin())},
		"an opaque origin":              {header("Origin", "null")},
		"Sec-Fetch-Site: cross-site":    {without, header("Sec-Fetch-Site", "cross-site")},
		"Sec-Fetch-Site: same-site":     {without, header("Sec-Fetch-Site", "same-site")},
		"neither Origin nor Fetch-Site": {without},
	} {
		for _, path := range []string{"/profile", "/logout", "/language", "/login"} {
			if response := c.do(http.MethodPost, path, form, change...); response.StatusCode != http.StatusForbidden {
				t.Errorf("%s, %s: %s", path, name, response.Status)
			}
		}
	}
	u, err := r.DB.UserByEmail(t.Context(), "anna@example.com")
	if err != nil || u.Name != "Анна Смирнова" {
		t.Errorf("the name is %q, %v", u.Name, err)
	}
	if response := c.get("/dashboard"); response.StatusCode != http.StatusOK {
		t.Errorf("still signed in: %s", response.Status)
	}
	// The browser's own word is enough.
	if response := c.do(http.MethodPost, "/profile", form, without, header("Sec-Fetch-Site", "same-origin")); response.StatusCode != http.StatusSeeOther {
		t.Errorf("from our own page: %s", response.Status)
	}
}

func TestTheProfileTakesWhatIsRightAndSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	c := r.client(t)
	c.signIn("anna@example.com")
	for _, tt := range []struct {
		name, phone string
		wrong       string // the fields
		storedPhone string
	}{
		{"Анна-Мария О’Коннор", "+7 (912) 345-67-89", "", "+79123456789"},
		{"  李小龍 ", "", "", ""},
		{"", "+79123456789", "#name", ""},
		{strings.Repeat("я", 101), "", "#name", ""},
		{"Анна\nСмирнова", "89123456789", "#name #phone", ""},
		{"Анна", "+7", "#phone", ""},
		{"Анна", "+79123456789<script>", "#phone", ""},
	} {
		response := c.post("/profile", url.Values{"name": {tt.name}, "phone": {tt.phone}, "language": {"ru"}, "role": {"administrator"}, "client_id": {"1002"}, "id": {"3"}})
		if tt.wrong == "" {
			if response.StatusCode != http.StatusSeeOther {
				t.Errorf("%q, %q: %s", tt.name, tt.phone, response.Status)
			}
			u, err := r.DB.UserByEmail(t.Context(), "anna@example.com")
			if err != nil || u.Name != strings.TrimSpace(tt.name) || u.Phone != tt.storedPhone || u.Role != "customer" {
				t.Errorf("stored: %+v, %v", u, err)
			}
			continue
		}
		page := pageOf(t, response)
		var links []string
		page.Find("#errors a").Each(func(_ int, a *goquery.Selection) { links = append(links, a.AttrOr("href", "")) })
		if got := strings.Join(links, " "); response.StatusCode != http.StatusUnprocessableEntity || got != tt.wrong {
			t.Errorf("%q, %q: %s, %q is wrong", tt.name, tt.phone, response.Status, got)
		}
		if got := page.Find("#phone").AttrOr("value", ""); got != tt.phone {
			t.Errorf("the phone typed was %q, the form has %q", tt.phone, got)
		}
	}
	// Nobody can set their own client id: whoever could would open another's billing.
	anna, err := r.DB.UserByEmail(t.Context(), "anna@example.com")
	if err != nil {
		t.Fatal(err)
	}
	if id, err := r.DB.PricePlanClient(t.Context(), anna.ID); err != nil || id != 1001 {
		t.Errorf("the client id is %d, %v", id, err)
	}
}

func TestTheLanguageIsChosenAndKept(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	c := r.client(t)
	if lang := pageOf(t, c.do(http.MethodGet, "/", nil, header("Accept-Language", "en"))).Find("html").AttrOr("lang", ""); lang != "en" {
		t.Errorf("by Accept-Language: %s", lang)
	}
	c.post("/language", url.Values{"language": {"en"}, "next": {"/"}})
	if lang := pageOf(t, c.get("/")).Find("html").AttrOr("lang", ""); lang != "en" {
		t.Errorf("by choice: %s", lang)
	}
	c.signIn("boris@example.com")
	if lang := pageOf(t, c.get("/dashboard")).Find("html").AttrOr("lang", ""); lang != "ru" {
		t.Errorf("by profile: %s", lang)
	}
	c.post("/language", url.Values{"language": {"en"}, "next": {"/dashboard"}})
	other := r.client(t)
	other.signIn("boris@example.com")
	if lang := pageOf(t, other.get("/dashboard")).Find("html").AttrOr("lang", ""); lang != "en" {
		t.Errorf("by profile, on another device: %s", lang)
	}
	if response := c.post("/language", url.Values{"language": {"xx"}}); response.StatusCode != http.StatusBadRequest {
		t.Errorf("a language there is not: %s", response.Status)
	}
}

func TestEveryAnswerOfThePortalCarriesItsHeaders(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	c := r.client(t)
	c.signIn("anna@example.com")
	cabinet := r.cabinetOrigin()
	nonces := map[string]bool{}
	for path, vendor := range map[string]string{
		"/": "", "/login": "", "/dashboard": "", "/profile": "", "/cabinet": " " + cabinet, "/no/such": "", "/healthz": "", "/pp-auth/": "",
		"/static/x": "",
	} {
		h := c.get(path).Header
		policy := regexp.MustCompile(`^default-src 'self'; script-src 'self' 'nonce-([A-Z2-7]{26})'` + regexp.QuoteMeta(vendor) +
			`; frame-src 'self'` + regexp.QuoteMeta(vendor) +
			`; frame-ancestors 'self'; base-uri 'none'; object-src 'none'; form-action 'self'$`)
		m := policy.FindStringSubmatch(h.Get("Content-Security-Policy"))
		if m == nil {
			t.Errorf("%s: the policy is %q", path, h.Get("Content-Security-Policy"))
		} else if nonces[m[1]] {
			t.Errorf("%s: the nonce was used before", path)
		} else {
			nonces[m[1]] = true
		}
		for name, want := range map[string]string{
			"Referrer-Policy": "strict-origin-when-cross-origin", "X-Content-Type-Options": "nosniff", "Cross-Origin-Opener-Policy": "same-origin",
			"Permissions-Policy":           "camera=(), display-capture=(), geolocation=(), microphone=(), usb=()",
			"Cross-Origin-Embedder-Policy": "", "Strict-Transport-Security": "", "Server": "",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
	}
}

func TestNoPageHasInlineScriptsOrStyles(t *testing.T) {
	t.Parallel()
	c := startDemo(t).client(t)
	check := func(path string) {
		page := pageOf(t, c.get(path))
		page.Find("script").Each(func(_ int, s *goquery.Selection) {
			if _, ok := s.Attr("src"); !ok {
				t.Errorf("%s has an inline script", path)
			}
		})
		page.Find("*").Each(func(_ int, s *goquery.Selection) {
			for _, a := range s.Nodes[0].Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" {
					t.Errorf("%s has %s=%q", path, a.Key, a.Val)
				}
			}
		})
	}
	check("/")
	check("/login")
	c.signIn("boris@example.com")
	for _, path := range []string{"/dashboard", "/profile", "/cabinet", "/pp-auth/"} {
		check(path)
	}
}

func TestBadRequestsGetAPageAndTheRightStatus(t *testing.T) {
	t.Parallel()
	c := startDemo(t).client(t)
	for _, tt := range []struct {
		method, path string
		form         url.Values
		want         int
	}{
		{http.MethodGet, "/no/such/page", nil, http.StatusNotFound},
		{http.MethodPost, "/no/such/page", url.Values{}, http.StatusNotFound},
		{http.MethodGet, "/static/../go.mod", nil, http.StatusNotFound},
		{http.MethodPut, "/login", url.Values{}, http.StatusMethodNotAllowed},
		{http.MethodGet, "/logout", nil, http.StatusMethodNotAllowed},
		{http.MethodPost, "/login", url.Values{"email": {strings.Repeat("x", 2<<20)}}, http.StatusRequestEntityTooLarge},
	} {
		response := c.do(tt.method, tt.path, tt.form)
		page := pageOf(t, response)
		if response.StatusCode != tt.want || page.Find("h1").Length() != 1 || page.Find(`main a[href="/"]`).Length() != 1 {
			t.Errorf("%s %s: %s, %q", tt.method, tt.path, response.Status, page.Find("main").Text())
		}
	}
}

func TestHEADAnswersAsGETWithoutABody(t *testing.T) {
	t.Parallel()
	c := startDemo(t).client(t)
	for _, path := range []string{"/", "/login", "/healthz", "/readyz"} {
		response := c.do(http.MethodHead, path, nil)
		if response.StatusCode != http.StatusOK || bodyOf(t, response) != "" {
			t.Errorf("%s: %s", path, response.Status)
		}
	}
}

func TestPagesAreNotKeptAndStaticFilesAre(t *testing.T) {
	t.Parallel()
	c := startDemo(t).client(t)
	c.signIn("anna@example.com")
	response := c.get("/dashboard")
	if got := response.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("the dashboard: %q", got)
	}
	css, _ := pageOf(t, response).Find("link[rel=stylesheet]").Attr("href")
	if got := c.get(css).Header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
		t.Errorf("%s: %q", css, got)
	}
}

func TestTheResourceThatOpensTheCabinetServesOnlyItsOwnCustomer(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	anna, boris, stranger := r.client(t), r.client(t), r.client(t)
	anna.signIn("anna@example.com")
	boris.signIn("boris@example.com")

	response := anna.get("/pp-auth/?client_id=1002&user_id=2")
	to := response.Header.Get("Location")
	if response.StatusCode != http.StatusFound || !strings.HasPrefix(to, r.cabinetOrigin()+"/auth-key/") || response.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%s to %s, %v", response.Status, to, response.Header)
	}
	asked := 0
	for _, e := range r.Recorder.Exchanges() {
		if strings.Contains(e.Address, "/auth-key/") {
			asked++
			if !strings.HasSuffix(e.Address, "/api/clients/1001/auth-key/") {
				t.Errorf("PricePlan was asked at %s", e.Address)
			}
		}
	}
	if asked != 1 {
		t.Errorf("PricePlan was asked %d times", asked)
	}
	if response := boris.get("/pp-auth/"); response.StatusCode != http.StatusNotFound {
		t.Errorf("without an id: %s", response.Status)
	}
	if response := stranger.get("/pp-auth/"); response.StatusCode != http.StatusUnauthorized {
		t.Errorf("a stranger: %s", response.Status)
	}
	if strings.Contains(r.log.String(), strings.TrimPrefix(to, r.cabinetOrigin()+"/auth-key/")) {
		t.Error("the key is in the log")
	}
}

func TestWhatGoesWrongAtPricePlanHasItsStatusAndOnlyTheLogKnowsWhy(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name      string
		operation string
		fault     sandbox.Fault
		status    int
		log       string
	}{
		{"down", "auth-key", sandbox.Fault{Status: 500}, http.StatusBadGateway, "HTTP status 500"},
		{"refusing", "auth-key", sandbox.Fault{Status: 200, Body: `{"success":false,"errors":[{"code":16}]}`}, http.StatusBadGateway, "code 16"},
		{"refusing the manager", "login", sandbox.Fault{Status: 401}, http.StatusBadGateway, "refuses the manager"},
		{"unreadable", "auth-key", sandbox.Fault{Status: 200, Body: `<b>secret-of-the-vendor</b>`}, http.StatusBadGateway, "not understood"},
		{"slow", "login", sandbox.Fault{Hang: true}, http.StatusGatewayTimeout, "slow"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := startDemo(t)
			if err := r.PricePlan.Faults().Set(tt.operation, tt.fault); err != nil {
				t.Fatal(err)
			}
			c := r.client(t)
			c.signIn("anna@example.com")
			response := c.get("/pp-auth/")
			body := bodyOf(t, response)
			if response.StatusCode != tt.status || !strings.Contains(body, `href="/pp-auth/"`) {
				t.Errorf("%s: %s", response.Status, body)
			}
			if !strings.Contains(r.log.String(), tt.log) || strings.Contains(body, tt.log) || strings.Contains(body+r.log.String(), "secret-of-the-vendor") {
				t.Errorf("the page: %s\nthe log: %s", body, r.log)
			}
		})
	}
}

func TestCredentialsAreInNoLog(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	c := r.client(t)
	c.signIn("anna@example.com")
	c.post("/login?password=in-the-address", url.Values{"email": {"anna@example.com"}, "password": {"mistyped-secret"}})
	c.get("/pp-auth/")
	c.get("/no/such/page/with-a-token")
	token := c.http.Jar.Cookies(mustParse(t, r.url))[0].Value
	for _, secret := range []string{app.DemoPassword + `"`, "password=kabinet-demo", "mistyped-secret", "in-the-address", token, "portal-manager-password", "with-a-token", app.DemoSecret} {
		if strings.Contains(r.log.String(), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
	if !strings.Contains(r.log.String(), "route=/login status=422") {
		t.Error("the log does not tell of the failed sign-in")
	}
}

func TestHostsThatNobodyAnswersOnAreRefused(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	c := r.client(t)
	host := func(h string) func(*http.Request) { return func(q *http.Request) { q.Host = h } }
	if response := c.do(http.MethodGet, "/", nil, host("evil.example:8080")); response.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("a name of somebody else's: %s", response.Status)
	}
	response := c.do(http.MethodGet, "/login?x=1", nil, host(r.addr))
	if response.StatusCode != http.StatusTemporaryRedirect || response.Header.Get("Location") != r.url+"/login?x=1" {
		t.Errorf("by address: %s to %s", response.Status, response.Header.Get("Location"))
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if response := c.do(http.MethodGet, path, nil, host(r.addr)); response.StatusCode != http.StatusOK {
			t.Errorf("%s by address: %s", path, response.Status)
		}
	}
}

func TestTheClientsAddressComesOnlyFromTrustedProxies(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		trusted, forwarded, want string
	}{
		{"", "203.0.113.9", "client=127.0.0.1"},
		{"10.0.0.0/8", "203.0.113.9", "client=127.0.0.1"},
		{"127.0.0.1", "203.0.113.9", "client=203.0.113.9"},
		{"127.0.0.1", "198.51.100.1, 203.0.113.9", "client=203.0.113.9"}, // what the proxy itself saw
		{"127.0.0.1,203.0.113.0/24", "198.51.100.1, 203.0.113.9", "client=198.51.100.1"},
	} {
		s := app.Settings{}
		if tt.trusted != "" {
			s.TrustedProxies = strings.Split(tt.trusted, ",")
		}
		r := startServe(t, s, goodSecret)
		r.client(t).do(http.MethodGet, "/login", nil, header("X-Forwarded-For", tt.forwarded), header("X-Real-Ip", "192.0.2.1"))
		if log := r.log.String(); !strings.Contains(log, tt.want+"\n") {
			t.Errorf("trusting %q, forwarded for %q: %s", tt.trusted, tt.forwarded, log)
		}
	}
}

func mustParse(tb testing.TB, address string) *url.URL {
	tb.Helper()
	u, err := url.Parse(address)
	if err != nil {
		tb.Fatal(err)
	}
	return u
}
