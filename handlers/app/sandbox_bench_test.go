package app_test

import (
	"net/http"
	"syscall"
	"testing"
	"time"

	"kabinet/integrations/outgoing"

	"kabinet/handlers/app/apptest"
)

// From the start of the process to the first page of the sandboxes alone. Aim, and limit: 300 ms.
func BenchmarkStartOfTheSandboxes(b *testing.B) {
	if _, err := apptest.Binary(); err != nil {
		b.Fatal(err)
	}
	const most = 300 * time.Millisecond
	client := outgoing.NewPlainClient(time.Second)
	var total time.Duration
	for b.Loop() {
		port := apptest.FreePort(b)
		began := time.Now()
		p := apptest.Run(b, nil, "sandbox", "--addr", "127.0.0.1:"+port)
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
