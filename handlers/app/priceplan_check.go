package app

import (
	"context"
	"errors"
	"io/fs"
	"net/http"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/claim"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/priceplan"
	"kabinet/integrations/priceplan/claims"
	"kabinet/integrations/priceplan/sandbox"
)

// try signs in, asks for a key to a client's cabinet, and with write redeems it.
func (p pricePlan) try(ctx context.Context, t *probe) {
	id, write := t.pricePlanClient, t.write
	hosts := either("PRICEPLAN_CUSTOMER", "PRICEPLAN_DOMAIN", "PRICEPLAN_HTTPS")
	host := p.hosts.Cabinet()
	if !p.apiKey.IsEmpty() {
		host = p.hosts.Staff()
	}
	if !t.reach(ctx, host, hosts) {
		return
	}
	client, err := p.client(new(outgoing.Recorder), 0, t.now, quiet())
	if err != nil {
		t.failed(say("check.client"), quote(err.Error()), say("check.settings_impossible"), hosts)
		return
	}
	clients, count, err := client.Clients(ctx, priceplan.ClientsQuery{Take: 1})
	listing := say("priceplan.check.clients")
	if err != nil {
		cause, change := p.blame(err)
		t.failed(listing, quote(err.Error()), cause, change)
		return
	}
	t.ok(listing, say("priceplan.check.clients_count", "Count", count))
	if id == 0 && len(clients) == 0 {
		t.unknown(say("priceplan.check.any_key"), say("priceplan.check.no_client"))
		return
	}
	if id == 0 {
		id = int64(clients[0].ID)
	}
	did := say("priceplan.check.key", "ID", id)
	key, err := client.Key(ctx, priceplan.ClientID(id))
	if err != nil {
		cause, change := p.blame(err)
		if errors.Is(err, priceplan.ErrUnexpected) {
			cause, change = say("priceplan.check.key_shape"), say("priceplan.check.link_setting")
		}
		t.failed(did, quote(err.Error()), cause, change)
		return
	}
	t.ok(did, say("priceplan.check.key_ok"))
	if !write {
		t.unknown(say("priceplan.check.opens"), say("priceplan.check.opens_why"))
	} else {
		p.redeem(ctx, t, key)
	}
	t.unknown(say("priceplan.check.frame"), say("priceplan.check.frame_why"))
}

// blame says why a call failed, most likely, and what to change.
func (p pricePlan) blame(err error) (cause, change catalogue.Text) {
	credential := either("PRICEPLAN_USER", "PRICEPLAN_PASSWORD")
	if !p.apiKey.IsEmpty() {
		credential = either("PRICEPLAN_API_KEY", "PRICEPLAN_PASSWORD")
	}
	switch {
	case errors.Is(err, priceplan.ErrSignIn):
		return say("priceplan.check.cause.manager"), credential
	case errors.Is(err, priceplan.CodeNotFound):
		return say("priceplan.check.cause.client"), quote("--client")
	case errors.Is(err, priceplan.ErrRefused):
		return say("priceplan.check.cause.refused"), say("priceplan.check.link_setting")
	case errors.Is(err, priceplan.ErrTooMany):
		return say("priceplan.check.cause.wait"), say("check.later")
	case errors.Is(err, priceplan.ErrUnexpected):
		return say("priceplan.check.cause.another"), either("PRICEPLAN_CUSTOMER", "PRICEPLAN_DOMAIN",
			"PRICEPLAN_SIGN_ON")
	default:
		return say("priceplan.check.cause.down"), say("check.later")
	}
}

// redeem opens the cabinet by the key, as a browser would.
func (p pricePlan) redeem(ctx context.Context, t *probe, key priceplan.AuthKey) {
	did := say("priceplan.check.redeem")
	answer, err := p.account(t.asker(), t.portal.String()).Redeem(ctx, key, t.portal.String())
	if err != nil {
		t.failed(did, quote(err.Error()), causeOf(err), quote("PRICEPLAN_DOMAIN"))
		return
	}
	if answer.Status >= http.StatusBadRequest {
		t.failed(did, status(answer.Status), say("priceplan.check.redeem_cause"), say("priceplan.check.link_setting"))
		return
	}
	t.ok(did, say("priceplan.check.redeem_ok"))
}

// book are the claims about PricePlan, asked as the portal asks.
func (p pricePlan) book(c *comparing) (claim.Book, fs.FS) {
	a := p.account(c.asker, c.portal.String())
	a.Client = priceplan.ClientID(c.PricePlanClient)
	return claims.Book(a), sandbox.Texts()
}

func (p pricePlan) account(asker *claim.Asker, portal string) claims.Account {
	return claims.Account{
		Hosts: p.hosts, User: p.user, APIKey: p.apiKey, Password: p.password, Portal: canonical(portal), Asker: asker,
	}
}
