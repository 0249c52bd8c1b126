package account

import (
	"net/http"

	"kabinet/handlers/web"
	"kabinet/views"
)

// Landing is the portal's front door. In the demo one press signs in: the form is that of the sign-in page, with the
// account's password in it, which everybody knows.
func (e *Entrance) Landing(r *web.Request) error {
	m := views.LandingModel{Deleted: r.QueryParams().Has("deleted")}
	for _, with := range web.Having[offering](e.vendors) {
		m.Offers = append(m.Offers, with.Offer(r.Texts))
	}
	if e.demo != nil {
		m.Password = e.demo.Password
		for _, a := range e.demo.Accounts {
			if a.Begins != "" {
				m.Accounts = append(m.Accounts, views.DemoAccount{
					Email: a.Email, Administrator: a.Administrator, SignIn: a.SignIn, Begins: a.Begins,
				})
			}
		}
	}
	return r.Show(http.StatusOK, views.Landing(r.Page(r.Texts.T("landing.page")), m))
}
