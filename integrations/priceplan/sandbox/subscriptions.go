package sandbox

import (
	"slices"
	"time"

	"kabinet/integrations/priceplan"
)

// quote is what a subscription costs, before anybody is bound by it.
type quote struct {
	Product product
	Now     kopecks   // charged at once
	After   kopecks   // the balance then; below zero, the balance does not suffice
	From    time.Time // when a month's price is charged next
}

// quoteNew is the quote for a subscription that does not exist yet.
func (s *state) quoteNew(id priceplan.ClientID, productID int) (quote, error) {
	defer s.lock()()
	_, q, err := s.quote(id, productID)
	return q, err
}

func (s *state) quote(id priceplan.ClientID, productID int) (*client, quote, error) {
	c, err := s.find(id)
	if err != nil {
		return nil, quote{}, err
	}
	if c.Blocked {
		return nil, quote{}, clientBlocked
	}
	p, err := productOf(productID)
	return c, c.quote(p, s.today()), err
}

// quote is for a month of a product that begins today.
func (c *client) quote(p product, today time.Time) quote {
	return quote{Product: p, Now: p.Price, After: c.Balance() - p.Price, From: monthAfter(today, today.Day())}
}

// subscribe begins a subscription and charges its first month.
func (s *state) subscribe(id priceplan.ClientID, productID int) (subscription, error) {
	defer s.lock()()
	c, q, err := s.quote(id, productID)
	if err != nil {
		return subscription{}, err
	}
	if q.After < 0 {
		return subscription{}, noFunds
	}
	s.begin(c, q.Product, s.today())
	s.settle(c, s.today())
	return c.Subscriptions[len(c.Subscriptions)-1], nil
}

// alteration is what to change: another product, from the next charge on; or the state, stopped or active. nil leaves
// it. What is paid for stays.
type alteration struct {
	Product *int    `json:"product"`
	Status  *status `json:"status"`
}

// alter changes a subscription, or nothing of it when one part of the alteration cannot be. It charges what has become
// due by that: a month that has run out, for one that is taken up again.
func (s *state) alter(id priceplan.ClientID, number int, a alteration) (subscription, error) {
	defer s.lock()()
	c, i, err := s.subscriptionOf(id, number)
	if err != nil {
		return subscription{}, err
	}
	altered := slices.Clone(c.Subscriptions)
	sub := &altered[i]
	if a.Product != nil {
		if sub.Product, err = productOf(*a.Product); err != nil {
			return subscription{}, err
		}
	}
	if a.Status != nil {
		if err := sub.become(*a.Status, c, s.today()); err != nil {
			return subscription{}, err
		}
	}
	c.Subscriptions = altered
	s.settle(c, s.today())
	return c.Subscriptions[i], nil
}

func (s *subscription) become(to status, c *client, today time.Time) error {
	switch {
	case to != active && to != stopped:
		return mistake{priceplan.CodeInvalidStatus, "status", `"active" or "stopped"`}
	case to == s.Status:
		return alreadySo
	case to == stopped:
		s.Status = stopped
		return nil
	case c.Blocked:
		return clientBlocked
	case s.toResume(c, today).After < 0: // only a charge makes it so: no balance is below zero
		return noFunds
	}
	s.Status = active
	if !s.RenewedUntil.After(today) {
		s.RenewedUntil, s.Day = today, today.Day()
	}
	return nil
}

// toResume is what taking a subscription up again costs.
func (s subscription) toResume(c *client, today time.Time) quote {
	if s.RenewedUntil.After(today) {
		return quote{Product: s.Product, After: c.Balance(), From: s.RenewedUntil}
	}
	return c.quote(s.Product, today)
}

// subscription is one of the client's, with what taking it up again costs.
func (s *state) subscription(id priceplan.ClientID, number int) (subscription, quote, error) {
	defer s.lock()()
	c, i, err := s.subscriptionOf(id, number)
	if err != nil {
		return subscription{}, quote{}, err
	}
	return c.Subscriptions[i], c.Subscriptions[i].toResume(c, s.today()), nil
}

func (s *state) subscriptionOf(id priceplan.ClientID, number int) (*client, int, error) {
	c, err := s.find(id)
	if err != nil {
		return nil, 0, err
	}
	i := slices.IndexFunc(c.Subscriptions, func(sub subscription) bool { return sub.ID == number })
	if i < 0 {
		return nil, 0, unknownSubscription
	}
	return c, i, nil
}
