package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"time"

	room "kabinet/handlers/priceplan"
	"kabinet/handlers/web"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/priceplan"
	"kabinet/integrations/priceplan/sandbox"
	"kabinet/integrations/secret"
	"kabinet/static"
	"kabinet/store"
)

// PricePlanSettings connect the portal to PricePlan. PricePlan is configured when Customer is
// set; in the demo the others apply to the sandbox too.
type PricePlanSettings struct {
	Customer  string      `env:"PRICEPLAN_CUSTOMER" placeholder:"NAME" help:"priceplan_customer"`
	Domain    string      `env:"PRICEPLAN_DOMAIN" placeholder:"HOST" help:"priceplan_domain"`
	HTTPS     string      `name:"https" env:"PRICEPLAN_HTTPS" placeholder:"BOOL" help:"priceplan_https"`
	User      string      `env:"PRICEPLAN_USER" placeholder:"NAME" help:"A manager with the role «Менеджер»."`
	APIKey    secret.Text `name:"api-key" env:"PRICEPLAN_API_KEY" placeholder:"TEXT" help:"priceplan_api_key"`
	SignOn    string      `env:"PRICEPLAN_SIGN_ON" placeholder:"WAY" help:"priceplan_sign_on"`
	Embed     string      `env:"PRICEPLAN_EMBED" placeholder:"WAY" help:"priceplan_embed"`
	Provision string      `env:"PRICEPLAN_PROVISION" placeholder:"BOOL" help:"priceplan_provision"`
	Password  secret.Text `env:"PRICEPLAN_PASSWORD" placeholder:"TEXT" help:"priceplan_password"`
}

// pricePlan is PricePlan as the settings make it out: the vendor's, or a sandbox in its place.
type pricePlan struct {
	sandboxed  bool
	newAccount bool // of the sandbox: nobody has set it up
	wrong      settingErrors
	provision  bool
	hosts      priceplan.Hosts
	user       string
	apiKey     secret.Text
	password   secret.Text
	signOn     priceplan.SignOn
	embed      room.Embed
}

// resolve fills in what is not set: the vendor's values when PricePlan is configured, those of
// a sandbox at the given port when it is not.
func (s PricePlanSettings) resolve(port int) vendor {
	p := pricePlan{
		hosts: priceplan.Hosts{Customer: s.Customer, Domain: "priceplan.pro", HTTPS: true},
		user:  s.User, apiKey: s.APIKey, password: s.Password,
		signOn: cmp.Or(priceplan.SignOn(s.SignOn), priceplan.ByAuthKey),
		embed:  cmp.Or(room.Embed(s.Embed), room.EmbedWidget),
	}
	if s.Customer == "" {
		p.sandboxed = true
		p.hosts = priceplan.Hosts{Customer: sandbox.DefaultCustomer,
			Domain: fmt.Sprintf("priceplan.localhost:%d", port)}
		p.user, p.password = cmp.Or(s.User, sandbox.DefaultUser), secretOr(s.Password, sandbox.DefaultPassword)
	}
	if s.Domain != "" {
		p.hosts.Domain = hostOr(s.Domain)
	}
	p.hosts.HTTPS = p.wrong.bool("PRICEPLAN_HTTPS=false", s.HTTPS, p.hosts.HTTPS)
	p.provision = p.wrong.bool("PRICEPLAN_PROVISION=true", s.Provision, false)
	return p
}

// validate finds what is wrong, for a program that listens on the port.
func (p pricePlan) validate(portal *url.URL, port int, f *settingErrors) {
	f.notPortal(portal, port, "PricePlan", p.hosts.CabinetHost(), p.hosts.StaffHost())
	*f = append(*f, p.wrong...)
	if p.signOn != priceplan.ByAuthKey && p.signOn != priceplan.ByResetToken {
		f.add("PRICEPLAN_SIGN_ON=auth-key", "%q is neither auth-key nor reset-token", p.signOn)
	}
	if !slices.Contains(room.Embeds, p.embed) {
		f.add("PRICEPLAN_EMBED=widget", "%q is not widget, iframe or redirect", p.embed)
	}
	if p.embed == room.EmbedIframe && static.Path(static.Resizer) == "" {
		f.add("PRICEPLAN_EMBED=widget",
			"this build lacks the resizer that iframe needs: run `make assets` and build again")
	}
	if err := p.hosts.Validate(); err != nil {
		f.addTo("PRICEPLAN_CUSTOMER, PRICEPLAN_DOMAIN or PRICEPLAN_HTTPS", "PRICEPLAN_CUSTOMER=demo", "%v", err)
	}
	if p.user == "" && p.apiKey.IsEmpty() {
		f.add("PRICEPLAN_USER=manager", "neither it nor PRICEPLAN_API_KEY is set, but PRICEPLAN_CUSTOMER is")
	}
	if p.user != "" && !p.apiKey.IsEmpty() && !p.sandboxed {
		f.add("PRICEPLAN_API_KEY=…", "PRICEPLAN_USER is set too; set one of them")
	}
	if p.password.IsEmpty() {
		f.add("PRICEPLAN_PASSWORD=…", "it is not set, but PRICEPLAN_CUSTOMER is")
	}
	if p.sandboxed && !canBeSandbox(p.hosts.Cabinet(), port) {
		f.addTo("PRICEPLAN_DOMAIN or PRICEPLAN_HTTPS", fmt.Sprintf("PRICEPLAN_DOMAIN=priceplan.localhost:%d", port),
			noSandbox, "PRICEPLAN_CUSTOMER", "PricePlan", port)
	}
}

// client makes no call yet.
func (p pricePlan) client(recorder *outgoing.Recorder, patience outgoing.Patience, now func() time.Time,
	log *slog.Logger) (*priceplan.Client, error) {
	return priceplan.New(priceplan.Config{
		Hosts: p.hosts, User: p.user, APIKey: p.apiKey, Password: p.password, SignOn: p.signOn, Now: now,
		HTTP: outgoing.NewClient(outgoing.Options{Vendor: "priceplan", Timeout: patience.Of(5 * time.Second),
			Recorder: recorder, Log: log}),
	})
}

func (p pricePlan) name() string               { return "priceplan" }
func (p pricePlan) configured() (string, bool) { return "PRICEPLAN_CUSTOMER", !p.sandboxed }

func (p pricePlan) secrets() []secret.Text { return []secret.Text{p.apiKey, p.password} }

func (p pricePlan) room(site *web.Site, now func() time.Time) (web.Vendor, error) {
	client, err := p.client(site.Recorder, site.Patience, now, site.Log)
	if err != nil {
		return nil, err
	}
	return room.New(site, room.Config{Client: client, Embed: p.embed, Provision: p.provision}), nil
}

// sandbox goes by the real clock: what it charges by the month is seen by moving its calendar.
func (p pricePlan) sandbox(portal string, _ func() time.Time, log *slog.Logger) (instance, error) {
	s, err := sandbox.New(sandbox.Config{
		Hosts: p.hosts, User: secret.New(p.user), APIKey: p.apiKey, Password: p.password, Portals: []string{portal},
		NewAccount: p.newAccount, Now: time.Now, Log: log,
	})
	missing := sandbox.MissingAssets()
	if p.newAccount {
		missing = append(missing, "PricePlan: as in a new account nothing is switched on; press “Настроить всё” at "+
			"/_sandbox/ of its address")
	}
	return instance{
		title: "PricePlan", sandbox: s, host: p.hostFor, desk: p.hosts.Staff(), missing: missing,
		hint: "PricePlan: what is off in a new account is switched on here.",
		addresses: []Address{
			{Name: "PricePlan's sandbox", Origin: p.hosts.Cabinet()}, {Name: "  its staff's host",
				Origin: p.hosts.Staff()},
		},
	}, err
}

// hostFor is the staff's host where an API key is sent, and else the cabinet's.
func (p pricePlan) hostFor(r *http.Request) string {
	if _, _, ok := r.BasicAuth(); ok {
		return p.hosts.StaffHost()
	}
	return p.hosts.CabinetHost()
}

func (p pricePlan) variables() any {
	s := PricePlanSettings{
		Customer: p.hosts.Customer, Domain: p.hosts.Domain, HTTPS: fmt.Sprint(p.hosts.HTTPS),
		APIKey: p.apiKey, Password: p.password,
	}
	if p.apiKey.IsEmpty() { // only one of the two may be set
		s.User = p.user
	}
	return s
}

// welcomes is for a PricePlan on this machine: at a real one the client's number is somebody's.
func (p pricePlan) welcomes() bool { return outgoing.IsLoopback(p.hosts.CabinetHost()) }

// welcome links a user to the sandbox's first client, or takes that away where it would be somebody else.
func (p pricePlan) welcome(ctx context.Context, db *store.DB, userID int64) error {
	if !p.welcomes() {
		return db.ClearPricePlanClient(ctx, userID, store.Actor{})
	}
	err := db.SetPricePlanClient(ctx, userID, int64(sandbox.DemoClient), store.Actor{})
	if errors.Is(err, store.ErrConflict) { // given to somebody else in an earlier demo: left so
		return nil
	}
	return err
}

// alone is as a new account, which nobody has set up.
func (p pricePlan) alone(SandboxSettings, int) vendor {
	p.newAccount = true
	return p
}
