package sailplay

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"kabinet/handlers/behind"
	"kabinet/handlers/observe"
	"kabinet/handlers/web"
	"kabinet/integrations/catalogue"
	"kabinet/integrations/sailplay"
	"kabinet/integrations/secret"
	"kabinet/store"
	"kabinet/views"
)

// Config is what New needs.
type Config struct {
	Client *sailplay.Client
	// RedirectBase is the origin that SailPlay leads back to: the portal's when empty, or another address of it.
	RedirectBase string
	// SDK offers the vendor's own way to link, by its script, too.
	SDK bool
	// Widget shows SailPlay's widget, and only then does auth_hash reach a page.
	Widget bool
}

// Room has the pages.
type Room struct {
	site   *web.Site
	db     *store.DB
	client *sailplay.Client
	config Config
	sealer *secret.Sealer
	behind *behind.Asker
}

// New returns the pages.
func New(site *web.Site, c Config) *Room {
	if c.RedirectBase == "" {
		c.RedirectBase = site.BaseURL.String()
	}
	s := &Room{site: site, db: site.DB, client: c.Client, config: c, sealer: site.Sealer("sailplay")}
	s.behind = behind.New(site, s.Name(), "sailplay.behind", s.refreshCard)
	return s
}

// Name is SailPlay's in every layer.
func (s *Room) Name() string { return "sailplay" }

// Integration says where SailPlay is.
func (s *Room) Integration() observe.Integration {
	return observe.Integration{Title: "SailPlay", Origins: []string{s.client.Origin()}, Behind: s.behind}
}

// Behind asks for points.
func (s *Room) Behind() *behind.Asker { return s.behind }

// refreshCard asks SailPlay for the reader's figures.
func (s *Room) refreshCard(ctx context.Context, r *web.Request) error {
	link, err := s.db.SailPlayLink(ctx, r.User().ID)
	if err != nil {
		return err
	}
	return s.fetch(ctx, r.User().ID, link.OriginUserID)
}

// Offer is what customers find here.
func (s *Room) Offer(t *catalogue.Texts) views.Offer {
	return views.Offer{Icon: icon, Title: t.T("sailplay.title"), Text: t.T("sailplay.offer")}
}

// icon is the card's.
const icon = "gift"

// Card says whether an account is linked, and its points and the newest movement as they were last known.
func (s *Room) Card(r *web.Request, known []store.Standing) (views.Card, error) {
	t := r.Texts
	card := views.Card{
		Icon: icon, Title: t.T("sailplay.title"), State: t.T("sailplay.state_none"), Text: t.T("sailplay.card_none"),
		Action: &views.Link{Path: "/loyalty", Text: t.T("sailplay.card_link")},
	}
	if len(known) == 0 {
		return card, nil
	}
	link := known[0]
	card.State, card.Tone, card.Text = t.T("sailplay.state_linked"), "good", t.T("sailplay.card_linked")
	card.Action.Text = t.T("sailplay.card_open")
	card.KnownAt, card.CanRefresh, card.Stale = link.At, true, s.behind.IsStale(link.At)
	if link.Detail != "" {
		card.Lines = func() ([]views.CardLine, error) { return describeCard(t, link.Detail) }
	}
	return card, nil
}

// Identifier is the linked account.
func (s *Room) Identifier(ctx context.Context, t *catalogue.Texts, userID int64) (views.Identifier, error) {
	i := views.Identifier{
		Name: t.T("sailplay.account"), Value: t.T("sailplay.account_none"), Hint: t.T("sailplay.account_hint"),
	}
	link, err := s.db.SailPlayLink(ctx, userID)
	if errors.Is(err, store.ErrNotFound) {
		return i, nil
	}
	i.Value = link.OriginUserID
	return i, err
}

// exported is what the portal knows of a user at SailPlay.
type exported struct {
	OriginUserID *string         `json:"origin_user_id"`
	LinkedAt     *time.Time      `json:"linked_at,omitempty"`
	Figures      json.RawMessage `json:"figures,omitempty"`
}

// Export is the linked account, and what SailPlay said of it last.
func (s *Room) Export(ctx context.Context, userID int64) (any, error) {
	link, err := s.db.SailPlayLink(ctx, userID)
	if errors.Is(err, store.ErrNotFound) {
		return exported{}, nil
	}
	at := link.LinkedAt.UTC()
	return exported{OriginUserID: &link.OriginUserID, LinkedAt: &at, Figures: json.RawMessage(link.Figures)}, err
}
