package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"kabinet/integrations/priceplan"
	"kabinet/integrations/secret"
	"kabinet/store"
)

// vendor answers with keys that are told apart, after a while.
type vendor struct {
	after time.Duration
	err   error
	asked atomic.Int64
}

func (v *vendor) ask() (priceplan.AuthKey, error) {
	n := v.asked.Add(1)
	time.Sleep(v.after) // a bubble's clock
	return priceplan.AuthKey{Key: secret.New(fmt.Sprintf("key %d", n))}, v.err
}

func TestAKeyMadeAheadServesOneOpeningOfItsSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		defer time.Sleep(2 * time.Hour) // until PricePlan has answered all
		var k keysAhead
		v := &vendor{after: 200 * time.Millisecond}
		k.ask("anna", 1001, v.ask)
		k.ask("anna", 1001, v.ask) // the page again
		if key := k.take("boris", 1001); key != nil {
			t.Error("another session got it")
		}
		began := time.Now()
		key, err := k.take("anna", 1001).wait(t.Context())
		if err != nil || key.Key.Reveal() != "key 1" || time.Since(began) != 200*time.Millisecond {
			t.Errorf("%s, %v, after %v", key.Key.Reveal(), err, time.Since(began))
		}
		if key := k.take("anna", 1001); key != nil {
			t.Error("it served twice")
		}
		if n := v.asked.Load(); n != 1 {
			t.Errorf("PricePlan was asked %d times", n)
		}
	})
}

func TestAKeyMadeAheadIsForgotten(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		meanwhile func(*keysAhead)
		client    priceplan.ClientID
		err       error
		there     bool
	}{
		"nothing happens":             {func(*keysAhead) {}, 1001, nil, true},
		"59 seconds pass":             {func(*keysAhead) { time.Sleep(59 * time.Second) }, 1001, nil, true},
		"a minute passes":             {func(*keysAhead) { time.Sleep(time.Minute) }, 1001, nil, false},
		"the session ends":            {func(k *keysAhead) { k.forget("anna") }, 1001, nil, false},
		"the client becomes another":  {func(*keysAhead) {}, 1002, nil, false},
		"PricePlan refuses":           {func(*keysAhead) { time.Sleep(time.Second) }, 1001, errors.New("no"), false},
		"PricePlan has yet to refuse": {func(*keysAhead) {}, 1001, errors.New("no"), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				defer time.Sleep(2 * time.Hour) // until PricePlan has answered all
				var k keysAhead
				v := &vendor{after: 200 * time.Millisecond, err: tt.err}
				k.ask("anna", 1001, v.ask)
				tt.meanwhile(&k)
				if key := k.take("anna", tt.client); (key != nil) != tt.there {
					t.Errorf("there is a key: %v", key != nil)
				}
			})
		})
	}
}

func TestAfterAFailureNobodyIsAskedAheadForTenSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		defer time.Sleep(2 * time.Hour) // until PricePlan has answered all
		var k keysAhead
		v := &vendor{err: errors.New("no")}
		for range 100 { // an impatient reader
			k.ask("anna", 1001, v.ask)
			time.Sleep(50 * time.Millisecond)
		}
		if n := v.asked.Load(); n != 1 {
			t.Errorf("PricePlan was asked %d times", n)
		}
		time.Sleep(10 * time.Second)
		k.ask("anna", 1001, v.ask)
		synctest.Wait()
		if n := v.asked.Load(); n != 2 {
			t.Errorf("later it was asked %d times", n)
		}
	})
}

func TestKeysThatNobodyComesForAreDropped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		defer time.Sleep(2 * time.Hour) // until PricePlan has answered all
		var k keysAhead
		v := new(vendor)
		for i := range 100 {
			k.ask(store.Handle(fmt.Sprint(i)), 1001, v.ask)
			time.Sleep(time.Second)
		}
		synctest.Wait()
		k.mu.Lock()
		defer k.mu.Unlock()
		if n := len(k.keys); n > 60 {
			t.Errorf("%d keys wait", n)
		}
	})
}

func TestTenOpeningsAtOnceAreTenKeys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		defer time.Sleep(2 * time.Hour) // until PricePlan has answered all
		var k keysAhead
		v := &vendor{after: 200 * time.Millisecond}
		k.ask("anna", 1001, v.ask)
		var mu sync.Mutex
		keys := map[string]bool{}
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				key, err := keyOr(context.Background(), k.take("anna", 1001), v.ask)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				keys[key.Key.Reveal()] = true
			})
		}
		wg.Wait()
		if len(keys) != 10 || v.asked.Load() != 10 {
			t.Errorf("%d keys of %d", len(keys), v.asked.Load())
		}
	})
}

func TestWhoLeavesDoesNotWaitForTheKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		defer time.Sleep(2 * time.Hour) // until PricePlan has answered all
		var k keysAhead
		v := &vendor{after: time.Hour}
		k.ask("anna", 1001, v.ask)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := k.take("anna", 1001).wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestSigningOutForgetsTheKeyMadeAhead(t *testing.T) {
	t.Parallel()
	p, _, customer := withVendors(t)
	u, err := p.db.UserByEmail(t.Context(), "customer@example.com")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.db.SetPricePlanClient(t.Context(), u.ID, 1001, store.By{}); err != nil {
		t.Fatal(err)
	}
	waiting := func() int {
		ahead := &p.features[0].(*pricePlan).ahead
		ahead.mu.Lock()
		defer ahead.mu.Unlock()
		return len(ahead.keys)
	}
	ask(p, http.MethodHead, "/cabinet", customer)
	if n := waiting(); n != 0 {
		t.Errorf("%d keys wait after looking only", n)
	}
	ask(p, http.MethodGet, "/cabinet", customer)
	if n := waiting(); n != 1 {
		t.Fatalf("%d keys wait after the page", n)
	}
	ask(p, http.MethodPost, "/logout", customer)
	if n := waiting(); n != 0 {
		t.Errorf("%d keys wait after signing out", n)
	}
}
