package sandbox

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"kabinet/integrations/priceplan"
	"kabinet/integrations/returnto"
	"kabinet/integrations/sandbox"
)

// savedVersion is to be raised when a state of before could not be read any more, or would be misread.
const savedVersion = 1

// saved is what of a state outlives the program: everything but the keys to the cabinet. They are good once and
// for minutes, and one that was used just before the program was killed could be good twice.
type saved struct {
	Version    int
	Configured string    // the fingerprint of the first settings
	Settings   *settings // nil where they are the first ones
	Moved      time.Duration
	Anchor     int
	Clients    []savedClient
	Payments   []savedPayment
	Managers   map[string]time.Time
	Customers  map[string]savedCustomer

	LastSubscription, LastDocument int
}

// savedClient has no figure that follows from others.
type savedClient struct {
	ID            priceplan.ClientID
	UserID        priceplan.UserID
	Type          priceplan.ClientType
	Name          string
	SignedValues  map[string]string
	Blocked       bool
	Deleted       bool
	Subscriptions []savedSubscription
	Operations    []savedOperation
	Documents     []savedDocument
}

type savedSubscription struct {
	ID, Product           int
	Created, RenewedUntil time.Time
	Day                   int
	Status                status
}

// Amounts are in kopecks: what the API writes has fewer digits than a balance may need.
type savedOperation struct {
	At                     time.Time
	Kind, Product, Comment string
	Amount                 int64
}

type savedDocument struct {
	ID     int
	Type   string
	At     time.Time
	Total  int64
	Status documentStatus
}

type savedPayment struct {
	ID      string
	Client  priceplan.ClientID
	Amount  int64
	State   paymentState
	Refusal string
}

type savedCustomer struct {
	Client priceplan.ClientID
	Seen   time.Time
	Sent   map[string]string // by hexadecimal digits
}

// Save returns the state as JSON. It implements sandbox.Saver.
func (s *Sandbox) Save() ([]byte, error) { return json.Marshal(s.state.save()) }

func (s *state) save() saved {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := saved{
		Version: savedVersion, Configured: sandbox.Fingerprint(s.initial), Moved: s.moved, Anchor: s.anchor, Managers: maps.Clone(s.managers),
		Customers: map[string]savedCustomer{}, LastSubscription: s.lastSubscription, LastDocument: s.lastDocument,
	}
	if s.settings != s.initial {
		changed := s.settings
		v.Settings = &changed
	}
	for _, c := range s.clients {
		v.Clients = append(v.Clients, c.save())
	}
	for _, id := range slices.Sorted(maps.Keys(s.payments)) {
		p := s.payments[id]
		v.Payments = append(v.Payments, savedPayment{p.ID, p.client, int64(p.Amount), p.State, p.Refusal})
	}
	for session, c := range s.customers {
		one := savedCustomer{c.client, c.seen, map[string]string{}}
		for form, to := range c.sent {
			one.Sent[hex.EncodeToString([]byte(form))] = to
		}
		v.Customers[session] = one
	}
	return v
}

func (c *client) save() savedClient {
	v := savedClient{ID: c.ID, UserID: c.UserID, Type: c.Type, Name: c.Name, SignedValues: c.SignedValues, Blocked: c.Blocked, Deleted: c.Deleted}
	for _, sub := range c.Subscriptions {
		v.Subscriptions = append(v.Subscriptions, savedSubscription{sub.ID, sub.Product.ID, sub.Created, sub.RenewedUntil, sub.Day, sub.Status})
	}
	for _, o := range c.Operations {
		v.Operations = append(v.Operations, savedOperation{o.At, o.Kind, o.Product, o.Comment, int64(o.Amount)})
	}
	for _, d := range c.Documents {
		v.Documents = append(v.Documents, savedDocument{d.ID, d.Type, d.At, int64(d.Total), d.Status})
	}
	return v
}

// Restore implements sandbox.Saver. Settings that were changed on the desk come back only where the program is
// started with the same ones as then.
func (s *Sandbox) Restore(b []byte) error {
	var v saved
	if err := sandbox.ReadSaved(b, savedVersion, &v); err != nil {
		return err
	}
	c, err := v.contents(s.state.initial)
	if err != nil {
		return err
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	s.state.contents = c
	return nil
}

func (v saved) contents(initial settings) (contents, error) {
	c := contents{
		settings: initial, moved: v.Moved, anchor: v.Anchor, payments: map[string]*payment{}, keys: map[string]*authKey{},
		managers: map[string]time.Time{}, customers: map[string]*customer{}, lastSubscription: v.LastSubscription, lastDocument: v.LastDocument,
		// Drawn anew: a number that was given just before the program was killed is given to nobody else.
		firstNew: drawFirstNew(),
	}
	maps.Copy(c.managers, v.Managers)
	if v.Settings != nil && v.Configured == sandbox.Fingerprint(initial) {
		c.settings = *v.Settings
	}
	switch {
	case len(c.settings.wrong()) > 0:
		return c, errors.New("the settings are none that the desk takes")
	case v.Moved < 0 || v.Moved > farthest || v.Anchor < 0 || v.Anchor > 31:
		return c, errors.New("the calendar cannot be moved so")
	case len(v.Clients) < seeded:
		return c, errors.New("clients that are always there are missing")
	}
	r := restoring{saved: v, known: map[priceplan.ClientID]bool{}, users: map[priceplan.UserID]bool{}, numbers: map[string]bool{}}
	for i, one := range v.Clients {
		restored, err := r.client(i, one)
		if err != nil {
			return c, fmt.Errorf("client %d: %w", one.ID, err)
		}
		c.clients = append(c.clients, restored)
	}
	for _, p := range v.Payments {
		if err := r.payment(p); err != nil {
			return c, err
		}
		c.payments[p.ID] = &payment{p.ID, p.Client, kopecks(p.Amount), p.State, p.Refusal}
	}
	for session, one := range v.Customers {
		restored, err := r.customer(one)
		if err != nil {
			return c, err
		}
		c.customers[session] = restored
	}
	return c, nil
}

// restoring is what must be known of the whole while its parts are checked.
type restoring struct {
	saved
	known   map[priceplan.ClientID]bool
	users   map[priceplan.UserID]bool
	numbers map[string]bool // of subscriptions and documents
}

func (r restoring) client(i int, v savedClient) (*client, error) {
	body := clientBody{Type: &v.Type, Name: &v.Name, SignedValues: v.SignedValues}
	switch err := body.check(); {
	case err != nil:
		return nil, err
	case v.ID <= 0 || v.UserID <= 0 || r.known[v.ID] || r.users[v.UserID] || i < seeded && v.ID != firstClient+priceplan.ClientID(i):
		return nil, errors.New("the number is another's")
	}
	r.known[v.ID], r.users[v.UserID] = true, true
	c := &client{
		ID: v.ID, UserID: v.UserID, AccountNumber: accountNumber(v.ID), Type: v.Type, Name: v.Name, SignedValues: v.SignedValues, Blocked: v.Blocked, Deleted: v.Deleted,
	}
	for _, sub := range v.Subscriptions {
		p, err := productOf(sub.Product)
		if err != nil {
			return nil, err
		}
		if !r.isNew("subscription", sub.ID, r.LastSubscription) || sub.Day < 1 || sub.Day > 31 || !slices.Contains([]status{active, stopped, starved}, sub.Status) {
			return nil, fmt.Errorf("subscription %d is none", sub.ID)
		}
		c.Subscriptions = append(c.Subscriptions, subscription{sub.ID, p, sub.Created.UTC(), sub.RenewedUntil.UTC(), sub.Day, sub.Status})
	}
	for _, d := range v.Documents {
		if !r.isNew("document", d.ID, r.LastDocument) || !d.possible() {
			return nil, fmt.Errorf("document %d is none", d.ID)
		}
		c.receive(document{ID: d.ID, Type: d.Type, At: d.At.UTC(), Total: kopecks(d.Total), Status: d.Status})
	}
	for i, o := range v.Operations {
		if !o.possible() || c.book(operation{At: o.At.UTC(), Kind: o.Kind, Product: o.Product, Comment: o.Comment, Amount: kopecks(o.Amount)}).After < 0 {
			return nil, fmt.Errorf("operation %d is none", i+1)
		}
	}
	return c, nil
}

// isNew tells whether a number is one that was given, and is there for the first time.
func (r restoring) isNew(kind string, number, last int) bool {
	name := fmt.Sprint(kind, number)
	known := r.numbers[name]
	r.numbers[name] = true
	return !known && number > 0 && number <= last
}

func (d savedDocument) possible() bool {
	return d.Total > 0 && d.Total <= 1000*int64(maxAmount) && (d.Type == "invoice" && (d.Status == paidStatus || d.Status == unpaidStatus) || d.Type == "revenue" && d.Status == signedStatus)
}

// possible tells whether there may be such an operation by itself.
func (o savedOperation) possible() bool {
	if o.Amount > int64(maxAmount) || o.Amount < -int64(maxAmount) || len(o.Comment) > maxName {
		return false
	}
	switch o.Kind {
	case "operation.card", "operation.invoice", "operation.increase":
		return o.Amount > 0 && o.Product == ""
	case "operation.decrease":
		return o.Amount < 0 && o.Product == ""
	case "operation.charge":
		return o.Amount < 0 && slices.ContainsFunc(products, func(p product) bool { return p.Name == o.Product })
	}
	return false
}

func (r restoring) payment(p savedPayment) error {
	refusal := slices.ContainsFunc(cards, func(c card) bool { return c.refusal == p.Refusal })
	if p.ID == "" || !r.known[p.Client] || p.Amount <= 0 || p.Amount > int64(maxAmount) || !refusal || !slices.Contains([]paymentState{waiting, paid, refused}, p.State) {
		return fmt.Errorf("a payment of client %d is none", p.Client)
	}
	return nil
}

func (r restoring) customer(v savedCustomer) (*customer, error) {
	c := &customer{client: v.Client, seen: v.Seen, sent: map[string]string{}}
	for form, to := range v.Sent {
		b, err := hex.DecodeString(form)
		if err != nil || returnto.Local(to, "") != to {
			return nil, errors.New("a form that was sent has led nowhere")
		}
		c.sent[string(b)] = to
	}
	if !r.known[v.Client] {
		return nil, fmt.Errorf("somebody is signed in as client %d, who is not there", v.Client)
	}
	return c, nil
}
