package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"kabinet/integrations/outgoing"
	sandboxes "kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
)

// SandboxSettings are the settings of the sandboxes alone.
type SandboxSettings struct {
	Addr    string   `env:"KABINET_SANDBOX_ADDR" default:"127.0.0.1:8081" placeholder:"HOST:PORT" help:"Where to listen (${default})."`
	Vendors []string `arg:"" optional:"" help:"Which sandboxes: ${vendors} (all). One alone answers by any host name, for clients whose resolver does not know *.localhost."`
	State   string   `env:"KABINET_SANDBOX_STATE" placeholder:"FILE" help:"Where the sandboxes' state is kept over restarts. The file has customers' data and what opens their sessions: do not share it."`
	Portal  string   `env:"KABINET_BASE_URL" default:"http://localhost:8080" placeholder:"URL" help:"The portal that the sandboxes let in (${default})."`

	PricePlanUser     string      `name:"priceplan-user" env:"PRICEPLAN_USER" placeholder:"NAME" help:"The manager of PricePlan's sandbox." group:"PricePlan"`
	PricePlanAPIKey   secret.Text `name:"priceplan-api-key" env:"PRICEPLAN_API_KEY" placeholder:"TEXT" help:"An API key that PricePlan's sandbox takes." group:"PricePlan"`
	PricePlanPassword secret.Text `name:"priceplan-password" env:"PRICEPLAN_PASSWORD" placeholder:"TEXT" help:"The manager's password." group:"PricePlan"`

	WebimPrivateKey  secret.Text `name:"webim-private-key" env:"WEBIM_PRIVATE_KEY" placeholder:"TEXT" help:"The private key of the account at Webim's sandbox." group:"Webim"`
	WebimPreviousKey secret.Text `name:"webim-previous-key" env:"WEBIM_PREVIOUS_KEY" placeholder:"TEXT" help:"The key before that one, which is believed too." group:"Webim"`
	WebimVersion     string      `name:"webim-version" env:"WEBIM_VERSION" placeholder:"NUMBER" help:"The account's version of the visitor object: 1.0 or 2.0 (2.0)." group:"Webim"`
	WebimAlgorithm   string      `name:"webim-algorithm" env:"WEBIM_ALGORITHM" placeholder:"NAME" help:"The account's algorithm: hmac-sha256, sha256, sha512 or md5 (hmac-sha256; sha512 for version 1.0)." group:"Webim"`
	WebimCharset     string      `name:"webim-charset" env:"WEBIM_CHARSET" placeholder:"NAME" help:"For version 1.0: utf-8, cp1251 or koi8-r (utf-8)." group:"Webim"`
}

// Sandboxes are the sandboxes of all vendors, on their hosts.
type Sandboxes struct {
	Addresses []Address
	handler   http.Handler
	stands    []stand
	state     *stateFile // nil for none
	// connect is the command that prints the variables for a portal.
	connect string
}

func (s SandboxSettings) portal() (*url.URL, error) {
	u, err := parseOrigin(s.Portal)
	if err != nil {
		return nil, Fault{"--portal", err.Error(), "--portal http://localhost:8080"}
	}
	return u, nil
}

// NewSandboxes builds the sandboxes that listen on addr.
func NewSandboxes(s SandboxSettings, addr net.Addr, log *slog.Logger) (*Sandboxes, error) {
	portal, err := s.portal()
	if err != nil {
		return nil, err
	}
	port := addr.(*net.TCPAddr).Port
	all, err := s.stands(portal, port, log)
	if err != nil {
		return nil, err
	}
	handler, addresses, err := s.choose(all, port, log)
	if err != nil {
		return nil, err
	}
	state, err := s.restore(all, log)
	if err != nil {
		return nil, err
	}
	connect := strings.Join(append(append([]string{"kabinet sandbox"}, s.Vendors...), "--print-env --addr", addr.String(), "--portal", portal.String()), " ")
	return &Sandboxes{Addresses: addresses, handler: handler, stands: all, state: state, connect: connect}, nil
}

func (s SandboxSettings) vendors(port int) []vendor {
	return []vendor{
		s.pricePlan(port),
		s.webim(port),
		SailPlaySettings{}.resolve(port),
		AmoCRMSettings{}.resolve(port),
	}
}

// stands are the chosen sandboxes.
func (s SandboxSettings) stands(portal *url.URL, port int, log *slog.Logger) ([]stand, error) {
	var f faults
	for _, v := range s.chosenVendors(port) {
		v.check(portal, port, &f)
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	var all []stand
	for _, v := range s.chosenVendors(port) {
		one, err := v.stand(portal.String(), nil, log)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// chosenVendors are those that were named, all where none is.
func (s SandboxSettings) chosenVendors(port int) []vendor {
	return slices.DeleteFunc(s.vendors(port), func(v vendor) bool { return !s.chosen(v.name()) })
}

func (s SandboxSettings) names() []string {
	var names []string
	for _, v := range s.vendors(0) {
		names = append(names, v.name())
	}
	return names
}

func (s SandboxSettings) chosen(name string) bool {
	return len(s.Vendors) == 0 || slices.Contains(s.Vendors, name)
}

// restore takes up the state of the chosen sandboxes; nil where none is kept.
func (s SandboxSettings) restore(all []stand, log *slog.Logger) (*stateFile, error) {
	if s.State == "" {
		return nil, nil
	}
	savers := map[string]sandboxes.Saver{}
	for _, one := range all {
		savers[one.name] = one.sandbox
	}
	return openState(s.State, s.names(), savers, log)
}

// choose puts the chosen sandboxes on their hosts, all where none is named.
func (s SandboxSettings) choose(all []stand, port int, log *slog.Logger) (http.Handler, []Address, error) {
	hosts, control := byHost{}, &sandboxes.Control{Log: log}
	var addresses []Address
	var last stand
	for _, one := range all {
		hosts.add(one)
		control.Entries, addresses, last = append(control.Entries, one.entry), append(addresses, one.addresses...), one
	}
	for _, name := range s.Vendors {
		if names := s.names(); !slices.Contains(names, name) {
			return nil, nil, Fault{"vendor", fmt.Sprintf("there is no %q", name), strings.Join(names, ", ")}
		}
	}
	controlURL := controlOrigin(fmt.Sprint(port))
	if err := hosts.addControl(control, controlURL); err != nil {
		return nil, nil, err
	}
	addresses = append(addresses, Address{"All sandboxes", controlURL})
	if len(s.Vendors) != 1 {
		return hosts, addresses, nil
	}
	return hosts.byAnyName(last.api), addresses, nil
}

// byAnyName answers for a host whatever it is asked by, where that is no host's of ours.
func (h byHost) byAnyName(host func(*http.Request) string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h[outgoing.Hostname(r.Host)] == nil {
			r = sandboxes.AskAs(r, host(r))
		}
		h.ServeHTTP(w, r)
	})
}

// Work does what the sandboxes do in the background, until the context ends, and keeps their state where that is
// wanted: at the end too, so that requests must have finished by then.
func (s *Sandboxes) Work(ctx context.Context) {
	var all sync.WaitGroup
	for _, one := range s.stands {
		if w, ok := one.sandbox.(working); ok {
			all.Go(func() { w.Work(ctx) })
		}
	}
	if s.state != nil {
		s.state.work(ctx)
	}
	all.Wait()
	if s.state != nil {
		s.state.write()
	}
}

// EndStreams ends the answers that have no end of their own.
func (s *Sandboxes) EndStreams() {
	for _, one := range s.stands {
		if w, ok := one.sandbox.(streaming); ok {
			w.EndStreams()
		}
	}
}

func (s *Sandboxes) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Introduce prints where the sandboxes are.
func (s *Sandboxes) Introduce(w io.Writer) error {
	var b strings.Builder
	b.WriteString("\nKabinet's sandboxes\n\n")
	writeAddresses(&b, s.Addresses)
	for _, one := range s.stands {
		writeMissing(&b, one.missing)
	}
	if s.state != nil {
		fmt.Fprintf(&b, "\n  Their state is kept in %s.\n", s.state.path)
	}
	fmt.Fprintf(&b, "\n  The variables that connect a portal: %s\n  Clients in curl, Python and PHP: /_sandbox/connect of each sandbox\n  Stop with Ctrl-C.\n", s.connect)
	_, err := fmt.Fprintln(w, b.String())
	return err
}

// PrintEnv prints the variables that connect a portal to these sandboxes, everything but
// KABINET_SECRET, quoted for a shell. The credentials among them are those that the sandboxes accept.
func (s SandboxSettings) PrintEnv(w io.Writer) error {
	address, err := net.ResolveTCPAddr("tcp", s.Addr)
	if err == nil && address.Port == 0 {
		err = errors.New("a port must be chosen, so that the portal can be told")
	}
	if err != nil {
		return Fault{"KABINET_SANDBOX_ADDR", err.Error(), "KABINET_SANDBOX_ADDR=127.0.0.1:8081"}
	}
	portal, err := s.portal()
	if err != nil {
		return err
	}
	lines := [][2]string{{"KABINET_BASE_URL", portal.String()}}
	if outgoing.IsLoopback(portal.Hostname()) && portal.Port() != "" {
		lines = append(lines, [2]string{"KABINET_ADDR", net.JoinHostPort("127.0.0.1", portal.Port())})
	}
	for _, v := range s.chosenVendors(address.Port) {
		lines = append(lines, v.variables()...)
	}
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
