package sandbox_test

import (
	"io/fs"
	"log/slog"
	"net/http"
	"testing"
	"testing/fstest"
	"time"

	"kabinet/integrations/sandbox"
)

// It would answer for the others.
func TestASiteOfNoNameBeforeOthersIsRefused(t *testing.T) {
	t.Parallel()
	for name, hosts := range map[string][2]string{"refused": {"", "b.localhost"}, "taken": {"a.localhost", ""}} {
		var texts fs.FS = fstest.MapFS{}
		k := sandbox.NewKernel(sandbox.Config{Vendor: "Acme", Texts: texts, Assets: texts, Now: time.Now,
			Log: slog.New(slog.DiscardHandler)})
		err := k.Serve(func() {}, nil, sandbox.Connect{}, nil,
			sandbox.Site{Mux: http.NewServeMux(), Host: hosts[0]}, sandbox.Site{Mux: http.NewServeMux(), Host: hosts[1]})
		if (err == nil) != (name == "taken") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheHostOfAnOriginIsAsASiteHasIt(t *testing.T) {
	t.Parallel()
	for origin, want := range map[string]string{
		"http://a.localhost:8080": "a.localhost", "https://A.Example.com.": "a.example.com", "http://[::1]:80": "::1",
	} {
		if got := sandbox.HostOf(origin); got != want {
			t.Errorf("%s: %q", origin, got)
		}
	}
}
