package claims_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kabinet/integrations/claim"
	"kabinet/integrations/sandbox/sandboxtest"
	"kabinet/integrations/secret"
	"kabinet/integrations/webim"
	"kabinet/integrations/webim/claims"
	"kabinet/integrations/webim/sandbox"
)

// open returns a sandbox that listens, and the claims about it.
func open(t *testing.T, scheme webim.Scheme) (sandboxtest.Played, func() claim.Book) {
	t.Helper()
	listening := httptest.NewUnstartedServer(nil)
	account := webim.Account{Name: "demo", Domain: strings.Replace(listening.Listener.Addr().String(), "127.0.0.1",
		"webim.localhost", 1)}
	key := secret.New(sandbox.DefaultKey)
	s, err := sandbox.New(sandbox.Config{Account: account, Key: key, Scheme: scheme, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	listening.Config.Handler = s
	listening.Start()
	t.Cleanup(listening.Close)
	signer, err := webim.NewSigner(key, scheme)
	if err != nil {
		t.Fatal(err)
	}
	return s, func() claim.Book {
		return claims.Book(claims.Account{Account: account, Signer: signer, Now: time.Now, Asker: sandboxtest.Hasty()})
	}
}

func TestWebimsSandboxIsAsItsClaimsForeseeAndIsFoundOtherwiseWhereItIs(t *testing.T) {
	t.Parallel()
	sandboxtest.Compare(t, func(t *testing.T) (sandboxtest.Played, func() claim.Book) { return open(t, webim.Default) })
}

func TestWhatVersion1CannotSayOfAVisitorIsNotTriedThere(t *testing.T) {
	t.Parallel()
	_, claims := open(t, webim.Scheme{Version: webim.V1})
	found, err := claim.Run(t.Context(), "webim", claims(), true)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		hasEnds := f.Claim == "no_end" || f.Claim == "far_end" || f.Claim == "mobile"
		if f.Result == claim.Different || hasEnds != (f.Why == string(claim.NotConfigured)) {
			t.Errorf("%s is %s: seen %q, %s", f.Claim, f.Result, f.Seen, f.Why)
		}
	}
}

func TestTheProbesOfWebimLookAtWhatTheyAsk(t *testing.T) {
	t.Parallel()
	sandboxtest.ProbesLook(t, func(t *testing.T, handler http.Handler) claim.Book {
		server := httptest.NewServer(handler)
		t.Cleanup(server.Close)
		signer, err := webim.NewSigner(secret.New(sandbox.DefaultKey), webim.Default)
		if err != nil {
			t.Fatal(err)
		}
		return claims.Book(claims.Account{Signer: signer, Now: time.Now, Asker: sandboxtest.Hasty(), Account: webim.Account{
			Name: "demo", Domain: strings.Replace(server.Listener.Addr().String(), "127.0.0.1", "webim.localhost", 1)}})
	}, "link", "location") // which are any page
}
