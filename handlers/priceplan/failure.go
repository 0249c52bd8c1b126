package priceplan

import (
	"errors"
	"net/http"
	"strconv"

	"kabinet/handlers/web"
	"kabinet/integrations/priceplan"
	"kabinet/store"
	"kabinet/views"
)

// cabinetFailure is why there is no cabinet: a status, and a name in the catalogue.
type cabinetFailure struct {
	status int
	name   string
}

var (
	signedOut        = cabinetFailure{http.StatusUnauthorized, "signed_out"}
	withheld         = cabinetFailure{http.StatusUnauthorized, "withheld"}
	noClient         = cabinetFailure{http.StatusNotFound, "no_client"}
	noClientYet      = cabinetFailure{http.StatusNotFound, "no_client_yet"}
	noClientYourself = cabinetFailure{http.StatusNotFound, "no_client_yourself"} // for an administrator
	unavailable      = cabinetFailure{http.StatusBadGateway, "unavailable"}
	slow             = cabinetFailure{http.StatusGatewayTimeout, "slow"}
	refused          = cabinetFailure{http.StatusBadGateway, "refused"}
	crowded          = cabinetFailure{http.StatusServiceUnavailable, "crowded"}
	wrongClient      = cabinetFailure{http.StatusBadGateway, "wrong_client"}
	tooOften         = cabinetFailure{http.StatusTooManyRequests, "too_often"}
	broken           = cabinetFailure{http.StatusInternalServerError, "broken"}
)

// withoutSession answers a request for the cabinet that brings no session. In a frame that says little: browsers
// withhold the portal's cookie from a request that another site has led there (Firefox one that is SameSite=Lax,
// WebKit any), as the widget's frame is, which begins at PricePlan. A page of the portal's own in that frame comes
// here once more, and brings it.
func (p *Room) withoutSession(r *web.Request) error {
	header := r.Request().Header
	inFrame, first := header.Get("Sec-Fetch-Dest") == "iframe", !r.QueryParams().Has("again")
	switch {
	case !inFrame:
		return p.refuse(r, signedOut)
	case first && header.Get("Sec-Fetch-Site") == "cross-site":
		return r.Show(http.StatusOK, views.CabinetAgain(r.Page(r.Texts.T("priceplan.title"))))
	default:
		return p.refuse(r, withheld)
	}
}

// withoutClient tells somebody without a client what to do about it.
func (p *Room) withoutClient(r *web.Request) error {
	provision, err := p.provisioner.of(r.Request().Context(), r.User().ID)
	switch {
	case err != nil:
		return err
	case isComing(provision):
		return p.refuse(r, noClientYet)
	case r.IsAdministrator():
		return p.refuse(r, noClientYourself)
	default:
		return p.refuse(r, noClient)
	}
}

// withoutKey says why PricePlan has given no key, and passes on how long it asks to wait.
func (p *Room) withoutKey(r *web.Request, err error) error {
	p.site.Log.Warn("no key to the cabinet", "request", r.ID, "user", r.User().ID, "error", err)
	if e, ok := errors.AsType[*priceplan.Error](err); ok && e.RetryAfter > 0 {
		r.Response().Header().Set("Retry-After", strconv.Itoa(int(e.RetryAfter.Seconds())))
	}
	return p.refuse(r, failureOf(err))
}

func failureOf(err error) cabinetFailure {
	switch {
	case errors.Is(err, priceplan.ErrTimeout):
		return slow
	case errors.Is(err, priceplan.ErrUnavailable):
		return unavailable
	case errors.Is(err, priceplan.ErrTooMany):
		return crowded
	case errors.Is(err, priceplan.CodeNotFound):
		return wrongClient
	default:
		return refused
	}
}

// refuse shows in the frame why there is no cabinet.
func (p *Room) refuse(r *web.Request, f cabinetFailure) error {
	m := views.CabinetFailureModel{
		Title:  r.Texts.T("priceplan.failure." + f.name + ".title"),
		Text:   r.Texts.T("priceplan.failure." + f.name + ".text"),
		SignIn: f == signedOut, Retry: f != signedOut, NewTab: f == withheld,
	}
	return r.Show(f.status, views.CabinetFailure(r.Page(m.Title), m))
}

// inFrame shows whatever error in the frame's own way, which tells the page around it.
func (p *Room) inFrame(next func(*web.Request) error) func(*web.Request) error {
	return func(r *web.Request) error {
		err := next(r)
		if err == nil || r.Response().Committed || r.Request().Context().Err() != nil {
			return err
		}
		if refusal, ok := errors.AsType[*store.Refusal](err); ok {
			r.Response().Header().Set("Retry-After", refusal.RetryAfter())
			return p.refuse(r, tooOften)
		}
		p.site.Log.Error("opening the cabinet", "request", r.ID, "error", err)
		return p.refuse(r, broken)
	}
}
