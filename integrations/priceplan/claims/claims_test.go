package claims_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kabinet/integrations/claim"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/priceplan"
	"kabinet/integrations/priceplan/claims"
	"kabinet/integrations/priceplan/sandbox"
	"kabinet/integrations/sandbox/sandboxtest"
	"kabinet/integrations/secret"
)

const portal = "http://localhost:8080"

// open returns a sandbox that listens, and the claims about it, asked by a manager or by an API key.
func open(t *testing.T, byKey bool, more ...func(*sandbox.Config)) (sandboxtest.Played, func() claim.Book) {
	t.Helper()
	s, a := listen(t, more...)
	if byKey {
		a.User, a.APIKey = "", secret.New(sandbox.DefaultAPIKey)
	}
	return s, func() claim.Book { return claims.Book(a) }
}

func hostsOf(server *httptest.Server) priceplan.Hosts {
	return priceplan.Hosts{Customer: "demo", Domain: strings.Replace(server.Listener.Addr().String(), "127.0.0.1",
		"priceplan.localhost", 1)}
}

func TestTheProbesOfPricePlanLookAtWhatTheyAsk(t *testing.T) {
	t.Parallel()
	sandboxtest.ProbesLook(t, func(t *testing.T, handler http.Handler) claim.Book {
		server := httptest.NewServer(handler)
		t.Cleanup(server.Close)
		return claims.Book(claims.Account{Hosts: hostsOf(server), APIKey: secret.New("key"), Password: secret.New("x"),
			Portal: portal, Client: 1, Asker: sandboxtest.Hasty()})
	}, "basic", "calls") // which say no more than that there is an answer
}

func listen(t *testing.T, more ...func(*sandbox.Config)) (*sandbox.Sandbox, claims.Account) {
	t.Helper()
	listening := httptest.NewUnstartedServer(nil)
	hosts := hostsOf(listening)
	config := sandbox.Config{
		Hosts: hosts, User: secret.New("manager"), Password: secret.New("password"), Portals: []string{portal},
		Now: time.Now, Log: slog.New(slog.DiscardHandler),
	}
	for _, change := range more {
		change(&config)
	}
	s, err := sandbox.New(config)
	if err != nil {
		t.Fatal(err)
	}
	listening.Config.Handler = s
	listening.Start()
	t.Cleanup(listening.Close)
	return s, claims.Account{Hosts: hosts, User: "manager", Password: secret.New("password"), Portal: portal,
		Asker: sandboxtest.Hasty()}
}

func TestPricePlansSandboxIsAsItsClaimsForeseeAndIsFoundOtherwiseWhereItIs(t *testing.T) {
	t.Parallel()
	sandboxtest.Compare(t, func(t *testing.T) (sandboxtest.Played, func() claim.Book) { return open(t, false) }, "basic")
}

func TestOfAnAccountThatLetsNobodyInNothingIsFoundDifferent(t *testing.T) {
	t.Parallel()
	_, claims := open(t, false, func(c *sandbox.Config) { c.NewAccount = true })
	found, err := claim.Run(t.Context(), "priceplan", claims(), true)
	if err != nil {
		t.Fatal(err)
	}
	closed := 0
	for _, f := range found {
		if f.Result == claim.Different {
			t.Errorf("%s: seen %q", f.Claim, f.Seen)
		}
		if f.Why == "claim.not.closed" {
			closed++
		}
	}
	if closed != 4 {
		t.Errorf("%d claims are not tried because the cabinet is closed", closed)
	}
}

func TestWhatNeedsAManagerIsNotTriedWithAnAPIKey(t *testing.T) {
	t.Parallel()
	_, claims := open(t, true)
	book := claims()
	found, err := claim.Run(t.Context(), "priceplan", book, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		needsManager := f.Claim == "login" || f.Claim == "content_type" || f.Claim == "hosts"
		if f.Result == claim.Different || needsManager != (f.Why == string(claim.NotConfigured)) {
			t.Errorf("%s is %s: seen %q, %s", f.Claim, f.Result, f.Seen, f.Why)
		}
	}
}

func TestAWrongPasswordOrKeyIsTriedOnce(t *testing.T) {
	t.Parallel()
	for name, byKey := range map[string]bool{"password": false, "key": true} {
		s, claims := open(t, byKey, func(c *sandbox.Config) { c.Password = secret.New("another") })
		if _, err := claim.Run(t.Context(), "priceplan", claims(), true); err != nil {
			t.Error(err)
		}
		tries := 0
		for _, r := range s.(*sandbox.Sandbox).Requests() {
			if r.Path == "/api/login" || byKey && strings.HasPrefix(r.Host, "demo.") { // keys are for the staff's host
				tries++
			}
		}
		if tries != 1 {
			t.Errorf("a wrong %s is tried %d times", name, tries)
		}
	}
}

// A session that ends in the middle is no difference.
func TestAManagerSignsInOnceMoreWhereTheSessionHasEnded(t *testing.T) {
	t.Parallel()
	s, a := listen(t)
	asked := 0
	a.Asker = &claim.Asker{Wait: func(context.Context, time.Duration) error {
		if asked++; asked == 12 {
			s.ExpireManagers()
		}
		return nil
	}}
	found, err := claim.Run(t.Context(), "priceplan", claims.Book(a), true)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if f.Result == claim.Different || f.Why == "claim.not.signed_in" {
			t.Errorf("%s is %s: %q, %q", f.Claim, f.Result, f.Seen, f.Why)
		}
	}
}

// A comparison leaves nothing behind but what it says: clients that are deleted.
func TestAComparisonTakesAwayWhatItHasMade(t *testing.T) {
	t.Parallel()
	_, claims := open(t, false)
	book := claims()
	if _, err := claim.Run(t.Context(), "priceplan", book, true); err != nil {
		t.Fatal(err)
	}
	if err := book.CleanUp(t.Context()); err == nil || !strings.Contains(err.Error(), "not deleted") {
		t.Errorf("the clients are still there: %v", err)
	}
}

// Where PricePlan refuses to make a client, that is what was seen; where nobody knows whether it did, that is said.
func TestClientsOfAComparisonAreMadeOnceAndAccountedFor(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]struct{ seen, left string }{
		`{"success":false,"errors":[{"code":10}]}`: {"refused 10", ""},
		`{"success":true,"data":{"id":"17"}}`:      {"no number", "may have been made"},
		`not JSON`:                                 {"", "may have been made"},
	} {
		made := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost && r.URL.Path == "/api/clients/" {
				made++
				_, _ = io.WriteString(w, answer)
				return
			}
			_, _ = io.WriteString(w, `{"success":true,"data":{}}`)
		}))
		defer server.Close()
		book := claims.Book(claims.Account{Hosts: hostsOf(server), APIKey: secret.New("key"), Password: secret.New("x"),
			Portal: portal, Asker: sandboxtest.Hasty()})
		found, err := claim.Run(t.Context(), "priceplan", book, true)
		if said := fmt.Sprint(err); made != 1 || (err == nil) != (want.left == "") || !strings.Contains(said, want.left) {
			t.Errorf("%s: %d clients, %v", answer, made, err)
		}
		for _, f := range found {
			if f.Claim == "create" && f.Seen != want.seen {
				t.Errorf("%s is seen as %q", answer, f.Seen)
			}
		}
	}
}

// What is not known of PricePlan makes no difference to the portal's client, whichever way it is.
func TestTheClientGoesOnWhicheverWayPricePlanGoes(t *testing.T) {
	t.Parallel()
	first, _ := listen(t)
	for i, choice := range first.Choices() {
		for _, way := range choice.Ways {
			t.Run(choice.Claim+" "+way, func(t *testing.T) {
				t.Parallel()
				s, a := listen(t)
				s.Choices()[i].Choose(way)
				client, err := priceplan.New(priceplan.Config{Hosts: a.Hosts, User: a.User, Password: a.Password,
					HTTP: outgoing.NewPlainClient(time.Minute)})
				if err != nil {
					t.Fatal(err)
				}
				key, err := client.Key(t.Context(), sandbox.DemoClient)
				if err != nil {
					t.Fatal(err)
				}
				if answer, err := a.Redeem(t.Context(), key, portal); err != nil || answer.Status != http.StatusFound {
					t.Errorf("the cabinet does not open: %v, %v", answer, err)
				}
				s.ExpireManagers()
				if _, err := client.Subscribes(t.Context(), sandbox.DemoClient); err != nil {
					t.Errorf("after the session has ended: %v", err)
				}
				if _, err := client.Key(t.Context(), 4242); !errors.Is(err, priceplan.CodeNotFound) {
					t.Errorf("a client that there is not: %v", err)
				}
			})
		}
	}
}
