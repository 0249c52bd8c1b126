package returnto_test

import (
	"net/url"
	"strings"
	"testing"

	"kabinet/integrations/returnto"
)

func TestOnlyPathsOfTheSameHostAreReturnedTo(t *testing.T) {
	t.Parallel()
	for next, want := range map[string]string{
		"/":                     "/",
		"/profile":              "/profile",
		"/cabinet?x=1&y=/z":     "/cabinet?x=1&y=/z",
		"/профиль":              "/%D0%BF%D1%80%D0%BE%D1%84%D0%B8%D0%BB%D1%8C",
		"/%2f%2fevil.example":   "/%2f%2fevil.example", // a path of ours that does not exist
		"":                      "/home",
		"profile":               "/home",
		"https://evil.example":  "/home",
		"//evil.example":        "/home",
		"///evil.example":       "/home",
		"/\\evil.example":       "/home",
		"\\\\evil.example":      "/home",
		"/\t/evil.example":      "/home",
		"/profile\r\nX-Evil: 1": "/home",
		"javascript:alert(1)":   "/home",
		"http:/evil.example":    "/home",
		`/%2Fevil.example/"`:    "/home", // re-encoded, it would begin with two slashes
		"/%2fevil.example|":     "/home",
		"/%2Fevil.example/é":    "/home",
		"/%2Fevil.example/ x":   "/home",
	} {
		if got := returnto.Local(next, "/home"); got != want {
			t.Errorf("%q leads to %q, want %q", next, got, want)
		}
	}
}

// Whatever comes in, a browser at our origin stays there.
func FuzzLocal(f *testing.F) {
	for _, seed := range []string{"/profile", "//evil.example", "/\\evil", `/%2Fe"`, "/?next=//x", "/a b"} {
		f.Add(seed)
	}
	origin := &url.URL{Scheme: "https", Host: "portal.example", Path: "/login"}
	f.Fuzz(func(t *testing.T, next string) {
		to := returnto.Local(next, "/home")
		u, err := url.Parse(to)
		if err != nil {
			t.Fatalf("%q: %v", to, err)
		}
		if at := origin.ResolveReference(u); at.Host != origin.Host || at.Scheme != origin.Scheme || strings.ContainsAny(to, "\\\r\n\t") || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") {
			t.Errorf("%q leads to %q", next, to)
		}
	})
}
