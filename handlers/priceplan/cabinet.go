package priceplan

import (
	"net/http"
	"strconv"
	"time"

	"kabinet/handlers/web"
	"kabinet/views"
)

const (
	// framePatience is how long the page waits for the cabinet before it says that something is wrong.
	framePatience = 8 * time.Second
	// frameSilence is how long the cabinet may take to say that it is there once the frame has loaded.
	frameSilence = time.Second
)

// cabinet is the page that PricePlan's cabinet opens in. Its frame comes to auth.
func (p *Room) cabinet(r *web.Request) error {
	hosts, page := p.client.Hosts(), r.Page(r.Texts.T("priceplan.title"))
	if p.embed == EmbedRedirect {
		return r.Show(http.StatusOK, views.CabinetAtTop(page))
	}
	if p.embed != EmbedIframe {
		r.Policy.Script = []string{hosts.Cabinet()}
	}
	r.Policy.Frame = []string{hosts.Cabinet()}
	return r.Show(http.StatusOK, views.Cabinet(page, views.CabinetModel{
		Iframe: p.embed == EmbedIframe,
		HTTPS:  hosts.HTTPS, Customer: hosts.Customer, Domain: hosts.Domain,
		Origin:   hosts.Cabinet(),
		Patience: strconv.FormatInt(p.site.PagePatience.Of(framePatience).Milliseconds(), 10),
		Silence:  strconv.FormatInt(p.site.PagePatience.Of(frameSilence).Milliseconds(), 10),
	}))
}
