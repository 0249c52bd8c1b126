package password

import (
	"context"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

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

// Config is what a Hasher needs.
type Config struct {
	// Secret is what the pepper is derived from. Hashes under one of OldSecrets are accepted too.
	Secret     secret.Text
	OldSecrets []secret.Text
	Cost       int // bcrypt's
	Concurrent int // how many may hash at a time; 0 for as many as leave pages quick
	Waiting    int // how many more may wait
	Each       int // how many for one network or account may be hashing or waiting; 0 for any number
	// Waited is told how long somebody has waited for their turn, and what they got instead of one: ErrBusy, or the
	// end of their context; nil for nobody.
	Waited func(time.Duration, error)
}

// Hasher hashes and checks passwords. It is safe for concurrent use.
type Hasher struct {
	peppers [][]byte // the first is the current one
	cost    int
	gate    *gate
	waited  func(time.Duration, error)
}

// NewHasher returns a hasher. It returns an error when bcrypt does not know the cost.
func NewHasher(c Config) (*Hasher, error) {
	if c.Cost < bcrypt.MinCost || c.Cost > bcrypt.MaxCost {
		return nil, fmt.Errorf("bcrypt's cost is %d to %d, not %d", bcrypt.MinCost, bcrypt.MaxCost, c.Cost)
	}
	if c.Concurrent == 0 {
		c.Concurrent = atATime()
	}
	h := &Hasher{cost: c.Cost, gate: newGate(c.Concurrent, c.Waiting, c.Each), waited: c.Waited}
	if h.waited == nil {
		h.waited = func(time.Duration, error) {}
	}
	for _, s := range append([]secret.Text{c.Secret}, c.OldSecrets...) {
		h.peppers = append(h.peppers, s.DeriveKey("password"))
	}
	return h, nil
}

// peppered prepares a password for bcrypt, which takes at most 72 bytes and stops at a zero
// byte: 64 characters that depend on all of the password and on the pepper (OWASP, Password Storage).
func peppered(pepper []byte, password string) []byte {
	mac := hmac.New(sha512.New384, pepper)
	mac.Write([]byte(password))
	return []byte(base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// nobodys is a hash that no password has, and that costs as much to check as any. It is made
// without hashing: a salt and a hash of zero bytes.
func nobodys(cost int) []byte {
	return fmt.Appendf(nil, "$2a$%02d$%s", cost, ".....................................................")
}

// Full reports whether too many wait already, of all or for whom it would be: a network or an account. Hash and Check
// would return ErrBusy, and somebody is about to be turned away.
func (h *Hasher) Full(who string) bool {
	full := h.gate.full(who)
	if full {
		h.waited(0, ErrBusy)
	}
	return full
}

// Waiting returns how many wait for their turn.
func (h *Hasher) Waiting() int {
	h.gate.mu.Lock()
	defer h.gate.mu.Unlock()
	return len(h.gate.waiting)
}

// inTurn waits for somebody's turn, works in the background, and gives the turn back. Its error is the gate's, or that
// of the work, and made what that returns.
func (h *Hasher) inTurn(ctx context.Context, who string, work func() (string, error)) (made string, err error) {
	began := time.Now()
	err = h.gate.enter(ctx, who)
	h.waited(time.Since(began), err)
	if err != nil {
		return "", err
	}
	defer h.gate.leave(who)
	background(func() { made, err = work() })
	return made, err
}

// Hash returns the hash to store. Whose turn it is depends on for whom it is: whoever has had the least lately comes
// first. It returns ErrBusy, or the context's error when that ends first.
func (h *Hasher) Hash(ctx context.Context, who, password string) (string, error) {
	return h.inTurn(ctx, who, func() (string, error) { return h.hash(password) })
}

func (h *Hasher) hash(password string) (string, error) {
	hash, err := bcrypt.GenerateFromPassword(peppered(h.peppers[0], normal(password)), h.cost)
	if err != nil {
		return "", fmt.Errorf("hashing a password: %w", err)
	}
	return string(hash), nil
}

// Check returns nil when the password is the hashed one, else ErrMismatch. An empty hash, for an account that does not
// exist, costs the same work and never matches. It waits for its turn, and returns what Hash does.
//
// A hash that was made under an old secret or at another cost comes back as a fresh one, to be
// stored in its place; otherwise fresh is empty.
func (h *Hasher) Check(ctx context.Context, who, hash, password string) (fresh string, err error) {
	return h.inTurn(ctx, who, func() (string, error) { return h.check(hash, password) })
}

func (h *Hasher) check(hash, password string) (fresh string, err error) {
	stored := []byte(hash)
	if hash == "" {
		stored = nobodys(h.cost)
	}
	cost, err := bcrypt.Cost(stored)
	if err != nil {
		return "", fmt.Errorf("checking a password: %w", err)
	}
	text := normal(password)
	current, err := h.matches(stored, cost, text)
	if errors.Is(err, ErrMismatch) && text != password { // hashed when passwords were taken as they were typed
		_, err = h.matches(stored, cost, password)
	}
	if err != nil || current {
		return "", err
	}
	return h.hash(password)
}

// matches returns nil when the text is the hashed one, else ErrMismatch; current is whether it was hashed as it would
// be now.
func (h *Hasher) matches(stored []byte, cost int, text string) (current bool, err error) {
	for i, pepper := range h.peppers {
		err := bcrypt.CompareHashAndPassword(stored, peppered(pepper, text))
		if err == nil {
			return i == 0 && cost == h.cost, nil
		}
		if !errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
			return false, fmt.Errorf("checking a password: %w", err)
		}
		h.makeUp(cost)
	}
	return false, ErrMismatch
}

// makeUp does the work that checking a hash of a lower cost saved, so that the time an answer
// takes does not tell an account from before the cost was raised from one that does not exist.
// Each step of the cost doubles the work: 2^c + 2^c + 2^(c+1) + … + 2^(h-1) = 2^h. After the
// cost was lowered there is nothing to make up for: then time does tell, until each account of
// before has been signed in to.
func (h *Hasher) makeUp(cost int) {
	for ; cost < h.cost; cost++ {
		_ = bcrypt.CompareHashAndPassword(nobodys(cost), nil)
	}
}
