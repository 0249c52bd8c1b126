package app_test

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"kabinet/handlers/app"
	"kabinet/static"

	"kabinet/handlers/app/apptest"
)

func TestAFormFromElsewhereIsRefused(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	c := r.SignedInAs(t, "anna@example.com")
	form := url.Values{"name": {"Чужое"}, "language": {"ru"}}
	otherScheme := strings.Replace(r.URL, "http:", "https:", 1)
	without := func(q *http.Request) { q.Header.Del("Origin") }
	for name, change := range map[string][]func(*http.Request){
		"another origin":                {apptest.Header("Origin", "https://evil.example")},
		"a frame's host of the demo":    {apptest.Header("Origin", r.Sandboxes[0].Origin)},
		"another scheme":                {apptest.Header("Origin", otherScheme)},
		"another port":                  {apptest.Header("Origin", "http://localhost:1")},
		"an opaque origin":              {apptest.Header("Origin", "null")},
		"Sec-Fetch-Site: cross-site":    {without, apptest.Header("Sec-Fetch-Site", "cross-site")},
		"Sec-Fetch-Site: same-site":     {without, apptest.Header("Sec-Fetch-Site", "same-site")},
		"neither Origin nor Fetch-Site": {without},
	} {
		for _, path := range []string{"/profile", "/logout", "/language", "/login"} {
			if response := c.Do(http.MethodPost, path, form, change...); response.StatusCode != http.StatusForbidden {
				t.Errorf("%s, %s: %s", path, name, response.Status)
			}
		}
	}
	u, err := r.DB.UserByEmail(t.Context(), "anna@example.com")
	if err != nil || u.Name != "Анна Смирнова" {
		t.Errorf("the name is %q, %v", u.Name, err)
	}
	if response := c.Get("/dashboard"); response.StatusCode != http.StatusOK {
		t.Errorf("still signed in: %s", response.Status)
	}
	// The browser's own word is enough.
	if response := c.Do(http.MethodPost, "/profile", form, without,
		apptest.Header("Sec-Fetch-Site", "same-origin")); response.StatusCode != http.StatusSeeOther {
		t.Errorf("from our own page: %s", response.Status)
	}
}

func TestEveryAnswerOfThePortalCarriesItsHeaders(t *testing.T) {
	t.Parallel()
	c := apptest.StartDemo(t).SignedInAs(t, "anna@example.com")
	nonces := map[string]bool{}
	for _, path := range []string{"/", "/login", "/dashboard", "/profile", "/no/such", "/healthz", "/static/x"} {
		nonce := checkHeaders(t, c.Get(path), "")
		if nonces[nonce] {
			t.Errorf("%s: the nonce was used before", path)
		}
		nonces[nonce] = true
	}
}

// checkHeaders fails the test unless an answer has the portal's headers, with a policy that lets in scripts and frames
// of the vendor's origin, if any, and of nobody else. It returns the policy's nonce.
func checkHeaders(t *testing.T, response *http.Response, vendor string) string {
	t.Helper()
	h, path := response.Header, response.Request.URL.Path
	if vendor != "" {
		vendor = " " + vendor
	}
	policy := regexp.MustCompile(`^default-src 'self'; script-src 'nonce-([A-Z2-7]{26})'` + regexp.QuoteMeta(vendor) +
		`; frame-src 'self'` + regexp.QuoteMeta(vendor) +
		`; frame-ancestors 'self'; base-uri 'none'; object-src 'none'; form-action 'self'$`)
	m := policy.FindStringSubmatch(h.Get("Content-Security-Policy"))
	if m == nil {
		t.Fatalf("%s: the policy is %q", path, h.Get("Content-Security-Policy"))
	}
	for name, want := range map[string]string{
		"Referrer-Policy": "strict-origin-when-cross-origin", "X-Content-Type-Options": "nosniff",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Permissions-Policy":           "camera=(), display-capture=(), geolocation=(), microphone=(), usb=()",
		"Cross-Origin-Embedder-Policy": "", "Strict-Transport-Security": "", "Server": "",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %s is %q", path, name, got)
		}
	}
	return m[1]
}

func TestNoPageHasInlineScriptsOrStyles(t *testing.T) {
	t.Parallel()
	c := apptest.StartDemo(t).Client(t)
	check := func(path string) { checkInline(t, c, path) }
	check("/")
	check("/login")
	check("/register")
	c.SignIn("admin@example.com")
	for _, path := range []string{
		"/dashboard", "/profile", "/profile/email", "/profile/password", "/profile/sessions", "/profile/delete",
		"/admin/users", "/admin/users/1", "/admin/audit",
	} {
		check(path)
	}
}

// checkInline fails the test when a page has scripts or styles of its own in it.
func checkInline(t *testing.T, c *apptest.Client, path string) {
	t.Helper()
	page := apptest.PageOf(t, c.Get(path))
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

func TestBadRequestsGetAPageAndTheRightStatus(t *testing.T) {
	t.Parallel()
	c := apptest.StartDemo(t).Client(t)
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
		{http.MethodPost, "/login", url.Values{"email": {strings.Repeat("x", 2<<20)}},
			http.StatusRequestEntityTooLarge},
	} {
		response := c.Do(tt.method, tt.path, tt.form)
		page := apptest.PageOf(t, response)
		if response.StatusCode != tt.want || page.Find("h1").Length() != 1 ||
			page.Find(`main a[href="/"]`).Length() != 1 {
			t.Errorf("%s %s: %s, %q", tt.method, tt.path, response.Status, page.Find("main").Text())
		}
	}
}

func TestAFormThatIsTooLongOrBrokenIsRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	c := apptest.StartDemo(t).Client(t)
	for body, want := range map[string]int{
		"email=" + strings.Repeat("x", 2<<20):   http.StatusRequestEntityTooLarge,
		"email=" + strings.Repeat("x", 1<<20-6): http.StatusUnprocessableEntity, // a whole mebibyte
		"email=%zz":                             http.StatusBadRequest,
	} {
		for _, path := range []string{"/login", "/logout"} {
			if path == "/logout" && want == http.StatusUnprocessableEntity {
				continue
			}
			for kind, want := range map[string]int{"application/x-www-form-urlencoded": want,
				"text/plain": max(want, 400), "multipart/form-data; boundary=x": max(want, 400), "": max(want, 400)} {
				if kind != "application/x-www-form-urlencoded" && want == http.StatusUnprocessableEntity {
					want = http.StatusBadRequest
				}
				response := c.Do(http.MethodPost, path, url.Values{}, func(q *http.Request) {
					// Without a length, so that only reading finds out.
					q.Body, q.ContentLength = io.NopCloser(strings.NewReader(body)), -1
					q.Header.Set("Content-Type", kind)
				})
				if response.StatusCode != want {
					t.Errorf("%.20s as %s to %s: %s, want %d", body, kind, path, response.Status, want)
				}
			}
		}
	}
}

func TestHEADAnswersAsGET(t *testing.T) {
	t.Parallel()
	c := apptest.StartDemo(t).Client(t)
	for _, path := range []string{"/", "/login", "/healthz", "/readyz", static.Path("kabinet.css")} {
		response := c.Do(http.MethodHead, path, nil)
		if response.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", path, response.Status)
		}
	}
}

func TestPagesAreNotKeptAndStaticFilesAre(t *testing.T) {
	t.Parallel()
	c := apptest.StartDemo(t).Client(t)
	c.SignIn("anna@example.com")
	response := c.Get("/dashboard")
	if got := response.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("the dashboard: %q", got)
	}
	css, _ := apptest.PageOf(t, response).Find("link[rel=stylesheet]").Attr("href")
	if got := c.Get(css).Header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
		t.Errorf("%s: %q", css, got)
	}
}

func TestCredentialsAreInNoLog(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	c := r.SignedInAs(t, "anna@example.com")
	c.Post("/login?password=in-the-address",
		url.Values{"email": {"anna@example.com"}, "password": {"mistyped-secret"}})
	inspectable(t, r)
	c.Get("/no/such/page/with-a-token")
	token := c.HTTP.Jar.Cookies(apptest.MustParse(t, r.URL))[0].Value
	for _, secret := range append(credentials(), app.DemoPassword+`"`, "password=kabinet-demo", "mistyped-secret",
		"in-the-address", token, "with-a-token") {
		if strings.Contains(r.Log.String(), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
	if !strings.Contains(r.Log.String(), "route=/login status=422") {
		t.Error("the log does not tell of the failed sign-in")
	}
}

func TestHostsThatNobodyAnswersOnAreRefused(t *testing.T) {
	t.Parallel()
	r := apptest.StartDemo(t)
	c := r.Client(t)
	host := func(h string) func(*http.Request) { return func(q *http.Request) { q.Host = h } }
	if response := c.Do(http.MethodGet, "/", nil,
		host("evil.example:8080")); response.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("a name of somebody else's: %s", response.Status)
	}
	response := c.Do(http.MethodGet, "/login?x=1", nil, host(r.Addr))
	if response.StatusCode != http.StatusTemporaryRedirect || response.Header.Get("Location") != r.URL+"/login?x=1" {
		t.Errorf("by address: %s to %s", response.Status, response.Header.Get("Location"))
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if response := c.Do(http.MethodGet, path, nil, host(r.Addr)); response.StatusCode != http.StatusOK {
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
		r := apptest.StartServe(t, s, apptest.Secret)
		r.Client(t).Do(http.MethodGet, "/login", nil, apptest.Header("X-Forwarded-For", tt.forwarded),
			apptest.Header("X-Real-Ip", "192.0.2.1"))
		if log := r.Log.String(); !strings.Contains(log, tt.want+"\n") {
			t.Errorf("trusting %q, forwarded for %q: %s", tt.trusted, tt.forwarded, log)
		}
	}
}
