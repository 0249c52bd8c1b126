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
			r := v.alone(t, "http://"+host)
			s.ServeHTTP(w, r)
			want := http.StatusOK
			if strings.HasPrefix(r.URL.Path, "/_sandbox/") && host == "sandbox.internal:8081" {
				want = http.StatusMisdirectedRequest // see below
			}
			if w.Code != want {
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
		if len(all) == 1 {
			break // which is alone
		}
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
		&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8081}, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), strings.Join(namesOf(everyVendor()), ", ")) {
		t.Errorf("an unknown vendor: %v", err)
	}
}

// What controls a sandbox is for this machine's names: a name of anybody's can lead here, with its pages.
func TestASandboxAloneIsControlledByLocalNamesOnly(t *testing.T) {
	t.Parallel()
	for _, v := range vendors() {
		s := sandboxesOf(t, v.name)
		for host, local := range map[string]bool{"127.0.0.1:8081": true, "[::1]:8081": true, "localhost:8081": true,
			"anything.localhost": true, "evil.example": false, "evil.example:8081": false, "192.0.2.1": false,
			"localhost.evil.example": false, "127.0.0.1.evil.example": false} {
			for _, path := range []string{"/_sandbox/", "/_sandbox/faults", "/_sandbox", "/_sandbox/connect", "/operator"} {
				w := httptest.NewRecorder()
				s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://"+host+path, nil))
				if got := w.Code != http.StatusMisdirectedRequest; got != local {
					t.Errorf("%s, %s%s: %d", v.name, host, path, w.Code)
				}
			}
		}
	}
}

func TestSandboxesThatOthersCanReachAreAskedFor(t *testing.T) {
	t.Parallel()
	for address, allowed := range map[string]bool{"127.0.0.1": true, "::1": true, "0.0.0.0": false, "::": false,
		"192.0.2.1": false, "10.0.0.1": false} {
		for _, public := range []bool{false, true} {
			_, err := app.NewSandboxes(app.SandboxSettings{Portal: "http://localhost:8080", Public: public},
				&net.TCPAddr{IP: net.ParseIP(address), Port: 8081}, slog.New(slog.DiscardHandler))
			if (err == nil) != (allowed || public) || err != nil && !strings.Contains(err.Error(), "KABINET_SANDBOX_ADDR") {
				t.Errorf("%s, public %v: %v", address, public, err)
			}
		}
	}
}

func sandboxesOf(t *testing.T, vendors ...string) *app.Sandboxes {
	t.Helper()
	s, err := app.NewSandboxes(app.SandboxSettings{Portal: "http://localhost:8080", Which: vendors},
		&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8081}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// request is one from a program.
func request(method, address, body string) *http.Request {
	return httptest.NewRequest(method, address, strings.NewReader(body))
}
