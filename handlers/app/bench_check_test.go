package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"kabinet/handlers/app/apptest"
)

// figure is one that must not fall; more says which way is better.
type figure struct {
	name string
	more bool
}

var watchedFigures = []figure{{"pages/s", true}, {"ms to the first page", false}, {"MiB at rest", false}, {"MB of binary", false}}

// `make bench-check` measures two binaries, that of a commit and that of the tree as it is, by turns, each seven times:
// one binary alone gives figures that differ by a third within minutes. What falls by more than a fifth fails.
func TestNoFigureFallsByMoreThanAFifth(t *testing.T) {
	before := os.Getenv("KABINET_BENCH_BEFORE")
	if before == "" {
		t.Skip("`make bench-check` runs it")
	}
	now, err := filepath.Abs(filepath.Join("..", "..", "kabinet"))
	if err != nil {
		t.Fatal(err)
	}
	measured := map[string][][]float64{}
	for range 7 {
		for _, binary := range []string{before, now} {
			measured[binary] = append(measured[binary], measure(t, binary))
		}
	}
	for i, f := range watchedFigures {
		old, fresh := median(measured[before], i), median(measured[now], i)
		change := fresh / old
		fmt.Printf("%22s %10.1f → %10.1f (%+.0f %%)\n", f.name, old, fresh, (change-1)*100)
		if f.more && change < 0.8 || !f.more && change > 1.25 {
			t.Errorf("%s: from %.1f to %.1f", f.name, old, fresh)
		}
	}
}

func median(all [][]float64, i int) float64 {
	var column []float64
	for _, one := range all {
		column = append(column, one[i])
	}
	slices.Sort(column)
	return column[len(column)/2]
}

// measure runs a binary's demo once, and returns the figures in their order.
func measure(t *testing.T, binary string) []float64 {
	t.Helper()
	info, err := os.Stat(binary)
	if err != nil {
		t.Fatal(err)
	}
	port := apptest.FreePort(t)
	origin := "http://localhost:" + port
	cmd := apptest.Command(t, nil, "demo", "--addr", "127.0.0.1:"+port, "--data", t.TempDir())
	cmd.Path = binary
	began := time.Now()
	demo := apptest.Begin(t, cmd)
	demo.Answers(origin + "/login")
	start := time.Since(began)
	for range 100 {
		demo.Answers(origin + "/login")
	}
	memory := residentKiB(t, demo)
	program := &apptest.Program{URL: origin}
	anna := program.Client(t)
	anna.SignIn("anna@example.com")
	cookie := anna.HTTP.Jar.Cookies(apptest.MustParse(t, origin))[0]
	size := len(apptest.BodyOf(t, anna.Get("/dashboard")))
	address := "http://127.0.0.1:" + port + "/dashboard"
	load(t, address, origin, cookie, size) // what is made when it is first needed
	took := load(t, address, origin, cookie, size) + load(t, address, origin, cookie, size)
	demo.Stop(syscall.SIGTERM)
	return []float64{
		2 * loadRequests / took.Seconds(), float64(start.Microseconds()) / 1000, float64(memory) / 1024,
		float64(info.Size()) / 1e6,
	}
}
