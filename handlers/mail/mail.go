package mail

import (
	"context"
	"time"

	"kabinet/handlers/observe"
	"kabinet/handlers/web"
	"kabinet/integrations/catalogue"
	"kabinet/integrations/mail"
	"kabinet/integrations/secret"
	"kabinet/store"
)

// Room sends letters. A nil one is there where there is no mail: it writes none.
type Room struct {
	site   *web.Site
	db     *store.DB
	client *mail.Client
	// Mailbox is where letters can be read, in a demo; empty elsewhere.
	Mailbox string

	sealer *secret.Sealer
	woken  chan struct{}

	// While the server cannot be spoken to: until when nothing is tried, and how often it was in vain.
	paused time.Time
	vain   int
	// When what has expired is taken away next.
	sweeps time.Time
}

// New returns the room. It connects to nobody yet. The mailbox is where letters can be read, in a demo.
func New(site *web.Site, client *mail.Client, mailbox string) *Room {
	return &Room{
		site: site, db: site.DB, client: client, Mailbox: mailbox, sealer: site.Sealer(purpose),
		woken: make(chan struct{}, 1),
	}
}

// Of is the room among the portal's services, nil where there is no mail.
func Of(services []web.Vendor) *Room {
	for _, s := range services {
		if m, ok := s.(*Room); ok {
			return m
		}
	}
	return nil
}

// Name is that of mail in every layer.
func (m *Room) Name() string { return "mail" }

// Routes are none: letters lead to pages of the account.
func (m *Room) Routes() []web.Route { return nil }

// Integration says where letters are sent by.
func (m *Room) Integration() observe.Integration {
	return observe.Integration{Title: "Mail", Origins: []string{m.client.Server().String()}, Waiting: m.waiting}
}

// waiting says how many letters wait, and since when.
func (m *Room) waiting(ctx context.Context, t *catalogue.Texts) (string, error) {
	o, err := m.db.Outbox(ctx)
	if err != nil || o.Waiting == 0 {
		return "", err
	}
	return t.With("mail.waiting", map[string]any{"Count": o.Waiting, "Since": t.Moment(o.Oldest)}), nil
}

// Wake says that a letter was written.
func (m *Room) Wake() {
	if m == nil {
		return
	}
	select {
	case m.woken <- struct{}{}:
	default: // it has been said
	}
}
