package sandbox

import (
	"errors"
	"fmt"
	"net/http"

	"kabinet/integrations/catalogue"
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
		m.Wrong = wrong(s.Frame.Texts(r), err)
		s.Frame.Show(w, r, statusOf(err), topUp(s.page(r, "topup.title"), g.client, m))
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
	for _, card := range cards {
		if card.Number != r.PostForm.Get("card") {
			continue
		}
		p, ok := s.state.bankAnswers(g.client.ID, r.PathValue("id"), card.refusal)
		switch {
		case !ok:
			s.nothingHere(w, r)
		case p.Refusal == "":
			http.Redirect(w, r, "/?done=paid", http.StatusSeeOther)
		default:
			s.showCard(w, r, http.StatusPaymentRequired, p)
		}
		return
	}
	http.Redirect(w, r, r.URL.Path, http.StatusSeeOther) // no card was chosen
}

// statusOf is that of a page on which something may have been refused.
func statusOf(err error) int {
	if err != nil {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// wrong says in the reader's language why something is refused; nothing where it is not.
func wrong(t *catalogue.Texts, err error) string {
	if err == nil {
		return ""
	}
	m, _ := errors.AsType[mistake](err)
	if key, ok := wrongs[m.code]; ok {
		return t.T(key)
	}
	return t.With("wrong.amount", map[string]any{"Most": t.Money(int64(maxAmount))})
}

// wrongs are what mistakes are called, all but those about an amount.
var wrongs = map[priceplan.Code]string{
	priceplan.CodeNoFunds: "wrong.no_funds", priceplan.CodeObjectBlocked: "wrong.blocked",
	priceplan.CodeInvalidStatus: "wrong.already", priceplan.CodeNotFound: "wrong.not_found",
	priceplan.CodeQueueExceeded: "wrong.too_many",
}
