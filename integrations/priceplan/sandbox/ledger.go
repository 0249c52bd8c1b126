package sandbox

import (
	"fmt"
	"slices"
	"time"

	"kabinet/integrations/priceplan"
)

// All amounts are in kopecks.

// client is one customer of the company, with everything the cabinet shows of them.
type client struct {
	ID            priceplan.ClientID
	UserID        int64 // the client's user: another number than the client's
	AccountNumber string
	Type          clientType
	Name          string
	Blocked       bool
	Subscriptions []subscription
	Operations    []operation // the oldest first
	Documents     []document  // the oldest first
}

type clientType int

// The types of clients (the numbers are inferred from published clients).
const (
	legalEntity   clientType = 1
	naturalPerson clientType = 2
)

// subscription is a product that a client pays for by the month.
type subscription struct {
	Number       int
	Product      string // a key of the catalogue
	Price        int64  // of a month
	Created      time.Time
	RenewedUntil time.Time
	Active       bool
}

// operation moves a client's balance: a payment has a positive amount, a charge a negative one.
type operation struct {
	Number        int
	At            time.Time
	Kind          string // a key of the catalogue
	Product       string // a key of the catalogue; empty for payments
	Amount        int64
	Before, After int64
}

// document states a total that includes value added tax.
type document struct {
	Number string
	Type   string // as the API names it: invoice, revenue
	At     time.Time
	Net    int64
	VAT    int64
	Total  int64
	Status string // a key of the catalogue
}

// Balance is what the client's operations come to.
func (c *client) Balance() int64 {
	if len(c.Operations) == 0 {
		return 0
	}
	return c.Operations[len(c.Operations)-1].After
}

func (c *client) post(at time.Time, kind, product string, amount int64) {
	before := c.Balance()
	c.Operations = append(c.Operations, operation{
		Number: len(c.Operations) + 1, At: at, Kind: kind, Product: product, Amount: amount, Before: before, After: before + amount,
	})
}

// pay books a payment and the paid invoice that goes with it.
func (c *client) pay(at time.Time, kind string, amount int64) {
	c.post(at, kind, "", amount)
	c.document(at, "invoice", amount, "document.paid")
}

// charge books a month of every subscription that has begun, and the act for them together.
func (c *client) charge(at time.Time) {
	var total int64
	for i := range c.Subscriptions {
		s := &c.Subscriptions[i]
		if s.Active && !s.Created.After(at) {
			c.post(at, "operation.charge", s.Product, -s.Price)
			s.RenewedUntil = at.AddDate(0, 1, 0)
			total += s.Price
		}
	}
	if total > 0 {
		c.document(at, "revenue", total, "document.signed")
	}
}

// vatPercent is the tax that totals include; whether and how PricePlan computes it is not documented.
const vatPercent = 20

func (c *client) document(at time.Time, kind string, total int64, status string) {
	vat := (total*vatPercent + (100+vatPercent)/2) / (100 + vatPercent)
	c.Documents = append(c.Documents, document{
		Number: fmt.Sprintf("%s/%d", c.AccountNumber, len(c.Documents)+1), Type: kind, At: at,
		Net: total - vat, VAT: vat, Total: total, Status: status,
	})
}

func newestFirst[T any](s []T) []T {
	s = slices.Clone(s)
	slices.Reverse(s)
	return s
}

// seedClients are the clients after a reset, always the same.
func seedClients() []*client {
	day := func(month time.Month, d int) time.Time { return time.Date(2026, month, d, 10, 0, 0, 0, time.UTC) }

	anna := &client{ID: 1001, UserID: 7001, AccountNumber: "A-1001", Type: naturalPerson, Name: "Анна Смирнова", Subscriptions: []subscription{
		{Number: 1, Product: "product.hosting", Price: 450_00, Created: day(time.September, 1), Active: true},
		{Number: 2, Product: "product.support", Price: 990_50, Created: day(time.September, 1), Active: true},
	}}
	anna.pay(day(time.August, 20), "operation.card", 5_000_00)
	anna.charge(day(time.September, 1))
	anna.charge(day(time.October, 1))
	anna.pay(day(time.October, 15), "operation.invoice", 3_000_00)
	anna.charge(day(time.November, 1))

	vector := &client{ID: 1002, UserID: 7002, AccountNumber: "A-1002", Type: legalEntity, Name: "ООО «Вектор»", Subscriptions: []subscription{
		{Number: 1, Product: "product.hosting", Price: 450_00, Created: day(time.October, 1), Active: true},
	}}
	vector.pay(day(time.September, 28), "operation.invoice", 1_350_00)
	vector.charge(day(time.October, 1))
	vector.charge(day(time.November, 1))

	fresh := &client{ID: 1003, UserID: 7003, AccountNumber: "A-1003", Type: naturalPerson, Name: "Олег Новиков"}
	blocked := &client{ID: 1004, UserID: 7004, AccountNumber: "A-1004", Type: legalEntity, Name: "АО «Маяк»", Blocked: true}
	return []*client{anna, vector, fresh, blocked}
}
