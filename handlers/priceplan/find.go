package priceplan

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"kabinet/handlers/web"
	"kabinet/integrations/priceplan"
	"kabinet/store"
	"kabinet/views"
)

// foundAtMost is how many clients a search shows.
const foundAtMost = 20

// findClient looks a client up at PricePlan, by number or by the beginning of the name, so that
// an administrator need not copy numbers. It is the one page of the portal's own that waits for the vendor.
func (p *Room) findClient(r *web.Request) error {
	user, err := r.UserInPath()
	if err != nil {
		return err
	}
	m := views.FindClientModel{
		UserPath: views.UserPath(user.ID), Email: user.Email, Path: clientPath(user.ID), Field: p.Name(),
		Search: strings.TrimSpace(r.QueryParam("search")),
	}
	if err := p.showProvision(r, user, &m); err != nil {
		return err
	}
	status := http.StatusOK
	if m.Search != "" {
		clients, count, err := p.search(r, m.Search)
		if r.Request().Context().Err() != nil { // the reader has left
			return r.Request().Context().Err()
		}
		if err != nil {
			p.site.Log.Warn("no list of clients", "request", r.ID, "error", err)
			failure := failureOf(err)
			status, m.Failure = failure.status, r.Texts.T("priceplan.failure."+failure.name+".text")
		}
		if m.Found, err = p.found(r.Request().Context(), user, clients); err != nil {
			return err
		}
		if count > len(clients) {
			m.More = r.Texts.With("priceplan.find.more", map[string]any{"Shown": len(clients), "Of": count})
		}
	}
	return r.Show(status, views.FindClient(r.Page(r.Texts.T("priceplan.find.title")), m))
}

// showProvision says how the creation of the user's client stands, and whether it can be asked for.
func (p *Room) showProvision(r *web.Request, user store.User, m *views.FindClientModel) error {
	if p.provisioner == nil {
		return nil
	}
	ctx, t := r.Request().Context(), r.Texts
	_, err := p.db.PricePlanClient(ctx, user.ID)
	if !errors.Is(err, store.ErrNotFound) { // there is one already
		return err
	}
	provision, err := p.provisioner.of(ctx, user.ID)
	m.Provision = aboutProvision(t, provision, user)
	if !isComing(provision) {
		m.Create = t.With("priceplan.provision.create", map[string]any{"Name": nameAtPricePlan(user)})
	}
	return err
}

func (p *Room) search(r *web.Request, text string) ([]priceplan.ListedClient, int, error) {
	ctx, cancel := context.WithTimeout(r.Request().Context(), p.site.Patience.Of(keyPatience))
	defer cancel()
	q := priceplan.ClientsQuery{Take: foundAtMost, Filters: priceplan.NameBeginsWith(text)}
	if _, err := strconv.ParseInt(text, 10, 64); err == nil {
		q.Filters = []priceplan.Filter{{Field: "client__id", Operator: priceplan.Equal, Value: text}}
	}
	return p.client.Clients(ctx, q)
}

// found says of each client whose it is.
func (p *Room) found(ctx context.Context, user store.User, all []priceplan.ListedClient) ([]views.FoundClient, error) {
	var found []views.FoundClient
	for _, client := range all {
		if client.Deleted { // it has no cabinet to open
			continue
		}
		f := views.FoundClient{
			ID: clientNumber(int64(client.ID)), Name: client.Name, AccountNumber: client.AccountNumber,
		}
		owner, err := p.ownerOf(ctx, int64(client.ID))
		switch {
		case errors.Is(err, store.ErrNotFound):
		case err != nil:
			return nil, err
		case owner.ID == user.ID:
			f.Own = true
		default:
			f.Owner = views.Link{Path: views.UserPath(owner.ID), Text: owner.Email}
		}
		found = append(found, f)
	}
	return found, nil
}
