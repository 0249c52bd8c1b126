package web

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"net/netip"
	"strconv"
	"time"

	"kabinet/store"
)

// Limit is how often something may be tried: so many times at once, and one more after each interval. A refused try
// counts for nothing.
type Limit struct {
	Name  string // of what is counted; what has the same name is counted together
	Burst int
	Every time.Duration
	// Doing is what the audit says was being done when a limit of a route is reached.
	Doing string
}

// Of guesses wrong passwords count, right ones do not. Somebody elsewhere who guesses at an account uses up an
// allowance of their own and not its owner's, and so do the browsers that the owner has used before. To an account
// right passwords count, more at once than may wait for their turn, so that guesses on their way use nothing up. From
// a network both count: each costs a quarter of a second.
var (
	guessesAtAccount   = Limit{Name: "guesses at an account from an address", Burst: 5, Every: time.Minute}
	guessesInNetwork   = Limit{Name: "guesses at an account from a network", Burst: 20, Every: time.Minute}
	guessesFromAddress = Limit{Name: "guesses from an address", Burst: 50, Every: 15 * time.Second}
	guessesOnDevices   = Limit{Name: "guesses on a user's devices", Burst: 5, Every: time.Minute}
	signInsToAccount   = Limit{Name: "sign-ins to an account", Burst: 100, Every: 20 * time.Second}
	signInsFromNetwork = Limit{Name: "sign-ins from a network", Burst: 60, Every: 2 * time.Second}
)

// strangersRecorded is how many refused strangers the inspector remembers.
var strangersRecorded = Limit{Name: "refused strangers in the inspector", Burst: 20, Every: time.Second}

// ByUser is what the reader may still do under a limit.
func (r *Request) ByUser(l Limit) store.Allowance {
	return r.Allowance(l, strconv.FormatInt(r.User().ID, 10))
}

// FromAddress is what the reader's address may still do under a limit.
func (r *Request) FromAddress(l Limit) store.Allowance {
	return r.Allowance(l, neighbourhood(r.RealIP()))
}

// Allowance is what may still be tried of what the names tell, under a limit; without a name, of all together.
func (r *Request) Allowance(l Limit, names ...string) store.Allowance {
	mac := hmac.New(sha256.New, r.site.limitKey)
	for _, part := range append([]string{l.Name}, names...) {
		mac.Write([]byte(strconv.Quote(part)))
	}
	return store.Allowance{Key: store.ThrottleKey(mac.Sum(nil)), Burst: l.Burst, Every: l.Every}
}

// Network is what the reader's turn to hash is counted by: the addresses that one customer of a provider easily has.
func (r *Request) Network() string { return masked(r.RealIP(), 24, 48) }

// neighbourhood is what a reader's address is counted by: whoever has an IPv6 address has 2^64 of them.
func neighbourhood(address string) string { return masked(address, 32, 64) }

// masked is the network of so many bits that an address is in.
func masked(address string, bits4, bits6 int) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	bits := bits4
	if ip = ip.Unmap().WithZone(""); ip.Is6() {
		bits = bits6
	}
	return netip.PrefixFrom(ip, bits).Masked().String()
}

// Take takes a try from each allowance. The audit tells, once for each time that one is used up, what was being done
// to which account. It returns a *store.Refusal when one is used up.
func (r *Request) Take(doing string, userID int64, allowances ...store.Allowance) error {
	err := r.site.DB.Take(r.Request().Context(), allowances...)
	if refusal, ok := errors.AsType[*store.Refusal](err); ok && refusal.First {
		if err := r.Record(store.Event{Kind: store.Throttled, UserID: userID, Detail: doing}); err != nil {
			return err
		}
	}
	return err
}

// Record tells the audit what the reader did, even when they have left meanwhile.
func (r *Request) Record(e store.Event) error {
	e.Actor = r.Actor()
	return r.site.DB.Record(context.WithoutCancel(r.Request().Context()), e)
}
