package amocrm

import (
	"net/http"

	"kabinet/handlers/observe"
	"kabinet/views"
)

// How is how the widget knows whose deal it is.
func (a *Room) How() observe.How {
	linked := observe.Asked(http.MethodPost, "/amocrm/links")
	// The account's side, where everything is set up, and the client cabinet.
	links := []views.Link{
		{Path: "/_sandbox/", Text: "amocrm.tour.desk"}, {Path: "/_sandbox/sms", Text: "amocrm.tour.sms"},
	}
	for _, origin := range a.config.CabinetOrigins {
		links = append(links, views.Link{Path: origin, Text: "amocrm.tour.cabinet"})
	}
	return observe.How{
		Title: "amocrm.how.title", Document: "amocrm.how.document", Page: "/profile",
		Stop: observe.Stop{
			Title: "amocrm.tour.title", Do: "amocrm.tour.do", See: "amocrm.tour.see", Page: "/profile#amocrm",
			Links: links, Done: observe.Once(linked),
		},
		Steps: []observe.Step{{
			Key: "amocrm.how.code", Is: observe.Asked(http.MethodPost, "/amocrm/code"),
			File: "handlers/amocrm/link.go", Function: "(*Room).makeCode",
		}, {
			Key: "amocrm.how.link", Is: linked, File: "handlers/amocrm/link.go", Function: "(*Room).link",
			Break: map[string]string{"widget-script": "404"}, Broken: "amocrm.how.link_broken",
		}, {
			Key: "amocrm.how.token", Is: observe.Asked(http.MethodGet, "/amocrm/card"),
			File: "integrations/amocrm/token.go", Function: "(*Verifier).Verify",
			Break: map[string]string{"clock": "clock-behind"}, Broken: "amocrm.how.token_broken",
		}},
	}
}
