package handlers

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"kabinet/handlers/password"
	"kabinet/integrations/secret"
	"kabinet/store"
)

// limit is how often something may be tried: so many times at once, and one more after each interval.
// A refused try counts for nothing, so that whoever keeps trying keeps nobody out for good.
type limit struct {
	name  string
	burst int
	every time.Duration
}

// Wrong passwords count, right ones do not. Somebody elsewhere who guesses at an account uses up
// an allowance of their own and not its owner's.
var (
	guessesAtAccount   = limit{"guesses at an account from an address", 5, time.Minute}
	guessesFromAddress = limit{"guesses from an address", 50, 15 * time.Second}
)

// What tells whether an e-mail has an account: registering, and changing one's e-mail to it.
var (
	probesFromAddress = limit{"probes from an address", 10, 10 * time.Minute}
	probesByUser      = limit{"probes by a user", 5, 10 * time.Minute}
)

// throttle counts tries in the database, so that a restart lifts nothing.
type throttle struct {
	db  *store.DB
	key []byte
}

func newThrottle(db *store.DB, s secret.Text) *throttle {
	return &throttle{db: db, key: s.DeriveKey("throttle")}
}

// of is the allowance of what the parts name, under a limit.
func (t *throttle) of(l limit, parts ...string) store.Allowance {
	mac := hmac.New(sha256.New, t.key)
	for _, part := range append([]string{l.name}, parts...) {
		mac.Write([]byte(strconv.Quote(part)))
	}
	return store.Allowance{Key: store.ThrottleKey(mac.Sum(nil)), Burst: l.burst, Every: l.every}
}

// neighbourhood is what addresses are counted by: whoever has an IPv6 address has 2^64 of them.
func neighbourhood(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if ip = ip.Unmap().WithZone(""); ip.Is6() {
		return netip.PrefixFrom(ip, 64).Masked().String()
	}
	return ip.String()
}

// take takes a try from each allowance. The audit tells, once for each time that one is used up,
// what was being done to which account. It returns a *store.Refusal when one is used up.
func (p *Portal) take(c echo.Context, doing string, userID int64, allowances ...store.Allowance) error {
	err := p.db.Take(c.Request().Context(), allowances...)
	if r, ok := errors.AsType[*store.Refusal](err); ok && r.First {
		if err := p.record(c, store.Event{Kind: store.Throttled, UserID: userID, Detail: doing}); err != nil {
			return err
		}
	}
	return err
}

// record tells the audit what the reader did, even when they have left meanwhile.
func (p *Portal) record(c echo.Context, e store.Event) error {
	e.By = by(c)
	return p.db.Record(context.WithoutCancel(c.Request().Context()), e)
}

// prove returns nil when the typed password is that of the user with the e-mail; user is the
// zero value when there is none, which costs the same work. It returns password.ErrMismatch,
// which the audit tells as failed, password.ErrBusy, or a *store.Refusal after too many mistakes.
func (p *Portal) prove(c echo.Context, user store.User, email, typed string, failed store.EventKind) error {
	if p.passwords.Full() { // before the database is asked: a flood is to cost it nothing
		return password.ErrBusy
	}
	ctx, address := c.Request().Context(), neighbourhood(c.RealIP())
	allowances := []store.Allowance{p.throttle.of(guessesAtAccount, email, address), p.throttle.of(guessesFromAddress, address)}
	if err := p.take(c, string(failed), user.ID, allowances...); err != nil {
		return err
	}
	fresh, err := p.passwords.Check(ctx, user.PasswordHash, typed)
	if errors.Is(err, password.ErrMismatch) {
		if err := p.record(c, store.Event{Kind: failed, UserID: user.ID}); err != nil {
			return err
		}
		return err
	}
	// It was no guess. The allowance is to have it back even when the reader has left meanwhile.
	err = errors.Join(err, p.db.Return(context.WithoutCancel(ctx), allowances...))
	if err == nil && fresh != "" {
		return p.db.Rehash(ctx, user.ID, user.PasswordHash, fresh)
	}
	return err
}

// refusal is how a form that did not go through for want of a try or a turn is answered. It
// returns 0 when the error is no such thing.
func (p *Portal) refusal(c echo.Context, err error) (status int, text string) {
	t, h := visitOf(c).texts, c.Response().Header()
	if errors.Is(err, password.ErrBusy) {
		h.Set("Retry-After", "5")
		return http.StatusServiceUnavailable, t.T("form.busy")
	}
	if r, ok := errors.AsType[*store.Refusal](err); ok {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(r.Wait.Seconds()))))
		return http.StatusTooManyRequests, t.With("form.throttled", map[string]any{"Count": int(math.Ceil(r.Wait.Minutes()))})
	}
	return 0, ""
}
