package amocrm

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"kabinet/handlers/web"

	"kabinet/integrations/amocrm"
	"kabinet/store"
)

// cabinetOnly lets pages of the client cabinet, and of no other origin, read the answers. No cookie is looked at: who
// asks is said by the token alone.
func (a *Room) cabinetOnly(next func(*web.Request) error) func(*web.Request) error {
	cors := middleware.CORSWithConfig(middleware.CORSConfig{
		AllowOriginFunc: func(origin string) (bool, error) {
			return slices.Contains(a.config.CabinetOrigins, origin), nil
		},
		AllowMethods:  []string{http.MethodGet, http.MethodPost},
		AllowHeaders:  []string{tokenHeader, echo.HeaderContentType},
		ExposeHeaders: []string{"Retry-After"}, MaxAge: 600,
	})
	return func(r *web.Request) error { return cors(func(echo.Context) error { return next(r) })(r) }
}

// preflight is never reached: cabinetOnly answers.
func preflight(r *web.Request) error { return r.NoContent(http.StatusNoContent) }

// tokenHeader is what amoCRM's other widgets send their token in; what the client cabinet expects is not known.
const tokenHeader = "X-Auth-Token"

// cardAnswer is what the widget is told. Times are RFC 3339 in UTC.
type cardAnswer struct {
	Linked   bool       `json:"linked"`
	Name     string     `json:"name,omitempty"`
	LinkedAt *time.Time `json:"linked_at,omitempty"`
	Services []service  `json:"services,omitzero"`
	Points   *int64     `json:"points,omitempty"` // of the loyalty programme, if any
}

// showCard tells the widget of whoever is linked with the deal in its token.
func (a *Room) showCard(r *web.Request) error {
	deal, err := a.dealInToken(r)
	if err != nil {
		return err
	}
	return a.answerCard(r, deal)
}

// How often the widget may ask: for a deal, and for all deals of an account. What only reads is limited in memory.
var (
	cardsOfDeal    = web.Limit{Name: "cards of a deal", Burst: 30, Every: time.Second}
	cardsOfAccount = web.Limit{Name: "cards of an account", Burst: 1000, Every: 10 * time.Millisecond}
)

// dealInToken verifies the request's token. Whatever is wrong with it, the caller learns no more than that.
func (a *Room) dealInToken(r *web.Request) (store.AmoCRMDeal, error) {
	deal, err := a.config.Verifier.Verify(r.Request().Context(), r.Request().Header.Get(tokenHeader))
	if refusal, ok := errors.AsType[*amocrm.Refusal](err); ok {
		a.site.Log.Warn("a token of amoCRM's is refused", "request", r.ID, "reason", string(refusal.Reason))
		return store.AmoCRMDeal{}, &web.Error{Status: http.StatusUnauthorized, Cause: err}
	}
	if err != nil {
		return store.AmoCRMDeal{}, err
	}
	found := store.AmoCRMDeal{AccountID: deal.AccountID, DealID: deal.ID}
	// The deal's own first: what it refuses must cost the account's other deals nothing.
	if err := a.deals.Take(found.String()); err != nil {
		return found, err
	}
	return found, a.inAll.Take(strconv.FormatInt(found.AccountID, 10))
}

// service is what a customer has, as it is told outside the portal.
type service struct {
	Name      string `json:"name"`
	Connected bool   `json:"connected"`
}

// serving is a vendor of whose service the widget tells: its error is store.ErrNotFound, beside the title, for who is
// not connected.
type serving interface {
	Service(ctx context.Context, userID int64) (title string, err error)
}

// rewarding is one of these that gives points, with the same error; it asks nobody for them.
type rewarding interface {
	Points(ctx context.Context, userID int64) (points int64, known bool, err error)
}

// answerCard answers with the data of the user that the deal is linked with. No vendor is asked.
func (a *Room) answerCard(r *web.Request, deal store.AmoCRMDeal) error {
	ctx := r.Request().Context()
	link, err := a.db.AmoCRMLink(ctx, deal)
	var user store.User
	if err == nil {
		user, err = a.db.User(ctx, link.UserID)
	}
	if errors.Is(err, store.ErrNotFound) { // nobody is linked, or was deleted meanwhile
		return r.JSON(http.StatusOK, cardAnswer{})
	}
	if err != nil {
		return err
	}
	r.ConcernsUser(user.ID)
	at := link.LinkedAt.UTC()
	card := cardAnswer{Linked: true, Name: user.Name, LinkedAt: &at}
	if err := addServices(ctx, &card, a.services, user.ID); err != nil {
		return err
	}
	return r.JSON(http.StatusOK, card)
}

// addServices tells what the user has with each vendor.
func addServices(ctx context.Context, card *cardAnswer, all []serving, userID int64) error {
	card.Services = []service{}
	for _, v := range all {
		title, err := v.Service(ctx, userID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		card.Services = append(card.Services, service{Name: title, Connected: err == nil})
		with, ok := v.(rewarding)
		if !ok {
			continue
		}
		points, known, err := with.Points(ctx, userID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if known {
			card.Points = &points
		}
	}
	return nil
}
