package sandbox

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"kabinet/integrations/priceplan"
)

// clientList has the fields that published clients ask for.
var clientList = list[client]{
	fields: map[string]func(client) any{
		"client__id":             func(c client) any { return c.ID },
		"client__name":           func(c client) any { return c.Name },
		"client__account_number": func(c client) any { return c.AccountNumber },
		"client__user_id":        func(c client) any { return c.UserID },
		"client__delete":         func(c client) any { return c.Deleted },
	},
	filtered: []string{"client__id", "client__name", "client__account_number", "client__user_id"},
}

// readClient says what a client is. Which fields PricePlan shows is not documented.
func (s *Sandbox) readClient(r *http.Request) (any, error) {
	c, err := s.state.client(pathClient(r))
	if err != nil {
		return nil, err
	}
	var next *string
	for _, sub := range c.Subscriptions {
		if at := sub.RenewedUntil.Format(time.DateOnly); sub.Status == active && (next == nil || at < *next) {
			next = &at
		}
	}
	return map[string]any{
		"id": c.ID, "user_id": c.UserID, "type": c.Type, "name": c.Name, "account_number": c.AccountNumber,
		"blocked": c.Blocked, "balance": c.Balance(), "signed_values": c.SignedValues, "next_charge_date": next,
	}, nil
}

// clientBody is what creating and updating a client takes.
type clientBody struct {
	Type         *priceplan.ClientType `json:"type"`
	Name         *string               `json:"name"`
	SignedValues map[string]string     `json:"signed_values"`
	Values       map[string]string     `json:"values"` // the same, by numbers of fields: there are none here
}

// signedValues are the names that published clients write values under.
var signedValues = map[string]bool{"inn": true, "external_id": true}

const clientTypes = "1 is a legal entity, 2 a natural person"

// maxName is how long a name may be, in bytes: our decision.
const maxName = 400

func (b clientBody) check() error {
	switch {
	case b.Type != nil && *b.Type != priceplan.LegalEntity && *b.Type != priceplan.NaturalPerson:
		return mistake{priceplan.CodeInvalidArgument, "type", clientTypes}
	case b.Name != nil && strings.TrimSpace(*b.Name) == "":
		return mistake{priceplan.CodeEmptyValue, "name", "the name is empty"}
	case b.Name != nil && len(*b.Name) > maxName:
		return mistake{priceplan.CodeForbiddenValue, "name", "the name is too long"}
	}
	for name, value := range b.SignedValues {
		if !signedValues[name] {
			return mistake{priceplan.CodeUnknownField, name, "known signed_values: inn, external_id"}
		}
		if len(value) > maxName {
			return mistake{priceplan.CodeForbiddenValue, name, "the value is too long"}
		}
	}
	for number := range b.Values {
		return mistake{priceplan.CodeUnknownField, number, "this sandbox has no numbered fields: use signed_values"}
	}
	return nil
}

// createClient takes a client on. Two with one external_id are two: that PricePlan would refuse
// the second is not documented, so nobody may rely on it.
func (s *Sandbox) createClient(_ *http.Request, b clientBody) (any, error) {
	switch {
	case b.Type == nil:
		return nil, mistake{priceplan.CodeMissingArgument, "type", clientTypes}
	case b.Name == nil:
		return nil, missing("name")
	}
	if err := b.check(); err != nil {
		return nil, err
	}
	c := s.state.takeOn(client{Type: *b.Type, Name: strings.TrimSpace(*b.Name), SignedValues: b.SignedValues})
	return map[string]any{"id": c.ID}, nil
}

// updateClient changes what the body names, and leaves the rest.
func (s *Sandbox) updateClient(r *http.Request, b clientBody) (any, error) {
	if err := b.check(); err != nil {
		return nil, err
	}
	return map[string]any{"id": pathClient(r)}, s.state.update(pathClient(r), b)
}

func (s *Sandbox) deleteClient(r *http.Request) (any, error) {
	return map[string]any{}, s.state.remove(pathClient(r))
}

// moved is what clients/{id}/increase and …/decrease take. It is not documented.
type moved struct {
	Amount  *kopecks `json:"amount"`
	Comment string   `json:"comment"`
}

func (s *Sandbox) moveBalance(up bool) func(*http.Request, moved) (any, error) {
	return func(r *http.Request, b moved) (any, error) {
		switch {
		case b.Amount == nil:
			return nil, mistake{priceplan.CodeMissingArgument, "amount", invalidAmount.advice}
		case len(b.Comment) > maxName:
			return nil, mistake{priceplan.CodeForbiddenValue, "comment", "the comment is too long"}
		}
		o, err := s.state.adjust(pathClient(r), *b.Amount, up, b.Comment)
		return map[string]any{"balance_before": o.Before, "balance_after": o.After}, err
	}
}

// takeOn adds a client, and returns what became of it.
func (s *state) takeOn(c client) client {
	defer s.lock()()
	return *s.add(c)
}

func (s *state) update(id priceplan.ClientID, b clientBody) error {
	defer s.lock()()
	c, err := s.find(id)
	if err != nil {
		return err
	}
	if b.Type != nil {
		c.Type = *b.Type
	}
	if b.Name != nil {
		c.Name = strings.TrimSpace(*b.Name)
	}
	if b.SignedValues != nil {
		values := map[string]string{}
		maps.Copy(values, c.SignedValues)
		maps.Copy(values, b.SignedValues)
		c.SignedValues = values
	}
	return nil
}

// remove deletes a client: the list still shows it, and nothing else does.
func (s *state) remove(id priceplan.ClientID) error {
	defer s.lock()()
	c, err := s.find(id)
	if err != nil {
		return err
	}
	switch {
	case c.Balance() != 0:
		return mistake{priceplan.CodeBalanceAboveZero, "", "the client's balance is not zero"}
	case slices.ContainsFunc(c.Subscriptions, func(s subscription) bool { return s.Status != stopped }):
		return mistake{priceplan.CodeHasSubscription, "", "the client has subscriptions"}
	}
	c.Deleted = true
	return nil
}
