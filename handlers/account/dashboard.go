package account

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"kabinet/handlers/web"

	"kabinet/store"
	"kabinet/views"
)

// Dashboard shows each vendor's card, by what the portal knows.
func (c *Customer) Dashboard(r *web.Request) error {
	known, err := c.standings.of(r.Session.Standings, func() (map[string][]store.Standing, error) {
		all, err := r.Session.Standings.All()
		return byVendor(all), err
	})
	if err != nil {
		return err
	}
	page := r.Page(r.Texts.T("nav.dashboard"))
	cards := make([]views.Card, 0, len(c.vendors))
	key := keys.Get().(*views.Key)
	defer keys.Put(key)
	*key = (*key)[:0]
	key.AddPage(page)
	key.Add(string(r.Session.Standings))
	for vendor, with := range web.Having[carded](c.vendors) {
		card, err := with.Card(r, known[vendor])
		if err != nil {
			return err
		}
		card.Vendor = vendor
		key.AddCard(card)
		cards = append(cards, card)
	}
	makeIt := func() (madePage, error) { return makeDashboard(r.Request().Context(), page, cards) }
	var made madePage
	if len(*key) > maxKey {
		made, err = makeIt()
	} else {
		made, err = c.pages.of(string(*key), makeIt)
	}
	if err != nil {
		return err
	}
	return r.Show(http.StatusOK, made.with(page.Nonce))
}

// maxKey is in bytes: what is kept must not grow by what a reader writes into an address.
const maxKey = 8 << 10

// keys are used again: each is thrown away with the request that it was for.
var keys = sync.Pool{New: func() any { return new(views.Key) }}

// madePage is a page's HTML without the nonces, which are new in each answer: they go between the pieces.
type madePage []string

func (m madePage) with(nonce string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		for i, piece := range m {
			if i > 0 {
				io.WriteString(w, nonce) //nolint:errcheck // the next says so
			}
			if _, err := io.WriteString(w, piece); err != nil {
				return err
			}
		}
		return nil
	})
}

// makeDashboard has a mark where the nonces go, which nobody who writes what stands on the page can know.
func makeDashboard(ctx context.Context, page views.Page, cards []views.Card) (madePage, error) {
	page.Nonce = rand.Text()
	shown := make([]templ.Component, len(cards))
	for i, card := range cards {
		var lines []views.CardLine
		if card.Lines != nil {
			var err error
			if lines, err = card.Lines(); err != nil {
				return nil, err
			}
		}
		shown[i] = views.ShownCard(page, card, lines)
	}
	var b strings.Builder
	err := views.Dashboard(page, shown).Render(ctx, &b)
	return strings.Split(b.String(), page.Nonce), err
}

// byVendor are standings, by the names of their vendors.
func byVendor(all []store.Standing) map[string][]store.Standing {
	by := map[string][]store.Standing{}
	for _, s := range all {
		by[s.Vendor] = append(by[s.Vendor], s)
	}
	return by
}

// Refresh asks a vendor for what its card shows, and shows the dashboard again.
func (c *Customer) Refresh(r *web.Request) error {
	for vendor, with := range web.Having[asking](c.vendors) {
		if vendor == r.Typed("vendor") {
			with.Behind().Refresh(r)
		}
	}
	return r.Redirect(http.StatusSeeOther, "/dashboard")
}
