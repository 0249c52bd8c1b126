package sandbox

import (
	"net/http"
	"strconv"
)

// newSubscription is where a subscription is begun: first the products, then the price of the chosen one.
func (s *Sandbox) newSubscription(w http.ResponseWriter, r *http.Request, g guest) {
	text := r.URL.Query().Get("product")
	if text == "" {
		s.showNew(w, r, nil, nil)
		return
	}
	id, _ := strconv.Atoi(text)
	q, err := s.state.quoteNew(g.client.ID, id)
	s.showNew(w, r, &q, err)
}

func (s *Sandbox) showNew(w http.ResponseWriter, r *http.Request, q *quote, err error) {
	if err != nil {
		q = nil
	}
	status, why := s.outcome(r, err)
	s.Frame.Show(w, r, status, newSubscription(s.page(r, "subscribe.title"), q, why))
}

func (s *Sandbox) subscribe(w http.ResponseWriter, r *http.Request, g guest) {
	id, _ := strconv.Atoi(r.PostForm.Get("product"))
	if _, err := s.state.subscribe(g.client.ID, id); err != nil {
		s.showNew(w, r, nil, err)
		return
	}
	http.Redirect(w, r, "/?done=subscribed", http.StatusSeeOther)
}

func (s *Sandbox) showSubscription(w http.ResponseWriter, r *http.Request, g guest) {
	s.showOne(w, r, g, nil)
}

func (s *Sandbox) showOne(w http.ResponseWriter, r *http.Request, g guest, refused error) {
	number, _ := strconv.Atoi(r.PathValue("id"))
	sub, toResume, err := s.state.subscription(g.client.ID, number)
	if err != nil {
		s.nothingHere(w, r)
		return
	}
	status, why := s.outcome(r, refused)
	s.Frame.Show(w, r, status, oneSubscription(s.page(r, "cabinet.subscriptions"), sub, toResume, why))
}

func (s *Sandbox) alterSubscription(w http.ResponseWriter, r *http.Request, g guest) {
	var change alteration
	done := r.PostForm.Get("do")
	switch done {
	case "changed":
		product, _ := strconv.Atoi(r.PostForm.Get("product"))
		change.Product = &product
	case "stopped":
		change.Status = new(stopped)
	case "resumed":
		change.Status = new(active)
	default:
		http.Error(w, "do is changed, stopped or resumed", http.StatusBadRequest)
		return
	}
	number, _ := strconv.Atoi(r.PathValue("id"))
	if _, err := s.state.alter(g.client.ID, number, change); err != nil {
		s.showOne(w, r, g, err)
		return
	}
	http.Redirect(w, r, "/?done="+done, http.StatusSeeOther)
}
