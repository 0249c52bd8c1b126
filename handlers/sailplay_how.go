package handlers

import (
	"net/http"

	"kabinet/integrations/outgoing"
)

// how is how an account is linked, and where its points come from.
func (s *sailPlay) how() how {
	leaves := asked(http.MethodPost, "/sailplay/connect")
	points := func(e outgoing.Exchange) bool {
		return called(http.MethodGet, "/users/info/")(e) || called(http.MethodPost, "/users/info/")(e)
	}
	return how{vendor: "sailplay", title: "sailplay.how.title", document: "sailplay.how.document", page: "/loyalty", begins: leaves, events: []string{"popup_closed"}, stop: stop{
		title: "sailplay.tour.title", do: "sailplay.tour.do", see: "sailplay.tour.see", page: "/loyalty",
		done: once(points),
	}, steps: []step{
		{"sailplay.how.leave", leaves, "handlers/sailplay_link.go", "(*sailPlay).newState", demoFault{broken{"authorize": "503"}, "sailplay.how.leave_broken"}},
		{"sailplay.how.back", asked(http.MethodGet, callbackPath+":state"), "handlers/sailplay_link.go", "(*sailPlay).callback", demoFault{}},
		{"sailplay.how.exchange", called(http.MethodPost, "/auth/get-auth-hash/"), "integrations/sailplay/authorize.go", "(*Client).GetAuthHash", demoFault{broken{"get-auth-hash": "used-code"}, "sailplay.how.exchange_broken"}},
		{"sailplay.how.sign_in", signsIn, "integrations/sailplay/client.go", "(*Client).signIn", demoFault{broken{"login": "status_code -2", "users/info": "expired-token"}, "sailplay.how.sign_in_broken"}},
		{"sailplay.how.points", points, "integrations/sailplay/users.go", "(*Client).UserInfo", demoFault{broken{"users/info": "502"}, "sailplay.how.points_broken"}},
	}}
}
