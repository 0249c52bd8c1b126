package priceplan

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"kabinet/handlers/web"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/priceplan"
	"kabinet/store"
)

// keyPatience is how long PricePlan may take over a key: less than the page waits for the cabinet, so that the frame
// can say first what is wrong.
const keyPatience = 6 * time.Second

// prefetchedLife is how long a prefetched key may wait for its opening. PricePlan's own limit is not documented; this
// is well within the sandbox's.
const prefetchedLife = time.Minute

// failureLife is how long nothing is prefetched after a failure: reloading the page shall not tire PricePlan.
const failureLife = 10 * time.Second

// keys gives keys to cabinets. It prefetches them while the page with the cabinet is being delivered: when its frame
// comes for one, PricePlan has answered or is about to. A key is for one opening, by the session that the page was
// delivered to. They are in memory only.
type keys struct {
	db       *store.DB
	patience outgoing.Patience
	ask      func(context.Context, priceplan.ClientID) (priceplan.AuthKey, error)
	// failing is whether the last opening, anybody's, failed for a reason that is not that customer's own.
	failing atomic.Bool

	mu      sync.Mutex
	waiting map[store.Handle]*prefetched
}

// prefetched is a key that was asked for ahead.
type prefetched struct {
	client   priceplan.ClientID
	asked    time.Time
	answered chan struct{} // closed once key and err are set
	key      priceplan.AuthKey
	err      error
}

// key returns the session's prefetched key to a client's cabinet, to be waited for if need be, or asks for one now:
// either way an opening waits for one answer of PricePlan's at most. It fails as Client.Key does.
func (k *keys) key(ctx context.Context, session store.Handle, client priceplan.ClientID) (priceplan.AuthKey, error) {
	limited, cancel := context.WithTimeout(ctx, k.patience.Of(keyPatience))
	defer cancel()
	var key priceplan.AuthKey
	var err error
	if p := k.take(session, client); p != nil {
		key, err = p.wait(limited)
	} else {
		key, err = k.ask(limited, client)
	}
	if ctx.Err() == nil { // or the customer has left
		k.failing.Store(err != nil && !errors.Is(err, priceplan.ErrRefused))
	}
	return key, err
}

// before prefetches the key that a page's frame is about to come for, and goes on with the page.
func (k *keys) before(page func(*web.Request) error) func(*web.Request) error {
	return func(r *web.Request) error {
		if r.Request().Method != http.MethodGet {
			return page(r)
		}
		client, err := k.db.PricePlanClient(r.Request().Context(), r.User().ID)
		switch {
		case err == nil:
			k.prefetch(context.WithoutCancel(r.Request().Context()), r.Session.Handle, priceplan.ClientID(client))
		case !errors.Is(err, store.ErrNotFound):
			return err
		}
		return page(r)
	}
}

// prefetch begins to ask for a key, unless one that can still serve is there, or asking has just failed.
func (k *keys) prefetch(ctx context.Context, session store.Handle, client priceplan.ClientID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	there, ok := k.waiting[session]
	if ok && there.client == client && (!there.failed() || time.Since(there.asked) < failureLife) {
		return
	}
	if k.waiting == nil {
		k.waiting = map[store.Handle]*prefetched{}
	}
	p := &prefetched{client: client, asked: time.Now(), answered: make(chan struct{})}
	k.waiting[session] = p
	time.AfterFunc(prefetchedLife, func() { k.drop(session, p) })
	go func() {
		defer close(p.answered)
		limited, cancel := context.WithTimeout(ctx, k.patience.Of(keyPatience))
		defer cancel()
		p.key, p.err = k.ask(limited, client)
	}()
}

// drop forgets one key, and none that has taken its place.
func (k *keys) drop(session store.Handle, p *prefetched) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.waiting[session] == p {
		delete(k.waiting, session)
	}
}

// take takes the prefetched key; nil when there is none that can serve.
func (k *keys) take(session store.Handle, client priceplan.ClientID) *prefetched {
	k.mu.Lock()
	defer k.mu.Unlock()
	p, ok := k.waiting[session]
	if !ok || p.client != client || p.failed() || time.Since(p.asked) >= prefetchedLife {
		return nil
	}
	delete(k.waiting, session)
	return p
}

// forget drops what was prefetched for a session that ends.
func (k *keys) forget(session store.Handle) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.waiting, session)
}

// failed reports whether PricePlan has answered already, and with no key.
func (p *prefetched) failed() bool {
	select {
	case <-p.answered:
		return p.err != nil
	default:
		return false
	}
}

// wait returns what PricePlan answers, or the context's error when that ends first.
func (p *prefetched) wait(ctx context.Context) (priceplan.AuthKey, error) {
	select {
	case <-p.answered:
		return p.key, p.err
	case <-ctx.Done():
		return priceplan.AuthKey{}, ctx.Err()
	}
}
