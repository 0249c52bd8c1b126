package sandbox

import (
	"net/http"
	"time"

	"kabinet/integrations/priceplan/claims"
	"kabinet/integrations/sandbox"
)

// ways are the choices of the sandbox's own: nobody says how PricePlan does it. Each names the claim that speaks of
// it.
type ways struct {
	Whole      bool          `claim:"cabinet_cookie"` // whether the cabinet's cookie is not partitioned
	FromPortal bool          `claim:"widget"`         // whether the widget's frame begins at the portal's url_auth
	Refusal    int           `claim:"envelope"`       // the status of a refusal
	SignedOut  int           `claim:"session"`        // the status of a call without a session
	KeyLife    time.Duration `claim:"key_life"`
	KeyAgain   bool          `claim:"key_once"` // whether a key enters again and again
}

var ownWays = ways{
	Refusal: http.StatusOK, SignedOut: http.StatusUnauthorized, KeyLife: 5 * time.Minute,
}

// choices offers the ways, as the claims' probes see them.
func (s *Sandbox) choices() []sandbox.Choice {
	own := sandbox.Switches[ways]{Lock: &s.state.mu, Of: &s.state.settings.ways}
	return []sandbox.Choice{
		sandbox.Among(own, "cabinet_cookie", claims.Cookies, func(w *ways) *bool { return &w.Whole }, false, true),
		sandbox.Among(own, "widget", claims.Starts, func(w *ways) *bool { return &w.FromPortal }, false, true),
		sandbox.Among(own, "key_once", claims.Uses, func(w *ways) *bool { return &w.KeyAgain }, false, true),
		sandbox.Among(own, "envelope", claims.Refusals, func(w *ways) *int { return &w.Refusal },
			http.StatusOK, http.StatusBadRequest, http.StatusNotFound),
		sandbox.Among(own, "session", claims.Sessions, func(w *ways) *int { return &w.SignedOut },
			http.StatusUnauthorized, http.StatusForbidden, http.StatusFound),
		sandbox.Among(own, "key_life", claims.Lives, func(w *ways) *time.Duration { return &w.KeyLife },
			5*time.Minute, time.Minute, 10*time.Minute, 15*time.Minute, 30*time.Minute, time.Hour, 24*time.Hour),
	}
}
