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

// cabinetFailure is why there is no cabinet: a status, a name in the catalogue, and what would help.
type cabinetFailure struct {
	status        int
	name          string
	signIn, retry bool
}

var cabinetFailures = struct {
	signedOut, withheld, noClient, noClientYet, noClientYourself, unavailable, slow, crowded, wrongClient, refused,
	tooOften, broken cabinetFailure
}{
	signedOut:   cabinetFailure{status: http.StatusUnauthorized, name: "signed_out", signIn: true},
	withheld:    cabinetFailure{status: http.StatusUnauthorized, name: "withheld", retry: true},
	noClient:    cabinetFailure{status: http.StatusNotFound, name: "no_client", retry: true},
	noClientYet: cabinetFailure{status: http.StatusNotFound, name: "no_client_yet", retry: true},
	noClientYourself: cabinetFailure{status: http.StatusNotFound, name: "no_client_yourself",
		retry: true}, // for an administrator
	unavailable: cabinetFailure{status: http.StatusBadGateway, name: "unavailable", retry: true},
	slow:        cabinetFailure{status: http.StatusGatewayTimeout, name: "slow", retry: true},
	refused:     cabinetFailure{status: http.StatusBadGateway, name: "refused", retry: true},
	crowded:     cabinetFailure{status: http.StatusServiceUnavailable, name: "crowded", retry: true},
	wrongClient: cabinetFailure{status: http.StatusBadGateway, name: "wrong_client", retry: true},
	tooOften:    cabinetFailure{status: http.StatusTooManyRequests, name: "too_often", retry: true},
	broken:      cabinetFailure{status: http.StatusInternalServerError, name: "broken", retry: true},
}

// withoutSession answers a request for the cabinet that brings no session. In a frame that says little: browsers
// withhold the portal's cookie from a request that another site has led there (Firefox one that is SameSite=Lax,
// WebKit any), as the widget's frame is, which begins at PricePlan. A page of the portal's own in that frame comes
// here once more, and brings it.
func (p *Room) withoutSession(r *web.Request) error {
	header := r.Request().Header
	inFrame, first := header.Get("Sec-Fetch-Dest") == "iframe", !r.QueryParams().Has("again")
	switch {
	case !inFrame:
		return p.refuse(r, cabinetFailures.signedOut)
	case first && header.Get("Sec-Fetch-Site") == "cross-site":
		return r.Show(http.StatusOK, views.CabinetAgain(r.Page(r.Texts.T("priceplan.title"))))
	default:
		return p.refuse(r, cabinetFailures.withheld)
	}
}

// withoutClient tells somebody without a client what to do about it.
func (p *Room) withoutClient(r *web.Request) error {
	provision, err := p.provisioner.of(r.Request().Context(), r.User().ID)
	switch {
	case err != nil:
		return err
	case isComing(provision):
		return p.refuse(r, cabinetFailures.noClientYet)
	case r.IsAdministrator():
		return p.refuse(r, cabinetFailures.noClientYourself)
	default:
		return p.refuse(r, cabinetFailures.noClient)
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
		return cabinetFailures.slow
	case errors.Is(err, priceplan.ErrUnavailable):
		return cabinetFailures.unavailable
	case errors.Is(err, priceplan.ErrTooMany):
		return cabinetFailures.crowded
	case errors.Is(err, priceplan.CodeNotFound):
		return cabinetFailures.wrongClient
	default:
		return cabinetFailures.refused
	}
}

// refuse shows in the frame why there is no cabinet.
func (p *Room) refuse(r *web.Request, f cabinetFailure) error {
	m := views.CabinetFailureModel{
		Title:  r.Texts.T("priceplan.failure." + f.name + ".title"),
		Text:   r.Texts.T("priceplan.failure." + f.name + ".text"),
		SignIn: f.signIn, Retry: f.retry, NewTab: f == cabinetFailures.withheld,
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
			return p.refuse(r, cabinetFailures.tooOften)
		}
		p.site.Log.Error("opening the cabinet", "request", r.ID, "error", err)
		return p.refuse(r, cabinetFailures.broken)
	}
}
