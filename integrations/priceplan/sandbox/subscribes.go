package sandbox

import (
	"net/http"
	"slices"
	"time"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/priceplan"
)

// The calls about products and subscriptions, with the names of the vendor's own clients; subscribe__price,
// subscribe__renewed_until and subscribe__status are ours, as are the fields of products.

var productList = list[product]{
	fields: map[string]func(product) any{
		"product__id":    func(p product) any { return p.ID },
		"product__name":  func(p product) any { return p.Name },
		"product__price": func(p product) any { return p.Price },
	},
	filtered: []string{"product__id", "product__name"},
}

// owned is a subscription and whose it is.
type owned struct {
	subscription
	client priceplan.ClientID
	name   string // the product's
}

var subscribeList = list[owned]{
	fields: map[string]func(owned) any{
		"subscribe__id":            func(o owned) any { return o.ID },
		"subscribe__product":       func(o owned) any { return o.Product.ID },
		"subscribe__blocking":      func(o owned) any { return o.Status != active },
		"subscribe__start":         func(o owned) any { return o.Created.Format(time.DateOnly) },
		"subscribe__delete":        func(owned) any { return false },
		"client__id":               func(o owned) any { return o.client },
		"product__name":            func(o owned) any { return o.name },
		"subscribe__price":         func(o owned) any { return o.Product.Price },
		"subscribe__renewed_until": func(o owned) any { return o.RenewedUntil.Format(time.DateOnly) },
		"subscribe__status":        func(o owned) any { return o.Status },
	},
	filtered: []string{"subscribe__id", "subscribe__product", "client__id"},
}

// namedProducts are the products with their names in Russian, as the company would have written them.
func (s *Sandbox) namedProducts() []product {
	named := slices.Clone(products)
	for i, p := range named {
		named[i].Name = s.productName(p)
	}
	return named
}

func (s *Sandbox) productName(p product) string {
	return s.Frame.Catalogue.In(catalogue.Russian).T(p.Name)
}

func (s *Sandbox) subscribes() []owned {
	var all []owned
	for _, c := range s.state.presentClients() {
		for _, sub := range c.Subscriptions {
			all = append(all, owned{sub, c.ID, s.productName(sub.Product)})
		}
	}
	return all
}

// subscribeBody is what published clients send to subscribes/pre and subscribes/.
type subscribeBody struct {
	Product *int                `json:"product"`
	Client  *priceplan.ClientID `json:"client"`
	Period  *int                `json:"period"`
	Values  map[string]any      `json:"values"`
	// Published clients send these empty.
	DocNumber string   `json:"doc_number"`
	DocDate   *string  `json:"doc_date"`
	Coupons   []string `json:"coupons"`
}

func (b subscribeBody) check() error {
	switch {
	case b.Product == nil:
		return missing("product")
	case b.Client == nil:
		return missing("client")
	case b.Period != nil && *b.Period != 1:
		return mistake{priceplan.CodeInvalidArgument, "period", "only 1, a month, is known here"}
	case slices.ContainsFunc(b.Coupons, func(c string) bool { return c != "" }):
		return mistake{priceplan.CodeNotFound, "coupons", "the company has given out no coupons"}
	}
	for name := range b.Values {
		return mistake{priceplan.CodeUnknownField, name, "these products have no fields"}
	}
	return nil
}

// quoteSubscribe is subscribes/pre: the price, before anything is bought.
func (s *Sandbox) quoteSubscribe(_ *http.Request, b subscribeBody) (any, error) {
	if err := b.check(); err != nil {
		return nil, err
	}
	q, err := s.state.quoteNew(*b.Client, *b.Product)
	return map[string]any{"price": q.Now, "balance_after": q.After,
		"next_charge_date": q.From.Format(time.DateOnly)}, err
}

func (s *Sandbox) createSubscribe(_ *http.Request, b subscribeBody) (any, error) {
	if err := b.check(); err != nil {
		return nil, err
	}
	sub, err := s.state.subscribe(*b.Client, *b.Product)
	return map[string]any{"id": sub.ID, "status": sub.Status, "product": sub.Product.ID, "period": 1,
		"client": *b.Client, "values": map[string]any{}}, err
}

// updateSubscribe changes a subscription's product, or stops it and takes it up again.
func (s *Sandbox) updateSubscribe(r *http.Request, a alteration) (any, error) {
	id, all := int(pathNumber(r)), s.subscribes()
	i := slices.IndexFunc(all, func(o owned) bool { return o.ID == id }) // the API names it without its client
	if i < 0 {
		return nil, unknownSubscription
	}
	_, err := s.state.alter(all[i].client, id, a)
	return map[string]any{"id": id}, err
}
