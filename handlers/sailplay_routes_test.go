package handlers

import (
	"testing"

	"kabinet/integrations/outgoing"
	"kabinet/integrations/sailplay"
	"kabinet/integrations/secret"
)

// withSailPlay configures a SailPlay that nobody reaches.
func withSailPlay(t *testing.T, c *Config) {
	t.Helper()
	client, err := sailplay.New(sailplay.Config{
		URL: "http://sailplay.localhost:1", PartnerID: "1", DepartmentID: "2",
		Secret: secret.New("s"), DepartmentKey: secret.New("k"), PinCode: secret.New("p"),
		HTTP: outgoing.NewClient(outgoing.Options{
			Vendor: "sailplay", Timeout: vendorPatience, Recorder: new(outgoing.Recorder), Log: c.Log,
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	c.SailPlay = client
}
