package sandboxtest

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"kabinet/integrations/claim"
	"kabinet/integrations/sandbox"
)

// Played is a sandbox that makes choices.
type Played interface {
	Choices() []sandbox.Choice
	Play(day string, seen map[string]claim.Finding) (unknown []string)
	Reset()
}

// Hasty returns an asker that does not wait between requests: a sandbox does not mind.
func Hasty() *claim.Asker {
	return &claim.Asker{Wait: func(context.Context, time.Duration) error { return nil }}
}

// Compare fails the test where a claim is not as foreseen against a fresh sandbox; where a choice that is made
// otherwise is not found, or something else is found with it; and where a sandbox that plays what was found does not
// behave so. open returns a sandbox and what makes the claims about it, as it is then. untried are the claims that are
// not tried against this sandbox though they have a probe.
func Compare(t *testing.T, open func(t *testing.T) (Played, func() claim.Book), untried ...string) {
	t.Helper()
	t.Run("every claim is as foreseen", func(t *testing.T) {
		t.Parallel()
		_, claims := open(t)
		book := claims()
		for _, f := range find(t, book) {
			if want := !slices.Contains(untried, f.Claim) && probeOf(book,
				f.Claim) != nil; want != (f.Result == claim.Same) {
				t.Errorf("%s is %s: foreseen %q, seen %q, %s", f.Claim, f.Result, f.Foreseen, f.Seen, f.Why)
			}
		}
	})
	first, _ := open(t)
	for _, choice := range first.Choices() {
		for _, way := range choice.Ways[1:] {
			t.Run(choice.Claim+" "+way, func(t *testing.T) {
				t.Parallel()
				otherwise(t, open, choice.Claim, way)
			})
		}
	}
}

// otherwise makes one choice otherwise, compares, and lets another sandbox play what was found.
func otherwise(t *testing.T, open func(t *testing.T) (Played, func() claim.Book), id, way string) {
	t.Helper()
	flipped, claims := open(t)
	choiceOf(t, flipped, id).Choose(way)
	book := claims()
	found := find(t, book)
	for i, f := range found {
		switch {
		case f.Claim != id && f.Result == claim.Different:
			t.Errorf("%s is different too: foreseen %q, seen %q", f.Claim, f.Foreseen, f.Seen)
		case f.Claim == id && probeOf(book, id) == nil: // who has watched writes it down
			found[i].Result, found[i].Seen, found[i].Why = claim.Different, way, ""
		case f.Claim == id && f.Seen != way:
			t.Errorf("seen is %q, %s", f.Seen, f.Why)
		}
	}
	again, claimsAgain := open(t)
	c := written(t, found)
	if unknown := again.Play(c.Day, c.Seen(c.Findings[0].Vendor)); len(unknown) > 0 {
		t.Errorf("it does not know %v", unknown)
	}
	again.Reset()
	if got := choiceOf(t, again, id).Current(); got != way {
		t.Errorf("played, the sandbox goes %q", got)
	}
	if probeOf(book, id) == nil {
		return
	}
	if got := find(t, claimsAgain()); !reflect.DeepEqual(got, found) {
		t.Errorf("played, it is found to be %v", got)
	}
}

func find(t *testing.T, book claim.Book) []claim.Finding {
	t.Helper()
	found, err := claim.Run(t.Context(), "vendor", book, true)
	if err != nil {
		t.Error(err)
	}
	return found
}

// written are the findings as somebody sends them.
func written(t *testing.T, found []claim.Finding) claim.Comparison {
	t.Helper()
	var b bytes.Buffer
	if err := claim.NewComparison(time.Now(), found).Write(&b); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "comparison.json")
	if err := os.WriteFile(name, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := claim.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func choiceOf(t *testing.T, p Played, id string) sandbox.Choice {
	t.Helper()
	all := p.Choices()
	i := slices.IndexFunc(all, func(c sandbox.Choice) bool { return c.Claim == id })
	if i < 0 {
		t.Fatalf("no choice is of the claim %q", id)
	}
	return all[i]
}

func probeOf(b claim.Book, id string) claim.Probe {
	i := slices.IndexFunc(b.Claims, func(c claim.Claim) bool { return c.ID == id })
	return b.Claims[i].Probe
}
