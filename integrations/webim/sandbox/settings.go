package sandbox

import (
	"net/url"
	"slices"

	"kabinet/integrations/outgoing"
	"kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
	"kabinet/integrations/webim"
	"kabinet/integrations/webim/claims"
)

// settings are the account's: its private keys, how its visitors are signed, and who is told of what
// happens. That the handlers are at this machine is the sandbox's rule. Each names the claim that speaks of it.
type settings struct {
	key            secret.Text       `claim:"signature"`
	previous       secret.Text       `claim:"two_keys"` // may be empty
	scheme         webim.Scheme      `claim:"signature"`
	requireExpires bool              `claim:"no_end"`
	handlers       map[string]string `claim:"webhooks"` // event → address; empty for none
	webhooks       int               `claim:"members"`  // the version of the webhooks: 2, 3 or 4
	// farBelieved is the sandbox's own: whether a visitor holds however far away its end is.
	farBelieved bool `claim:"far_end"`
}

// choices offers what nobody says of Webim.
func (s *Sandbox) choices() []sandbox.Choice {
	far := func(s *settings) *bool { return &s.farBelieved }
	return []sandbox.Choice{sandbox.Among(s.settings, "far_end", claims.FarEnds, far, false, true)}
}

// verifier believes both keys, while the account's key is being changed.
func (s settings) verifier() (*webim.Verifier, error) {
	keys := []secret.Text{s.key}
	if !s.previous.IsEmpty() {
		keys = append(keys, s.previous)
	}
	return webim.NewVerifier(keys, s.scheme, s.requireExpires)
}

// wrong names the fields that hold what they cannot, each with a key of the catalogue.
func (s settings) wrong() map[string]string {
	wrong := map[string]string{}
	if _, err := s.scheme.Complete(); err != nil {
		wrong["version"] = "settings.scheme_wrong"
	}
	if _, err := webim.NewSigner(s.key, webim.Default); err != nil {
		wrong["key"] = "settings.key_wrong"
	}
	if !slices.Contains([]int{2, 3, 4}, s.webhooks) {
		wrong["webhooks"] = "settings.webhooks_wrong"
	}
	for event, address := range s.handlers {
		u, err := url.Parse(address)
		isHere := err == nil && (u.Scheme == "http" || u.Scheme == "https") && outgoing.IsLoopback(u.Hostname())
		if address != "" && !isHere {
			wrong[event] = "settings.handler_wrong"
		}
	}
	return wrong
}
