package handlers

import (
	"context"
	"time"

	"kabinet/handlers/web"
	"kabinet/store"
)

// Ages are how long things are kept; zero is for good. Nothing goes that is younger than store.LeastAge says.
type Ages struct {
	Audit     time.Duration
	Addresses time.Duration // of clients, in the audit and with sessions
	Letters   time.Duration // that wait to be sent
}

// forgetful is a vendor that takes away what was kept of it for as long as its settings say.
type forgetful interface {
	// Expire returns how much of what it has taken away.
	Expire(ctx context.Context) (number int64, err error)
}

// expireEvery is how often is looked for what has become old. It goes by whole days, so that once a day there is some.
const expireEvery = time.Hour

// expire takes away what is old, at the start and then every hour, until the context ends.
func (p *Portal) expire(ctx context.Context) {
	p.expireOnce(ctx)
	every(ctx, expireEvery, p.expireOnce)
}

func (p *Portal) expireOnce(ctx context.Context) {
	db, keep := p.site.DB, p.keep
	due := map[string]func(context.Context) (int64, error){}
	for what, of := range map[string]struct {
		age  time.Duration
		kind store.EventKind
	}{
		"audit": {keep.Audit, store.AuditExpired}, "addresses": {keep.Addresses, store.AddressesExpired},
		"letters": {keep.Letters, store.LettersExpired},
	} {
		if of.age > 0 {
			due[what] = func(ctx context.Context) (int64, error) { return db.Expire(ctx, of.kind, of.age) }
		}
	}
	for vendor, with := range web.Having[forgetful](p.vendors) {
		due[vendor] = with.Expire
	}
	for what, do := range due {
		number, err := do(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			p.site.Log.Error("taking away what is old", "what", what, "error", err)
		case number > 0:
			p.site.Log.Info("what was old is taken away", "what", what, "number", number)
		}
	}
}
