package sandbox

import (
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
	own := s.switches
	return []sandbox.Choice{
		sandbox.Among(own, "www", claims.WWW, func(w *switches) *bool { return &w.WWWOnly }, false, true),
		sandbox.Among(own, "at_once", claims.Consents, func(w *switches) *bool { return &w.Asking }, false, true),
		sandbox.Among(own, "errors", claims.Errors, func(w *switches) *bool { return &w.Coded }, false, true),
		sandbox.Among(own, "appended", claims.Appended, func(w *switches) *int { return &w.Appended }, 0, 1, 2),
	}
}
