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
	failSignedOut        = cabinetFailure{http.StatusUnauthorized, "signed_out"}
	failWithheld         = cabinetFailure{http.StatusUnauthorized, "withheld"}
	failNoClient         = cabinetFailure{http.StatusNotFound, "no_client"}
	failNoClientYet      = cabinetFailure{http.StatusNotFound, "no_client_yet"}
	failNoClientYourself = cabinetFailure{http.StatusNotFound, "no_client_yourself"} // for an administrator
	failUnavailable      = cabinetFailure{http.StatusBadGateway, "unavailable"}
	failSlow             = cabinetFailure{http.StatusGatewayTimeout, "slow"}
	failRefused          = cabinetFailure{http.StatusBadGateway, "refused"}
	failCrowded          = cabinetFailure{http.StatusServiceUnavailable, "crowded"}
	failWrongClient      = cabinetFailure{http.StatusBadGateway, "wrong_client"}
	failTooOften         = cabinetFailure{http.StatusTooManyRequests, "too_often"}
	failBroken           = cabinetFailure{http.StatusInternalServerError, "broken"}
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
		return p.refuse(r, failSignedOut)
	case first && header.Get("Sec-Fetch-Site") == "cross-site":
		return r.Show(http.StatusOK, views.CabinetAgain(r.Page(r.Texts.T("priceplan.title"))))
	default:
		return p.refuse(r, failWithheld)
	}
}

// withoutClient tells somebody without a client what to do about it.
func (p *Room) withoutClient(r *web.Request) error {
	provision, err := p.provisioner.of(r.Request().Context(), r.User().ID)
	switch {
	case err != nil:
		return err
	case isComing(provision):
		return p.refuse(r, failNoClientYet)
	case r.IsAdministrator():
		return p.refuse(r, failNoClientYourself)
	default:
		return p.refuse(r, failNoClient)
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
		return failSlow
	case errors.Is(err, priceplan.ErrUnavailable):
		return failUnavailable
	case errors.Is(err, priceplan.ErrTooMany):
		return failCrowded
	case errors.Is(err, priceplan.CodeNotFound):
		return failWrongClient
	default:
		return failRefused
	}
}

// refuse shows in the frame why there is no cabinet.
func (p *Room) refuse(r *web.Request, f cabinetFailure) error {
	m := views.CabinetFailureModel{
		Title:  r.Texts.T("priceplan.failure." + f.name + ".title"),
		Text:   r.Texts.T("priceplan.failure." + f.name + ".text"),
		SignIn: f == failSignedOut, Retry: f != failSignedOut, NewTab: f == failWithheld,
		Unlikely: f == failNoClient || f == failNoClientYourself,
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
			return p.refuse(r, failTooOften)
		}
		p.site.Log.Error("opening the cabinet", "request", r.ID, "error", err)
		return p.refuse(r, failBroken)
	}
}
