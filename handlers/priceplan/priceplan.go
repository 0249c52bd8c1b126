package priceplan

import (
	"context"
	"errors"
	"strconv"

	"kabinet/handlers/observe"
	"kabinet/handlers/web"
	"kabinet/integrations/priceplan"
	"kabinet/store"
	"kabinet/views"
)

// Config is what New needs.
type Config struct {
	Client *priceplan.Client
	// Embed is how the cabinet opens; EmbedWidget when empty.
	Embed Embed
	// Provision has a client created at PricePlan for everybody who registers; see Work.
	Provision bool
}

// Embed is a generation of the vendor's guide by which the cabinet is put before the customer.
type Embed string

// The ways in which the cabinet opens.
const (
	EmbedWidget   Embed = "widget"   // 2018: in a frame that the vendor's script makes
	EmbedIframe   Embed = "iframe"   // 2020: in a frame of ours, with a resizer of ours
	EmbedRedirect Embed = "redirect" // 2021: at the top, in the portal's place
)

// Embeds are all of them.
var Embeds = []Embed{EmbedWidget, EmbedIframe, EmbedRedirect}

// Room has the pages.
type Room struct {
	site   *web.Site
	db     *store.DB
	client *priceplan.Client
	embed  Embed
	keys   *keys
	// provisioner is nil where no clients are to be created.
	provisioner *provisioner
}

// New returns the pages.
func New(site *web.Site, c Config) *Room {
	p := &Room{site: site, db: site.DB, client: c.Client, embed: c.Embed, keys: newKeys(site, c.Client)}
	if c.Provision {
		p.provisioner = newProvisioner(site, c.Client)
	}
	return p
}

// Name is PricePlan's in every layer.
func (p *Room) Name() string { return "priceplan" }

// Integration says where PricePlan is.
func (p *Room) Integration() observe.Integration {
	hosts := p.client.Hosts()
	return observe.Integration{Title: "PricePlan", Origins: []string{hosts.Cabinet(), hosts.Staff()}}
}

// Nav leads to the cabinet.
func (p *Room) Nav(r *web.Request) []views.Link {
	if r.Session == nil {
		return nil
	}
	return []views.Link{{Path: "/cabinet", Text: r.Texts.T("priceplan.nav")}}
}

// Card says whether the reader has a cabinet.
func (p *Room) Card(r *web.Request) (views.Card, error) {
	ctx, t := r.Request().Context(), r.Texts
	card := views.Card{Title: t.T("priceplan.card")}
	_, err := p.db.PricePlanClient(ctx, r.User().ID)
	if errors.Is(err, store.ErrNotFound) {
		provision, err := p.provisioner.of(ctx, r.User().ID)
		card.State, card.Text = t.T("priceplan.state_none"), t.T("priceplan.card_none_text")
		if isComing(provision) {
			card.State, card.Text = t.T("priceplan.state_coming"), t.T("priceplan.card_coming_text")
		}
		return card, err
	}
	if err != nil {
		return card, err
	}
	card.State, card.Tone, card.Text = t.T("priceplan.state_ready"), "good", t.T("priceplan.card_text")
	card.Action = &views.Link{Path: "/cabinet", Text: t.T("priceplan.card_open")}
	if p.keys.failing.Load() {
		card.State, card.Tone = t.T("priceplan.state_trouble"), "bad"
	}
	return card, nil
}

// Export is the user's client.
func (p *Room) Export(ctx context.Context, userID int64) (any, error) {
	client := struct {
		ID *int64 `json:"client_id"`
	}{}
	id, err := p.db.PricePlanClient(ctx, userID)
	if errors.Is(err, store.ErrNotFound) {
		return client, nil
	}
	client.ID = &id
	return client, err
}

// SignedOut forgets the key that waits for a session that ends.
func (p *Room) SignedOut(session store.Handle) { p.keys.forget(session) }

// clientNumber is how PricePlan's number for a client is written.
func clientNumber(id int64) string { return strconv.FormatInt(id, 10) }
