package sandbox

import (
	"time"

	"kabinet/integrations/amocrm/claims"
	"kabinet/integrations/sandbox"
)

// switches are the ways in which the sandbox could be otherwise. Each names the claim that speaks of it.
type switches struct {
	keeps  bool          `claim:"order"` // whether a widget keeps its slot for another deal, which else is made anew
	tokens tokenSettings `claim:"token"`
}

// choices offers the switches, as the claims' probes see them. A token signed by another key is no way of amoCRM's: it
// is there to show the refusal.
func (s *Sandbox) choices() []sandbox.Choice {
	own := s.switches
	return []sandbox.Choice{
		sandbox.Among(own, "order", claims.Places, func(w *switches) *bool { return &w.keeps }, false, true),
		sandbox.Among(own, "audience", claims.Audiences, func(w *switches) *bool { return &w.tokens.Port }, false,
			true),
		sandbox.Among(own, "token", claims.Users, func(w *switches) *bool { return &w.tokens.NoUser }, false, true),
		sandbox.Among(own, "deal_claim", claims.DealClaims, func(w *switches) *string { return &w.tokens.Claims },
			claimsCard, claimsText, claimsFlat, claimsContact, claimsNone),
		sandbox.Among(own, "life", claims.Lives, func(w *switches) *time.Duration { return &w.tokens.Life },
			30*time.Minute, 15*time.Minute, time.Hour, 24*time.Hour),
	}
}
