package claims_test

import (
	"log/slog"
	"testing"
	"time"

	"kabinet/integrations/amocrm/claims"
	"kabinet/integrations/amocrm/sandbox"
	"kabinet/integrations/claim"
	"kabinet/integrations/sandbox/sandboxtest"
	"kabinet/integrations/secret"

	"github.com/golang-jwt/jwt/v5"
)

const portal, deal = "http://localhost:8080", 7001001

// open returns a sandbox, and the claims about the token that its cabinet would give at that moment.
func open(t *testing.T) (sandboxtest.Played, func() claim.Book) {
	t.Helper()
	key := secret.New(sandbox.DefaultClientSecret)
	s, err := sandbox.New(sandbox.Config{
		AccountURL: "http://demo.amocrm.localhost:8081", CabinetURL: "http://cabinet.amocrm.localhost:8081",
		Portal: portal, ClientID: sandbox.DefaultClientID, ClientSecret: key, AccountID: sandbox.DefaultAccountID,
		Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, func() claim.Book {
		token, err := s.Token(deal)
		if err != nil {
			t.Fatal(err)
		}
		return claims.Book(claims.Account{Secret: key, Portal: portal, Token: secret.New(token)})
	}
}

func TestAmoCRMsSandboxIsAsItsClaimsForeseeAndIsFoundOtherwiseWhereItIs(t *testing.T) {
	t.Parallel()
	sandboxtest.Compare(t, open)
}

// What names the deal is what nobody knows: a name that is not thought of is said, and not taken for none.
func TestAnUnknownNameOfTheDealIsSaid(t *testing.T) {
	t.Parallel()
	key := secret.New(sandbox.DefaultClientSecret)
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"iss": "x", "deal_id": 5}).SignedString(
		[]byte(key.Reveal()))
	if err != nil {
		t.Fatal(err)
	}
	found, err := claim.Run(t.Context(), "amocrm",
		claims.Book(claims.Account{Secret: key, Portal: portal, Token: secret.New(token)}), false)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if f.Result == claim.Same || f.Claim == "deal_claim" && f.Seen != "besides deal_id" {
			t.Errorf("%s is %s: %q", f.Claim, f.Result, f.Seen)
		}
	}
}

func TestATokenOfAnotherIntegrationsIsNotLookedInto(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	token, err := s.(*sandbox.Sandbox).Token(deal)
	if err != nil {
		t.Fatal(err)
	}
	for why, a := range map[string]claims.Account{
		"claim.not.token_key": {Secret: secret.New("another's"), Portal: portal, Token: secret.New(token)},
		"claim.not.token":     {Secret: secret.New(sandbox.DefaultClientSecret), Portal: portal},
	} {
		found, err := claim.Run(t.Context(), "amocrm", claims.Book(a), false)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			if f.Foreseen != "" && f.Why != why {
				t.Errorf("%s: %s, %q", f.Claim, f.Result, f.Why)
			}
		}
	}
}
