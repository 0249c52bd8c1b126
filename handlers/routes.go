package handlers

import (
	"net/http"

	"kabinet/handlers/account"
	"kabinet/handlers/observe"
	"kabinet/handlers/web"
	"kabinet/integrations/outgoing"
	"kabinet/static"
	"kabinet/store"
)

const (
	post   = http.MethodPost
	admins = web.Administrators
)

// own is a route by which it is shown how the portal itself works.
func own(r web.Route) web.Route {
	r.Recorded, r.Vendor = outgoing.Customer, observe.OwnName
	return r
}

// Routes are the site map. Each vendor's lines are in its room: handlers/<vendor>/routes.go.
func (p *Portal) Routes() []web.Route {
	inProduction, uncheckable, noMail := !p.observe.IsDemo(), !p.observe.CanCheck(), !p.byMail.HasMail()
	register := p.byMail.Register
	if noMail {
		register = p.entrance.Register
	}
	emailBack := p.byMail.TakeBack(store.ConfirmEmailBack)
	emailBackForm := p.byMail.TakeBackForm(store.ConfirmEmailBack, "/email/back")
	factorBack := p.byMail.TakeBack(store.ConfirmFactorBack)
	factorBackForm := p.byMail.TakeBackForm(store.ConfirmFactorBack, "/factors/back")
	routes := []web.Route{
		{Path: "/healthz", Who: web.Public, Do: p.healthz, Probe: true},
		{Path: "/readyz", Who: web.Public, Do: p.readyz, Probe: true},
		{Path: static.Prefix() + "*", Who: web.Public, Do: p.static},

		{Path: "/brand/*", Who: web.Public, Do: p.ofBrand, Off: len(p.brand) == 0},

		{Path: "/", Who: web.Anyone, Do: p.entrance.Landing},
		{Path: "/login", Who: web.Anyone, Do: p.entrance.LoginForm},
		{Path: "/login", Who: web.Anyone, Do: p.entrance.Login, Method: post},
		own(web.Route{Path: "/login/second", Who: web.Anyone, Do: p.secondStep.Form}),
		own(web.Route{Path: "/login/second", Who: web.Anyone, Do: p.secondStep.Take, Method: post}),
		{Path: "/register", Who: web.Anyone, Do: p.entrance.RegisterForm},
		{Path: "/register", Who: web.Anyone, Do: register, Method: post},
		{Path: "/register/open", Who: web.Anyone, Do: p.byMail.Opens("/register/password"), Off: noMail},
		{Path: "/register/password", Who: web.Anyone, Do: p.byMail.RegisterPasswordForm, Off: noMail},
		{Path: "/register/password", Who: web.Anyone, Do: p.byMail.RegisterPassword, Method: post, Off: noMail},
		{Path: "/recover", Who: web.Anyone, Do: p.byMail.RecoverForm, Off: noMail},
		{Path: "/recover", Who: web.Anyone, Do: p.byMail.Recover, Method: post, Off: noMail},
		{Path: "/recover/open", Who: web.Anyone, Do: p.byMail.Opens("/recover/password"), Off: noMail},
		{Path: "/recover/password", Who: web.Anyone, Do: p.byMail.RecoverPasswordForm, Off: noMail},
		{Path: "/recover/password", Who: web.Anyone, Do: p.byMail.RecoverPassword, Method: post, Off: noMail},
		{Path: "/email/open", Who: web.Anyone, Do: p.byMail.Opens("/email/confirm"), Off: noMail},
		{Path: "/email/confirm", Who: web.SignedIn, Do: p.byMail.ConfirmEmailForm, Off: noMail},
		{Path: "/email/confirm", Who: web.SignedIn, Do: p.byMail.ConfirmEmail, Method: post, Off: noMail},
		{Path: "/email/back/open", Who: web.Anyone, Do: p.byMail.Opens("/email/back"), Off: noMail},
		{Path: "/email/back", Who: web.Anyone, Do: emailBackForm, Off: noMail},
		{Path: "/email/back", Who: web.Anyone, Do: emailBack, Method: post, Off: noMail},
		{Path: "/factors/back/open", Who: web.Anyone, Do: p.byMail.Opens("/factors/back"), Off: noMail},
		{Path: "/factors/back", Who: web.Anyone, Do: factorBackForm, Off: noMail},
		{Path: "/factors/back", Who: web.Anyone, Do: factorBack, Method: post, Off: noMail},
		{Path: "/logout", Who: web.Anyone, Do: p.entrance.Logout, Method: post},
		{Path: "/language", Who: web.Anyone, Do: p.entrance.ChangeLanguage, Method: post},

		{Path: "/dashboard", Who: web.SignedIn, Do: p.customer.Dashboard, Standings: true, Nav: "nav.dashboard"},
		{Path: "/dashboard/refresh", Who: web.SignedIn, Do: p.customer.Refresh, Method: post},
		{Path: "/profile", Who: web.SignedIn, Do: p.customer.ProfileForm},
		{Path: "/profile", Who: web.SignedIn, Do: p.customer.ChangeProfile, Method: post},
		{Path: "/profile/email", Who: web.SignedIn, Do: p.customer.EmailForm, Again: true},
		{Path: "/profile/email", Who: web.SignedIn, Do: p.customer.ChangeEmail, Method: post, Again: true},
		{Path: "/profile/password", Who: web.SignedIn, Do: p.customer.PasswordForm, Again: true},
		{Path: "/profile/password", Who: web.SignedIn, Do: p.customer.ChangePassword, Method: post, Again: true},
		{Path: "/.well-known/change-password", Who: web.Anyone, Do: p.customer.WellKnown},
		{Path: "/profile/sessions", Who: web.SignedIn, Do: p.customer.Sessions},
		{Path: "/profile/sessions/end", Who: web.SignedIn, Do: p.customer.EndSession, Method: post},
		{Path: "/profile/sessions/end-others", Who: web.SignedIn, Do: p.customer.EndOtherSessions, Method: post},
		{
			Path: "/profile/export", Who: web.SignedIn, Do: p.customer.Export, Limit: account.Exports, File: true,
			Again: true,
		},
		{Path: "/profile/delete", Who: web.SignedIn, Do: p.customer.DeleteForm, Again: true},
		{Path: "/profile/delete", Who: web.SignedIn, Do: p.customer.Delete, Method: post, Again: true},

		{Path: "/admin", Who: admins, Do: p.admin.Begin},
		{Path: "/admin/users", Who: admins, Do: p.admin.Users, Nav: "nav.users"},
		{Path: "/admin/users/:id", Who: admins, Do: p.admin.User},
		{Path: "/admin/users/:id/disable", Who: admins, Do: p.admin.Disable, Method: post, Again: true},
		{Path: "/admin/users/:id/enable", Who: admins, Do: p.admin.Enable, Method: post, Again: true},
		{Path: "/admin/users/:id/end-sessions", Who: admins, Do: p.admin.EndSessions, Method: post},
		{Path: "/admin/users/:id/role", Who: admins, Do: p.admin.SetRole, Method: post, Again: true},
		{Path: "/admin/users/:id/factors", Who: admins, Do: p.admin.TakeFactors, Method: post, Again: true},
		{Path: "/admin/users/:id/:vendor", Who: admins, Do: p.admin.SetIdentifier, Method: post, Again: true},
		{Path: "/admin/audit", Who: admins, Do: p.admin.Audit, Nav: "nav.audit"},

		{Path: "/admin/integrations", Who: admins, Do: p.observe.Integrations, Nav: "integrations.title"},
		{Path: "/admin/integrations/check", Who: admins, Do: p.observe.Check, Method: post, Off: uncheckable},
		{Path: "/admin/inspector", Who: admins, Do: p.observe.Inspector, Nav: "inspector.title"},
		{Path: "/admin/inspector/live", Who: admins, Do: p.observe.InspectorLive, Background: true, NoHead: true},
		{Path: "/admin/inspector/list", Who: admins, Do: p.observe.Inspector, Background: true, NoHead: true},
		{Path: "/inspector/happened", Who: web.Anyone, Do: p.observe.Happened, Method: post, JSON: true,
			Background: true},
		{Path: "/how/:vendor", Who: web.SignedIn, Do: p.observe.HowItWorks},
		{Path: "/how/:vendor/now", Who: web.SignedIn, Do: p.observe.HowItWorks, Background: true, NoHead: true},
		{Path: "/demo/stop-faults", Who: web.Anyone, Do: p.observe.StopFaults, Method: post, Off: inProduction},
		{Path: "/demo/break", Who: web.Anyone, Do: p.observe.BreakStep, Method: post, Off: inProduction},
		{Path: "/demo/tour", Who: web.Anyone, Do: p.observe.Lead, Method: post, Off: inProduction},
		{Path: "/demo/tour", Who: web.Anyone, Do: p.observe.Tour, Background: true, NoHead: true, Off: inProduction},
	}
	routes = append(routes, p.factorRoutes()...)
	for _, v := range p.vendors {
		for _, r := range v.Routes() {
			r.Vendor = v.Name()
			routes = append(routes, r)
		}
	}
	return routes
}

// factorRoutes are about what people prove beside their password. What changes it matters, and is limited.
func (p *Portal) factorRoutes() []web.Route {
	changes := []web.Route{
		own(web.Route{Path: "/profile/totp", Do: p.security.AddTOTP, Enrols: true}),
		{Path: "/profile/totp/remove", Do: p.security.RemoveTOTP},
		own(web.Route{Path: "/profile/passkeys", Do: p.security.AddPasskey, Enrols: true}),
		{Path: "/profile/passkeys/rename", Do: p.security.RenamePasskey},
		{Path: "/profile/passkeys/remove", Do: p.security.RemovePasskey},
		{Path: "/profile/recovery-codes", Do: p.security.NewCodes},
		{Path: "/profile/browsers/forget", Do: p.security.ForgetBrowsers},
	}
	for i := range changes {
		c := &changes[i]
		c.Method, c.Who, c.Again, c.Limit = post, web.SignedIn, true, account.FactorChanges
	}
	return append(changes,
		web.Route{Path: "/confirm", Who: web.SignedIn, Do: p.factors.Confirmed, Again: true, Enrols: true},
		own(web.Route{
			Path: "/confirm", Who: web.SignedIn, Do: p.factors.Confirmed, Method: post, Again: true, Enrols: true,
		}),
		web.Route{Path: "/profile/security", Who: web.SignedIn, Do: p.security.Show, Enrols: true},
		web.Route{Path: "/profile/totp", Who: web.SignedIn, Do: p.security.TOTPForm, Again: true, Enrols: true},
		web.Route{Path: "/profile/passkeys", Who: web.SignedIn, Do: p.security.PasskeyForm, Again: true, Enrols: true},
	)
}
