package handlers

import (
	"net/http"
	"slices"

	"kabinet/integrations/outgoing"
)

// how is how the cabinet opens, by the vendor's guide and as it is set.
func (p *pricePlan) how() how {
	mended := happensInBrowser("frame_ready", "tab_opened") // some browsers keep no cabinet in a frame
	opens := once(mended)
	var steps []step
	if !p.client.ByKey() {
		steps = append(steps, step{"priceplan.how.sign_in", signsIn, "integrations/priceplan/client.go", "(*Client).signIn",
			demoFault{broken{"login": "401", "auth-key": "expired-session"}, "priceplan.how.sign_in_broken"}})
	}
	comes := asked(http.MethodGet, "/pp-auth/")
	steps = append(steps,
		step{"priceplan.how.key", p.asksForKey, "handlers/priceplan.go", "(*pricePlan).askAhead", demoFault{broken{"auth-key": "502"}, "priceplan.how.key_broken"}},
		step{"priceplan.how.frame", comes, "handlers/priceplan.go", "(*pricePlan).auth", demoFault{broken{"redeem": "used-key"}, "priceplan.how.frame_broken"}},
	)
	if p.config.PricePlanEmbed == EmbedRedirect {
		opens, mended = once(comes), comes // nobody tells of what is at the top
	} else {
		steps = append(steps, step{"priceplan.how.ready", happensInBrowser("frame_ready", "frame_stalled"), "static/priceplan.js", "show",
			demoFault{broken{"cabinet": "no-frame"}, "priceplan.how.ready_broken"}})
	}
	return how{
		vendor: "priceplan", title: "priceplan.how.title", document: "priceplan.how.document", page: "/cabinet", steps: steps,
		events: []string{"frame_ready", "frame_stalled", "tab_opened", "logout"},
		stop:   stop{title: "priceplan.tour.title", do: "priceplan.tour.do", see: "priceplan.tour.see", page: "/dashboard", done: opens},
		fails:  &stop{title: "priceplan.tour.fails_title", do: "priceplan.tour.fails_do", see: "priceplan.tour.fails_see", page: "/cabinet", done: brokenAndMended("priceplan", mended)},
	}
}

// asksForKey is the call for a key, by whichever guide.
func (p *pricePlan) asksForKey(e outgoing.Exchange) bool {
	return called(http.MethodPost, "/auth-key/")(e) || called(http.MethodGet, "/reset_token/")(e)
}

// brokenAndMended is a stop that ends when something of a vendor's has failed and then gone well again.
func brokenAndMended(vendor string, well func(outgoing.Exchange) bool) func([]outgoing.Exchange) bool {
	return func(all []outgoing.Exchange) bool {
		i := slices.IndexFunc(all, func(e outgoing.Exchange) bool { return e.Vendor == vendor && wentWrong(e) })
		return i >= 0 && once(well)(all[i:])
	}
}
