package handlers

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/priceplan"
	"kabinet/store"
	"kabinet/views"
)

// pricePlan is the part of the portal that opens PricePlan's cabinet. It follows the vendor's
// guide: the page with the widget (section 3) and the resource that redirects by key (section 2).
type pricePlan struct {
	*Portal
	client *priceplan.Client
	ahead  keysAhead
	// provisioner is nil where no clients are to be created.
	provisioner *provisioner
	// trouble is whether the last opening, anybody's, failed for a reason that is not that customer's own.
	trouble atomic.Bool
}

// Embed is a generation of the vendor's guide by which the cabinet is put before the customer.
type Embed string

// The ways in which the cabinet opens.
const (
	EmbedWidget   Embed = "widget"   // 2018: in a frame that the vendor's script makes
	EmbedIframe   Embed = "iframe"   // 2020: in a frame of ours, with a resizer of ours
	EmbedRedirect Embed = "redirect" // 2021: at the top, in the portal's place
)

// Embeds are all of them.
var Embeds = []Embed{EmbedWidget, EmbedIframe, EmbedRedirect}

const (
	// framePatience is how long the page waits for the cabinet before it says that something is wrong.
	framePatience = 8 * time.Second
	// frameSilence is how long the cabinet may take to say that it is there once the frame has loaded.
	frameSilence = time.Second
	// keyPatience is how long PricePlan may take over a key: less, so that the frame can say so first.
	keyPatience = 6 * time.Second
)

func (p *pricePlan) cabinet(c echo.Context) error {
	v, hosts := visitOf(c), p.client.Hosts()
	if err := p.askAhead(c); err != nil {
		return err
	}
	if p.config.PricePlanEmbed == EmbedRedirect {
		return render(c, http.StatusOK, views.CabinetAtTop(p.explained(c, p.page(c, v.texts.T("priceplan.title")), p.how())))
	}
	iframe := p.config.PricePlanEmbed == EmbedIframe
	if !iframe {
		v.policy.script = []string{hosts.Cabinet()}
	}
	v.policy.frame = []string{hosts.Cabinet()}
	return render(c, http.StatusOK, views.Cabinet(p.explained(c, p.page(c, v.texts.T("priceplan.title")), p.how()), views.CabinetModel{
		Iframe: iframe,
		HTTPS:  hosts.HTTPS, Customer: hosts.Customer, Domain: hosts.Domain,
		Origin:   hosts.Cabinet(),
		Patience: strconv.FormatInt(p.config.PagePatience.Of(framePatience).Milliseconds(), 10),
		Silence:  strconv.FormatInt(p.config.PagePatience.Of(frameSilence).Milliseconds(), 10),
	}))
}

// askAhead asks PricePlan for the key that the page's frame is about to come for.
func (p *pricePlan) askAhead(c echo.Context) error {
	v := visitOf(c)
	if c.Request().Method != http.MethodGet {
		return nil
	}
	clientID, err := p.db.PricePlanClient(c.Request().Context(), v.user().ID)
	if isNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	id, ctx := priceplan.ClientID(clientID), context.WithoutCancel(c.Request().Context())
	p.ahead.ask(v.session.Handle, id, func() (priceplan.AuthKey, error) {
		limited, cancel := context.WithTimeout(ctx, p.config.Patience.Of(keyPatience))
		defer cancel()
		return p.client.Key(limited, id)
	})
	return nil
}

// signedOut forgets the key that waits for a session that ends.
func (p *pricePlan) signedOut(session store.Handle) { p.ahead.forget(session) }

// auth is the guide's url_auth: it asks PricePlan for a key to the cabinet of the user who is
// signed in, and of nobody else, and sends the browser there. The address is a credential.
func (p *pricePlan) auth(c echo.Context) error {
	v := visitOf(c)
	if v.session == nil {
		return p.withoutSession(c)
	}
	ctx := c.Request().Context()
	if err := p.take(c, string(store.CabinetOpened), v.user().ID, p.throttle.of(openingsByUser, strconv.FormatInt(v.user().ID, 10))); err != nil {
		return err
	}
	clientID, err := p.db.PricePlanClient(ctx, v.user().ID)
	if isNotFound(err) {
		return p.refuseWithoutClient(c)
	}
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, p.config.Patience.Of(keyPatience))
	defer cancel()
	id := priceplan.ClientID(clientID)
	key, err := keyOr(limited, p.ahead.take(v.session.Handle, id), func() (priceplan.AuthKey, error) { return p.client.Key(limited, id) })
	if ctx.Err() != nil { // the customer has left, which tells nothing about PricePlan
		return ctx.Err()
	}
	p.trouble.Store(err != nil && !errors.Is(err, priceplan.ErrRefused))
	if err != nil {
		p.config.Log.Warn("no key to the cabinet", "request", v.requestID, "user", v.user().ID, "error", err)
		p.tellWhenAgain(c, err)
		return p.refuse(c, failureOf(err))
	}
	// A cabinet that the audit cannot tell of is not opened.
	err = p.record(c, store.Event{Kind: store.CabinetOpened, UserID: v.user().ID, Detail: strconv.FormatInt(clientID, 10)})
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.Redirect(http.StatusFound, p.client.Hosts().AuthKeyURL(key))
}

// refuseWithoutClient tells somebody without a client what to do about it.
func (p *pricePlan) refuseWithoutClient(c echo.Context) error {
	user := visitOf(c).user()
	provision, err := p.provision(c.Request().Context(), user.ID)
	switch {
	case err != nil:
		return err
	case isComing(provision):
		return p.refuse(c, cabinetFailures.noClientYet)
	case user.Role == store.Administrator:
		return p.refuse(c, cabinetFailures.noClientYourself)
	default:
		return p.refuse(c, cabinetFailures.noClient)
	}
}

// inFrame shows whatever error in the frame's own way, which tells the page around it.
func (p *pricePlan) inFrame(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		err := next(c)
		if err == nil || c.Response().Committed || c.Request().Context().Err() != nil {
			return err
		}
		if refusal, ok := errors.AsType[*store.Refusal](err); ok {
			c.Response().Header().Set("Retry-After", retryAfter(refusal))
			return p.refuse(c, cabinetFailures.tooOften)
		}
		p.config.Log.Error("opening the cabinet", "request", visitOf(c).requestID, "error", err)
		return p.refuse(c, cabinetFailures.broken)
	}
}

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
	signedOut:        cabinetFailure{http.StatusUnauthorized, "signed_out", true, false},
	withheld:         cabinetFailure{http.StatusUnauthorized, "withheld", false, true},
	noClient:         cabinetFailure{http.StatusNotFound, "no_client", false, true},
	noClientYet:      cabinetFailure{http.StatusNotFound, "no_client_yet", false, true},
	noClientYourself: cabinetFailure{http.StatusNotFound, "no_client_yourself", false, true}, // for an administrator
	unavailable:      cabinetFailure{http.StatusBadGateway, "unavailable", false, true},
	slow:             cabinetFailure{http.StatusGatewayTimeout, "slow", false, true},
	refused:          cabinetFailure{http.StatusBadGateway, "refused", false, true},
	crowded:          cabinetFailure{http.StatusServiceUnavailable, "crowded", false, true},
	wrongClient:      cabinetFailure{http.StatusBadGateway, "wrong_client", false, true},
	tooOften:         cabinetFailure{http.StatusTooManyRequests, "too_often", false, true},
	broken:           cabinetFailure{http.StatusInternalServerError, "broken", false, true},
}

// tellWhenAgain passes on how long PricePlan asks to wait.
func (p *pricePlan) tellWhenAgain(c echo.Context, err error) {
	if e, ok := errors.AsType[*priceplan.Error](err); ok && e.RetryAfter > 0 {
		c.Response().Header().Set("Retry-After", strconv.Itoa(int(e.RetryAfter.Seconds())))
	}
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

func (p *pricePlan) refuse(c echo.Context, f cabinetFailure) error {
	t := visitOf(c).texts
	m := views.CabinetFailureModel{
		Title:  t.T("priceplan.failure." + f.name + ".title"),
		Text:   t.T("priceplan.failure." + f.name + ".text"),
		SignIn: f.signIn, Retry: f.retry, NewTab: f == cabinetFailures.withheld,
	}
	return render(c, f.status, views.CabinetFailure(p.page(c, m.Title), m))
}

func (p *pricePlan) integration() integration {
	return integration{vendor: "priceplan", title: "PricePlan", origins: []string{p.client.Hosts().Cabinet(), p.client.Hosts().Staff()}}
}

func (p *pricePlan) nav(v *visit) []views.Link {
	if v.session == nil {
		return nil
	}
	return []views.Link{{Path: "/cabinet", Text: v.texts.T("priceplan.nav")}}
}

func (p *pricePlan) card(ctx context.Context, v *visit) (views.Card, error) {
	t := v.texts
	card := views.Card{Title: t.T("priceplan.card")}
	_, err := p.db.PricePlanClient(ctx, v.user().ID)
	if isNotFound(err) {
		provision, err := p.provision(ctx, v.user().ID)
		card.State, card.Text = t.T("priceplan.state_none"), t.T("priceplan.card_none_text")
		if isComing(provision) {
			card.State, card.Text = t.T("priceplan.state_coming"), t.T("priceplan.card_coming_text")
		}
		return card, err
	}
	if err != nil {
		return card, err
	}
	card.State, card.Tone, card.Text = t.T("priceplan.state_ready"), "good", t.T("priceplan.card_text")
	card.Action = &views.Link{Path: "/cabinet", Text: t.T("priceplan.card_open")}
	if p.trouble.Load() {
		card.State, card.Tone = t.T("priceplan.state_trouble"), "bad"
	}
	return card, nil
}

func (p *pricePlan) fact(ctx context.Context, t *catalogue.Texts, userID int64) (views.Fact, error) {
	fact := views.Fact{Name: t.T("priceplan.client_id")}
	id, err := p.db.PricePlanClient(ctx, userID)
	if isNotFound(err) {
		fact.Value = t.T("priceplan.client_id_none")
		return fact, nil
	}
	fact.Value = strconv.FormatInt(id, 10)
	return fact, err
}

func (p *pricePlan) exported(ctx context.Context, userID int64) (string, any, error) {
	client := struct {
		ID *int64 `json:"client_id"`
	}{}
	id, err := p.db.PricePlanClient(ctx, userID)
	if err == nil {
		client.ID = &id
	} else if isNotFound(err) {
		err = nil
	}
	return "priceplan", client, err
}

func (p *pricePlan) section(context.Context, views.Page, int64) (templ.Component, error) {
	return nil, nil
}
