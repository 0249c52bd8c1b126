package apptest

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"kabinet/handlers/app"
)

// Client is somebody with cookies who follows no redirect and posts as a browser does.
type Client struct {
	TB   testing.TB
	HTTP *http.Client
	URL  string // the portal
}

// Client returns somebody who has not signed in. Like a browser it finds the demo's sandboxes below localhost.
func (p *Program) Client(tb testing.TB) *Client {
	tb.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		if p.Addr != "" { // every host of the demo is there, and Go does not know names below localhost
			address = p.Addr
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}}
	tb.Cleanup(transport.CloseIdleConnections)
	return &Client{TB: tb, URL: p.URL, HTTP: &http.Client{
		Jar: jar, Transport: transport, Timeout: Patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// SignedInAs returns somebody who has signed in to one of the demo's accounts.
func (p *Program) SignedInAs(tb testing.TB, email string) *Client {
	tb.Helper()
	c := p.Client(tb)
	c.SignIn(email)
	return c
}

// Do sends a request to the portal, with a form from the portal's own page unless it is nil, and as the changes make
// it. The body is closed when the test has ended.
func (c *Client) Do(method, path string, form url.Values, change ...func(*http.Request)) *http.Response {
	c.TB.Helper()
	r, err := http.NewRequest(method, c.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		c.TB.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", c.URL)
	}
	for _, f := range change {
		f(r)
	}
	return c.Send(r)
}

// Visit asks for an address wherever it is, with a form from a page of that host unless it is nil.
func (c *Client) Visit(method, address string, form url.Values) *http.Response {
	c.TB.Helper()
	r, err := http.NewRequest(method, address, strings.NewReader(form.Encode()))
	if err != nil {
		c.TB.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	return c.Send(r)
}

// Send sends a request with the client's cookies.
func (c *Client) Send(r *http.Request) *http.Response {
	c.TB.Helper()
	response, err := c.HTTP.Do(r)
	if err != nil {
		c.TB.Fatal(err)
	}
	c.TB.Cleanup(func() { response.Body.Close() }) //nolint:errcheck // it was read as far as the test needs
	return response
}

// Get asks for a page of the portal.
func (c *Client) Get(path string) *http.Response {
	c.TB.Helper()
	return c.Do(http.MethodGet, path, nil)
}

// Post sends a form to the portal, as one of its pages does.
func (c *Client) Post(path string, form url.Values) *http.Response {
	c.TB.Helper()
	return c.Do(http.MethodPost, path, form)
}

// SignIn signs in to one of the demo's accounts, by the code that the demo shows where one is asked for.
func (c *Client) SignIn(email string) {
	c.TB.Helper()
	response := c.Post("/login", url.Values{"email": {email}, "password": {app.DemoPassword}})
	if response.StatusCode != http.StatusSeeOther {
		c.TB.Fatalf("signing in as %s: %s", email, response.Status)
	}
	if second := response.Header.Get("Location"); strings.HasPrefix(second, "/login/second") {
		code := PageOf(c.TB, c.Get(second)).Find("main .hint code").Text()
		Redirected(c.TB, c.Post("/login/second", url.Values{"code": {code}}), "/dashboard")
	}
}

// SignedIn reports whether the client has a session.
func (c *Client) SignedIn() bool {
	c.TB.Helper()
	return c.Get("/dashboard").StatusCode == http.StatusOK
}

// Header returns a change of a request for [Client.Do]: one header.
func Header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// BodyOf reads an answer to its end.
func BodyOf(tb testing.TB, r *http.Response) string {
	tb.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

// PageOf reads an answer as HTML.
func PageOf(tb testing.TB, r *http.Response) *goquery.Document {
	tb.Helper()
	d, err := goquery.NewDocumentFromReader(r.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// WrongFields are the fields that a page's error summary leads to, with blanks between.
func WrongFields(page *goquery.Document) string {
	var links []string
	page.Find("#errors a").Each(func(_ int, a *goquery.Selection) { links = append(links, a.AttrOr("href", "")) })
	return strings.Join(links, " ")
}

// Redirected fails the test unless the answer leads to the address by 303.
func Redirected(tb testing.TB, r *http.Response, to string) {
	tb.Helper()
	if got := r.Header.Get("Location"); r.StatusCode != http.StatusSeeOther || got != to {
		tb.Errorf("%s %s: %s to %q, want to %q", r.Request.Method, r.Request.URL.Path, r.Status, got, to)
	}
}

// GoesOn returns where the page that answered goes on to by itself.
func GoesOn(tb testing.TB, r *http.Response) string {
	tb.Helper()
	to, ok := strings.CutPrefix(r.Header.Get("Refresh"), "0; url=")
	if r.StatusCode != http.StatusOK || !ok {
		tb.Fatalf("%s does not go on: %s", r.Request.URL.Path, r.Status)
	}
	return to
}

// MustParse parses an address of the test's own.
func MustParse(tb testing.TB, address string) *url.URL {
	tb.Helper()
	u, err := url.Parse(address)
	if err != nil {
		tb.Fatal(err)
	}
	return u
}
