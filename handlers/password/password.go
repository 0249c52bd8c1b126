// Package password hashes and checks passwords, behind a gate that keeps bcrypt from taking
// every core: pages stay quick while people sign in.
package password

import (
	"context"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"

	"golang.org/x/crypto/bcrypt"

	"kabinet/integrations/secret"
)

// DefaultCost is bcrypt's cost where none is configured: about a quarter of a second.
const DefaultCost = 12

var (
	// ErrMismatch says that the password is not the hashed one.
	ErrMismatch = errors.New("the password does not match")
	// ErrBusy says that too many wait already; try again in a few seconds.
	ErrBusy = errors.New("too many sign-ins at once")
)

// Hasher hashes and checks passwords. It is safe for concurrent use.
type Hasher struct {
	pepper []byte
	cost   int
	gate   *gate
	// unknown is what an unknown account's password is compared with: the same work, never a match.
	unknown []byte
}

// NewHasher returns a hasher whose pepper is derived from the secret. It returns an error
// when bcrypt does not know the cost. Concurrent is how many hash at a time, waiting how many may wait.
func NewHasher(s secret.Text, cost, concurrent, waiting int) (*Hasher, error) {
	if cost < bcrypt.MinCost || cost > bcrypt.MaxCost {
		return nil, fmt.Errorf("bcrypt's cost is %d to %d, not %d", bcrypt.MinCost, bcrypt.MaxCost, cost)
	}
	return &Hasher{
		pepper: s.DeriveKey("password"), cost: cost, gate: newGate(concurrent, waiting),
		// Made without hashing, so that a start does not wait for bcrypt: a salt and a
		// hash of zero bytes, which nobody has a password for.
		unknown: fmt.Appendf(nil, "$2a$%02d$%s", cost, "....................................................."),
	}, nil
}

// peppered prepares a password for bcrypt, which takes at most 72 bytes and stops at a zero
// byte: 64 characters that depend on all of the password and on the pepper (OWASP, Password Storage).
func (h *Hasher) peppered(password string) []byte {
	mac := hmac.New(sha512.New384, h.pepper)
	mac.Write([]byte(password))
	return []byte(base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// Hash returns the hash to store. It returns ErrBusy, or the context's error when that ends first.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	if err := h.gate.enter(ctx); err != nil {
		return "", err
	}
	defer h.gate.leave()
	hash, err := bcrypt.GenerateFromPassword(h.peppered(password), h.cost)
	if err != nil {
		return "", fmt.Errorf("hashing a password: %w", err)
	}
	return string(hash), nil
}

// Check returns nil when the password is the hashed one, else ErrMismatch. An empty hash,
// for an account that does not exist, costs the same work and never matches. It returns
// ErrBusy, or the context's error when that ends first.
func (h *Hasher) Check(ctx context.Context, hash, password string) error {
	if err := h.gate.enter(ctx); err != nil {
		return err
	}
	defer h.gate.leave()
	stored := []byte(hash)
	if hash == "" {
		stored = h.unknown
	}
	err := bcrypt.CompareHashAndPassword(stored, h.peppered(password))
	switch {
	case hash == "", errors.Is(err, bcrypt.ErrMismatchedHashAndPassword):
		return ErrMismatch
	case err != nil:
		return fmt.Errorf("checking a password: %w", err)
	}
	return nil
}
