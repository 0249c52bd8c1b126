package handlers

import "net/http"

// how is how the widget knows whose deal it is.
func (a *amoCRM) how() how {
	return how{vendor: "amocrm", title: "amocrm.how.title", document: "amocrm.how.document", page: "/profile", steps: []step{
		{"amocrm.how.code", asked(http.MethodPost, "/amocrm/code"), "handlers/amocrm_link.go", "(*amoCRM).makeCode", demoFault{}},
		{"amocrm.how.link", asked(http.MethodPost, "/amocrm/links"), "handlers/amocrm_link.go", "(*amoCRM).link", demoFault{"widget-script", "404", "amocrm.how.link_broken"}},
		{"amocrm.how.token", asked(http.MethodGet, "/amocrm/card"), "integrations/amocrm/token.go", "(*Verifier).Verify", demoFault{"clock", "clock-behind", "amocrm.how.token_broken"}},
	}}
}
