package priceplan

import (
	"context"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"

	"kabinet/handlers/behind"
	"kabinet/handlers/web"
	"kabinet/integrations/catalogue"
	"kabinet/integrations/priceplan"
	"kabinet/store"
	"kabinet/views"
)

// dashboard is what the portal's own pages show of PricePlan.
type dashboard struct {
	db          *store.DB
	client      *priceplan.Client
	keys        *keys
	provisioner *provisioner // nil where no clients are to be created
	behind      *behind.Asker
}

// figures are what is kept of what PricePlan said last.
type figures struct {
	Subscribes []priceplan.Subscribe `json:"subscribes"`
	Documents  []priceplan.Document  `json:"documents"`
}

// How much is kept and shown: the first subscriptions, and the newest documents of a year.
const (
	maxSubscribes, maxDocuments = 20, 10
	shownSubscribes             = 3
	shownDocuments              = 2
	newest                      = 365 * 24 * time.Hour
)

// Behind asks for subscriptions and documents.
func (d dashboard) Behind() *behind.Asker { return d.behind }

// refresh asks PricePlan for the subscriptions and the newest documents of the reader's client, and keeps them.
func (d dashboard) refresh(ctx context.Context, r *web.Request) error {
	id, err := d.db.PricePlanClient(ctx, r.User().ID)
	if err != nil {
		return err
	}
	var f figures
	if f.Subscribes, err = d.client.Subscribes(ctx, priceplan.ClientID(id)); err != nil {
		return err
	}
	since := d.db.Now().Add(-newest).Format(time.DateOnly)
	if f.Documents, err = d.client.Documents(ctx, priceplan.ClientID(id), since); err != nil {
		return err
	}
	d.keys.failing.Store(false)
	f.Subscribes = f.Subscribes[:min(len(f.Subscribes), maxSubscribes)]
	f.Documents = f.Documents[:min(len(f.Documents), maxDocuments)]
	text, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return d.db.NotePricePlanFigures(ctx, r.User().ID, id, string(text))
}

// Offer is what customers find here.
func (d dashboard) Offer(t *catalogue.Texts) views.Offer {
	return views.Offer{Icon: icon, Title: t.T("priceplan.card"), Text: t.T("priceplan.card_text")}
}

// icon is the card's.
const icon = "credit-card"

// Card says whether the reader has a cabinet, and what is in it.
func (d dashboard) Card(r *web.Request, known []store.Standing) (views.Card, error) {
	t := r.Texts
	card := views.Card{Icon: icon, Title: t.T("priceplan.card")}
	if len(known) == 0 {
		provision, err := d.provisioner.of(r.Request().Context(), r.User().ID)
		card.State, card.Text = t.T("priceplan.state_none"), t.T("priceplan.card_none_text")
		if isComing(provision) {
			card.State, card.Text = t.T("priceplan.state_coming"), t.T("priceplan.card_coming_text")
		}
		return card, err
	}
	client := known[0]
	card.State, card.Tone, card.Text = t.T("priceplan.state_ready"), "good", t.T("priceplan.card_text")
	card.Action = &views.Link{Path: "/cabinet", Text: t.T("priceplan.card_open")}
	card.KnownAt, card.CanRefresh, card.Stale = client.At, true, d.behind.IsStale(client.At)
	if d.keys.failing.Load() {
		card.Stale = true // the next that goes well says that it is over
		card.State, card.Tone = t.T("priceplan.state_trouble"), "bad"
	}
	if client.Detail != "" {
		card.Lines = func() ([]views.CardLine, error) { return describe(t, client.Detail) }
	}
	return card, nil
}

// describe puts figures into words.
func describe(t *catalogue.Texts, kept string) ([]views.CardLine, error) {
	var f figures
	if err := json.Unmarshal([]byte(kept), &f); err != nil {
		return nil, err
	}
	subscribes := views.CardLine{Name: t.T("priceplan.subscribes")}
	for _, s := range f.Subscribes[:min(len(f.Subscribes), shownSubscribes)] {
		text := s.Product
		if s.Blocked {
			text += " — " + t.T("priceplan.blocked")
		}
		subscribes.Values = append(subscribes.Values, views.CardValue{Text: text})
	}
	if more := len(f.Subscribes) - shownSubscribes; more > 0 {
		text := t.With("priceplan.more", map[string]any{"Count": more})
		subscribes.Values = append(subscribes.Values, views.CardValue{Text: text})
	}
	if len(f.Subscribes) == 0 {
		subscribes.Values = []views.CardValue{{Text: t.T("priceplan.subscribes_none")}}
	}
	documents := views.CardLine{Name: t.T("priceplan.documents")}
	for _, d := range f.Documents[:min(len(f.Documents), shownDocuments)] {
		documents.Values = append(documents.Values, views.CardValue{Text: documentText(t, d)})
	}
	if len(f.Documents) == 0 {
		documents.Values = []views.CardValue{{Text: t.T("priceplan.documents_none")}}
	}
	return []views.CardLine{subscribes, documents}, nil
}

// documentTypes are those of PricePlan's that there are words for.
var documentTypes = map[string]bool{"invoice": true, "revenue": true, "invoicefact": true, "bill": true}

func documentName(t *catalogue.Texts, d priceplan.Document) string {
	if documentTypes[d.Type] {
		return t.T("priceplan.document." + d.Type)
	}
	return t.T("priceplan.document.other")
}

// documentText is a document's kind, number, day and total, each as PricePlan writes it where that is not understood.
func documentText(t *catalogue.Texts, d priceplan.Document) string {
	text := d.Number
	day := d.Date
	if parsed, err := time.Parse(time.DateOnly, day[:min(len(day), len(time.DateOnly))]); err == nil {
		day = t.Date(parsed)
	}
	total := d.Total
	if rubles, err := strconv.ParseFloat(total, 64); err == nil && rubles > -1e12 && rubles < 1e12 {
		total = t.Money(int64(rubles*100 + 0.5))
	}
	for _, part := range []string{day, total} {
		if part != "" {
			text += ", " + part
		}
	}
	return t.With("priceplan.document.numbered", map[string]any{"Name": documentName(t, d), "Number": text})
}
