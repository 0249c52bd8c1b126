package sandbox

import (
	"net/http"
	"strconv"

	"github.com/a-h/templ"
)

// newModel is the page on which a subscription is begun: first the products, then the price.
type newModel struct {
	Chosen int    // a product's id; 0 before one is chosen
	Quote  *quote // of the chosen one
	Wrong  string
}

func (s *Sandbox) newSubscription(w http.ResponseWriter, r *http.Request, g guest) {
	var m newModel
	status := http.StatusOK
	if text := r.URL.Query().Get("product"); text != "" {
		m.Chosen, _ = strconv.Atoi(text)
		q, err := s.state.quoteNew(g.client.ID, m.Chosen)
		if err != nil {
			status, m.Wrong = http.StatusUnprocessableEntity, wrong(s.Frame.Texts(r), err)
		} else {
			m.Quote = &q
		}
	}
	s.showNew(w, r, status, m)
}

func (s *Sandbox) showNew(w http.ResponseWriter, r *http.Request, status int, m newModel) {
	s.show(w, r, status, "subscribe.title", func(p cabinetPage) templ.Component { return newSubscription(p, m) })
}

func (s *Sandbox) subscribe(w http.ResponseWriter, r *http.Request, g guest) {
	id, _ := strconv.Atoi(r.PostForm.Get("product"))
	if _, err := s.state.subscribe(g.client.ID, id); err != nil {
		s.showNew(w, r, http.StatusUnprocessableEntity, newModel{Wrong: wrong(s.Frame.Texts(r), err)})
		return
	}
	http.Redirect(w, r, "/?done=subscribed", http.StatusSeeOther)
}

// subscriptionModel is the page of one subscription.
type subscriptionModel struct {
	subscription
	Resume *quote // what taking it up again costs; nil while it is active
	Wrong  string
}

func (s *Sandbox) showSubscription(w http.ResponseWriter, r *http.Request, g guest) {
	s.showOne(w, r, g, http.StatusOK, "")
}

func (s *Sandbox) showOne(w http.ResponseWriter, r *http.Request, g guest, status int, why string) {
	number, _ := strconv.Atoi(r.PathValue("id"))
	for _, sub := range g.client.Subscriptions {
		if sub.ID != number {
			continue
		}
		m := subscriptionModel{subscription: sub, Wrong: why}
		if q, err := s.state.toResume(g.client.ID, number); err == nil && sub.Status != active {
			m.Resume = &q
		}
		s.show(w, r, status, "cabinet.subscriptions", func(p cabinetPage) templ.Component {
			return oneSubscription(p, m)
		})
		return
	}
	s.refuse(w, r, http.StatusNotFound, s.Frame.Texts(r).T("cabinet.nothing_here"))
}

func (s *Sandbox) alterSubscription(w http.ResponseWriter, r *http.Request, g guest) {
	number, _ := strconv.Atoi(r.PathValue("id"))
	done := r.PostForm.Get("do")
	var err error
	switch done {
	case "changed":
		product, _ := strconv.Atoi(r.PostForm.Get("product"))
		_, err = s.state.change(g.client.ID, number, product)
	case "stopped":
		_, err = s.state.stop(g.client.ID, number)
	case "resumed":
		_, err = s.state.resume(g.client.ID, number)
	default:
		http.Error(w, "do is changed, stopped or resumed", http.StatusBadRequest)
		return
	}
	if err != nil {
		s.showOne(w, r, g, http.StatusUnprocessableEntity, wrong(s.Frame.Texts(r), err))
		return
	}
	http.Redirect(w, r, "/?done="+done, http.StatusSeeOther)
}
