package app

import (
	"cmp"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"kabinet/handlers"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/priceplan"
	"kabinet/integrations/priceplan/sandbox"
	sandboxes "kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
	"kabinet/static"
)

// PricePlanSettings connect the portal to PricePlan. PricePlan is configured when Customer is
// set; in the demo the others apply to the sandbox too.
type PricePlanSettings struct {
	Customer  string      `env:"PRICEPLAN_CUSTOMER" placeholder:"NAME" help:"The company's subdomain. PricePlan is configured when this is set."`
	Domain    string      `env:"PRICEPLAN_DOMAIN" placeholder:"HOST" help:"PricePlan's domain; may carry a port (priceplan.pro)."`
	HTTPS     string      `name:"https" env:"PRICEPLAN_HTTPS" placeholder:"BOOL" help:"Whether PricePlan is at https; false only for hosts on this machine (true)."`
	User      string      `env:"PRICEPLAN_USER" placeholder:"NAME" help:"A manager with the role «Менеджер»."`
	APIKey    secret.Text `name:"api-key" env:"PRICEPLAN_API_KEY" placeholder:"TEXT" help:"An API key, instead of a manager."`
	SignOn    string      `env:"PRICEPLAN_SIGN_ON" placeholder:"WAY" help:"How keys to the cabinet are asked for: auth-key, or reset-token as in the guide of 2020 (auth-key)."`
	Embed     string      `env:"PRICEPLAN_EMBED" placeholder:"WAY" help:"How the cabinet opens: widget or iframe in the portal's page, or redirect at the top (widget)."`
	Provision string      `env:"PRICEPLAN_PROVISION" placeholder:"BOOL" help:"Whether a client is created at PricePlan for everybody who registers (false)."`
	Password  secret.Text `env:"PRICEPLAN_PASSWORD" placeholder:"TEXT" help:"The manager's password, or the API key's."`
}

// pricePlan is PricePlan as the settings make it out: the vendor's, or a sandbox in its place.
type pricePlan struct {
	sandboxed    bool
	badHTTPS     string // what was set where true or false should be
	badProvision string
	provision    bool
	hosts        priceplan.Hosts
	user         string
	apiKey       secret.Text
	password     secret.Text
	signOn       priceplan.SignOn
	embed        handlers.Embed
}

// resolve fills in what is not set: the vendor's values when PricePlan is configured, those of
// a sandbox at the given port when it is not.
func (s PricePlanSettings) resolve(port int) pricePlan {
	p := pricePlan{
		hosts: priceplan.Hosts{Customer: s.Customer, Domain: "priceplan.pro", HTTPS: true},
		user:  s.User, apiKey: s.APIKey, password: s.Password,
		signOn: priceplan.SignOn(cmp.Or(s.SignOn, string(priceplan.ByAuthKey))), embed: handlers.Embed(cmp.Or(s.Embed, string(handlers.EmbedWidget))),
	}
	if s.Customer == "" {
		p.sandboxed = true
		p.hosts = priceplan.Hosts{Customer: sandbox.DefaultCustomer, Domain: fmt.Sprintf("priceplan.localhost:%d", port)}
		if p.user == "" {
			p.user = sandbox.DefaultUser
		}
		if p.password.IsEmpty() {
			p.password = secret.New(sandbox.DefaultPassword)
		}
	}
	if s.Domain != "" {
		p.hosts.Domain = s.Domain
	}
	p.hosts.HTTPS, p.badHTTPS = boolOr(s.HTTPS, p.hosts.HTTPS)
	p.provision, p.badProvision = boolOr(s.Provision, false)
	return p
}

// boolOr reads true or false; bad is what is neither. Nothing stands for the default.
func boolOr(text string, byDefault bool) (value bool, bad string) {
	if text == "" {
		return byDefault, ""
	}
	value, err := strconv.ParseBool(text)
	if err != nil {
		return byDefault, text
	}
	return value, ""
}

// check finds what is wrong, for a program that listens on the port.
func (p pricePlan) check(portal *url.URL, port int, f *faults) {
	if portal != nil && (portal.Hostname() == p.hosts.CabinetHost() || portal.Hostname() == p.hosts.StaffHost()) {
		f.add("KABINET_BASE_URL", fmt.Sprintf("KABINET_BASE_URL=http://localhost:%d", port), "%s is PricePlan's host", portal.Hostname())
	}
	if p.badHTTPS != "" {
		f.add("PRICEPLAN_HTTPS", "PRICEPLAN_HTTPS=false", "%q is neither true nor false", p.badHTTPS)
	}
	if p.badProvision != "" {
		f.add("PRICEPLAN_PROVISION", "PRICEPLAN_PROVISION=true", "%q is neither true nor false", p.badProvision)
	}
	if p.signOn != priceplan.ByAuthKey && p.signOn != priceplan.ByResetToken {
		f.add("PRICEPLAN_SIGN_ON", "PRICEPLAN_SIGN_ON=auth-key", "%q is neither auth-key nor reset-token", p.signOn)
	}
	if !slices.Contains(handlers.Embeds, p.embed) {
		f.add("PRICEPLAN_EMBED", "PRICEPLAN_EMBED=widget", "%q is not widget, iframe or redirect", p.embed)
	}
	if p.embed == handlers.EmbedIframe && !static.Has(static.Resizer) {
		f.add("PRICEPLAN_EMBED", "PRICEPLAN_EMBED=widget", "this build lacks the resizer that iframe needs: run `make assets` and build again")
	}
	if err := p.hosts.Validate(); err != nil {
		f.add("PRICEPLAN_CUSTOMER, PRICEPLAN_DOMAIN or PRICEPLAN_HTTPS", "PRICEPLAN_CUSTOMER=demo", "%v", err)
	}
	if p.user == "" && p.apiKey.IsEmpty() {
		f.add("PRICEPLAN_USER", "PRICEPLAN_USER=manager", "neither it nor PRICEPLAN_API_KEY is set, but PRICEPLAN_CUSTOMER is")
	}
	if p.user != "" && !p.apiKey.IsEmpty() && !p.sandboxed {
		f.add("PRICEPLAN_API_KEY", "PRICEPLAN_API_KEY=…", "PRICEPLAN_USER is set too; set one of them")
	}
	if p.password.IsEmpty() {
		f.add("PRICEPLAN_PASSWORD", "PRICEPLAN_PASSWORD=…", "it is not set, but PRICEPLAN_CUSTOMER is")
	}
	if u, err := url.Parse(p.hosts.Cabinet()); p.sandboxed && (err != nil || !canBeSandbox(u, port)) {
		f.add("PRICEPLAN_DOMAIN or PRICEPLAN_HTTPS", fmt.Sprintf("PRICEPLAN_DOMAIN=priceplan.localhost:%d", port),
			"without PRICEPLAN_CUSTOMER there is a sandbox in PricePlan's place, which is at plain http, below localhost, at port %d", port)
	}
}

func canBeSandbox(u *url.URL, port int) bool {
	return u.Scheme == "http" && outgoing.IsLoopback(u.Hostname()) && net.ParseIP(u.Hostname()) == nil && u.Port() == fmt.Sprint(port)
}

// client makes no call yet.
func (p pricePlan) client(recorder *outgoing.Recorder, now func() time.Time, log *slog.Logger) (*priceplan.Client, error) {
	return priceplan.New(priceplan.Config{
		Hosts: p.hosts, User: p.user, APIKey: p.apiKey, Password: p.password, SignOn: p.signOn, Now: now,
		HTTP: outgoing.NewClient(outgoing.Options{Vendor: "priceplan", Timeout: 5 * time.Second, Recorder: recorder, Log: log}),
	})
}

// sandbox lets one portal in.
func (p pricePlan) sandbox(portal string, log *slog.Logger) (*sandbox.Sandbox, error) {
	return sandbox.New(sandbox.Config{
		Hosts: p.hosts, User: secret.New(p.user), APIKey: p.apiKey, Password: p.password, Portals: []string{portal}, Now: time.Now, Log: log,
	})
}

// addresses are those of its sandbox, to show.
func (p pricePlan) addresses() []Address {
	return []Address{{"PricePlan's sandbox", p.hosts.Cabinet()}, {"  its staff's host", p.hosts.Staff()}}
}

// entry is its sandbox on the control host.
func (p pricePlan) entry(s *sandbox.Sandbox) sandboxes.Entry {
	return sandboxes.Entry{Vendor: "PricePlan", Origin: p.hosts.Staff(), Faults: s.Faults(), Reset: s.Reset}
}

func (h byHost) addPricePlan(sandbox http.Handler, p pricePlan) {
	h[p.hosts.CabinetHost()] = sandbox
	h[p.hosts.StaffHost()] = sandbox
}
