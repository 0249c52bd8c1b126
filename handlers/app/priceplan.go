package app

import (
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"time"

	"kabinet/integrations/outgoing"
	"kabinet/integrations/priceplan"
	"kabinet/integrations/priceplan/sandbox"
	"kabinet/integrations/secret"
)

// PricePlanSettings connect the portal to PricePlan. PricePlan is configured when Customer is
// set; in the demo the others apply to the sandbox too.
type PricePlanSettings struct {
	Customer string      `env:"PRICEPLAN_CUSTOMER" placeholder:"NAME" help:"The company's subdomain. PricePlan is configured when this is set."`
	Domain   string      `env:"PRICEPLAN_DOMAIN" placeholder:"HOST" help:"PricePlan's domain; may carry a port (priceplan.pro)."`
	HTTPS    *bool       `name:"https" env:"PRICEPLAN_HTTPS" help:"Whether PricePlan is at https; false only for hosts on this machine (true)."`
	User     string      `env:"PRICEPLAN_USER" placeholder:"NAME" help:"A manager with the role «Менеджер»."`
	Password secret.Text `env:"PRICEPLAN_PASSWORD" placeholder:"TEXT" help:"The manager's password."`
}

// configured tells whether a real PricePlan is named.
func (s PricePlanSettings) configured() bool { return s.Customer != "" }

// withDefaults fills in what is not set: the vendor's values when PricePlan is configured,
// those of a sandbox at the given port when it is not.
func (s PricePlanSettings) withDefaults(sandboxPort int) PricePlanSettings {
	domain, https := "priceplan.pro", true
	if !s.configured() {
		domain, https = fmt.Sprintf("priceplan.localhost:%d", sandboxPort), false
		s.Customer = sandbox.DefaultCustomer
		if s.User == "" {
			s.User = sandbox.DefaultUser
		}
		if s.Password.IsEmpty() {
			s.Password = secret.New(sandbox.DefaultPassword)
		}
	}
	if s.Domain == "" {
		s.Domain = domain
	}
	if s.HTTPS == nil {
		s.HTTPS = &https
	}
	return s
}

// hosts needs withDefaults.
func (s PricePlanSettings) hosts() priceplan.Hosts {
	return priceplan.Hosts{Customer: s.Customer, Domain: s.Domain, HTTPS: *s.HTTPS}
}

// check needs withDefaults.
func (s PricePlanSettings) check(f *faults) {
	if err := s.hosts().Validate(); err != nil {
		f.add("PRICEPLAN_CUSTOMER, PRICEPLAN_DOMAIN or PRICEPLAN_HTTPS", "demo", "%v", err)
	}
	if s.User == "" {
		f.add("PRICEPLAN_USER", "manager", "it is not set, but PRICEPLAN_CUSTOMER is")
	}
	if s.Password.IsEmpty() {
		f.add("PRICEPLAN_PASSWORD", "…", "it is not set, but PRICEPLAN_CUSTOMER is")
	}
}

// checkSandbox adds that a sandbox can only be on this machine, at the port listened on. It needs withDefaults.
func (s PricePlanSettings) checkSandbox(port int, f *faults) {
	u, err := url.Parse(s.hosts().Cabinet())
	if err != nil || *s.HTTPS || !outgoing.IsLoopback(u.Hostname()) || net.ParseIP(u.Hostname()) != nil || u.Port() != fmt.Sprint(port) {
		f.add("PRICEPLAN_DOMAIN or PRICEPLAN_HTTPS", fmt.Sprintf("priceplan.localhost:%d", port),
			"without PRICEPLAN_CUSTOMER there is a sandbox in PricePlan's place, which is at plain http, below localhost, at port %d", port)
	}
}

// client needs withDefaults.
func (s PricePlanSettings) client(recorder *outgoing.Recorder, log *slog.Logger) (*priceplan.Client, error) {
	return priceplan.New(priceplan.Config{
		Hosts: s.hosts(), User: s.User, Password: s.Password,
		HTTP: outgoing.NewClient(outgoing.Options{Vendor: "priceplan", Timeout: 5 * time.Second, Recorder: recorder, Log: log}),
	})
}

// sandbox needs withDefaults.
func (s PricePlanSettings) sandbox(portal string, log *slog.Logger) (*sandbox.Sandbox, error) {
	return sandbox.New(sandbox.Config{
		Hosts: s.hosts(), User: secret.New(s.User), Password: s.Password, Portals: []string{portal}, Now: time.Now, Log: log,
	})
}
