package handlers

import (
	"net/http"

	"kabinet/views"
)

// how is how the widget knows whose deal it is.
func (a *amoCRM) how() how {
	return how{vendor: "amocrm", title: "amocrm.how.title", document: "amocrm.how.document", page: "/profile", stop: stop{
		title: "amocrm.tour.title", do: "amocrm.tour.do", see: "amocrm.tour.see", page: "/profile#amocrm", links: a.tourLinks(),
		done: once(asked(http.MethodPost, "/amocrm/links")),
	}, steps: []step{
		{"amocrm.how.code", asked(http.MethodPost, "/amocrm/code"), "handlers/amocrm_link.go", "(*amoCRM).makeCode", demoFault{}},
		{"amocrm.how.link", asked(http.MethodPost, "/amocrm/links"), "handlers/amocrm_link.go", "(*amoCRM).link", demoFault{broken{"widget-script": "404"}, "amocrm.how.link_broken"}},
		{"amocrm.how.token", asked(http.MethodGet, "/amocrm/card"), "integrations/amocrm/token.go", "(*Verifier).Verify", demoFault{broken{"clock": "clock-behind"}, "amocrm.how.token_broken"}},
	}}
}

// tourLinks lead to the account's side, where everything is set up, and to the client cabinet.
func (a *amoCRM) tourLinks() []views.Link {
	if a.Portal.config.Demo == nil {
		return nil
	}
	desk := a.Portal.config.Demo.Sandbox("amocrm") + "/_sandbox/"
	links := []views.Link{{Path: desk, Text: "amocrm.tour.desk"}, {Path: desk + "sms", Text: "amocrm.tour.sms"}}
	for _, origin := range a.config.CabinetOrigins {
		links = append(links, views.Link{Path: origin, Text: "amocrm.tour.cabinet"})
	}
	return links
}
