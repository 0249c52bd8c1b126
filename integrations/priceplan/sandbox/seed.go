package sandbox

import (
	"fmt"
	"time"

	"kabinet/integrations/priceplan"
)

// The seeded clients are numbered from DemoClient on, and their users from firstUser. Clients that are created later
// have other numbers at each reset.
const (
	seeded    = 4
	firstUser = priceplan.UserID(7001)
)

// add takes a client on, under the next numbers.
func (s *state) add(c client) *client {
	n := len(s.clients)
	c.ID, c.UserID = DemoClient+priceplan.ClientID(n), firstUser+priceplan.UserID(n)
	if n >= seeded {
		c.ID = s.firstNew + priceplan.ClientID(n-seeded)
		c.UserID = priceplan.UserID(c.ID) + 1_000_000
	}
	c.AccountNumber = fmt.Sprintf("A-%d", c.ID)
	s.clients = append(s.clients, &c)
	return &c
}

// begin adds a subscription whose first month is due at once.
func (s *state) begin(c *client, p product, at time.Time) {
	s.lastSubscription++
	c.Subscriptions = append(c.Subscriptions,
		subscription{ID: s.lastSubscription, Product: p, Created: at, RenewedUntil: at, Day: at.Day(), Status: active})
}

// seed fills the ledger with its first clients: the same ones after every reset, with a history
// that reaches up to the month of today.
func (s *state) seed() {
	year, month, _ := s.today().Date()
	day := func(monthsAgo time.Month, d int) time.Time {
		return time.Date(year, month-monthsAgo, d, 0, 0, 0, 0, time.UTC)
	}

	anna := s.add(client{Type: priceplan.NaturalPerson, Name: "Анна Смирнова"})
	s.pay(anna, day(3, 20), "operation.card", 5_000_00)
	s.begin(anna, products[0], day(2, 1))
	s.begin(anna, products[1], day(2, 1))
	s.settle(anna, day(1, 1))
	s.pay(anna, day(1, 15), "operation.invoice", 3_000_00)

	vector := s.add(client{Type: priceplan.LegalEntity, Name: "ООО «Вектор»",
		SignedValues: map[string]string{"inn": "7700000000", "kpp": "770001002"}}) // the check digit is no company's
	s.pay(vector, day(2, 28), "operation.invoice", 1_350_00)
	s.begin(vector, products[0], day(1, 1))

	s.add(client{Type: priceplan.NaturalPerson, Name: "Олег Новиков"})
	s.add(client{Type: priceplan.LegalEntity, Name: "АО «Маяк»", Blocked: true})
	for _, c := range s.clients {
		s.settle(c, s.today())
	}
}
