package claim_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kabinet/integrations/claim"
)

func TestAnAskerWaitsASecondAfterEachAnswer(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(http.StatusFound)
	}))
	defer server.Close()
	var waits []time.Duration
	a := claim.Asker{Wait: func(_ context.Context, d time.Duration) error {
		waits = append(waits, d)
		return nil
	}}
	defer a.Close()
	for range 2 {
		if answer, err := a.Get(t.Context(), server.URL+"/"); err != nil || answer.Status != http.StatusFound {
			t.Errorf("%v, %v", answer, err)
		}
	}
	// The first had nobody before it. However busy the machine, the second is asked to wait for what is left of one.
	if len(waits) != 2 || waits[0] > 0 || waits[1] > claim.Pause || waits[1] < claim.Pause-time.Minute {
		t.Errorf("it waited %v", waits)
	}
	stopped := errors.New("stopped")
	a.Wait = func(context.Context, time.Duration) error { return stopped }
	if _, err := a.Get(t.Context(), server.URL+"/"); !errors.Is(err, stopped) {
		t.Errorf("who is not let wait has asked: %v", err)
	}
}

func TestWhatAProbeSeesLeavesWithoutWhatCouldBeACustomersOrACredential(t *testing.T) {
	t.Parallel()
	for seen, want := range map[string]string{
		"200 with message, status":               "200 with message, status",
		"anna@example.com has 3 points":          "… has 3 points",
		"call +7 912 000-00-01 back":             "call … back",
		"10080 minutes":                          "10080 minutes",
		"key 0a1b2c3d4e5f60718293a4b5c6d7e8 was": "key … was",
		strings.Repeat("x ", 400):                strings.Repeat("x ", 150) + "…",
		"x" + strings.Repeat("я", 400):           "x" + strings.Repeat("я", 149) + "…",
	} {
		book := claim.Book{Claims: []claim.Claim{{ID: "a", Foresees: seen, Probe: func(context.Context) (string, error) {
			return seen, nil
		}}, {ID: "b", Foresees: "x", Probe: func(context.Context) (string, error) { return "", errors.New(seen) }}}}
		found, err := claim.Run(t.Context(), "vendor", book, false)
		if err != nil || found[0].Seen != want || found[1].Why != "claim.not.failed" || found[1].Result != claim.Untried {
			t.Errorf("%q leaves as %q, %q", seen, found[0].Seen, found[1].Why)
		}
	}
}

func TestWhatWritesIsNotTriedWithoutLeaveAndIsCleanedUpWithIt(t *testing.T) {
	t.Parallel()
	tried, cleaned := 0, 0
	left := errors.New("left")
	book := claim.Book{
		Claims: []claim.Claim{{ID: "a", Foresees: "x", Writes: true, Probe: func(context.Context) (string, error) {
			tried++
			return "y", nil
		}}},
		CleanUp: func(context.Context) error {
			cleaned++
			return left
		},
	}
	found, err := claim.Run(t.Context(), "vendor", book, false)
	if err != nil || tried+cleaned != 0 || found[0].Why != "claim.not.write" {
		t.Errorf("without leave: %v, %v", found, err)
	}
	found, err = claim.Run(t.Context(), "vendor", book, true)
	if !errors.Is(err, left) || tried != 1 || cleaned != 1 || found[0].Result != claim.Different {
		t.Errorf("with leave: %v, %v", found, err)
	}
}

func TestWhoeverStopsAComparisonLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	tried, cleaned := 0, false
	probe := func(ctx context.Context) (string, error) {
		tried++
		stop()
		return "", ctx.Err()
	}
	book := claim.Book{
		Claims: []claim.Claim{{ID: "a", Foresees: "x", Probe: probe}, {ID: "b", Foresees: "x", Probe: probe}},
		CleanUp: func(ctx context.Context) error {
			cleaned = ctx.Err() == nil
			return nil
		},
	}
	found, err := claim.Run(ctx, "vendor", book, true)
	if err != nil || tried != 1 || !cleaned || found[0].Why != "claim.not.stopped" || found[1].Why != "claim.not.stopped" {
		t.Errorf("%d probes, cleaned up: %v; %v, %v", tried, cleaned, found, err)
	}
}

func TestAFileThatIsNoComparisonIsRefusedInWords(t *testing.T) {
	t.Parallel()
	finding := `{"vendor":"a","claim":"b","standing":"ours","result":"different","foreseen":"x","seen":"y"}`
	whole := func(findings string) string { return `{"format":1,"day":"2026-11-30","findings":[` + findings + `]}` }
	tests := map[string]string{
		whole(finding): "",
		whole(""):      "",
		"":             "is no comparison",
		"[]":           "is no comparison",
		`{"format":2,"day":"2026-11-30","findings":[]}`:                             "format is 2",
		`{"format":1,"day":"yesterday","findings":[]}`:                              "its day",
		`{"format":1,"day":"2026-11-30","findings":[],"x":1}`:                       "unknown",
		whole(finding + "," + finding):                                              "two findings of a/b",
		whole(strings.Replace(finding, `"a"`, `"../a"`, 1)):                         "no vendor",
		whole(strings.Replace(finding, "different", "bad", 1)):                      "unknown",
		whole(strings.Replace(finding, `"y"`, `""`, 1)):                             "seen or not",
		whole(strings.Replace(finding, `"y"`, `"\u0007"`, 1)):                       "no line of text",
		whole(strings.Replace(finding, `"y"`, `"\u202e"`, 1)):                       "no line of text",
		whole(strings.Replace(finding, `"y"`, `"`+strings.Repeat("y", 400)+`"`, 1)): "too long",
	}
	for text, want := range tests {
		name := filepath.Join(t.TempDir(), "file.json")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := claim.ReadFile(name)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := claim.ReadFile("nothing"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}
