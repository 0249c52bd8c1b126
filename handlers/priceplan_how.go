package handlers

import (
	"net/http"

	"kabinet/integrations/outgoing"
)

// how is how the cabinet opens, by the vendor's guide.
func (p *pricePlan) how() how {
	return how{vendor: "priceplan", title: "priceplan.how.title", document: "priceplan.how.document", page: "/cabinet", events: []string{"frame_ready", "frame_stalled", "logout"}, stop: stop{
		title: "priceplan.tour.title", do: "priceplan.tour.do", see: "priceplan.tour.see", page: "/dashboard",
		done: once(happensInBrowser("frame_ready")),
	}, steps: []step{
		{"priceplan.how.sign_in", signsIn, "integrations/priceplan/client.go", "(*Client).signIn", demoFault{"login", "401", "priceplan.how.sign_in_broken"}},
		{"priceplan.how.key", p.asksForKey, "handlers/priceplan.go", "(*pricePlan).askAhead", demoFault{"auth-key", "502", "priceplan.how.key_broken"}},
		{"priceplan.how.frame", asked(http.MethodGet, "/pp-auth/"), "handlers/priceplan.go", "(*pricePlan).auth", demoFault{"redeem", "used-key", "priceplan.how.frame_broken"}},
		{"priceplan.how.ready", happensInBrowser("frame_ready", "frame_stalled"), "static/priceplan.js", "show", demoFault{"cabinet", "no-frame", "priceplan.how.ready_broken"}},
	}}
}

// asksForKey is the call for a key, by whichever guide.
func (p *pricePlan) asksForKey(e outgoing.Exchange) bool {
	return called(http.MethodPost, "/auth-key/")(e) || called(http.MethodGet, "/reset_token/")(e)
}
