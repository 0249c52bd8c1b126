package sandbox

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// untilHeld waits until so many requests are held.
func untilHeld(t *testing.T, faults *Faults, want int) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); faults.Held("do") != want; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d are held, want %d", faults.Held("do"), want)
		}
	}
}

func TestAHeldRequestWaitsUntilItIsReleased(t *testing.T) {
	t.Parallel()
	for name, release := range map[string]func(t *testing.T, faults *Faults, server string){
		"in Go":         func(_ *testing.T, faults *Faults, _ string) { faults.Release("do") },
		"with all":      func(_ *testing.T, faults *Faults, _ string) { faults.Clear() },
		"by the button": releasedAt("/_sandbox/faults/release", ""),
		"by its name":   releasedAt("/_sandbox/faults/release", "operation=do"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			faults, server := framed(t, connecting(""))
			put := `{"faults": [{"operation": "do", "hold": true, "times": 2}]}`
			if status, text := send(t, http.MethodPut, server.URL+"/_sandbox/faults", put); status != http.StatusOK {
				t.Fatalf("%d %s", status, text)
			}
			answers := make(chan string, 2)
			for range 2 {
				go func() {
					_, text := send(t, http.MethodGet, server.URL+"/do", "")
					answers <- text
				}()
			}
			untilHeld(t, faults, 2)
			if _, text := send(t, http.MethodGet, server.URL+"/_sandbox/faults", ""); !strings.Contains(text, `"held":2`) {
				t.Errorf("the list says %s", text)
			}
			if _, page := send(t, http.MethodGet, server.URL+"/_sandbox/", ""); !strings.Contains(page, "do hold (2)") || !strings.Contains(page, `id="release"`) {
				t.Errorf("the page says %s", page)
			}
			select {
			case text := <-answers:
				t.Fatalf("one is answered: %s", text)
			default:
			}
			release(t, faults, server.URL)
			for range 2 {
				if text := <-answers; text != "done" {
					t.Errorf("answered is %q", text)
				}
			}
			if len(faults.Active()) != 0 {
				t.Errorf("left is %v", faults.Active())
			}
		})
	}
}

func releasedAt(path, form string) func(t *testing.T, _ *Faults, server string) {
	return func(t *testing.T, _ *Faults, server string) {
		t.Helper()
		status, text := send(t, http.MethodPost, server+path, form, "Content-Type", "application/x-www-form-urlencoded", "Origin", server)
		if status != http.StatusSeeOther {
			t.Errorf("%d %s", status, text)
		}
	}
}

func TestWhoLeavesIsHeldNoLonger(t *testing.T) {
	t.Parallel()
	faults, server := framed(t, connecting(""))
	if err := faults.Set("do", Fault{Hold: true}); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/do", nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	left := make(chan error, 1)
	go func() {
		response, err := transport.RoundTrip(r) //nolint:bodyclose // there is no answer
		if err == nil {
			response.Body.Close() //nolint:errcheck // it should not have come
		}
		left <- err
	}()
	untilHeld(t, faults, 1)
	server.CloseClientConnections()
	if err := <-left; err == nil {
		t.Error("it is answered")
	}
	untilHeld(t, faults, 0)
}
