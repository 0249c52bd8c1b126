package app

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"

	"kabinet/integrations/outgoing"
	"kabinet/integrations/priceplan/sandbox"
	"kabinet/integrations/secret"
)

// SandboxSettings are the settings of the sandboxes alone.
type SandboxSettings struct {
	Addr   string `env:"KABINET_SANDBOX_ADDR" default:"127.0.0.1:8081" placeholder:"HOST:PORT" help:"Where to listen."`
	Portal string `env:"KABINET_BASE_URL" default:"http://localhost:8080" placeholder:"URL" help:"The portal that the sandboxes let in."`

	PricePlanUser     string      `name:"priceplan-user" env:"PRICEPLAN_USER" placeholder:"NAME" help:"The manager of PricePlan's sandbox." group:"PricePlan"`
	PricePlanPassword secret.Text `name:"priceplan-password" env:"PRICEPLAN_PASSWORD" placeholder:"TEXT" help:"The manager's password." group:"PricePlan"`
}

// Sandboxes are the sandboxes of all vendors, on their hosts.
type Sandboxes struct {
	PricePlan *sandbox.Sandbox
	// Hosts are the addresses to show.
	Hosts   []string
	handler http.Handler
}

// pricePlan leaves the hosts to the defaults: a sandbox is where it listens, whatever real
// PricePlan the environment names.
func (s SandboxSettings) pricePlan(port int) PricePlanSettings {
	return PricePlanSettings{User: s.PricePlanUser, Password: s.PricePlanPassword}.withDefaults(port)
}

// NewSandboxes builds the sandboxes that listen on addr.
func NewSandboxes(s SandboxSettings, addr net.Addr, log *slog.Logger) (*Sandboxes, error) {
	portal, err := parseOrigin(s.Portal)
	if err != nil {
		return nil, Fault{"--portal", err.Error(), "http://localhost:8080"}
	}
	pricePlan := s.pricePlan(addr.(*net.TCPAddr).Port)
	pp, err := pricePlan.sandbox(portal.String(), log)
	if err != nil {
		return nil, err
	}
	hosts := byHost{}
	hosts.addPricePlan(pp, pricePlan)
	return &Sandboxes{PricePlan: pp, Hosts: []string{pricePlan.hosts().Cabinet(), pricePlan.hosts().Staff()}, handler: hosts}, nil
}

func (s *Sandboxes) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Introduce prints where the sandboxes are.
func (s *Sandboxes) Introduce(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "\nKabinet's sandboxes\n\n  PricePlan          %s\n    its staff host   %s\n", s.Hosts[0], s.Hosts[1])
	for _, missing := range sandbox.MissingAssets() {
		fmt.Fprintf(&b, "\n  ! %s\n", missing)
	}
	fmt.Fprint(&b, "\n  The variables that connect a portal: kabinet sandbox --print-env\n  Stop with Ctrl-C.\n")
	_, err := fmt.Fprintln(w, b.String())
	return err
}

// PrintEnv prints the variables that connect a portal to these sandboxes, everything but KABINET_SECRET.
// Their credentials are the sandboxes' own, and no secret.
func (s SandboxSettings) PrintEnv(w io.Writer) error {
	address, err := net.ResolveTCPAddr("tcp", s.Addr)
	if err != nil {
		return Fault{"KABINET_SANDBOX_ADDR (--addr)", err.Error(), "127.0.0.1:8081"}
	}
	portal, err := parseOrigin(s.Portal)
	if err != nil {
		return Fault{"--portal", err.Error(), "http://localhost:8080"}
	}
	lines := [][2]string{{"KABINET_BASE_URL", portal.String()}}
	if outgoing.IsLoopback(portal.Hostname()) && portal.Port() != "" {
		lines = append(lines, [2]string{"KABINET_ADDR", net.JoinHostPort("127.0.0.1", portal.Port())})
	}
	pp := s.pricePlan(address.Port)
	lines = append(lines,
		[2]string{"PRICEPLAN_CUSTOMER", pp.Customer},
		[2]string{"PRICEPLAN_DOMAIN", pp.Domain},
		[2]string{"PRICEPLAN_HTTPS", fmt.Sprint(*pp.HTTPS)},
		[2]string{"PRICEPLAN_USER", pp.User},
		[2]string{"PRICEPLAN_PASSWORD", pp.Password.Reveal()},
	)
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "%s=%s\n", l[0], shellWord(l[1]))
	}
	_, err = io.WriteString(w, b.String())
	return err
}

// shellWord quotes what a shell would take apart.
func shellWord(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/", r)
	}) {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}
