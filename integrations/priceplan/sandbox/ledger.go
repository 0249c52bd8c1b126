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
	vat := (total*vatPercent + (100+vatPercent)/2) / (100 + vatPercent)
	d := document{
		ID: s.lastDocument, Number: fmt.Sprintf("%s/%d", c.AccountNumber, len(c.Documents)+1), Type: kind, At: at,
		Net: total - vat, VAT: vat, Total: total, Status: status,
	}
	c.Documents = append(c.Documents, d)
	return d
}

// settle charges every month that has begun, the oldest first. What is charged at one time is
// one act. A subscription for which the balance does not suffice stops.
func (s *state) settle(c *client, today time.Time) {
	for at := c.due(today); !at.IsZero(); at = c.due(today) {
		var total kopecks
		c.Subscriptions = slices.Clone(c.Subscriptions)
		for i := range c.Subscriptions {
			sub := &c.Subscriptions[i]
			switch price := sub.Product.Price; {
			case sub.Status != active || !sub.RenewedUntil.Equal(at):
			case price > c.Balance():
				sub.Status = starved
			default:
				c.book(operation{At: at, Kind: "operation.charge", Product: sub.Product.Name, Amount: -price})
				sub.RenewedUntil = monthAfter(at, sub.Day)
				total += price
			}
		}
		if total > 0 {
			s.issue(c, at, "revenue", total, signedStatus)
		}
	}
}

// due is when the earliest month began that is to be charged; zero when nothing is to be charged.
func (c *client) due(today time.Time) (at time.Time) {
	for _, s := range c.Subscriptions {
		isDue := s.Status == active && !s.RenewedUntil.After(today) && !c.Deleted
		if isDue && (at.IsZero() || s.RenewedUntil.Before(at)) {
			at = s.RenewedUntil
		}
	}
	return at
}

// monthAfter is the same day of the next month, or its last day where it is shorter.
func monthAfter(at time.Time, day int) time.Time {
	next := time.Date(at.Year(), at.Month()+1, 1, at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), at.Location())
	last := next.AddDate(0, 1, -1).Day()
	return next.AddDate(0, 0, min(day, last)-1)
}
