package sandbox_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"

	"kabinet/integrations/amocrm"
	"kabinet/integrations/amocrm/sandbox"
	"kabinet/integrations/secret"
)

// A test of a widget's backend: the sandbox is an http.Handler, gives tokens as the client cabinet does, and tells what
// it was asked.
func Example() {
	const portal = "http://localhost:8080"
	key := secret.New(sandbox.DefaultClientSecret)
	s, err := sandbox.New(sandbox.Config{
		AccountURL: "http://demo.amocrm.localhost", CabinetURL: "http://cabinet.amocrm.localhost", Portal: portal,
		ClientID: sandbox.DefaultClientID, ClientSecret: key, AccountID: sandbox.DefaultAccountID, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	verifier, err := amocrm.NewVerifier(amocrm.Config{ClientID: sandbox.DefaultClientID, ClientSecret: key, Audience: portal})
	if err != nil {
		fmt.Println(err)
		return
	}
	token, err := s.Token(7001001)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(verifier.Verify(context.Background(), token))

	server := httptest.NewServer(s)
	defer server.Close()
	response, err := http.Get(server.URL + "/leads/")
	if err != nil {
		fmt.Println(err)
		return
	}
	response.Body.Close()
	for _, r := range s.Requests() {
		fmt.Println(r.Method, r.Path, response.StatusCode)
	}
	// Output:
	// 30050010/7001001 <nil>
	// GET /leads/ 200
}
