package sandbox

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/sailplay"
)

// deskView is what the first page shows: the members, and the codes that were given out. No code is shown whole.
type deskView struct {
	Shop string // its address
	switches
	Entries []entryView // of all members, the newest first
	Members []memberView
	Codes   []codeView
}

type memberView struct {
	Name, Contact string
	sailplay.Points
	Joined string // the partners
}

type entryView struct {
	At           time.Time
	Member, What string
	Price        float64
	Points       string
}

// shownOfCode is how many characters of a code are.
const shownOfCode = 6

type codeView struct {
	Begins, Member, Partner string
	Used                    bool
	Refused                 []string // keys of the catalogue
	attack                  bool     // the last one's
}

func (s *state) view(shop string) deskView {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := deskView{Shop: shop, switches: s.switches}
	for _, m := range s.members {
		var joined []string
		for _, p := range s.partners {
			if slices.Contains(s.joined[p.ID], m) {
				joined = append(joined, p.Name)
			}
		}
		v.Members = append(v.Members, memberView{strings.TrimSpace(m.FirstName + " " + m.LastName),
			cmp.Or(m.Email, "+"+m.Phone), m.points(), strings.Join(joined, ", ")})
		for _, e := range m.Entries {
			v.Entries = append(v.Entries, entryView{e.At, m.FirstName,
				strings.TrimSpace(cmp.Or(e.Name, e.Action) + " " + e.OrderNum),
				e.Price, strings.Replace(fmt.Sprintf("%+d", e.Delta), "-", "−", 1)})
		}
	}
	slices.SortStableFunc(v.Entries, func(a, b entryView) int { return b.At.Compare(a.At) })
	v.Entries = v.Entries[:min(len(v.Entries), 50)]
	for _, c := range slices.Backward(s.codes) {
		v.Codes = append(v.Codes, codeView{c.text[:shownOfCode], c.member.FirstName, c.partner.Name, c.used,
			slices.Clone(c.Refused), c.returnTo == s.attacked})
	}
	return v
}

func (s *Sandbox) registerDesk() {
	s.mux.Handle("POST /_sandbox/www", s.Frame.Guarded(func(w http.ResponseWriter, r *http.Request) {
		s.switches.Change(func(w *switches) {
			w.WWWOnly, w.Asking = r.PostFormValue("only") == "on", r.PostFormValue("ask") == "on"
		})
		http.Redirect(w, r, "/_sandbox/", http.StatusSeeOther)
	}))
}

// became says what became of a code.
func (c codeView) became(t *catalogue.Texts) string {
	parts := []string{t.T("code.waiting")}
	if c.Used {
		parts[0] = t.T("code.used")
	}
	for _, why := range c.Refused {
		parts = append(parts, t.T(why))
	}
	return strings.Join(parts, "; ")
}

func price(t *catalogue.Texts, amount float64) string {
	if amount == 0 {
		return "—"
	}
	return t.Money(int64(math.Round(amount * 100)))
}

func points(n int64) string { return fmt.Sprint(n) }
