package sandbox

import (
	"net/http"
	"slices"
	"time"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/priceplan"
)

// The calls about documents. Published clients show the addresses and the types; the names of
// the rows' fields are our decision.

// sent is a document and whom it was made out to.
type sent struct {
	document
	client client
}

var documentList = list[sent]{
	fields: map[string]func(sent) any{
		"document__id":        func(d sent) any { return d.ID },
		"document__client_id": func(d sent) any { return d.client.ID },
		"document__type":      func(d sent) any { return d.Type },
		"document__number":    func(d sent) any { return d.Number },
		"document__date":      func(d sent) any { return d.At.Format(time.DateOnly) },
		"document__amount":    func(d sent) any { return d.Net },
		"document__vat":       func(d sent) any { return d.VAT },
		"document__total":     func(d sent) any { return d.Total },
		"document__status":    func(d sent) any { return string(d.Status) },
	},
	filtered: []string{"document__id", "document__client_id", "document__type", "document__number",
		"document__status"},
}

func (s *Sandbox) listDocuments(w http.ResponseWriter, r *http.Request) {
	var all []sent
	for _, c := range s.state.presentClients() {
		for _, d := range c.Documents {
			all = append(all, sent{d, c})
		}
	}
	documentList.serve(w, r, all)
}

// downloadInvoice answers with a PDF in Russian, with the company's stamp on demand.
func (s *Sandbox) downloadInvoice(stamped bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id := int(pathNumber(r))
		for _, c := range s.state.presentClients() {
			i := slices.IndexFunc(c.Documents, func(d document) bool { return d.ID == id && d.Type == "invoice" })
			if i >= 0 {
				s.sendPDF(w, s.Frame.Catalogue.In(catalogue.Russian), sent{c.Documents[i], c}, stamped)
				return
			}
		}
		fail(w, http.StatusNotFound, priceplan.CodeNotFound, "", unknownDocument.advice)
	}
}
