package handlers

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"kabinet/integrations/priceplan"
	"kabinet/store"
	"kabinet/views"
)

// foundAtMost is how many clients a search shows.
const foundAtMost = 20

// findClient looks a client up at PricePlan, by number or by the beginning of the name, so that
// an administrator need not copy numbers. It is the one page of the portal's own that waits for the vendor.
func (p *pricePlan) findClient(c echo.Context) error {
	user, err := p.userInPath(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	m := views.FindClientModel{
		UserPath: userPath(user.ID), Email: user.Email, Path: clientPath(user.ID), Field: pricePlanField, Search: strings.TrimSpace(c.QueryParam("search")),
	}
	if err := p.showProvision(c, user, &m); err != nil {
		return err
	}
	status := http.StatusOK
	if m.Search != "" {
		clients, count, err := p.search(c, m.Search)
		if c.Request().Context().Err() != nil { // the reader has left
			return c.Request().Context().Err()
		}
		if err != nil {
			p.config.Log.Warn("no list of clients", "request", v.requestID, "error", err)
			failure := failureOf(err)
			status, m.Failure = failure.status, v.texts.T("priceplan.failure."+failure.name+".text")
		}
		if m.Found, err = p.found(c, user, clients); err != nil {
			return err
		}
		if count > len(clients) {
			m.More = v.texts.With("priceplan.find.more", map[string]any{"Shown": len(clients), "Of": count})
		}
	}
	return render(c, status, views.FindClient(p.page(c, v.texts.T("priceplan.find.title")), m))
}

// showProvision says how the creation of the user's client stands, and whether it can be asked for.
func (p *pricePlan) showProvision(c echo.Context, user store.User, m *views.FindClientModel) error {
	if p.provisioner == nil {
		return nil
	}
	ctx, t := c.Request().Context(), visitOf(c).texts
	_, err := p.db.PricePlanClient(ctx, user.ID)
	if !isNotFound(err) { // there is one already
		return err
	}
	provision, err := p.provision(ctx, user.ID)
	m.Provision = aboutProvision(t, provision, user)
	if !isComing(provision) {
		m.Create = t.With("priceplan.provision.create", map[string]any{"Name": nameAtPricePlan(user)})
	}
	return err
}

func (p *pricePlan) search(c echo.Context, text string) ([]priceplan.ListedClient, int, error) {
	ctx, cancel := context.WithTimeout(c.Request().Context(), p.config.Patience.Of(keyPatience))
	defer cancel()
	q := priceplan.ClientsQuery{Take: foundAtMost, Filters: priceplan.NameBeginsWith(text)}
	if _, err := strconv.ParseInt(text, 10, 64); err == nil {
		q.Filters = []priceplan.Filter{{Field: "client__id", Operator: priceplan.Equal, Value: text}}
	}
	return p.client.Clients(ctx, q)
}

// found says of each client whose it is.
func (p *pricePlan) found(c echo.Context, user store.User, clients []priceplan.ListedClient) ([]views.FoundClient, error) {
	ctx := c.Request().Context()
	var found []views.FoundClient
	for _, client := range clients {
		if client.Deleted { // it has no cabinet to open
			continue
		}
		f := views.FoundClient{ID: strconv.FormatInt(int64(client.ID), 10), Name: client.Name, AccountNumber: client.AccountNumber}
		owner, err := p.db.PricePlanUser(ctx, int64(client.ID))
		switch {
		case isNotFound(err):
		case err != nil:
			return nil, err
		case owner == user.ID:
			f.Own = true
		default:
			u, err := p.db.User(ctx, owner)
			if err != nil {
				return nil, err
			}
			f.Owner = views.Link{Path: userPath(owner), Text: u.Email}
		}
		found = append(found, f)
	}
	return found, nil
}
