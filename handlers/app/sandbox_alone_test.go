package app_test

import (
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"kabinet/handlers/app"
)

// A client in another language may not know *.localhost: a sandbox alone answers by this machine's address.
func TestASandboxAloneAnswersByAnyName(t *testing.T) {
	t.Parallel()
	for _, v := range vendors() {
		s := sandboxesOf(t, v.name)
		for _, host := range []string{"127.0.0.1:8081", "sandbox.internal:8081", "localhost:8081"} {
			w := httptest.NewRecorder()
			s.ServeHTTP(w, v.alone(t, "http://"+host))
			if w.Code != http.StatusOK {
				t.Errorf("%s at %s: %d %.200s", v.name, host, w.Code, w.Body.String())
			}
		}
	}
	// Together each has its own name, and another reaches nothing.
	at := func(address string, vendors ...string) int {
		w := httptest.NewRecorder()
		sandboxesOf(t, vendors...).ServeHTTP(w, httptest.NewRequest(http.MethodGet, address, nil))
		return w.Code
	}
	all := vendors()
	for _, chosen := range [][]string{nil, vendorNames()} {
		if got := at("http://127.0.0.1:8081/", chosen...); got != http.StatusMisdirectedRequest {
			t.Errorf("%v: %d", chosen, got)
		}
	}
	if last := len(all) - 1; last > 1 {
		if got := at("http://"+all[last].connected.host+":8081/",
			vendorNames()[:last]...); got != http.StatusMisdirectedRequest {
			t.Errorf("a sandbox that was not chosen: %d", got)
		}
	}
	_, err := app.NewSandboxes(app.SandboxSettings{Portal: "http://localhost:8080", Which: []string{"amo"}},
		&net.TCPAddr{Port: 8081}, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), strings.Join(namesOf(everyVendor()), ", ")) {
		t.Errorf("an unknown vendor: %v", err)
	}
}

func sandboxesOf(t *testing.T, vendors ...string) *app.Sandboxes {
	t.Helper()
	s, err := app.NewSandboxes(app.SandboxSettings{Portal: "http://localhost:8080", Which: vendors},
		&net.TCPAddr{Port: 8081}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// request is one from a program.
func request(method, address, body string) *http.Request {
	return httptest.NewRequest(method, address, strings.NewReader(body))
}
