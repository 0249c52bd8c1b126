package handlers

import (
	"context"
	"sync"
	"time"

	"kabinet/integrations/priceplan"
	"kabinet/store"
)

// keyAheadLife is how long a key that was made ahead may wait for its opening. PricePlan's own
// limit is not documented; this is well within the sandbox's.
const keyAheadLife = time.Minute

// keysAhead are the keys that were asked for while the page with the cabinet was being
// delivered: when its frame comes for one, PricePlan has answered or is about to. A key is for
// one opening, by the session that the page was delivered to. They are in memory only.
type keysAhead struct {
	mu   sync.Mutex
	keys map[store.Handle]*keyAhead
}

// keyAhead is a key that was asked for.
type keyAhead struct {
	client   priceplan.ClientID
	asked    time.Time
	answered chan struct{} // closed once key and err are set
	key      priceplan.AuthKey
	err      error
}

// failureLife is how long nobody is asked ahead after a failure: reloading the page shall not tire PricePlan.
const failureLife = 10 * time.Second

// ask begins to ask for a key, unless one that can still serve is there, or asking has just failed.
func (k *keysAhead) ask(session store.Handle, client priceplan.ClientID, ask func() (priceplan.AuthKey, error)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if there, ok := k.keys[session]; ok && there.client == client && (!there.failed() || time.Since(there.asked) < failureLife) {
		return
	}
	if k.keys == nil {
		k.keys = map[store.Handle]*keyAhead{}
	}
	key := &keyAhead{client: client, asked: time.Now(), answered: make(chan struct{})}
	k.keys[session] = key
	time.AfterFunc(keyAheadLife, func() { k.drop(session, key) })
	go func() {
		defer close(key.answered)
		key.key, key.err = ask()
	}()
}

// drop forgets one key, and none that has taken its place.
func (k *keysAhead) drop(session store.Handle, key *keyAhead) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.keys[session] == key {
		delete(k.keys, session)
	}
}

// take takes the key that was asked for ahead, to be waited for if need be. It returns nil when
// there is none that can serve.
func (k *keysAhead) take(session store.Handle, client priceplan.ClientID) *keyAhead {
	k.mu.Lock()
	defer k.mu.Unlock()
	key, ok := k.keys[session]
	if !ok || key.client != client || key.failed() || time.Since(key.asked) >= keyAheadLife {
		return nil
	}
	delete(k.keys, session)
	return key
}

// forget drops what was asked for on behalf of a session that ends.
func (k *keysAhead) forget(session store.Handle) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.keys, session)
}

// failed tells whether PricePlan has answered already, and with no key.
func (k *keyAhead) failed() bool {
	select {
	case <-k.answered:
		return k.err != nil
	default:
		return false
	}
}

// wait returns what PricePlan answers, or the context's error when that ends first.
func (k *keyAhead) wait(ctx context.Context) (priceplan.AuthKey, error) {
	select {
	case <-k.answered:
		return k.key, k.err
	case <-ctx.Done():
		return priceplan.AuthKey{}, ctx.Err()
	}
}

// keyOr returns the key that was made ahead, or one that is asked for now when there is none:
// either way an opening waits for one answer of PricePlan's at most.
func keyOr(ctx context.Context, ahead *keyAhead, ask func() (priceplan.AuthKey, error)) (priceplan.AuthKey, error) {
	if ahead != nil {
		return ahead.wait(ctx)
	}
	return ask()
}
