// Package factortest has passkeys for tests without a browser.
package factortest

import (
	"net/url"
	"testing"

	"github.com/descope/virtualwebauthn"
)

// Device makes a passkey and signs by it, as a browser does at an origin.
type Device struct {
	Party         virtualwebauthn.RelyingParty
	Authenticator virtualwebauthn.Authenticator
	Credential    virtualwebauthn.Credential // its counter grows with each use
}

// NewDevice returns a device that is at an origin.
func NewDevice(tb testing.TB, origin string) *Device {
	tb.Helper()
	u, err := url.Parse(origin)
	if err != nil {
		tb.Fatal(err)
	}
	return &Device{
		Party:         virtualwebauthn.RelyingParty{ID: u.Hostname(), Name: "Kabinet", Origin: origin},
		Authenticator: virtualwebauthn.NewAuthenticator(), Credential: newCredential(),
	}
}

// wholeKey is the length of a public key in COSE. The library leaves zeros out at the beginning of a coordinate, which
// no authenticator does, and the portal's refuses.
const wholeKey = 77

func newCredential() virtualwebauthn.Credential {
	for {
		if c := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2); len(c.Key.AttestationData()) == wholeKey {
			return c
		}
	}
}

// Makes answers options to make a passkey.
func (d *Device) Makes(tb testing.TB, options string) string {
	tb.Helper()
	parsed, err := virtualwebauthn.ParseAttestationOptions(options)
	if err != nil {
		tb.Fatal(err)
	}
	d.Authenticator.Options.UserHandle = []byte(parsed.UserID)
	return virtualwebauthn.CreateAttestationResponse(d.Party, d.Authenticator, d.Credential, *parsed)
}

// Signs answers options to use a passkey.
func (d *Device) Signs(tb testing.TB, options string) string {
	tb.Helper()
	parsed, err := virtualwebauthn.ParseAssertionOptions(options)
	if err != nil {
		tb.Fatal(err)
	}
	d.Credential.Counter++
	return virtualwebauthn.CreateAssertionResponse(d.Party, d.Authenticator, d.Credential, *parsed)
}
