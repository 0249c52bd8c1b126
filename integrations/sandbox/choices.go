package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"sync"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/claim"
)

// Choice is something in which the sandbox could as well be otherwise, because nobody knows the vendor's way. Each is
// spoken of by one claim.
type Choice struct {
	Claim string
	// Ways are what the claim's probe sees, one for each way the sandbox has. The first is the sandbox's own.
	Ways []string
	// Current is the way that the sandbox goes, and Choose makes it go another, until a reset.
	Current func() string
	Choose  func(way string)
}

// Switches are a sandbox's own settings, and the lock that they are behind.
type Switches[T any] struct {
	Lock sync.Locker
	Of   *T
}

// Get is a copy of the settings.
func (s Switches[T]) Get() T {
	s.Lock.Lock()
	defer s.Lock.Unlock()
	return *s.Of
}

// Change changes the settings, in one go.
func (s Switches[T]) Change(change func(*T)) {
	s.Lock.Lock()
	defer s.Lock.Unlock()
	change(s.Of)
}

// Among is a choice by one switch, which has one of the values for each of the ways, in their order. A switch that the
// sandbox's other pages have given another value counts as the first.
func Among[T any, V comparable](s Switches[T], claim string, ways []string, of func(*T) *V, values ...V) Choice {
	return Choice{
		Claim: claim, Ways: ways,
		Current: func() string {
			now := s.Get()
			return ways[max(0, slices.Index(values, *of(&now)))]
		},
		Choose: func(way string) {
			s.Change(func(now *T) { *of(now) = values[slices.Index(ways, way)] })
		},
	}
}

// offer names the choices, or says which is of no claim, or of one that foresees another way.
func (k *Kernel) offer(choices []Choice) error {
	for _, c := range choices {
		i := slices.IndexFunc(k.Frame.Claims, func(of claim.Claim) bool { return of.ID == c.Claim })
		if i < 0 || k.Frame.Claims[i].Probe != nil && k.Frame.Claims[i].Foresees != c.Ways[0] {
			return fmt.Errorf("the sandbox of %s: no claim %q foresees %q", k.Frame.Vendor, c.Claim, c.Ways[0])
		}
	}
	k.Frame.choices = choices
	return nil
}

// Choices are those that were offered.
func (k *Kernel) Choices() []Choice { return k.Frame.choices }

// Play makes the sandbox behave as was seen on a day, where it has the choice, now and after each reset. What it
// cannot imitate it leaves as it is; the page of limits says both. It returns the claims that there are not. It is
// called before the sandbox serves.
func (k *Kernel) Play(day string, seen map[string]claim.Finding) (unknown []string) {
	k.played, k.Frame.sights = seen, map[string]sight{}
	for id, f := range seen {
		i := slices.IndexFunc(k.Frame.Claims, func(of claim.Claim) bool { return of.ID == id })
		if i < 0 {
			unknown = append(unknown, id)
			continue
		}
		// Whether it is as foreseen goes by what is foreseen today, not by what the file says.
		same := f.Seen == k.Frame.Claims[i].Foresees
		follows := slices.ContainsFunc(k.Frame.choices, func(c Choice) bool { return c.has(f) })
		k.Frame.sights[id] = sight{Day: day, seen: f.Seen, same: same, follows: follows}
	}
	k.replay()
	return unknown
}

// has reports whether the choice has the way that was seen.
func (c Choice) has(f claim.Finding) bool {
	return c.Claim == f.Claim && slices.Contains(c.Ways, f.Seen)
}

// replay makes the choices again, which a reset has taken back.
func (k *Kernel) replay() {
	for _, c := range k.Frame.choices {
		if f := k.played[c.Claim]; c.has(f) {
			c.Choose(f.Seen)
		}
	}
}

// choose makes a choice from the page of limits.
func (f *Frame) choose(w http.ResponseWriter, r *http.Request) {
	id, way := r.PostFormValue("claim"), r.PostFormValue("way")
	i := slices.IndexFunc(f.choices, func(c Choice) bool { return c.Claim == id && slices.Contains(c.Ways, way) })
	if i < 0 {
		http.Error(w, "the sandbox has no such choice", http.StatusBadRequest)
		return
	}
	f.choices[i].Choose(way)
	http.Redirect(w, r, "/_sandbox/limits#"+id, http.StatusSeeOther)
}

// sight is what a line of the page of limits says of a comparison.
type sight struct {
	Day, seen string
	same      bool // whether it was as foreseen
	follows   bool // whether the sandbox has the way that was seen
}

func (s sight) text(t *catalogue.Texts) string {
	key := "claim.seen_different"
	switch {
	case s.same:
		key = "claim.seen_same"
	case s.follows:
		key = "claim.seen_followed"
	}
	return t.With(key, map[string]any{"Day": s.Day, "Seen": inWords(t, s.seen)})
}

// inWords is a way of a claim as readers have it: one that is a code, such as 401, stands for itself.
func inWords(t *catalogue.Texts, way string) string { return t.Or("way."+way, way) }

// line is a claim as the page of limits shows it.
type line struct {
	claim.Claim
	sight sight
	ways  []string // that it can be chosen among; none where there is no choice
	way   string   // the current one
}

func (f *Frame) lines() []line {
	var all []line
	for _, c := range f.Claims {
		l := line{Claim: c, sight: f.sights[c.ID]}
		for _, choice := range f.choices {
			if choice.Claim == c.ID {
				l.ways, l.way = choice.Ways, choice.Current()
			}
		}
		all = append(all, l)
	}
	return all
}

func linesThatAre(s claim.Standing, lines []line) []line {
	return slices.DeleteFunc(slices.Clone(lines), func(l line) bool { return l.Standing != s })
}
