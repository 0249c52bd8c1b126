package password

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"golang.org/x/crypto/bcrypt"

	"kabinet/integrations/secret"
)

func hasher(t *testing.T, text string) *Hasher {
	t.Helper()
	h, err := NewHasher(secret.New(text), bcrypt.MinCost, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestPasswordsAreComparedExactly(t *testing.T) {
	t.Parallel()
	h := hasher(t, "secret")
	long := strings.Repeat("пароль ", 18) // beyond the 72 bytes that bcrypt compares
	for _, password := range []string{"kabinet-demo", "", "with\x00zero", long, "пароль"} {
		hash, err := h.Hash(t.Context(), password)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Check(t.Context(), hash, password); err != nil {
			t.Errorf("%.20q: %v", password, err)
		}
		for _, wrong := range []string{password + "x", password + "\x00", " " + password, strings.ToUpper(password) + "!"} {
			if err := h.Check(t.Context(), hash, wrong); !errors.Is(err, ErrMismatch) {
				t.Errorf("%.20q for %.20q: %v", wrong, password, err)
			}
		}
		if err := hasher(t, "another secret").Check(t.Context(), hash, password); !errors.Is(err, ErrMismatch) {
			t.Errorf("%.20q under another secret: %v", password, err)
		}
	}
}

func TestAnUnknownAccountCostsTheSameWorkAndNeverMatches(t *testing.T) {
	t.Parallel()
	h := hasher(t, "secret")
	if cost, err := bcrypt.Cost(h.unknown); err != nil || cost != bcrypt.MinCost {
		t.Fatalf("the stand-in costs %d, %v", cost, err)
	}
	// bcrypt itself must get as far as comparing: a malformed hash would be refused without work.
	if err := bcrypt.CompareHashAndPassword(h.unknown, h.peppered("x")); !errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		t.Errorf("comparing with the stand-in: %v", err)
	}
	if err := h.Check(t.Context(), "", ""); !errors.Is(err, ErrMismatch) {
		t.Errorf("got %v", err)
	}
}

func TestTheGateLetsAFewInAndAFewWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(2, 2)
		ctx, cancel := context.WithCancel(t.Context())
		for range 2 {
			if err := g.enter(ctx); err != nil {
				t.Fatal(err)
			}
		}
		waited := make(chan error, 2)
		for range 2 {
			go func() { waited <- g.enter(ctx) }()
		}
		synctest.Wait()
		if err := g.enter(ctx); !errors.Is(err, ErrBusy) {
			t.Errorf("with two waiting: %v", err)
		}
		g.leave()
		if err := <-waited; err != nil {
			t.Errorf("the first to wait: %v", err)
		}
		cancel()
		if err := <-waited; !errors.Is(err, context.Canceled) {
			t.Errorf("the one who gave up: %v", err)
		}
		g.leave()
		g.leave()
		if len(g.present) != 0 || len(g.inside) != 0 {
			t.Errorf("%d inside, %d present after all have left", len(g.inside), len(g.present))
		}
	})
}
