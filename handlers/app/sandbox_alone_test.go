package app_test

import (
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"kabinet/handlers/app"
)

// A client in another language may not know *.localhost: a sandbox alone answers by this machine's address.
func TestASandboxAloneAnswersByAnyName(t *testing.T) {
	t.Parallel()
	for vendor, ask := range map[string]func(t *testing.T, origin string) *http.Request{
		"priceplan": func(t *testing.T, origin string) *http.Request {
			r := httptest.NewRequest(http.MethodGet, origin+"/api/clients/", nil)
			r.SetBasicAuth("portal-api-key", "portal-manager-password")
			return r
		},
		"webim": func(t *testing.T, origin string) *http.Request {
			return httptest.NewRequest(http.MethodGet, origin+"/js/button.js", nil)
		},
		"sailplay": func(t *testing.T, origin string) *http.Request {
			body := url.Values{"store_department_id": {"9104"}, "store_department_key": {"portal-department-key"}, "pin_code": {"4711"}}.Encode()
			r := httptest.NewRequest(http.MethodPost, origin+"/api/v2/login/", strings.NewReader(body))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			return r
		},
		"amocrm": func(t *testing.T, origin string) *http.Request {
			return httptest.NewRequest(http.MethodGet, origin+"/settings/", nil)
		},
	} {
		s := sandboxesOf(t, vendor)
		for _, host := range []string{"127.0.0.1:8081", "sandbox.internal:8081", "localhost:8081"} {
			w := httptest.NewRecorder()
			s.ServeHTTP(w, ask(t, "http://"+host))
			if w.Code != http.StatusOK {
				t.Errorf("%s at %s: %d %.200s", vendor, host, w.Code, w.Body.String())
			}
		}
	}
	// Together each has its own name, and another reaches nothing.
	for _, vendors := range [][]string{nil, {"priceplan", "webim"}} {
		w := httptest.NewRecorder()
		sandboxesOf(t, vendors...).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8081/", nil))
		if w.Code != http.StatusMisdirectedRequest {
			t.Errorf("%v: %d", vendors, w.Code)
		}
	}
	w := httptest.NewRecorder()
	sandboxesOf(t, "priceplan", "webim").ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://sailplay.localhost:8081/", nil))
	if w.Code != http.StatusMisdirectedRequest {
		t.Errorf("a sandbox that was not chosen: %d", w.Code)
	}
	_, err := app.NewSandboxes(app.SandboxSettings{Portal: "http://localhost:8080", Vendors: []string{"amo"}}, &net.TCPAddr{Port: 8081}, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "priceplan, webim, sailplay, amocrm") {
		t.Errorf("an unknown vendor: %v", err)
	}
}

func sandboxesOf(t *testing.T, vendors ...string) *app.Sandboxes {
	t.Helper()
	s, err := app.NewSandboxes(app.SandboxSettings{Portal: "http://localhost:8080", Vendors: vendors}, &net.TCPAddr{Port: 8081}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return s
}
