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
	"testing/synctest"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"

	"kabinet/integrations/outgoing"
)

// patience is for calls that are answered: it saves a run that hangs, and decides nothing.
const patience = 2 * time.Minute

func options(timeout time.Duration) outgoing.Options {
	return outgoing.Options{
		Vendor: "test", Timeout: timeout, Recorder: new(outgoing.Recorder), Log: slog.New(slog.DiscardHandler),
	}
}

func client(t *testing.T) (*http.Client, *outgoing.Recorder) {
	t.Helper()
	o := options(patience)
	c := outgoing.NewClient(o)
	t.Cleanup(c.CloseIdleConnections)
	return c, o.Recorder
}

// network is one that a test makes up. It works where a bubble's clock goes.
type network func(*http.Request) (*http.Response, error)

func (n network) RoundTrip(r *http.Request) (*http.Response, error) { return n(r) }

// answer is an answer without a body.
func answer(status int) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody}
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
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tt.status)
			}))
			defer server.Close()
			c, recorder := client(t)
			status, err := call(outgoing.WithRequest(t.Context(), &outgoing.Request{ID: "r1"}), c, tt.method,
				server.URL+"/path?secret=hidden")
			if err != nil || status != tt.status {
				t.Fatalf("got %d, %v", status, err)
			}
			exchanges := recorder.Exchanges()
			if len(exchanges) != tt.attempts {
				t.Fatalf("%d attempts, want %d", len(exchanges), tt.attempts)
			}
			for i, e := range exchanges {
				if e.Attempt != i+1 || e.Status != tt.status || e.RequestID != "r1" || e.Vendor != "test" ||
					e.Address != server.URL+"/path" {
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
	c, _ := client(t)
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
	c, recorder := client(t)
	status, err := call(t.Context(), c, http.MethodGet, server.URL)
	if err != nil || status != http.StatusFound || len(recorder.Exchanges()) != 1 {
		t.Fatalf("got %d, %v, %d exchanges", status, err, len(recorder.Exchanges()))
	}
}

func TestASlowVendorIsGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := options(10 * time.Second)
		c := outgoing.NewClientOver(o, network(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}))
		began := time.Now()
		_, err := call(t.Context(), c, http.MethodGet, "http://acme.example/")
		if timeout, ok := errors.AsType[net.Error](err); !ok || !timeout.Timeout() || time.Since(began) != o.Timeout {
			t.Fatalf("got %v after %v, want a time-out", err, time.Since(began))
		}
		all := o.Recorder.Exchanges()
		if len(all) != 1 || !all[0].Failed() || all[0].Err == "" || all[0].Duration != o.Timeout {
			t.Errorf("recorded as %+v", all)
		}
	})
}

// Nothing but the end of its patience ends this call, whenever that comes.
func TestAVendorThatTakesACallAndDoesNotAnswerIsGivenUp(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-stop }))
	defer server.Close()
	defer close(stop)
	_, err := call(t.Context(), outgoing.NewClient(options(50*time.Millisecond)), http.MethodGet, server.URL)
	if timeout, ok := errors.AsType[net.Error](err); !ok || !timeout.Timeout() {
		t.Fatalf("got %v, want a time-out", err)
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
	o := options(patience)
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	_, err = call(t.Context(), outgoing.NewClient(o), http.MethodPost, "http://"+listener.Addr().String())
	if err == nil {
		t.Fatal("it was understood")
	}
	for _, said := range []string{err.Error(), log.String(), o.Recorder.Exchanges()[0].Err} {
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
	c, _ := client(t)
	want := "demo-lk.acme.localhost:" + u.Port()
	if _, err := call(t.Context(), c, http.MethodGet, "http://"+want); err != nil || host != want {
		t.Fatalf("asked as %q, %v; want %q", host, err, want)
	}
}

func TestLoopbackIsRecognised(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "LOCALHOST.": true, "x.localhost": true,
		"127.0.0.1": true, "127.8.9.1": true, "::1": true, "[::1]": true,
		"": false, "localhost.example.com": false, "notlocalhost": false, "acme.example": false,
		"10.0.0.1": false, "0.0.0.0": false, "::": false,
	} {
		if got := outgoing.IsLoopback(host); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}

func TestWhoeverCausesManyExchangesPushesOutTheirOwn(t *testing.T) {
	t.Parallel()
	var r outgoing.Recorder
	add := func(n int, e outgoing.Exchange) {
		for range n {
			r.Add(e)
		}
	}
	count := func(e outgoing.Exchange) int {
		return len(r.Where(func(o outgoing.Exchange) bool {
			return o.UserID == e.UserID && o.Vendor == e.Vendor && o.Cause == e.Cause
		}))
	}
	anna := outgoing.Exchange{UserID: 1, Vendor: "one", Cause: outgoing.FirstTry}
	strangers := outgoing.Exchange{Vendor: "one", Cause: outgoing.Customer}
	webhooks := outgoing.Exchange{Vendor: "another", Cause: outgoing.Incoming}
	add(30, anna)
	add(10, webhooks)
	add(520, strangers)
	if count(anna) != 30 || count(webhooks) != 10 || count(strangers) != 460 {
		t.Errorf("%d, %d and %d are kept", count(anna), count(webhooks), count(strangers))
	}
	busy := outgoing.Exchange{UserID: 2, Vendor: "one", Cause: outgoing.FirstTry}
	add(1000, busy)
	if count(anna) != 30 || count(webhooks) != 10 || count(strangers) != 230 || count(busy) != 230 {
		t.Errorf("%d, %d, %d and %d are kept", count(anna), count(webhooks), count(strangers), count(busy))
	}
	for i, e := range r.Exchanges() {
		if all := r.Exchanges(); i > 0 && e.ID <= all[i-1].ID {
			t.Fatalf("%d follows %d", e.ID, all[i-1].ID)
		}
	}
}

func TestTheRecorderKeepsTheLast500InOrder(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	c, recorder := client(t)
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

// downAt is a vendor that answers so, and counts how often it is asked.
type downAt struct{ status, asked int }

func (d *downAt) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	d.asked++
	a := answer(d.status)
	a.Request = r
	return a, nil
}

func TestAVendorThatIsDownIsSparedForFiveSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		vendor := &downAt{status: http.StatusBadGateway}
		c := outgoing.NewClientOver(options(patience), vendor)
		ask := func(ctx context.Context, method string) (int, error) {
			return call(ctx, c, method, "http://acme.example/")
		}
		// Whoever leaves tells nothing about the vendor.
		gone, leave := context.WithCancel(t.Context())
		leave()
		for range 10 {
			if _, err := ask(gone, http.MethodPost); !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
		}
		for range 5 {
			if status, err := ask(t.Context(), http.MethodPost); err != nil || status != http.StatusBadGateway {
				t.Fatalf("%d, %v", status, err)
			}
		}
		spared := func(until time.Duration) {
			t.Helper()
			for _, method := range []string{http.MethodPost, http.MethodGet} {
				began := time.Now()
				_, err := ask(t.Context(), method)
				if took := time.Since(began); !errors.Is(err, circuitbreaker.ErrOpen) || took != 0 {
					t.Errorf("%s while it is spared: %v after %v", method, err, took)
				}
			}
			time.Sleep(until)
		}
		spared(4 * time.Second)
		spared(time.Second)
		if vendor.asked != 5 {
			t.Errorf("it was asked %d times", vendor.asked)
		}
		vendor.status = http.StatusOK
		for range 2 {
			if status, err := ask(t.Context(), http.MethodGet); err != nil || status != http.StatusOK {
				t.Errorf("when it is up again: %d, %v", status, err)
			}
		}
	})
}

func TestAnAnswerThatIsNoFaultSparesNobody(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
	}))
	defer server.Close()
	c, _ := client(t)
	for range 20 {
		if status, err := call(t.Context(), c, http.MethodPost, server.URL); err != nil ||
			status != http.StatusForbidden {
			t.Fatalf("%d, %v", status, err)
		}
	}
}
