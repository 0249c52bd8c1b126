package handlers

import (
	"testing"

	"kabinet/integrations/amocrm"
	"kabinet/integrations/secret"
)

// withAmoCRM configures an integration at amoCRM.
func withAmoCRM(t *testing.T, c *Config) {
	t.Helper()
	verifier, err := amocrm.NewVerifier(amocrm.Config{
		ClientID: "c", ClientSecret: secret.New("s"), Audience: "http://localhost",
	})
	if err != nil {
		t.Fatal(err)
	}
	c.AmoCRM = &AmoCRM{Verifier: verifier, ClientID: "c"}
}
