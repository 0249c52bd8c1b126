package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"kabinet/integrations/outgoing"
	"kabinet/integrations/priceplan"
)

// try signs in, asks for a key to a client's cabinet, and with write redeems it.
func (p pricePlan) try(ctx context.Context, t *trial, id int64, write bool) {
	const hosts = "PRICEPLAN_CUSTOMER, PRICEPLAN_DOMAIN or PRICEPLAN_HTTPS"
	host := p.hosts.Cabinet()
	if !p.apiKey.IsEmpty() {
		host = p.hosts.Staff()
	}
	if !t.reach(ctx, host, hosts) {
		return
	}
	client, err := p.client(new(outgoing.Recorder), t.now, quiet())
	if err != nil {
		t.failed("making a client", err.Error(), "such settings are not possible", hosts)
		return
	}
	clients, count, err := client.Clients(ctx, priceplan.ClientsQuery{Take: 1})
	const listing = "signing in and reading the list of clients"
	if err != nil {
		cause, change := p.blame(err)
		t.failed(listing, err.Error(), cause, change)
		return
	}
	t.ok(listing, fmt.Sprintf("%d clients", count))
	if id == 0 && len(clients) == 0 {
		t.unknown("asking for a key to a cabinet", "there is no client yet; name one by --client")
		return
	}
	if id == 0 {
		id = int64(clients[0].ID)
	}
	did := fmt.Sprintf("asking for a key to the cabinet of client %d", id)
	key, err := client.Key(ctx, priceplan.ClientID(id))
	if err != nil {
		cause, change := p.blame(err)
		if errors.Is(err, priceplan.ErrUnexpected) {
			cause, change = "«Авторизация по ссылке» is off, or the key has not the documented shape", linkSetting
		}
		t.failed(did, err.Error(), cause, change)
		return
	}
	t.ok(did, "a key of the right shape")
	if !write {
		t.unknown("whether the key opens the cabinet", "a key is good once: --write redeems it")
	} else {
		p.redeem(ctx, t, key)
	}
	t.unknown("whether the portal may show the cabinet in a frame", "in PricePlan «Виджет личного кабинета» must be on, and the portal named in «Доступные домены» and «Разрешённый для доступа через iframe исходный URL»")
}

// linkSetting is where PricePlan's page of settings is.
const linkSetting = "Интеграции → Кабинет клиента → Настройки at PricePlan"

// blame says why a call failed, most likely, and what to change.
func (p pricePlan) blame(err error) (cause, change string) {
	credential := "PRICEPLAN_USER or PRICEPLAN_PASSWORD"
	if !p.apiKey.IsEmpty() {
		credential = "PRICEPLAN_API_KEY or PRICEPLAN_PASSWORD"
	}
	switch {
	case errors.Is(err, priceplan.ErrSignIn):
		return "the name or the password is wrong, or the manager has not the role «Менеджер»", credential
	case errors.Is(err, priceplan.CodeNotFound):
		return "there is no such client", "--client"
	case errors.Is(err, priceplan.ErrRefused):
		return "«Авторизация по ссылке» is off, or the manager may not do this", linkSetting
	case errors.Is(err, priceplan.ErrTooMany):
		return "PricePlan asks to wait", "nothing; try again later"
	case errors.Is(err, priceplan.ErrUnexpected):
		return "somebody else than PricePlan answers there, or its answers have changed", "PRICEPLAN_CUSTOMER, PRICEPLAN_DOMAIN or PRICEPLAN_SIGN_ON"
	default:
		return "PricePlan is down or slow", "nothing; try again later"
	}
}

// redeem opens the cabinet by the key, as a browser would.
func (p pricePlan) redeem(ctx context.Context, t *trial, key priceplan.AuthKey) {
	const did = "redeeming the key"
	client := outgoing.NewPlainClient(5 * time.Second)
	defer client.CloseIdleConnections()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.hosts.AuthKeyURL(key), nil)
	if err != nil {
		t.failed(did, "the key makes no address", "the key is not as documented", "PRICEPLAN_SIGN_ON")
		return
	}
	r.Header.Set("Referer", t.portal.String()+"/") // «Доступные домены» goes by it
	response, err := client.Do(r)
	if err != nil {
		t.failed(did, outgoing.InOurWords(err).Error(), causeOf(err), "PRICEPLAN_DOMAIN")
		return
	}
	response.Body.Close()
	if response.StatusCode >= http.StatusBadRequest {
		t.failed(did, fmt.Sprintf("status %d", response.StatusCode), "«Авторизация по ссылке» is off, or the portal's host is not in «Доступные домены»", linkSetting)
		return
	}
	t.ok(did, "the cabinet opens")
}
