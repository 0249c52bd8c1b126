package outgoing_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"

	"kabinet/integrations/outgoing"
)

func client(t *testing.T, timeout time.Duration) (*http.Client, *outgoing.Recorder) {
	t.Helper()
	recorder := new(outgoing.Recorder)
	c := outgoing.NewClient(outgoing.Options{Vendor: "test", Timeout: timeout, Recorder: recorder, Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(c.CloseIdleConnections)
	return c, recorder
}

// call sends one request and reads the answer.
func call(ctx context.Context, c *http.Client, method, address string) (int, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return 0, err
	}
	response, err := c.Do(r)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, err
}

func TestOnlyWhatIsSafeToRepeatIsRepeated(t *testing.T) {
	t.Parallel()
	tests := []struct {
		method   string
		status   int
		attempts int
	}{
		{http.MethodGet, http.StatusServiceUnavailable, 3},
		{http.MethodHead, http.StatusBadGateway, 3},
		{http.MethodGet, http.StatusNotFound, 1},
		{http.MethodPost, http.StatusServiceUnavailable, 1},
		{http.MethodDelete, http.StatusServiceUnavailable, 1},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+http.StatusText(tt.status), func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(tt.status) }))
			defer server.Close()
			c, recorder := client(t, 5*time.Second)
			status, err := call(outgoing.WithRequest(t.Context(), &outgoing.Request{ID: "r1"}), c, tt.method, server.URL+"/path?secret=hidden")
			if err != nil || status != tt.status {
				t.Fatalf("got %d, %v", status, err)
			}
			exchanges := recorder.Exchanges()
			if len(exchanges) != tt.attempts {
				t.Fatalf("%d attempts, want %d", len(exchanges), tt.attempts)
			}
			for i, e := range exchanges {
				if e.Attempt != i+1 || e.Status != tt.status || e.RequestID != "r1" || e.Vendor != "test" || e.Address != server.URL+"/path" {
					t.Errorf("attempt %d is recorded as %+v", i+1, e)
				}
			}
		})
	}
}

func TestARepeatedCallLeavesNoConnectionOpen(t *testing.T) {
	t.Parallel()
	var open atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		// More than the client reads ahead: unread, it holds the connection.
		io.WriteString(w, strings.Repeat("x", 1<<20)) //nolint:errcheck // the client goes away
	}))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		switch s {
		case http.StateNew:
			open.Add(1)
		case http.StateClosed:
			open.Add(-1)
		}
	}
	server.Start()
	c, _ := client(t, 5*time.Second)
	if _, err := call(t.Context(), c, http.MethodGet, server.URL); err != nil {
		t.Fatal(err)
	}
	c.CloseIdleConnections()
	server.Close() // waits for requests in service, so it would hang on a leak
	if n := open.Load(); n != 0 {
		t.Errorf("%d connections are open", n)
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.RedirectHandler("http://elsewhere.localhost/", http.StatusFound))
	defer server.Close()
	c, recorder := client(t, time.Second)
	status, err := call(t.Context(), c, http.MethodGet, server.URL)
	if err != nil || status != http.StatusFound || len(recorder.Exchanges()) != 1 {
		t.Fatalf("got %d, %v, %d exchanges", status, err, len(recorder.Exchanges()))
	}
}

func TestASlowVendorIsGivenUp(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-stop }))
	defer server.Close()
	defer close(stop)
	c, recorder := client(t, 50*time.Millisecond)
	_, err := call(t.Context(), c, http.MethodGet, server.URL)
	if timeout, ok := errors.AsType[net.Error](err); !ok || !timeout.Timeout() {
		t.Fatalf("got %v, want a time-out", err)
	}
	if all := recorder.Exchanges(); len(all) == 0 || !all[0].Failed() || all[0].Err == "" {
		t.Errorf("recorded as %+v", all)
	}
}

func TestNothingThatTheVendorSentIsInAnError(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			io.WriteString(conn, "HTTP/1.1 200 OK\r\nSet-Cookie sessionid=VERYSECRET\r\n\r\n") //nolint:errcheck // the client hangs up
			conn.Close()
		}
	}()
	var log strings.Builder
	recorder := new(outgoing.Recorder)
	c := outgoing.NewClient(outgoing.Options{Vendor: "test", Timeout: time.Second, Recorder: recorder, Log: slog.New(slog.NewTextHandler(&log, nil))})
	_, err = call(t.Context(), c, http.MethodPost, "http://"+listener.Addr().String())
	if err == nil {
		t.Fatal("it was understood")
	}
	for _, said := range []string{err.Error(), log.String(), recorder.Exchanges()[0].Err} {
		if strings.Contains(said, "VERYSECRET") || !strings.Contains(said, "not understood") {
			t.Errorf("it says %s", said)
		}
	}
}

func TestNamesBelowLocalhostAreDialledAtLoopback(t *testing.T) {
	t.Parallel()
	var host string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { host = r.Host }))
	defer server.Close()
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	c, _ := client(t, time.Second)
	want := "demo-lk.priceplan.localhost:" + u.Port()
	if _, err := call(t.Context(), c, http.MethodGet, "http://"+want); err != nil || host != want {
		t.Fatalf("asked as %q, %v; want %q", host, err, want)
	}
}

func TestLoopbackIsRecognised(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "LOCALHOST.": true, "x.localhost": true, "127.0.0.1": true, "127.8.9.1": true, "::1": true, "[::1]": true,
		"": false, "localhost.example.com": false, "notlocalhost": false, "10.0.0.1": false, "0.0.0.0": false, "::": false, "priceplan.pro": false,
	} {
		if got := outgoing.IsLoopback(host); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}

func TestTheRecorderKeepsTheLast500InOrder(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	c, recorder := client(t, 5*time.Second)
	for range 510 {
		if _, err := call(t.Context(), c, http.MethodPost, server.URL); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := call(t.Context(), c, http.MethodPost, server.URL+"/last"); err != nil {
		t.Fatal(err)
	}
	all := recorder.Exchanges()
	if len(all) != 500 {
		t.Fatalf("%d are kept", len(all))
	}
	for i := 1; i < len(all); i++ {
		if all[i].At.Before(all[i-1].At) {
			t.Fatalf("number %d is older than the one before it", i)
		}
	}
	if all[499].Address != server.URL+"/last" {
		t.Errorf("the last is %+v", all[499])
	}
}

func TestAVendorThatIsDownIsSpared(t *testing.T) {
	t.Parallel()
	var down atomic.Bool
	var asked atomic.Int64
	down.Store(true)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		if down.Load() {
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	defer server.Close()
	c, _ := client(t, time.Second)
	// Whoever leaves tells nothing about the vendor.
	gone, leave := context.WithCancel(t.Context())
	leave()
	for range 10 {
		if _, err := call(gone, c, http.MethodPost, server.URL); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	for range 5 {
		if status, err := call(t.Context(), c, http.MethodPost, server.URL); err != nil || status != http.StatusBadGateway {
			t.Fatalf("%d, %v", status, err)
		}
	}
	for _, method := range []string{http.MethodPost, http.MethodGet} {
		began := time.Now()
		if _, err := call(t.Context(), c, method, server.URL); !errors.Is(err, circuitbreaker.ErrOpen) || time.Since(began) > 500*time.Millisecond {
			t.Errorf("%s while it is spared: %v after %v", method, err, time.Since(began))
		}
	}
	if n := asked.Load(); n != 5 {
		t.Errorf("it was asked %d times", n)
	}
}

func TestAnAnswerThatIsNoFaultSparesNobody(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	defer server.Close()
	c, _ := client(t, time.Second)
	for range 20 {
		if status, err := call(t.Context(), c, http.MethodPost, server.URL); err != nil || status != http.StatusForbidden {
			t.Fatalf("%d, %v", status, err)
		}
	}
}
