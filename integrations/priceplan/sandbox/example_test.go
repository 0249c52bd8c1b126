package sandbox_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"time"

	"kabinet/integrations/priceplan"
	"kabinet/integrations/priceplan/sandbox"
	frame "kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
)

// A test of any client: the sandbox is an http.Handler, takes any Host for its cabinet's, fails on demand, and tells
// what it was asked.
func Example() {
	s, err := sandbox.New(sandbox.Config{
		Hosts: priceplan.Hosts{Customer: "demo", Domain: "priceplan.localhost"}, User: secret.New("manager"), Password: secret.New("password"),
		Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(s)
	defer server.Close()

	if err := s.Faults().Set("clients", frame.Fault{Status: http.StatusServiceUnavailable, Body: "later", Times: 1}); err != nil {
		fmt.Println(err)
		return
	}
	for range 2 {
		response, err := http.Get(server.URL + "/api/clients/?take=1")
		if err != nil {
			fmt.Println(err)
			return
		}
		_, _ = io.Copy(io.Discard, response.Body)
		response.Body.Close()
		fmt.Println(response.StatusCode)
	}
	for _, r := range s.Requests() {
		fmt.Println(r.Method, r.Path, r.Query.Get("take"))
	}
	// Output:
	// 503
	// 401
	// GET /api/clients/ 1
	// GET /api/clients/ 1
}
