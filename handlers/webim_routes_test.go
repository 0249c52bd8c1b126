package handlers

import (
	"testing"
	"time"

	"kabinet/integrations/secret"
	"kabinet/integrations/webim"
)

// withWebim configures a Webim that nobody reaches.
func withWebim(t *testing.T, c *Config) {
	t.Helper()
	signer, err := webim.NewSigner(secret.New("00112233445566778899aabbccddeeff"), webim.Default)
	if err != nil {
		t.Fatal(err)
	}
	account := webim.Account{Name: "demo", Domain: "webim.localhost:1"}
	c.Webim = &Webim{Account: account, Signer: signer, Life: time.Minute, AuthHandler: true}
}
