package sandbox

import (
	"net/http"
	"strconv"
)

// withDocument is for a page about the document of the customer's own that the address names.
func (s *Sandbox) withDocument(next func(http.ResponseWriter, *http.Request, sent)) http.HandlerFunc {
	return s.asCustomer(func(w http.ResponseWriter, r *http.Request, g guest) {
		number, _ := strconv.Atoi(r.PathValue("id"))
		for _, d := range g.client.Documents {
			if d.ID == number {
				next(w, r, sent{d, g.client})
				return
			}
		}
		s.nothingHere(w, r)
	})
}

func (s *Sandbox) showDocument(w http.ResponseWriter, r *http.Request, d sent) {
	s.Frame.Show(w, r, http.StatusOK, oneDocument(s.page(r, "cabinet.documents"), d))
}

func (s *Sandbox) downloadDocument(w http.ResponseWriter, r *http.Request, d sent) {
	s.sendPDF(w, s.Frame.Texts(r), d, d.Status != unpaidStatus)
}
