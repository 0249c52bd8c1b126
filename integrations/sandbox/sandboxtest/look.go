package sandboxtest

import (
	"io"
	"net/http"
	"slices"
	"testing"

	"kabinet/integrations/claim"
)

// ProbesLook fails the test where a probe finds its claim as foreseen at a server that is no vendor's: one where
// nothing is, one of empty pages, one that says yes to everything and has nothing. book asks such a server. Claims
// that are true even there are named.
func ProbesLook(t *testing.T, book func(t *testing.T, server http.Handler) claim.Book, evenThere ...string) {
	t.Helper()
	says := func(kind, body string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			_, _ = io.WriteString(w, body) // who has gone is not told
		})
	}
	for name, server := range map[string]http.Handler{
		"nothing is there": http.NotFoundHandler(),
		"empty":            says("text/html", ""),
		"yes, and nothing": says("application/json", `{"success":true,"status":"ok","data":[],"token":"x"}`),
		"yes, and null":    says("application/json", `{"success":true,"status":"ok","data":null}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := book(t, server)
			b.CleanUp = nil
			found, err := claim.Run(t.Context(), "vendor", b, true)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range found {
				if f.Result == claim.Same && !slices.Contains(evenThere, f.Claim) {
					t.Errorf("%s is as foreseen: %q", f.Claim, f.Seen)
				}
			}
		})
	}
}
