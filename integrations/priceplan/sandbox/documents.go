package sandbox

import (
	"net/http"
	"slices"
	"time"

	"kabinet/integrations/catalogue"
)

// The calls about documents. The rows' fields are named as in the vendor's own client for 1C; status is ours. Of a
// client's variables, which each account defines for itself, that client's inn and kpp are known.

// sent is a document and whom it was made out to.
type sent struct {
	document
	client client
}

var documentList = list[sent]{
	fields: map[string]func(sent) any{
		"id":                    func(d sent) any { return d.ID },
		"type":                  func(d sent) any { return d.Type },
		"number":                func(d sent) any { return d.Number },
		"date":                  func(d sent) any { return d.At.Format(time.DateOnly) },
		"doc_number":            func(sent) any { return "" },
		"doc_date":              func(sent) any { return nil },
		"client__id":            func(d sent) any { return d.client.ID },
		"client__name":          func(d sent) any { return d.client.Name },
		"client__variable__inn": func(d sent) any { return d.client.SignedValues["inn"] },
		"client__variable__kpp": func(d sent) any { return d.client.SignedValues["kpp"] },
		"amount":                func(d sent) any { return d.Net },
		"taxes":                 func(d sent) any { return d.VAT },
		"total":                 func(d sent) any { return d.Total },
		"lines":                 func(sent) any { return []any{} },
		"implement":             func(d sent) any { return d.act() },
		"status":                func(d sent) any { return string(d.Status) },
	},
	filtered: []string{"id", "type", "number", "date", "client__id", "status"},
}

// act is the number of the document itself, where it is an act.
func (d sent) act() any {
	if d.Type == "revenue" {
		return d.ID
	}
	return nil
}

// documents are those of all clients that are not deleted.
func (s *state) documents() []sent {
	var all []sent
	for _, c := range s.presentClients() {
		for _, d := range c.Documents {
			all = append(all, sent{d, c})
		}
	}
	return all
}

// downloadInvoice answers with a PDF in Russian, with the company's stamp on demand.
func (s *Sandbox) downloadInvoice(stamped bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id, all := int(pathNumber(r)), s.state.documents()
		i := slices.IndexFunc(all, func(d sent) bool { return d.ID == id && d.Type == "invoice" })
		if i < 0 {
			fail(w, http.StatusNotFound, unknownDocument)
			return
		}
		s.sendPDF(w, s.Frame.Catalogue.In(catalogue.Russian), all[i], stamped)
	}
}
