package handlers

import (
	"testing"

	"kabinet/integrations/outgoing"
	"kabinet/integrations/priceplan"
	"kabinet/integrations/secret"
)

// withPricePlan configures a PricePlan that nobody reaches.
func withPricePlan(t *testing.T, c *Config) {
	t.Helper()
	client, err := priceplan.New(priceplan.Config{
		Hosts: priceplan.Hosts{Customer: "demo", Domain: "priceplan.localhost:1"},
		User:  "u", Password: secret.New("p"),
		HTTP: outgoing.NewClient(outgoing.Options{
			Vendor: "priceplan", Timeout: vendorPatience, Recorder: new(outgoing.Recorder), Log: c.Log,
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	c.PricePlan = client
}
