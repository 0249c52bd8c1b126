package handlers

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"math"
	"net/netip"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"kabinet/integrations/secret"
	"kabinet/store"
)

// limit is how often something may be tried: so many times at once, and one more after each
// interval. A refused try counts for nothing.
type limit struct {
	name  string
	burst int
	every time.Duration
}

// Wrong passwords count, right ones do not. Somebody elsewhere who guesses at an account uses up
// an allowance of their own and not its owner's, and so does a browser that the owner has used before.
var (
	guessesAtAccount   = limit{"guesses at an account from an address", 5, time.Minute}
	guessesFromAddress = limit{"guesses from an address", 50, 15 * time.Second}
	guessesOnDevice    = limit{"guesses on a device", 5, time.Minute}
)

// What tells whether an e-mail has an account: registering, and changing one's e-mail to it.
var (
	probesFromAddress = limit{"probes from an address", 10, 10 * time.Minute}
	probesByUser      = limit{"probes by a user", 5, 10 * time.Minute}
)

// What costs a vendor's call, or much reading, and leaves a line in the audit.
var (
	openingsByUser = limit{"openings of a cabinet by a user", 20, 10 * time.Second}
	figuresByUser  = limit{"figures of a loyalty account by a user", 20, 10 * time.Second}
	returnsByUser  = limit{"ways back from SailPlay by a user", 20, 30 * time.Second}
	linksByUser    = limit{"ways to SailPlay by a user", 10, 30 * time.Second}
	exportsByUser  = limit{"exports by a user", 5, time.Minute}
	codesByUser    = limit{"codes for amoCRM by a user", 10, 30 * time.Second}
)

// Codes that are typed into amoCRM's widget: only wrong ones count. There are 24 to the power of 8, so that
// what is left for all together finds none, and a dozen deals cannot shut everybody else out.
var (
	guessesAtDeal  = limit{"guesses of a code at a deal", 5, time.Minute}
	guessesOfCodes = limit{"guesses of codes in all", 600, 100 * time.Millisecond}
)

// What the widget asks for, pages tell of browsers, and administrators have tried: see pace.
var (
	eventsByUser      = limit{"events of a user's browser", 30, time.Second}
	strangersRecorded = limit{"refused strangers in the inspector", 20, time.Second}
	cardsOfDeal       = limit{"cards of a deal", 30, time.Second}
	checksInAll       = limit{"checks of vendors in all", 8, 10 * time.Second}
	cardsOfAccount    = limit{"cards of an account", 1000, 10 * time.Millisecond}
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

// retryAfter is the header's value: whole seconds, no fewer than it takes.
func retryAfter(r *store.Refusal) string { return strconv.Itoa(int(math.Ceil(r.Wait.Seconds()))) }

// record tells the audit what the reader did, even when they have left meanwhile.
func (p *Portal) record(c echo.Context, e store.Event) error {
	e.By = by(c)
	return p.db.Record(context.WithoutCancel(c.Request().Context()), e)
}
