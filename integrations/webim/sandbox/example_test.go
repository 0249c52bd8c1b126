package sandbox_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"time"

	"kabinet/integrations/secret"
	"kabinet/integrations/webim"
	"kabinet/integrations/webim/sandbox"
)

// A test of whatever signs visitors: the sandbox is an http.Handler, says whether a signature is right, and tells what
// it was asked.
func Example() {
	key := secret.New(sandbox.DefaultKey)
	s, err := sandbox.New(sandbox.Config{Account: webim.Account{Name: "demo", Domain: "webim.localhost"}, Key: key, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(s)
	defer server.Close()

	signer, err := webim.NewSigner(key, webim.Default)
	if err != nil {
		fmt.Println(err)
		return
	}
	visitor, err := signer.Sign(webim.Fields{"id": "1001", "display_name": "Anna"}, time.Now().Add(time.Hour))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, name := range []string{"Anna", "Boris"} { // who is not who was signed
		visitor.Fields["display_name"] = name
		object, err := json.Marshal(visitor)
		if err != nil {
			fmt.Println(err)
			return
		}
		response, err := http.Get(server.URL + "/l/v/m/init?" + url.Values{"event": {"init"}, "visitor-ext": {string(object)}}.Encode())
		if err != nil {
			fmt.Println(err)
			return
		}
		var answer struct{ Error string }
		err = json.NewDecoder(response.Body).Decode(&answer)
		response.Body.Close()
		fmt.Printf("%s: %q %v\n", name, answer.Error, err)
	}
	for _, r := range s.Requests() {
		fmt.Println(r.Method, r.Path, r.Query.Get("event"))
	}
	// Output:
	// Anna: "" <nil>
	// Boris: "wrong-provided-visitor-hash-value" <nil>
	// GET /l/v/m/init init
	// GET /l/v/m/init init
}
