package priceplan

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/bcrypt"

	"kabinet/handlers/web"
	"kabinet/integrations/priceplan"
	"kabinet/integrations/secret"
	"kabinet/store"
	"kabinet/store/storetest"
)

// vendor answers with keys that are told apart, after a while.
type vendor struct {
	after time.Duration
	err   error
	asked atomic.Int64
}

func (v *vendor) ask(context.Context, priceplan.ClientID) (priceplan.AuthKey, error) {
	n := v.asked.Add(1)
	time.Sleep(v.after) // a bubble's clock
	return priceplan.AuthKey{Key: secret.New(fmt.Sprintf("key %d", n))}, v.err
}

func TestAPrefetchedKeyServesOneOpeningOfItsSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		defer time.Sleep(2 * time.Hour) // until PricePlan has answered all
		v := &vendor{after: 200 * time.Millisecond}
		k := &keys{ask: v.ask}
		k.prefetch(t.Context(), "anna", 1001)
		k.prefetch(t.Context(), "anna", 1001) // the page again
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

func TestAPrefetchedKeyIsForgotten(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		meanwhile func(*keys)
		client    priceplan.ClientID
		err       error
		there     bool
	}{
		"nothing happens":             {func(*keys) {}, 1001, nil, true},
		"59 seconds pass":             {func(*keys) { time.Sleep(59 * time.Second) }, 1001, nil, true},
		"a minute passes":             {func(*keys) { time.Sleep(time.Minute) }, 1001, nil, false},
		"the session ends":            {func(k *keys) { k.forget("anna") }, 1001, nil, false},
		"the client becomes another":  {func(*keys) {}, 1002, nil, false},
		"PricePlan refuses":           {func(*keys) { time.Sleep(time.Second) }, 1001, errors.New("no"), false},
		"PricePlan has yet to refuse": {func(*keys) {}, 1001, errors.New("no"), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				defer time.Sleep(2 * time.Hour) // until PricePlan has answered all
				v := &vendor{after: 200 * time.Millisecond, err: tt.err}
				k := &keys{ask: v.ask}
				k.prefetch(t.Context(), "anna", 1001)
				tt.meanwhile(k)
				if key := k.take("anna", tt.client); (key != nil) != tt.there {
					t.Errorf("there is a key: %v", key != nil)
				}
			})
		})
	}
}

func TestAfterAFailureNothingIsPrefetchedForTenSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		defer time.Sleep(2 * time.Hour) // until PricePlan has answered all
		v := &vendor{err: errors.New("no")}
		k := &keys{ask: v.ask}
		for range 100 { // an impatient reader
			k.prefetch(t.Context(), "anna", 1001)
			time.Sleep(50 * time.Millisecond)
		}
		if n := v.asked.Load(); n != 1 {
			t.Errorf("PricePlan was asked %d times", n)
		}
		time.Sleep(10 * time.Second)
		k.prefetch(t.Context(), "anna", 1001)
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
		v := new(vendor)
		k := &keys{ask: v.ask}
		for i := range 100 {
			k.prefetch(t.Context(), store.Handle(fmt.Sprint(i)), 1001)
			time.Sleep(time.Second)
		}
		synctest.Wait()
		k.mu.Lock()
		defer k.mu.Unlock()
		if n := len(k.waiting); n > 60 {
			t.Errorf("%d keys wait", n)
		}
	})
}

func TestTenOpeningsAtOnceAreTenKeys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		defer time.Sleep(2 * time.Hour) // until PricePlan has answered all
		v := &vendor{after: 200 * time.Millisecond}
		k := &keys{ask: v.ask}
		k.prefetch(t.Context(), "anna", 1001)
		var mu sync.Mutex
		keys := map[string]bool{}
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				key, err := k.key(t.Context(), "anna", 1001)
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
		v := &vendor{after: time.Hour}
		k := &keys{ask: v.ask}
		k.prefetch(t.Context(), "anna", 1001)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := k.take("anna", 1001).wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestThePagePrefetchesAKeyAndSigningOutForgetsIt(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	site, err := web.New(web.Config{
		DB: db, BaseURL: &url.URL{Scheme: "http", Host: "localhost"}, Secret: secret.New("secret"),
		BcryptCost: bcrypt.MinCost, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	client, err := priceplan.New(priceplan.Config{
		Hosts: priceplan.Hosts{Customer: "demo", Domain: "priceplan.localhost:1"}, // where nobody is
		User:  "u", Password: secret.New("p"), HTTP: http.DefaultClient,
	})
	if err != nil {
		t.Fatal(err)
	}
	p := New(site, Config{Client: client})
	site.Mount(p.Routes())
	id, err := db.EnsureUser(t.Context(), store.User{
		Email: "anna@example.com", Name: "Анна", Role: store.Customer, PasswordHash: "x",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.SetPricePlanClient(t.Context(), id, 1001, store.Actor{}); err != nil {
		t.Fatal(err)
	}
	token := store.NewToken()
	session := store.NewSession{Token: store.HashToken(token), UserID: id, Proof: "x"}
	if err := db.CreateSession(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	look := func(method string) int {
		r := httptest.NewRequest(method, "/cabinet", nil)
		r.AddCookie(&http.Cookie{Name: "kabinet", Value: token})
		site.ServeHTTP(httptest.NewRecorder(), r)
		p.keys.mu.Lock()
		defer p.keys.mu.Unlock()
		return len(p.keys.waiting)
	}
	if n := look(http.MethodHead); n != 0 {
		t.Errorf("%d keys wait after looking only", n)
	}
	if n := look(http.MethodGet); n != 1 {
		t.Fatalf("%d keys wait after the page", n)
	}
	sessions, err := db.Sessions(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	p.SignedOut(sessions[0].Handle)
	if n := look(http.MethodHead); n != 0 {
		t.Errorf("%d keys wait after signing out", n)
	}
}
