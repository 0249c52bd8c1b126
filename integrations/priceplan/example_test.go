package priceplan_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"time"

	"kabinet/integrations/outgoing"
	"kabinet/integrations/priceplan"
	"kabinet/integrations/priceplan/sandbox"
	"kabinet/integrations/secret"
)

// A portal opens a customer's cabinet: it asks for a key, for the client that it knows the customer
// to be, and sends the customer's browser to the address. At the real PricePlan the hosts are
// priceplan.Hosts{Customer: "acme", Domain: "priceplan.pro", HTTPS: true}.
func Example() {
	hosts, stop := startSandbox()
	defer stop()
	client, err := priceplan.New(priceplan.Config{
		Hosts: hosts, User: sandbox.DefaultUser, Password: secret.New(sandbox.DefaultPassword),
		HTTP: outgoing.NewClient(outgoing.Options{
			Vendor: "priceplan", Timeout: time.Minute,
			Recorder: new(outgoing.Recorder), Log: slog.New(slog.DiscardHandler),
		}),
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	key, err := client.AuthKey(context.Background(), 1001)
	if err != nil {
		fmt.Println(err)
		return
	}
	address := client.Hosts().AuthKeyURL(key) // a credential: to be sent to the browser, and nowhere else
	fmt.Println("the browser goes to the cabinet:", strings.HasPrefix(address, hosts.Cabinet()+"/auth-key/"))
	fmt.Println("what a log would show of the key:", key.Key)

	_, err = client.AuthKey(context.Background(), 4242)
	fmt.Println("there is no such client:", errors.Is(err, priceplan.CodeNotFound))
	// Output:
	// the browser goes to the cabinet: true
	// what a log would show of the key: •••
	// there is no such client: true
}

// startSandbox stands in for PricePlan.
func startSandbox() (hosts priceplan.Hosts, stop func()) {
	server := httptest.NewUnstartedServer(nil)
	_, port, _ := strings.Cut(server.Listener.Addr().String(), ":")
	hosts = priceplan.Hosts{Customer: "demo", Domain: "priceplan.localhost:" + port}
	sb, err := sandbox.New(sandbox.Config{
		Hosts: hosts, User: secret.New(sandbox.DefaultUser), Password: secret.New(sandbox.DefaultPassword),
		Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		panic(err)
	}
	server.Config.Handler = sb
	server.Start()
	return hosts, server.Close
}
