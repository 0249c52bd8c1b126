package handlers

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"kabinet/integrations/amocrm"
	"kabinet/store"
)

// cabinetOnly lets pages of the client cabinet, and of no other origin, read the answers. No cookie is
// looked at: who asks is said by the token alone.
func (a *amoCRM) cabinetOnly() echo.MiddlewareFunc {
	return middleware.CORSWithConfig(middleware.CORSConfig{
		AllowOriginFunc: func(origin string) (bool, error) { return slices.Contains(a.config.CabinetOrigins, origin), nil },
		AllowMethods:    []string{http.MethodGet, http.MethodPost},
		AllowHeaders:    []string{tokenHeader, echo.HeaderContentType},
		ExposeHeaders:   []string{"Retry-After"},
		MaxAge:          600,
	})
}

// preflight is never reached: cabinetOnly answers.
func preflight(c echo.Context) error { return c.NoContent(http.StatusNoContent) }

// tokenHeader is what amoCRM's other widgets send their token in; what the client cabinet expects is not known.
const tokenHeader = "X-Auth-Token"

// amoCRMCard is what the widget is told. Times are RFC 3339 in UTC.
type amoCRMCard struct {
	Linked   bool       `json:"linked"`
	Name     string     `json:"name,omitempty"`
	LinkedAt *time.Time `json:"linked_at,omitempty"`
	Services []service  `json:"services,omitzero"`
	Points   *int64     `json:"points,omitempty"` // of the loyalty programme, if any
}

// showCard tells the widget of whoever is linked with the deal in its token.
func (a *amoCRM) showCard(c echo.Context) error {
	deal, err := a.dealInToken(c)
	if err != nil {
		return err
	}
	return a.answerCard(c, deal)
}

// dealInToken verifies the request's token. Whatever is wrong with it, the caller learns no more than that.
func (a *amoCRM) dealInToken(c echo.Context) (store.AmoCRMDeal, error) {
	token := c.Request().Header.Get(tokenHeader)
	deal, err := a.config.Verifier.Verify(token)
	noteToken(visitOf(c), err)
	visitOf(c).heard = amocrm.Payload(token) // the signature is left out
	if refusal, ok := errors.AsType[*amocrm.Refusal](err); ok {
		a.Portal.config.Log.Warn("a token of amoCRM's is refused", "request", visitOf(c).requestID, "reason", string(refusal.Reason))
		return store.AmoCRMDeal{}, &Error{Code: codeUnauthorized, Cause: err}
	}
	if err != nil {
		return store.AmoCRMDeal{}, err
	}
	found := store.AmoCRMDeal{AccountID: deal.AccountID, DealID: deal.ID}
	// The deal's own first: what it refuses must cost the account's other deals nothing.
	if err := a.deals.take(found.String()); err != nil {
		return found, err
	}
	return found, a.inAll.take(strconv.FormatInt(found.AccountID, 10))
}

// tokenSteps are what is verified of a token, in the order of the reasons to refuse it.
var tokenSteps = []struct {
	name    string
	reasons []amocrm.Reason
}{
	{"form", []amocrm.Reason{amocrm.Missing, amocrm.TooLong, amocrm.Malformed}}, {"algorithm", []amocrm.Reason{amocrm.Algorithm}},
	{"signature", []amocrm.Reason{amocrm.Signature}}, {"life", []amocrm.Reason{amocrm.Expired, amocrm.NotYet}}, {"audience", []amocrm.Reason{amocrm.Audience}},
	{"client", []amocrm.Reason{amocrm.Client}}, {"account", []amocrm.Reason{amocrm.Account}}, {"deal", []amocrm.Reason{amocrm.NoDeal}},
}

// noteToken notes each step that a token has passed, and the one that it has not.
func noteToken(v *visit, err error) {
	refusal, _ := errors.AsType[*amocrm.Refusal](err)
	for _, step := range tokenSteps {
		if refusal != nil && slices.Contains(step.reasons, refusal.Reason) {
			v.checked(step.name, err)
			return
		}
		v.checked(step.name, nil)
	}
}

// service is what a customer has, as it is told outside the portal.
type service struct {
	Name      string `json:"name"`
	Connected bool   `json:"connected"`
	points    *int64 // of a loyalty programme
}

// serving is a vendor of whose service the widget tells; a file beside this one has what it tells of each.
type serving interface {
	service(ctx context.Context, userID int64) (*service, error)
}

// answerCard answers with the data of the user that the deal is linked with. No vendor is asked.
func (a *amoCRM) answerCard(c echo.Context, deal store.AmoCRMDeal) error {
	ctx := c.Request().Context()
	link, err := a.db.AmoCRMLink(ctx, deal)
	if isNotFound(err) {
		return c.JSON(http.StatusOK, amoCRMCard{})
	}
	if err != nil {
		return err
	}
	user, err := a.db.User(ctx, link.UserID)
	if isNotFound(err) { // deleted meanwhile
		return c.JSON(http.StatusOK, amoCRMCard{})
	}
	if err != nil {
		return err
	}
	visitOf(c).calls.UserID.Store(user.ID) // whose it is, for the inspector
	at := link.LinkedAt.UTC()
	card := amoCRMCard{Linked: true, Name: user.Name, LinkedAt: &at, Services: []service{}}
	for _, f := range a.features {
		serving, ok := f.(serving)
		if !ok {
			continue
		}
		s, err := serving.service(ctx, user.ID)
		if err != nil {
			return err
		}
		card.Services = append(card.Services, *s)
		if s.points != nil {
			card.Points = s.points
		}
	}
	return c.JSON(http.StatusOK, card)
}
