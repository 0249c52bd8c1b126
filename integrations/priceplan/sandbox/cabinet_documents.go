package sandbox

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"
)

// documentOf returns the document of the client's own that the address names.
func (g guest) documentOf(r *http.Request) (sent, bool) {
	number, _ := strconv.Atoi(r.PathValue("id"))
	i := slices.IndexFunc(g.client.Documents, func(d document) bool { return d.ID == number })
	if i < 0 {
		return sent{}, false
	}
	return sent{g.client.Documents[i], g.client}, true
}

func (s *Sandbox) showDocument(w http.ResponseWriter, r *http.Request, g guest) {
	d, ok := g.documentOf(r)
	if !ok {
		s.refuse(w, r, http.StatusNotFound, s.Frame.Texts(r).T("cabinet.nothing_here"))
		return
	}
	s.show(w, r, http.StatusOK, "cabinet.documents", func(p cabinetPage) templ.Component { return oneDocument(p, d) })
}

func (s *Sandbox) downloadDocument(w http.ResponseWriter, r *http.Request, g guest) {
	d, ok := g.documentOf(r)
	if !ok {
		s.refuse(w, r, http.StatusNotFound, s.Frame.Texts(r).T("cabinet.nothing_here"))
		return
	}
	s.sendPDF(w, s.Frame.Texts(r), d, d.Status == paidStatus || d.Status == signedStatus)
}
