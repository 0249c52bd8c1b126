package sailplay

import (
	"net/http"

	"kabinet/handlers/observe"
	"kabinet/views"
)

// How is how an account is linked, and where its points come from.
func (s *Room) How() observe.How {
	leaves := observe.Asked(http.MethodPost, "/sailplay/connect")
	info := "/users/info/"
	points := observe.Either(observe.Called(http.MethodGet, info), observe.Called(http.MethodPost, info))
	return observe.How{
		Title: "sailplay.how.title", Document: "sailplay.how.document", Page: "/loyalty", Begins: leaves,
		Events: []string{"popup_closed"},
		Stop: observe.Stop{
			Title: "sailplay.tour.title", Do: "sailplay.tour.do", See: "sailplay.tour.see", Page: "/loyalty",
			Links: []views.Link{{Path: "/_sandbox/attack", Text: "sailplay.tour.attack"}}, Done: observe.Once(points),
		},
		Steps: []observe.Step{{
			Key: "sailplay.how.leave", Is: leaves,
			File: "handlers/sailplay/connect.go", Function: "linking.newState",
			Break: map[string]string{"authorize": "503"}, Broken: "sailplay.how.leave_broken",
		}, {
			Key: "sailplay.how.back", Is: observe.Asked(http.MethodGet, callbackPath+":state"),
			File: "handlers/sailplay/callback.go", Function: "linking.callback",
		}, {
			Key: "sailplay.how.exchange", Is: observe.Called(http.MethodPost, "/auth/get-auth-hash/"),
			File: "integrations/sailplay/authorize.go", Function: "(*Client).GetAuthHash",
			Break: map[string]string{"get-auth-hash": "used-code"}, Broken: "sailplay.how.exchange_broken",
		}, {
			Key: "sailplay.how.sign_in", Is: observe.SignsIn,
			File: "integrations/sailplay/client.go", Function: "(*Client).signIn",
			Break:  map[string]string{"login": "status_code -2", "users/info": "expired-token"},
			Broken: "sailplay.how.sign_in_broken",
		}, {
			Key: "sailplay.how.points", Is: points,
			File: "integrations/sailplay/users.go", Function: "(*Client).UserInfo",
			Break: map[string]string{"users/info": "502"}, Broken: "sailplay.how.points_broken",
		}},
	}
}
