package sandbox

import (
	"slices"

	"kabinet/integrations/priceplan"
)

// payment is a payment by card, from the form in the cabinet to the bank's answer.
type payment struct {
	ID       string // random: it stands in an address
	client   priceplan.ClientID
	Amount   kopecks
	Answered bool   // by the bank, once
	Refusal  string // why the bank refused: a key of the catalogue
}

// maxPending is how many payments, and how many invoices, of one client may wait at once.
const maxPending = 100

// beginPayment returns the payment that the card's page then asks the bank for. It returns a
// mistake when the amount is none that can be paid.
func (s *state) beginPayment(id priceplan.ClientID, amount kopecks) (payment, error) {
	defer s.lock()()
	c, err := s.findFor(id, amount)
	if err != nil {
		return payment{}, err
	}
	pending := 0
	for _, p := range s.payments {
		if p.client == id && !p.Answered {
			pending++
		}
	}
	if pending >= maxPending {
		return payment{}, tooMany
	}
	p := &payment{ID: randomText(24), client: c.ID, Amount: amount}
	s.payments[p.ID] = p
	return *p, nil
}

func (s *state) findFor(id priceplan.ClientID, amount kopecks) (*client, error) {
	switch {
	case amount <= 0:
		return nil, notMoreThanZero
	case amount > maxAmount:
		return nil, tooMuch
	}
	return s.find(id)
}

// paymentOf returns a payment of the client's own.
func (s *state) paymentOf(id priceplan.ClientID, number string) (payment, bool) {
	defer s.lock()()
	p := s.payments[number]
	if p == nil || p.client != id {
		return payment{}, false
	}
	return *p, true
}

// bankAnswers is the bank's answer to a payment of the client's own: why it refuses, a key of the
// catalogue, or nothing when it agrees. It counts once, however often it comes; what came of the
// payment is returned.
func (s *state) bankAnswers(id priceplan.ClientID, number, refusal string) (payment, bool) {
	defer s.lock()()
	p := s.payments[number]
	c, err := s.find(id)
	if p == nil || p.client != id || err != nil {
		return payment{}, false
	}
	if !p.Answered {
		p.Answered, p.Refusal = true, refusal
		if refusal == "" {
			s.pay(c, s.today(), "operation.card", p.Amount)
		}
	}
	return *p, true
}

// invoice makes out an invoice that a legal entity is to pay by bank transfer.
func (s *state) invoice(id priceplan.ClientID, amount kopecks) (document, error) {
	defer s.lock()()
	c, err := s.findFor(id, amount)
	if err != nil {
		return document{}, err
	}
	pending := 0
	for _, d := range c.Documents {
		if d.Status == unpaidStatus {
			pending++
		}
	}
	if pending >= maxPending {
		return document{}, tooMany
	}
	return s.issue(c, s.today(), "invoice", amount, unpaidStatus), nil
}

// payInvoice is the arrival of the money for an invoice. It arrives once.
func (s *state) payInvoice(number int) error {
	defer s.lock()()
	for _, c := range s.clients {
		i := slices.IndexFunc(c.Documents, func(d document) bool { return d.ID == number })
		if i < 0 || c.Deleted {
			continue
		}
		switch d := c.Documents[i]; {
		case d.Type != "invoice":
			return notAnInvoice
		case d.Status == paidStatus:
			return alreadyPaid
		}
		c.Documents = slices.Clone(c.Documents)
		c.Documents[i].Status = paidStatus
		c.book(operation{At: s.today(), Kind: "operation.invoice", Amount: c.Documents[i].Total})
		return nil
	}
	return unknownDocument
}

// adjust moves the balance as the company's staff do by the API, up or down but not below zero.
func (s *state) adjust(id priceplan.ClientID, amount kopecks, up bool, comment string) (operation, error) {
	defer s.lock()()
	c, err := s.findFor(id, amount)
	if err != nil {
		return operation{}, err
	}
	o := operation{At: s.today(), Kind: "operation.increase", Amount: amount, Comment: comment}
	if !up {
		o.Kind, o.Amount = "operation.decrease", -amount
		if amount > c.Balance() {
			return operation{}, noFunds
		}
	}
	return c.book(o), nil
}

// unpaidInvoices are those of all clients, the oldest first.
func (s *state) unpaidInvoices() []sent {
	all := slices.DeleteFunc(s.documents(), func(d sent) bool { return d.Status != unpaidStatus })
	slices.SortStableFunc(all, func(a, b sent) int { return a.At.Compare(b.At) })
	return all
}
