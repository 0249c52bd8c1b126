package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"kabinet/integrations/catalogue"
	"kabinet/store"
	"kabinet/views"
)

// pricePlanField is the field of the form with the client id.
const pricePlanField = "priceplan"

func clientPath(userID int64) string { return userPath(userID) + "/priceplan" }

func (p *pricePlan) identifier(ctx context.Context, t *catalogue.Texts, userID int64) (views.Identifier, error) {
	i := views.Identifier{
		Field: pricePlanField, Name: t.T("priceplan.client_id"), Hint: t.T("priceplan.client_id_hint"),
		Path: clientPath(userID), Find: views.Link{Path: clientPath(userID), Text: t.T("priceplan.find.title")},
	}
	id, err := p.db.PricePlanClient(ctx, userID)
	if isNotFound(err) {
		provision, err := p.provision(ctx, userID)
		if err != nil || provision.State == "" {
			return i, err
		}
		user, err := p.db.User(ctx, userID)
		i.Note = aboutProvision(t, provision, user)
		i.Find.Path += "?" + url.Values{"search": {nameAtPricePlan(user)}}.Encode()
		return i, err
	}
	i.Value = strconv.FormatInt(id, 10)
	return i, err
}

// setClient links a user to a client at PricePlan, or with an empty field to none. Only
// administrators may: whoever could do it for themselves would open another's billing.
func (p *pricePlan) setClient(c echo.Context) error {
	user, err := p.userInPath(c)
	if err != nil {
		return err
	}
	f, ctx := typed(c, pricePlanField), c.Request().Context()
	text := strings.TrimSpace(f.form.Values[pricePlanField])
	if text == "" {
		err = p.db.ClearPricePlanClient(ctx, user.ID, by(c))
	} else {
		id, wrong := strconv.ParseInt(text, 10, 64)
		if wrong != nil || id <= 0 {
			f.wrong(pricePlanField, f.texts.T("priceplan.client_id_wrong"))
			return p.showUser(c, http.StatusUnprocessableEntity, user, f.form)
		}
		err = p.db.SetPricePlanClient(ctx, user.ID, id, by(c))
		if errors.Is(err, store.ErrConflict) {
			return p.clientTaken(c, user, id, f)
		}
	}
	if isNotFound(err) { // the user was deleted meanwhile
		return notFound()
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, userPath(user.ID)+"?done=identifier")
}

// clientTaken explains who has the client.
func (p *pricePlan) clientTaken(c echo.Context, user store.User, clientID int64, f *fields) error {
	ctx := c.Request().Context()
	id, err := p.db.PricePlanUser(ctx, clientID)
	if isNotFound(err) { // given up meanwhile: the page shows how things stand now
		return c.Redirect(http.StatusSeeOther, userPath(user.ID))
	}
	if err != nil {
		return err
	}
	owner, err := p.db.User(ctx, id)
	if err != nil {
		return err
	}
	f.wrong(pricePlanField, f.texts.With("priceplan.client_id_taken", map[string]any{"ID": clientID, "Email": owner.Email}))
	return p.showUser(c, http.StatusUnprocessableEntity, user, f.form)
}
