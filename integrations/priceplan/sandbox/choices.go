package sandbox

import (
	"net/http"
	"time"

	"kabinet/integrations/priceplan/claims"
	"kabinet/integrations/sandbox"
)

// choices offers what nobody says of PricePlan, as the claims' probes see it.
func (s *Sandbox) choices() []sandbox.Choice {
	own := s.settings
	return []sandbox.Choice{
		sandbox.Among(own, "cabinet_cookie", claims.Cookies, func(s *settings) *bool { return &s.Whole }, false, true),
		sandbox.Among(own, "widget", claims.Starts, func(s *settings) *bool { return &s.FromPortal }, false, true),
		sandbox.Among(own, "key_once", claims.Uses, func(s *settings) *bool { return &s.KeyAgain }, false, true),
		sandbox.Among(own, "envelope", claims.Refusals, func(s *settings) *int { return &s.Refusal },
			http.StatusOK, http.StatusBadRequest, http.StatusNotFound),
		sandbox.Among(own, "session", claims.Sessions, func(s *settings) *int { return &s.SignedOut },
			http.StatusUnauthorized, http.StatusForbidden, http.StatusFound),
		sandbox.Among(own, "key_life", claims.Lives, func(s *settings) *time.Duration { return &s.KeyLife },
			5*time.Minute, time.Minute, 10*time.Minute, 15*time.Minute, 30*time.Minute, time.Hour, 24*time.Hour),
	}
}
