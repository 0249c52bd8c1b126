package behind

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"time"

	"kabinet/handlers/web"
	"kabinet/integrations/catalogue"
	"kabinet/store"
)

// The bounds, which administrators see: from when on something known is not fresh, how often it is asked for, of how
// many customers at once, and how long the vendor may take.
const (
	freshFor = 5 * time.Minute
	atOnce   = 4
	patience = 6 * time.Second
)

var perCustomer = web.Limit{Name: "behind a page", Burst: 3, Every: 2 * time.Minute}

// Asker asks one vendor. It is safe for concurrent use.
type Asker struct {
	site      *web.Site
	vendor    string
	what      string
	ask       func(ctx context.Context, r *web.Request) error
	customers web.Limiter
	turns     chan struct{}

	asked, failed, full atomic.Int64
}

// New returns an asker of a vendor. What is a key of the catalogue that says what is asked for; ask asks for the
// reader's and keeps it, and returns store.ErrNotFound where there is nothing to ask for.
func New(site *web.Site, vendor, what string, ask func(ctx context.Context, r *web.Request) error) *Asker {
	return &Asker{
		site: site, vendor: vendor, what: what, ask: ask, turns: make(chan struct{}, atOnce),
		customers: web.Limiter{Limit: perCustomer, Now: site.DB.Now},
	}
}

// IsStale reports whether something that became known then is worth asking for again; never is the zero time.
func (a *Asker) IsStale(known time.Time) bool { return a.site.DB.Now().Sub(known).Abs() >= freshFor }

// Refresh asks, as far as the bounds allow it, and waits for the answer. A failure is logged, and what is known stays.
func (a *Asker) Refresh(r *web.Request) {
	select {
	case a.turns <- struct{}{}:
		defer func() { <-a.turns }()
	default:
		a.full.Add(1)
		return
	}
	if a.customers.Take(strconv.FormatInt(r.User().ID, 10)) != nil {
		return
	}
	a.asked.Add(1)
	ctx, cancel := context.WithTimeout(r.Request().Context(), a.site.Patience.Of(patience))
	defer cancel()
	if err := a.ask(ctx, r); err != nil && !errors.Is(err, store.ErrNotFound) {
		a.failed.Add(1)
		a.site.Log.Warn("nothing fresh behind a page", "vendor", a.vendor, "request", r.ID, "user", r.User().ID,
			"error", err)
	}
}

// Describe says what is asked, how often, of how many at once, and how it went since the start.
func (a *Asker) Describe(t *catalogue.Texts) string {
	return t.With("behind.about", map[string]any{
		"What": t.T(a.what), "Fresh": int(freshFor.Minutes()), "Burst": perCustomer.Burst,
		"Every": int(perCustomer.Every.Minutes()), "AtOnce": atOnce, "Seconds": int(patience.Seconds()),
		"Asked": a.asked.Load(), "Failed": a.failed.Load(), "Full": a.full.Load(), "Now": len(a.turns),
	})
}
