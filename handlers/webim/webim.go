package webim

import (
	"context"
	"time"

	"kabinet/handlers/observe"
	"kabinet/handlers/web"
	"kabinet/integrations/catalogue"
	"kabinet/integrations/secret"
	"kabinet/integrations/webim"
	"kabinet/store"
	"kabinet/views"
)

// Config is what the portal needs to know of its account at Webim.
type Config struct {
	Account  webim.Account
	Signer   *webim.Signer
	Fields   Fields        // of ParseFields; never nil
	Keys     []secret.Text // any of which signs webhooks; two while the account's key is being changed
	Location string        // of the account; may be empty
	Life     time.Duration // how long a signed visitor holds; version 1.0 cannot say so
	// Anonymous lets strangers into the chat.
	Anonymous bool
	// Keep is how long what Webim has told is kept; zero is for good.
	Keep time.Duration
	// AuthHandler answers at /webim/auth.
	AuthHandler bool
}

// Room has the pages.
type Room struct {
	site    *web.Site
	db      *store.DB
	config  Config
	leftOut leftOut
}

// New returns the pages.
func New(site *web.Site, c Config) *Room {
	return &Room{site: site, db: site.DB, config: c, leftOut: leftOut{byUser: map[int64][]error{}}}
}

// Name is Webim's in every layer.
func (w *Room) Name() string { return "webim" }

// Integration says where Webim is.
func (w *Room) Integration() observe.Integration {
	return observe.Integration{Title: "Webim", Origins: []string{w.config.Account.Origin()}, Asks: true}
}

// Expire takes away what Webim has told and is kept no longer.
func (w *Room) Expire(ctx context.Context) (number int64, err error) {
	if w.config.Keep == 0 {
		return 0, nil
	}
	return w.db.Expire(ctx, store.WebimEventsExpired, w.config.Keep)
}

// Offer is what customers find here.
func (w *Room) Offer(t *catalogue.Texts) views.Offer {
	return views.Offer{Icon: icon, Title: t.T("webim.title"), Text: t.T("webim.card_text")}
}

// icon is the card's.
const icon = "chat-dots"

// Card leads to the chat, which knows every customer, and says how the last one stands: Webim has told.
func (w *Room) Card(r *web.Request, known []store.Standing) (views.Card, error) {
	t := r.Texts
	card := views.Card{
		Icon: icon, Title: t.T("webim.title"), State: t.T("webim.state_ready"), Tone: "good",
		Text: t.T("webim.card_text"), Action: &views.Link{Path: "/chat", Text: t.T("webim.card_open")},
	}
	if len(known) == 0 {
		return card, nil
	}
	last := known[0]
	if last.Subject != "chat_closed" {
		card.Action.Text = t.T("webim.card_go_on")
	}
	card.Lines = func() ([]views.CardLine, error) {
		lines := []views.CardLine{{
			Name:   t.T("webim.card_last"),
			Values: []views.CardValue{{Text: t.T("webim.card." + last.Subject), At: last.At}},
		}}
		if last.Detail != "" {
			lines = append(lines, views.CardLine{
				Name: t.T("webim.card_operator"), Values: []views.CardValue{{Text: last.Detail}},
			})
		}
		return lines, nil
	}
	return card, nil
}

// Identifier is the visitor's id, and what of the user could not be signed lately.
func (w *Room) Identifier(ctx context.Context, t *catalogue.Texts, userID int64) (views.Identifier, error) {
	id, err := w.db.WebimVisitor(ctx, userID)
	i := views.Identifier{Name: t.T("webim.visitor_id"), Value: id, Hint: t.T("webim.visitor_id_hint")}
	if out := w.leftOut.remembered()[userID]; len(out) > 0 {
		i.Note = t.With("webim.left_out_of_user", map[string]any{"Fields": describeLeftOut(t, out)})
	}
	return i, err
}

// exported is what the portal knows of a user at Webim.
type exported struct {
	VisitorID string          `json:"visitor_id"`
	Chats     []exportedEvent `json:"chats"`
}

type exportedEvent struct {
	At     time.Time `json:"at"`
	Event  string    `json:"event"`
	ChatID string    `json:"chat_id"`
}

// Export is the visitor's id, and what Webim has told of their chats.
func (w *Room) Export(ctx context.Context, userID int64) (any, error) {
	id, err := w.db.WebimVisitor(ctx, userID)
	e := exported{VisitorID: id, Chats: []exportedEvent{}}
	for at := (&store.Cursor{}); at != nil && err == nil; {
		var page store.Page[store.WebimEvent]
		page, err = w.db.WebimEvents(ctx, userID, *at)
		for _, told := range page.Rows {
			e.Chats = append(e.Chats, exportedEvent{At: told.At.UTC(), Event: told.Event, ChatID: told.ChatID})
		}
		at = page.Down
	}
	return e, err
}
