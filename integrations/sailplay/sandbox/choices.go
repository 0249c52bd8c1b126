package sandbox

import (
	"slices"

	"kabinet/integrations/sailplay/claims"
	"kabinet/integrations/sandbox"
)

// switches are the ways in which the sandbox could be otherwise. Each names the claim that speaks of it.
type switches struct {
	WWWOnly  bool `claim:"www"`      // whether redirect_url must begin with http://www., as the vendor says
	Asking   bool `claim:"at_once"`  // whether a member who is signed in is asked, and not led back at once
	Appended int  `claim:"appended"` // how parameters are added: an index of claims.Appended
	Coded    bool `claim:"errors"`   // whether errors of get-auth-hash have a status_code
}

// choices offers the switches, as the claims' probes see them.
func (s *Sandbox) choices() []sandbox.Choice {
	return []sandbox.Choice{
		s.either("www", claims.WWW, func(w *switches) *bool { return &w.WWWOnly }),
		s.either("at_once", claims.Consents, func(w *switches) *bool { return &w.Asking }),
		s.either("errors", claims.Errors, func(w *switches) *bool { return &w.Coded }),
		{
			Claim: "appended", Ways: claims.Appended,
			Current: func() string { return claims.Appended[s.state.switched().Appended] },
			Choose: func(way string) {
				s.state.choose(func(w *switches) { w.Appended = slices.Index(claims.Appended, way) })
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
