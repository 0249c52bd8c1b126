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
	if err != nil {
		return nil, quote{}, err
	}
	today := s.today()
	return c, quote{Product: p, Now: p.Price, After: c.Balance() - p.Price, From: monthAfter(today, today.Day())}, nil
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

// change makes another product of a subscription, from the next charge on.
func (s *state) change(id priceplan.ClientID, number, productID int) (subscription, error) {
	return s.updateSubscription(id, number, &productID, nil)
}

// stop keeps a subscription from being charged again. What is paid for stays.
func (s *state) stop(id priceplan.ClientID, number int) (subscription, error) {
	to := stopped
	return s.updateSubscription(id, number, nil, &to)
}

// resume takes a stopped subscription up again. A month that has run out is charged for.
func (s *state) resume(id priceplan.ClientID, number int) (subscription, error) {
	to := active
	return s.updateSubscription(id, number, nil, &to)
}

// updateSubscription changes a subscription's product, its state, or both, or nothing when one of them
// cannot be. It charges what has become due by that.
func (s *state) updateSubscription(id priceplan.ClientID, number int, productID *int, to *status) (subscription,
	error) {
	defer s.lock()()
	c, i, err := s.subscriptionOf(id, number)
	if err != nil {
		return subscription{}, err
	}
	altered := slices.Clone(c.Subscriptions)
	sub := &altered[i]
	if productID != nil {
		if sub.Product, err = productOf(*productID); err != nil {
			return subscription{}, err
		}
	}
	if to != nil {
		if err := sub.become(*to, c, s.today()); err != nil {
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
	case !s.RenewedUntil.After(today) && s.Product.Price > c.Balance():
		return noFunds
	}
	s.Status = active
	if !s.RenewedUntil.After(today) {
		s.RenewedUntil, s.Day = today, today.Day()
	}
	return nil
}

// toResume is what taking a subscription up again costs.
func (s *state) toResume(id priceplan.ClientID, number int) (quote, error) {
	defer s.lock()()
	c, i, err := s.subscriptionOf(id, number)
	if err != nil {
		return quote{}, err
	}
	sub, today := c.Subscriptions[i], s.today()
	q := quote{Product: sub.Product, After: c.Balance(), From: sub.RenewedUntil}
	if !sub.RenewedUntil.After(today) {
		q.Now, q.After, q.From = sub.Product.Price, q.After-sub.Product.Price, monthAfter(today, today.Day())
	}
	return q, nil
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

// ownerOf returns the client whose subscription it is: the API names subscriptions without one.
func (s *state) ownerOf(number int) (priceplan.ClientID, error) {
	for _, c := range s.allClients() {
		for _, sub := range c.Subscriptions {
			if sub.ID == number && !c.Deleted {
				return c.ID, nil
			}
		}
	}
	return 0, unknownSubscription
}
