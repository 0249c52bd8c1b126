package app_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"kabinet/handlers/app"
	"kabinet/integrations/outgoing"

	"kabinet/handlers/app/apptest"
)

// From the start of the process to the first page of the sandboxes alone, without a state and with one as after weeks
// of demonstrations. Aim, and limit: 300 ms.
func BenchmarkStartOfTheSandboxes(b *testing.B) {
	if _, err := apptest.Binary(); err != nil {
		b.Fatal(err)
	}
	const most = 300 * time.Millisecond
	b.Run("new", func(b *testing.B) {
		benchmarkStart(b, most, func() string { return filepath.Join(b.TempDir(), "state.json") })
	})
	b.Run("restored", func(b *testing.B) {
		file := busyState(b)
		info, err := os.Stat(file)
		if err != nil {
			b.Fatal(err)
		}
		benchmarkStart(b, most, func() string { return file })
		b.ReportMetric(float64(info.Size())/1024, "KiB")
	})
}

func benchmarkStart(b *testing.B, most time.Duration, state func() string) {
	client := outgoing.NewPlainClient(time.Second)
	var total time.Duration
	for b.Loop() {
		port, file := apptest.FreePort(b), state()
		began := time.Now()
		p := apptest.Run(b, nil, "sandbox", "--addr", "127.0.0.1:"+port, "--state", file)
		for {
			response, err := client.Get("http://sandbox.localhost:" + port + "/")
			if err == nil {
				response.Body.Close()
				if response.StatusCode == http.StatusOK {
					break
				}
			}
			if time.Since(began) > 20*time.Second {
				b.Fatal(err, p.Stderr.String())
			}
			time.Sleep(time.Millisecond)
		}
		total += time.Since(began)
		p.Stop(syscall.SIGTERM)
	}
	took := total / time.Duration(b.N)
	if took > most {
		b.Errorf("it is up after %v", took)
	}
	b.ReportMetric(milliseconds(took), "ms/start")
	b.ReportMetric(0, "ns/op")
}

// busyState is the file of sandboxes that much was done at.
func busyState(b *testing.B) string {
	b.Helper()
	file := filepath.Join(b.TempDir(), "state.json")
	s, err := app.NewSandboxes(app.SandboxSettings{Portal: "http://localhost:8080", State: file},
		&net.TCPAddr{Port: 8081}, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		b.Fatal(err)
	}
	ask := of(b, s)
	ask.does(b, visits()...)
	for _, v := range vendors() {
		if v.busy != nil {
			v.busy(b, ask)
		}
	}
	ended, end := context.WithCancel(b.Context())
	end()
	s.Work(ended)
	return file
}
