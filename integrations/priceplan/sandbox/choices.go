package sandbox

import (
	"fmt"
	"net/http"
	"slices"
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
	return []sandbox.Choice{
		s.either("cabinet_cookie", claims.Cookies, func(w *ways) *bool { return &w.Whole }),
		s.either("widget", claims.Starts, func(w *ways) *bool { return &w.FromPortal }),
		s.either("key_once", claims.Uses, func(w *ways) *bool { return &w.KeyAgain }),
		s.number("envelope", claims.Refusals, func(w *ways) *int { return &w.Refusal }),
		s.number("session", claims.Sessions, func(w *ways) *int { return &w.SignedOut }),
		{
			Claim: "key_life", Ways: claims.Lives,
			Current: func() string {
				minutes := int(s.state.currentSettings().KeyLife / time.Minute)
				return claims.Lives[slices.IndexFunc(claims.Lives,
					func(l string) bool { return leading(l) == minutes })]
			},
			Choose: func(way string) {
				s.state.choose(func(w *ways) { w.KeyLife = time.Duration(leading(way)) * time.Minute })
			},
		},
	}
}

func (s *Sandbox) either(claim string, all []string, of func(*ways) *bool) sandbox.Choice {
	return sandbox.Either(claim, all, func() bool {
		set := s.state.currentSettings()
		return *of(&set.ways)
	}, func(on bool) { s.state.choose(func(w *ways) { *of(w) = on }) })
}

// number is a choice among ways that begin with a number.
func (s *Sandbox) number(claim string, all []string, of func(*ways) *int) sandbox.Choice {
	return sandbox.Choice{
		Claim: claim, Ways: all,
		Current: func() string {
			set := s.state.currentSettings()
			return all[slices.IndexFunc(all, func(way string) bool { return leading(way) == *of(&set.ways) })]
		},
		Choose: func(way string) { s.state.choose(func(w *ways) { *of(w) = leading(way) }) },
	}
}

// leading is the number that a way begins with.
func leading(way string) (n int) {
	_, _ = fmt.Sscan(way, &n) // every way of these choices begins with one
	return n
}

func (s *state) choose(change func(*ways)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.settings.ways)
}
