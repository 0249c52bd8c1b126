package priceplan

import (
	"net/http"
	"slices"

	"kabinet/handlers/observe"
	"kabinet/integrations/outgoing"
)

// How is how the cabinet opens, by the vendor's guide and as it is set.
func (p *Room) How() observe.How {
	mended := observe.InBrowser("frame_ready", "tab_opened") // some browsers keep no cabinet in a frame
	opens := observe.Once(mended)
	var steps []observe.Step
	if !p.client.ByKey() {
		steps = append(steps, observe.Step{
			Key: "priceplan.how.sign_in", Is: observe.SignsIn,
			File: "integrations/priceplan/client.go", Function: "(*Client).signIn",
			Break:  map[string]string{"login": "401", "auth-key": "expired-session"},
			Broken: "priceplan.how.sign_in_broken",
		})
	}
	comes := observe.Asked(http.MethodGet, "/pp-auth/")
	// The calls for a key, by one guide and by another.
	key, reset := observe.Called(http.MethodPost, "/auth-key/"), observe.Called(http.MethodGet, "/reset_token/")
	steps = append(steps, observe.Step{
		Key: "priceplan.how.key", Is: observe.Either(key, reset),
		File: "handlers/priceplan/prefetch.go", Function: "(*keys).prefetch",
		Break: map[string]string{"auth-key": "502"}, Broken: "priceplan.how.key_broken",
	}, observe.Step{
		Key: "priceplan.how.frame", Is: comes,
		File: "handlers/priceplan/auth.go", Function: "(*Room).auth",
		Break: map[string]string{"redeem": "used-key"}, Broken: "priceplan.how.frame_broken",
	})
	if p.embed == EmbedRedirect {
		opens, mended = observe.Once(comes), comes // nobody tells of what is at the top
	} else {
		steps = append(steps, observe.Step{
			Key: "priceplan.how.ready", Is: observe.InBrowser("frame_ready", "frame_stalled"),
			File: "static/priceplan.js", Function: "show",
			Break: map[string]string{"cabinet": "no-frame"}, Broken: "priceplan.how.ready_broken",
		})
	}
	return observe.How{
		Title: "priceplan.how.title", Document: "priceplan.how.document", Page: "/cabinet", Steps: steps,
		Events: []string{"frame_ready", "frame_stalled", "tab_opened", "logout"},
		Stop: observe.Stop{
			Title: "priceplan.tour.title", Do: "priceplan.tour.do", See: "priceplan.tour.see", Page: "/dashboard",
			Done: opens,
		},
		Fails: &observe.Stop{
			Title: "priceplan.tour.fails_title", Do: "priceplan.tour.fails_do", See: "priceplan.tour.fails_see",
			Page: "/cabinet", Done: brokenAndMended("priceplan", mended),
		},
	}
}

// brokenAndMended is a stop that ends when something of a vendor's has failed and then gone well again.
func brokenAndMended(vendor string, well func(outgoing.Exchange) bool) func([]outgoing.Exchange) bool {
	return func(all []outgoing.Exchange) bool {
		i := slices.IndexFunc(all, func(e outgoing.Exchange) bool { return e.Vendor == vendor && e.WentWrong() })
		return i >= 0 && observe.Once(well)(all[i:])
	}
}
