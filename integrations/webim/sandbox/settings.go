package sandbox

import (
	"net/url"
	"slices"

	"kabinet/integrations/outgoing"
	"kabinet/integrations/secret"
	"kabinet/integrations/webim"
)

// settings are the account's: its private keys, how its visitors are signed, and who is told of what
// happens. That the handlers are at this machine is the sandbox's rule.
type settings struct {
	key, previous  secret.Text // previous may be empty
	scheme         webim.Scheme
	requireExpires bool
	handlers       map[string]string // event → address; empty for none
	webhooks       int               // the version of the webhooks: 2, 3 or 4
}

// complete fills in the scheme's defaults. It returns an error when visitors could not be verified so.
func (s *settings) complete() error {
	var err error
	if s.scheme, err = s.scheme.Complete(); err != nil {
		return err
	}
	_, err = s.verifier()
	return err
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
		if address == "" {
			continue
		}
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" ||
			!outgoing.IsLoopback(u.Hostname()) {
			wrong[event] = "settings.handler_wrong"
		}
	}
	return wrong
}

func (s *state) currentSettings() settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.settings
}

func (s *state) setSettings(changed settings) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settings = changed
}
