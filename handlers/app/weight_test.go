package app_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"kabinet/handlers/app/apptest"
	"kabinet/handlers/web"
	"kabinet/static"
)

// What a customer waits for, on a telephone too: of our own, without what vendors bring.
const maxWeight, maxRequests = 60_000, 8

func TestNoPageIsHeavy(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemoWithMail(t)
	p.EndStreams() // those that are asked for end at once
	anna, admin := p.SignedInAs(t, "anna@example.com"), p.SignedInAs(t, "admin@example.com")
	for _, v := range vendors() {
		if v.stands != nil {
			v.stands(anna, p)
		}
	}
	weights := map[string]int{} // of files, as a browser gets them
	looked := 0
	for _, l := range routes(p, func(r web.Route) bool { return r.Method == "" && r.Who != web.Public && !r.Leaves && !r.File }) {
		for _, c := range []*apptest.Client{anna, admin} {
			page := c.Get(l.path)
			if l.method != http.MethodGet || !strings.HasPrefix(page.Header.Get("Content-Type"), "text/html") {
				continue
			}
			looked++
			text := apptest.BodyOf(t, page)
			weight, requests := len(text), 1
			for _, path := range filesOf(t, text) {
				if _, ok := weights[path]; !ok {
					file := c.Do(http.MethodGet, path, nil, apptest.Header("Accept-Encoding", "gzip, deflate, br"))
					if file.StatusCode != http.StatusOK {
						t.Errorf("%s: %s is %s", l.path, path, file.Status)
					}
					weights[path] = len(apptest.BodyOf(t, file))
				}
				weight, requests = weight+weights[path], requests+1
			}
			if weight > maxWeight || requests > maxRequests {
				t.Errorf("%s: %d bytes in %d requests", l.path, weight, requests)
			}
		}
	}
	if looked < 30 {
		t.Errorf("only %d pages were looked at", looked)
	}
}

// filesOf are the portal's own that a page loads.
func filesOf(t *testing.T, page string) []string {
	t.Helper()
	document, err := goquery.NewDocumentFromReader(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	own := map[string]bool{}
	document.Find("link[href], script[src], img[src]").Each(func(_ int, s *goquery.Selection) {
		if path := s.AttrOr("href", s.AttrOr("src", "")); strings.HasPrefix(path, "/") {
			own[path] = true
		}
	})
	var all []string
	for path := range own {
		all = append(all, path)
	}
	return all
}

func TestStaticFilesComeCompressedAndAreKept(t *testing.T) {
	t.Parallel()
	if file, ok := static.Find("kabinet.css"); !ok || file.Brotli == nil {
		t.Skip("`make assets` compresses what was changed")
	}
	p := apptest.StartDemo(t)
	css := static.Path("kabinet.css")
	plain := apptest.BodyOf(t, p.Client(t).Do(http.MethodGet, css, nil, apptest.Header("Accept-Encoding", "identity")))
	for accepted, want := range map[string]string{
		"gzip, deflate, br": "br", "gzip": "gzip", "br;q=0, gzip": "gzip", "br; q=0.0": "", "identity": "", "brotli": "",
	} {
		file := p.Client(t).Do(http.MethodGet, css, nil, apptest.Header("Accept-Encoding", accepted))
		h := file.Header
		if h.Get("Content-Encoding") != want || h.Get("Vary") != "Accept-Encoding" ||
			!strings.Contains(h.Get("Cache-Control"), "immutable") || h.Get("Content-Type") != "text/css; charset=utf-8" {
			t.Errorf("%s: %v", accepted, h)
		}
		body := apptest.BodyOf(t, file)
		if want == "" && body != plain || want != "" && len(body)*3 > len(plain) {
			t.Errorf("%s: %d of %d bytes", accepted, len(body), len(plain))
		}
		if want == "gzip" {
			unpacked, err := gzip.NewReader(bytes.NewReader([]byte(body)))
			if err != nil {
				t.Fatal(err)
			}
			if text, err := io.ReadAll(unpacked); err != nil || string(text) != plain {
				t.Errorf("gzip holds something else: %v", err)
			}
		}
	}
	// Pages are not: secrets stand there beside what somebody has typed.
	page := p.Client(t).Do(http.MethodGet, "/login", nil, apptest.Header("Accept-Encoding", "gzip, br"))
	if got := page.Header.Get("Content-Encoding"); got != "" {
		t.Errorf("a page comes as %s", got)
	}
}
