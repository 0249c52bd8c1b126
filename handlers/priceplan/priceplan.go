package priceplan

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"kabinet/handlers/behind"
	"kabinet/handlers/observe"
	"kabinet/handlers/web"
	"kabinet/integrations/priceplan"
	"kabinet/store"
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
	dashboard
	site  *web.Site
	embed Embed
}

// New returns the pages.
func New(site *web.Site, c Config) *Room {
	k := &keys{db: site.DB, patience: site.Patience, ask: c.Client.Key}
	p := &Room{site: site, embed: c.Embed, dashboard: dashboard{db: site.DB, client: c.Client, keys: k}}
	if c.Provision {
		p.provisioner = &provisioner{db: site.DB, client: c.Client, patience: site.Patience, log: site.Log,
			woken: make(chan struct{}, 1)}
	}
	p.behind = behind.New(site, p.Name(), "priceplan.behind", p.refresh)
	return p
}

// Name is PricePlan's in every layer.
func (p *Room) Name() string { return "priceplan" }

// Integration says where PricePlan is.
func (p *Room) Integration() observe.Integration {
	hosts := p.client.Hosts()
	return observe.Integration{Title: "PricePlan", Origins: []string{hosts.Cabinet(), hosts.Staff()}, Behind: p.behind}
}

// exported is what the portal knows of a user at PricePlan.
type exported struct {
	ID      *int64          `json:"client_id"`
	Figures json.RawMessage `json:"figures,omitempty"`
	KnownAt *time.Time      `json:"known_at,omitempty"`
}

// Export is the user's client, and what PricePlan said of it last.
func (p *Room) Export(ctx context.Context, userID int64) (any, error) {
	var client exported
	id, err := p.db.PricePlanClient(ctx, userID)
	if errors.Is(err, store.ErrNotFound) {
		return client, nil
	}
	if err != nil {
		return client, err
	}
	client.ID = &id
	known, at, err := p.db.PricePlanFigures(ctx, userID)
	if known != "" {
		client.Figures, client.KnownAt = json.RawMessage(known), new(at.UTC())
	}
	return client, err
}

// SignedOut forgets the key that waits for a session that ends.
func (p *Room) SignedOut(session store.Handle) { p.keys.forget(session) }

// clientNumber is how PricePlan's number for a client is written.
func clientNumber(id int64) string { return strconv.FormatInt(id, 10) }
