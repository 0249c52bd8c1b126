package account

import (
	"net/http"

	"kabinet/handlers/observe"
	"kabinet/integrations/outgoing"
)

// How is how somebody proves who they are, step by step.
func (f *Factors) How() observe.How {
	waits := observe.Asked(http.MethodGet, "/login/second")
	proves := observe.Asked(http.MethodPost, "/login/second")
	app := observe.Asked(http.MethodPost, "/profile/totp")
	passkey := observe.Asked(http.MethodPost, "/profile/passkeys")
	adds := func(e outgoing.Exchange) bool { return app(e) || passkey(e) }
	return observe.How{
		Title: "factors.how.title", Document: "factors.how.document", Page: "/profile/security",
		Stop: observe.Stop{
			Title: "factors.tour.title", Do: "factors.tour.do", See: "factors.tour.see", Page: "/profile/security",
			SignsIn: true, Done: observe.Once(proves),
		},
		Steps: []observe.Step{
			{
				Key: "factors.how.waits", Is: waits, File: "handlers/account/second_step.go",
				Function: "SecondStep.wait",
			},
			{Key: "factors.how.proves", Is: proves, File: "handlers/factor/totp.go", Function: "TOTP.Step"},
			{Key: "factors.how.once", Is: proves, File: "store/sessions.go", Function: "(*DB).CreateSession"},
			{Key: "factors.how.adds", Is: adds, File: "handlers/factor/passkey.go", Function: "(*Passkeys).Created"},
			{
				Key: "factors.how.again", Is: observe.Asked(http.MethodPost, confirmPath),
				File: "handlers/account/again.go", Function: "(*Factors).AskAgain",
			},
		},
	}
}
