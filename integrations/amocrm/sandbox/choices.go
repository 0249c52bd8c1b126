package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kabinet/integrations/amocrm/claims"
	"kabinet/integrations/sandbox"
)

// switches are the ways in which the sandbox could be otherwise. Each names the claim that speaks of it.
type switches struct {
	keeps  bool          `claim:"order"` // whether a widget keeps its slot for another deal, which else is made anew
	tokens tokenSettings `claim:"token"`
}

// waysOfDeals are the sets of claims in the order of claims.DealClaims. A token signed by another key is no way of
// amoCRM's: it is there to show the refusal.
var waysOfDeals = []string{claimsCard, claimsText, claimsFlat, claimsContact, claimsNone}

// choices offers the switches, as the claims' probes see them.
func (s *Sandbox) choices() []sandbox.Choice {
	return []sandbox.Choice{
		s.either("order", claims.Places, func(w *switches) *bool { return &w.keeps }),
		s.either("audience", claims.Audiences, func(w *switches) *bool { return &w.tokens.Port }),
		s.either("token", claims.Users, func(w *switches) *bool { return &w.tokens.NoUser }),
		{
			Claim: "deal_claim", Ways: claims.DealClaims,
			Current: func() string {
				return claims.DealClaims[max(0, slices.Index(waysOfDeals, s.state.switched().tokens.Claims))]
			},
			Choose: func(way string) {
				s.state.choose(func(w *switches) {
					w.tokens.Claims = waysOfDeals[slices.Index(claims.DealClaims,
						way)]
				})
			},
		},
		{
			Claim: "life", Ways: claims.Lives,
			Current: func() string {
				return fmt.Sprintf("%d minutes",
					int(s.state.switched().tokens.Life/time.Minute))
			},
			Choose: func(way string) {
				minutes, _, _ := strings.Cut(way, " ")
				life, _ := time.ParseDuration(minutes + "m") // each of the ways is one
				s.state.choose(func(w *switches) { w.tokens.Life = life })
			},
		},
	}
}

func (s *Sandbox) either(claim string, ways []string, of func(*switches) *bool) sandbox.Choice {
	return sandbox.Either(claim, ways, func() bool {
		now := s.state.switched()
		return *of(&now)
	}, func(on bool) { s.state.choose(func(w *switches) { *of(w) = on }) })
}

func (s *state) switched() switches {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.switches
}

func (s *state) choose(change func(*switches)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.switches)
}
