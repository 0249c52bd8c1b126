package sandbox_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"kabinet/integrations/amocrm"
	"kabinet/integrations/amocrm/sandbox"
	"kabinet/integrations/secret"
)

// The backend of an SMS widget: amoCRM posts text, phone and a disposable token to its endpoint, and the token is good
// once.
func Example_smsWidget() {
	const portal = "http://localhost:8080"
	key := secret.New(sandbox.DefaultClientSecret)
	verifier, err := amocrm.NewVerifier(amocrm.Config{ClientID: sandbox.DefaultClientID, ClientSecret: key, Audience: portal})
	if err != nil {
		fmt.Println(err)
		return
	}
	seen := map[string]bool{} // for half an hour each
	widget := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		account, id, err := verifier.VerifyDisposable(r.PostFormValue("token"))
		if err != nil || seen[id] {
			http.Error(w, "the token is refused", http.StatusUnauthorized)
			return
		}
		seen[id] = true
		fmt.Println(account, r.PostFormValue("phone"), len(r.PostFormValue("text")) > 0)
	}))
	defer widget.Close()

	s, err := sandbox.New(sandbox.Config{
		AccountURL: "http://demo.amocrm.localhost", CabinetURL: "http://cabinet.amocrm.localhost", Portal: portal,
		ClientID: sandbox.DefaultClientID, ClientSecret: key, AccountID: sandbox.DefaultAccountID, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	post := func(address string, form url.Values) {
		r := httptest.NewRequest(http.MethodPost, address, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		s.ServeHTTP(httptest.NewRecorder(), r)
	}
	post("http://demo.amocrm.localhost/integrations/endpoint", url.Values{"endpoint": {widget.URL}})
	post("http://cabinet.amocrm.localhost/sign-in", url.Values{"phone": {"+79120000001"}})
	// Output:
	// 30050010 +79120000001 true
}

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
