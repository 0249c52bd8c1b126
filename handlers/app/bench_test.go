package app_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"kabinet/handlers/app"
	"kabinet/store"

	"kabinet/handlers/app/apptest"
)

// The dashboard of a signed-in customer against a bare net/http handler that sends the same
// bytes, in one run: how much of a plain server's speed is left. Aim: at least 0.5.
func BenchmarkDashboardAgainstABareHandler(b *testing.B) {
	listener, err := app.Listen("127.0.0.1:0", "", "")
	if err != nil {
		b.Fatal(err)
	}
	// The log is formatted as in earnest and thrown away.
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	a, err := app.New(context.Background(), app.Demo, app.Settings{Data: b.TempDir(), QuickPasswords: true},
		listener.Addr(), log)
	if err != nil {
		b.Fatal(err)
	}
	defer a.Close()
	portal := serve(b, listener, a)
	r := &apptest.Program{App: a, URL: a.BaseURL.String(), Addr: listener.Addr().String()}
	c := r.SignedInAs(b, "anna@example.com")
	cookie := c.HTTP.Jar.Cookies(apptest.MustParse(b, r.URL))[0]
	for _, v := range vendors() {
		if v.stands != nil {
			v.stands(c, r)
		}
		c.Post("/dashboard/refresh", url.Values{"vendor": {v.name}})
	}
	page := c.Get("/dashboard")
	body := []byte(apptest.BodyOf(b, page))

	bareListener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	bare := serve(b, bareListener, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for name, values := range page.Header {
			w.Header()[name] = values
		}
		w.Write(body) //nolint:errcheck // the load ends by itself
	}))

	// By turns, so that a noisy machine is noisy for both.
	var ours, theirs time.Duration
	for b.Loop() {
		ours += load(b, portal+"/dashboard", r.URL, cookie, len(body))
		theirs += load(b, bare, "", cookie, len(body))
	}
	requests := float64(b.N * loadRequests)
	b.ReportMetric(theirs.Seconds()/ours.Seconds(), "ratio")
	b.ReportMetric(requests/ours.Seconds(), "pages/s")
	b.ReportMetric(requests/theirs.Seconds(), "bare/s")
	b.ReportMetric(0, "ns/op")
}

func serve(b *testing.B, listener net.Listener, handler http.Handler) string {
	b.Helper()
	server := &http.Server{Handler: handler}
	go server.Serve(listener) //nolint:errcheck // ends when closed
	b.Cleanup(func() { server.Close() })
	return "http://" + listener.Addr().String()
}

const (
	loadRequests = 2000
	loadClients  = 8
)

// load sends a bounded number of requests by a few clients at once and returns how long it took.
func load(b testing.TB, address, host string, cookie *http.Cookie, size int) time.Duration {
	b.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: loadClients}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	began := time.Now()
	var wg sync.WaitGroup
	for range loadClients {
		wg.Go(func() {
			var got bytes.Buffer
			for range loadRequests / loadClients {
				q, err := http.NewRequest(http.MethodGet, address, nil)
				if err != nil {
					b.Error(err)
					return
				}
				if host != "" {
					q.Host = strings.TrimPrefix(host, "http://")
				}
				q.AddCookie(cookie)
				response, err := client.Do(q)
				if err != nil {
					b.Error(err)
					return
				}
				got.Reset()
				_, err = got.ReadFrom(response.Body)
				response.Body.Close()
				// Nonces have one length: a page of another size is another page.
				if err != nil || response.StatusCode != http.StatusOK || got.Len() != size {
					b.Errorf("%s, %d bytes, %v", response.Status, got.Len(), err)
					return
				}
			}
		})
	}
	wg.Wait()
	return time.Since(began)
}

// From the start of the process to the first page, with a new database. Aim: 300 ms.
func BenchmarkStartToFirstPage(b *testing.B) {
	if _, err := apptest.Binary(); err != nil {
		b.Fatal(err)
	}
	var total time.Duration
	for b.Loop() {
		port := apptest.FreePort(b)
		began := time.Now()
		p := apptest.Run(b, nil, "demo", "--addr", "127.0.0.1:"+port, "--data", b.TempDir())
		p.Answers("http://localhost:" + port + "/login")
		total += time.Since(began)
		p.Stop(syscall.SIGTERM)
	}
	b.ReportMetric(float64(total.Milliseconds())/float64(b.N), "ms/start")
	b.ReportMetric(0, "ns/op")
}

// The first state of everything, with a hundred accounts more in the database. Aim: a second.
func BenchmarkResettingEverything(b *testing.B) {
	r := apptest.StartDemo(b)
	for b.Loop() {
		b.StopTimer()
		for i := range 100 {
			u := store.User{Email: fmt.Sprintf("user%d@example.com", i), Name: "Некто", Language: "ru"}
			if _, err := r.DB.Register(b.Context(), u, "192.0.2.1"); err != nil {
				b.Fatal(err)
			}
		}
		b.StartTimer()
		reset(b, r)
	}
	if each := b.Elapsed() / time.Duration(b.N); each > time.Second {
		b.Errorf("a reset takes %v", each)
	}
}

// The demo's resident memory after a hundred pages. Aim: 64 MiB.
func BenchmarkMemoryAtRest(b *testing.B) {
	if runtime.GOOS != "linux" {
		b.Skip("reads /proc")
	}
	var kib int
	for b.Loop() {
		port := apptest.FreePort(b)
		p := apptest.Run(b, nil, "demo", "--addr", "127.0.0.1:"+port, "--data", b.TempDir())
		for range 100 {
			p.Answers("http://localhost:" + port + "/login")
		}
		kib = residentKiB(b, p)
		p.Stop(syscall.SIGTERM)
	}
	b.ReportMetric(float64(kib)/1024, "MiB")
	b.ReportMetric(0, "ns/op")
}

func residentKiB(tb testing.TB, p *apptest.Process) (kib int) {
	tb.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Cmd.Process.Pid))
	if err != nil {
		tb.Fatal(err)
	}
	_, after, _ := strings.Cut(string(status), "VmRSS:")
	if _, err := fmt.Sscan(after, &kib); err != nil {
		tb.Fatal(err)
	}
	return kib
}

// The binary that `make build` makes. Aim: 40 MB.
func BenchmarkBinarySize(b *testing.B) {
	info, err := os.Stat("../../kabinet")
	if err != nil {
		b.Skip("`make build` makes the binary")
	}
	for b.Loop() {
	}
	b.ReportMetric(float64(info.Size())/1e6, "MB")
	b.ReportMetric(0, "ns/op")
}
