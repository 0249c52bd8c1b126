package sandbox

import (
	"fmt"
	"slices"
	"time"

	"kabinet/integrations/priceplan"
)

// client is one customer of the company, with everything the cabinet shows of them. Its slices
// are replaced, never changed in place: copies that pages are made from share them.
type client struct {
	ID            priceplan.ClientID
	UserID        priceplan.UserID // the client's user: another number than the client's
	AccountNumber string
	Type          priceplan.ClientType
	Name          string
	SignedValues  map[string]string // such as inn and external_id
	Blocked       bool
	Deleted       bool
	Subscriptions []subscription
	Operations    []operation // the oldest first
	Documents     []document  // the oldest first
}

// status is what a subscription is doing.
type status string

// The states of a subscription: our decision.
const (
	active  status = "active"
	stopped status = "stopped" // by whoever owns it
	starved status = "starved" // by a charge for which the balance did not suffice
)

// subscription is a product that a client pays for by the month, ahead.
type subscription struct {
	ID           int
	Product      product
	Created      time.Time
	RenewedUntil time.Time // when it is charged again
	Day          int       // of the month, on which that is
	Status       status
}

// operation moves a client's balance: a payment has a positive amount, a charge a negative one.
type operation struct {
	Number        int
	At            time.Time
	Kind          string // a key of the catalogue
	Product       string // a key of the catalogue; empty for payments
	Comment       string // of whoever booked it by the API
	Amount        kopecks
	Before, After kopecks
}

// document states a total that includes value added tax.
type document struct {
	ID     int
	Number string
	Type   string // as the API names it: invoice, revenue
	At     time.Time
	Net    kopecks
	VAT    kopecks
	Total  kopecks
	Status documentStatus
}

// documentStatus is what has become of a document.
type documentStatus string

// An invoice is unpaid until its money has come; an act is signed when it is made out.
const (
	unpaidStatus documentStatus = "unpaid"
	paidStatus   documentStatus = "paid"
	signedStatus documentStatus = "signed"
)

// Balance is what the client's operations come to.
func (c *client) Balance() kopecks {
	if len(c.Operations) == 0 {
		return 0
	}
	return c.Operations[len(c.Operations)-1].After
}

// book moves the balance. It is the only place that does.
func (c *client) book(o operation) operation {
	o.Number, o.Before = len(c.Operations)+1, c.Balance()
	o.After = o.Before + o.Amount
	c.Operations = append(c.Operations, o)
	return o
}

// pay books a payment and the paid invoice that goes with it.
func (s *state) pay(c *client, at time.Time, kind string, amount kopecks) {
	c.book(operation{At: at, Kind: kind, Amount: amount})
	s.issue(c, at, "invoice", amount, paidStatus)
}

// vatPercent is the tax that totals include; whether and how PricePlan computes it is not documented.
const vatPercent = 20

// issue makes a document out to the client.
func (s *state) issue(c *client, at time.Time, kind string, total kopecks, status documentStatus) document {
	s.lastDocument++
	return c.receive(document{ID: s.lastDocument, Type: kind, At: at, Total: total, Status: status})
}

// receive adds a document, with what follows from its total and its place.
func (c *client) receive(d document) document {
	d.Number = fmt.Sprintf("%s/%d", c.AccountNumber, len(c.Documents)+1)
	d.VAT = (d.Total*vatPercent + (100+vatPercent)/2) / (100 + vatPercent)
	d.Net = d.Total - d.VAT
	c.Documents = append(c.Documents, d)
	return d
}

// settle charges every month that has begun, the oldest first. What is charged at one time is
// one act. A subscription for which the balance does not suffice stops.
func (s *state) settle(c *client, today time.Time) {
	for !c.Deleted {
		due := c.due(today)
		if len(due) == 0 {
			return
		}
		var total kopecks
		at := c.Subscriptions[due[0]].RenewedUntil
		c.Subscriptions = slices.Clone(c.Subscriptions)
		for _, i := range due {
			if subscribed := &c.Subscriptions[i]; subscribed.Product.Price > c.Balance() {
				subscribed.Status = starved
			} else {
				total += subscribed.charge(c, at)
			}
		}
		if total > 0 {
			s.issue(c, at, "revenue", total, signedStatus)
		}
	}
}

// due are the indexes of the subscriptions whose time to be charged has come and is the earliest.
func (c *client) due(today time.Time) (due []int) {
	for i, s := range c.Subscriptions {
		if s.Status != active || s.RenewedUntil.After(today) {
			continue
		}
		if len(due) > 0 && s.RenewedUntil.Before(c.Subscriptions[due[0]].RenewedUntil) {
			due = nil
		}
		if len(due) == 0 || s.RenewedUntil.Equal(c.Subscriptions[due[0]].RenewedUntil) {
			due = append(due, i)
		}
	}
	return due
}

// charge books a month that begins at a time, and returns its price.
func (s *subscription) charge(c *client, at time.Time) kopecks {
	c.book(operation{At: at, Kind: "operation.charge", Product: s.Product.Name, Amount: -s.Product.Price})
	s.RenewedUntil = monthAfter(at, s.Day)
	return s.Product.Price
}

// monthAfter is the same day of the next month, or its last day where it is shorter.
func monthAfter(at time.Time, day int) time.Time {
	next := time.Date(at.Year(), at.Month()+1, 1, at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), at.Location())
	last := next.AddDate(0, 1, -1).Day()
	return next.AddDate(0, 0, min(day, last)-1)
}
