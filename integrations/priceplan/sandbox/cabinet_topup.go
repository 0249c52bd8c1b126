package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"kabinet/integrations/priceplan"
)

// Topping up: a person pays by card, at the page of a pretended bank; a legal entity gets an
// invoice, whose money arrives when the desk says so.

// topUpModel is the form, with what was typed.
type topUpModel struct {
	Amount string
	Person bool
	Wrong  string // why it was refused
}

func (s *Sandbox) topUpForm(w http.ResponseWriter, r *http.Request, g guest) {
	m := topUpModel{Person: g.client.Type == priceplan.NaturalPerson}
	if amount, ok := parseKopecks(r.URL.Query().Get("amount")); ok && amount > 0 {
		m.Amount = amount.String()
	}
	s.Frame.Show(w, r, http.StatusOK, topUp(s.page(r, "topup.title"), g.client, m))
}

func (s *Sandbox) topUp(w http.ResponseWriter, r *http.Request, g guest) {
	as := r.PostForm.Get("as")
	if as != "person" && as != "legal" {
		http.Error(w, "as is person or legal", http.StatusBadRequest)
		return
	}
	m := topUpModel{Amount: r.PostForm.Get("amount"), Person: as == "person"}
	next, err := s.beginTopUp(g.client.ID, m)
	if err != nil {
		status, why := s.outcome(r, err)
		m.Wrong = why
		s.Frame.Show(w, r, status, topUp(s.page(r, "topup.title"), g.client, m))
		return
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
}

// beginTopUp returns the page that follows.
func (s *Sandbox) beginTopUp(id priceplan.ClientID, m topUpModel) (string, error) {
	amount, ok := parseKopecks(m.Amount)
	if !ok {
		return "", invalidAmount
	}
	if m.Person {
		p, err := s.state.beginPayment(id, amount)
		return "/topup/" + p.ID + "/", err
	}
	d, err := s.state.invoice(id, amount)
	return fmt.Sprintf("/documents/%d/", d.ID), err
}

// card is a pretended card. There is no field for a number: nobody shall type a real one.
type card struct {
	Number  string
	About   string // a key of the catalogue
	refusal string // of the bank: a key of the catalogue; empty when it agrees
}

var cards = []card{
	{"4000 0000 0000 0077", "card.pays", ""},
	{"4000 0000 0000 0002", "card.no_money", "card.no_money"},
	{"4000 0000 0000 0069", "card.expired", "card.expired"},
}

func (s *Sandbox) cardForm(w http.ResponseWriter, r *http.Request, g guest) {
	p, ok := s.state.paymentOf(g.client.ID, r.PathValue("id"))
	if !ok {
		s.nothingHere(w, r)
		return
	}
	s.showCard(w, r, http.StatusOK, p)
}

func (s *Sandbox) showCard(w http.ResponseWriter, r *http.Request, status int, p payment) {
	var why string
	if t := s.Frame.Texts(r); p.Refusal != "" {
		why = t.With("card.refused", map[string]any{"Why": t.T(p.Refusal)})
	}
	s.Frame.Show(w, r, status, cardPage(s.page(r, "card.title"), p, why))
}

func (s *Sandbox) payByCard(w http.ResponseWriter, r *http.Request, g guest) {
	i := slices.IndexFunc(cards, func(c card) bool { return c.Number == r.PostForm.Get("card") })
	if i < 0 { // none was chosen
		http.Redirect(w, r, r.URL.Path, http.StatusSeeOther)
		return
	}
	p, ok := s.state.bankAnswers(g.client.ID, r.PathValue("id"), cards[i].refusal)
	switch {
	case !ok:
		s.nothingHere(w, r)
	case p.Refusal == "":
		http.Redirect(w, r, "/?done=paid", http.StatusSeeOther)
	default:
		s.showCard(w, r, http.StatusPaymentRequired, p)
	}
}

// outcome is the status of a page on which something may have been refused, and in the reader's language why it was.
func (s *Sandbox) outcome(r *http.Request, err error) (status int, why string) {
	if err == nil {
		return http.StatusOK, ""
	}
	t := s.Frame.Texts(r)
	m, _ := errors.AsType[mistake](err)
	if key, ok := refusalTexts[m.code]; ok {
		return http.StatusUnprocessableEntity, t.T(key)
	}
	return http.StatusUnprocessableEntity, t.With("wrong.amount", map[string]any{"Most": t.Money(int64(maxAmount))})
}

// refusalTexts are what mistakes are called, all but those about an amount.
var refusalTexts = map[priceplan.Code]string{
	priceplan.CodeNoFunds: "wrong.no_funds", priceplan.CodeObjectBlocked: "wrong.blocked",
	priceplan.CodeInvalidStatus: "wrong.already", priceplan.CodeNotFound: "wrong.not_found",
	priceplan.CodeQueueExceeded: "wrong.too_many",
}
