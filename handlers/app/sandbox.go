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

	amocrmsandbox "kabinet/integrations/amocrm/sandbox"
	"kabinet/integrations/outgoing"
	"kabinet/integrations/priceplan/sandbox"
	sandboxes "kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
	webimsandbox "kabinet/integrations/webim/sandbox"
)

// SandboxSettings are the settings of the sandboxes alone.
type SandboxSettings struct {
	Addr    string   `env:"KABINET_SANDBOX_ADDR" default:"127.0.0.1:8081" placeholder:"HOST:PORT" help:"Where to listen (${default})."`
	Vendors []string `arg:"" optional:"" help:"Which sandboxes: priceplan, webim, sailplay, amocrm (all). One alone answers by any host name, for clients whose resolver does not know *.localhost."`
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
	webim     *webimsandbox.Sandbox
	state     *stateFile // nil for none
	// connect is the command that prints the variables for a portal.
	connect string
}

// pricePlan leaves the hosts to the defaults: a sandbox is where it listens, whatever real
// PricePlan the environment names.
func (s SandboxSettings) pricePlan(port int) pricePlan {
	return PricePlanSettings{User: s.PricePlanUser, APIKey: s.PricePlanAPIKey, Password: s.PricePlanPassword}.resolve(port)
}

func (s SandboxSettings) webim(port int) webimAccount {
	return WebimSettings{
		PrivateKey: s.WebimPrivateKey, PreviousKey: s.WebimPreviousKey,
		Version: s.WebimVersion, Algorithm: s.WebimAlgorithm, Charset: s.WebimCharset,
	}.resolve(port)
}

func (s SandboxSettings) sailPlay(port int) sailPlay { return SailPlaySettings{}.resolve(port) }

func (s SandboxSettings) amoCRM(port int) amoCRM { return AmoCRMSettings{}.resolve(port) }

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
	p, w := s.pricePlan(port), s.webim(port)
	var f faults
	w.check(portal, port, &f)
	if err := f.err(); err != nil {
		return nil, err
	}
	pricePlan, err := p.sandbox(portal.String(), log)
	if err != nil {
		return nil, err
	}
	webim, err := w.sandbox(portal.String(), nil, log)
	if err != nil {
		return nil, err
	}
	sp, ac := s.sailPlay(port), s.amoCRM(port)
	sailPlay, err := sp.sandbox(portal.String(), nil, log)
	if err != nil {
		return nil, err
	}
	amoCRM, err := ac.sandbox(portal.String(), nil, log)
	if err != nil {
		return nil, err
	}
	all := []alone{
		{"priceplan", pricePlan, p.hostFor, func(h byHost) { h.addPricePlan(pricePlan, p) }, p.entry(pricePlan), p.addresses()},
		{"webim", webim, always(w.account.Host()), func(h byHost) { h.addWebim(webim, w) }, w.entry(webim), w.addresses()},
		{"sailplay", sailPlay, always(hostOf(sp.config.URL)), func(h byHost) { h.addSailPlay(sailPlay, sp) }, sp.entry(sailPlay), sp.addresses()},
		{"amocrm", amoCRM, always(hostOf(ac.accountURL)), func(h byHost) { h.addAmoCRM(amoCRM, ac) }, ac.entry(amoCRM), ac.addresses()},
	}
	handler, addresses, err := s.choose(all, port, log)
	if err != nil {
		return nil, err
	}
	state, err := s.restore(all, log)
	if err != nil {
		return nil, err
	}
	connect := fmt.Sprintf("kabinet sandbox --print-env --addr %s --portal %s", addr, portal)
	return &Sandboxes{Addresses: addresses, handler: handler, webim: webim, state: state, connect: connect}, nil
}

// alone is a sandbox by itself; api is the host of its that a request is meant for which names none of them.
type alone struct {
	name      string
	saver     sandboxes.Saver
	api       func(*http.Request) string
	add       func(byHost)
	entry     sandboxes.Entry
	addresses []Address
}

func (s SandboxSettings) chosen(name string) bool {
	return len(s.Vendors) == 0 || slices.Contains(s.Vendors, name)
}

// restore takes up the state of the chosen sandboxes; nil where none is kept.
func (s SandboxSettings) restore(all []alone, log *slog.Logger) (*stateFile, error) {
	if s.State == "" {
		return nil, nil
	}
	var names []string
	savers := map[string]sandboxes.Saver{}
	for _, one := range all {
		names = append(names, one.name)
		if s.chosen(one.name) {
			savers[one.name] = one.saver
		}
	}
	return openState(s.State, names, savers, log)
}

// choose puts the chosen sandboxes on their hosts, all where none is named.
func (s SandboxSettings) choose(all []alone, port int, log *slog.Logger) (http.Handler, []Address, error) {
	hosts, control := byHost{}, &sandboxes.Control{Log: log}
	var addresses []Address
	var names []string
	var last alone
	for _, one := range all {
		names = append(names, one.name)
		if !s.chosen(one.name) {
			continue
		}
		one.add(hosts)
		control.Entries, addresses, last = append(control.Entries, one.entry), append(addresses, one.addresses...), one
	}
	for _, name := range s.Vendors {
		if !slices.Contains(names, name) {
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

func always(host string) func(*http.Request) string {
	return func(*http.Request) string { return host }
}

// hostFor is the staff's host where an API key is sent, and else the cabinet's.
func (p pricePlan) hostFor(r *http.Request) string {
	if _, _, ok := r.BasicAuth(); ok {
		return p.hosts.StaffHost()
	}
	return p.hosts.CabinetHost()
}

func hostOf(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// Work does what the sandboxes do in the background, until the context ends, and keeps their state where that is
// wanted: at the end too, so that requests must have finished by then.
func (s *Sandboxes) Work(ctx context.Context) {
	var webim sync.WaitGroup
	webim.Go(func() { s.webim.Work(ctx) })
	if s.state != nil {
		s.state.work(ctx)
	}
	webim.Wait()
	if s.state != nil {
		s.state.write()
	}
}

// EndStreams ends the answers that have no end of their own.
func (s *Sandboxes) EndStreams() { s.webim.EndStreams() }

func (s *Sandboxes) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Introduce prints where the sandboxes are.
func (s *Sandboxes) Introduce(w io.Writer) error {
	var b strings.Builder
	b.WriteString("\nKabinet's sandboxes\n\n")
	writeAddresses(&b, s.Addresses)
	writeMissing(&b, slices.Concat(sandbox.MissingAssets(), amocrmsandbox.MissingAssets()))
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
	p := s.pricePlan(address.Port)
	lines = append(lines,
		[2]string{"PRICEPLAN_CUSTOMER", p.hosts.Customer},
		[2]string{"PRICEPLAN_DOMAIN", p.hosts.Domain},
		[2]string{"PRICEPLAN_HTTPS", fmt.Sprint(p.hosts.HTTPS)},
		p.credential(),
		[2]string{"PRICEPLAN_PASSWORD", p.password.Reveal()},
	)
	lines = slices.Concat(lines, s.webim(address.Port).variables(), s.sailPlay(address.Port).variables(), s.amoCRM(address.Port).variables())
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "%s=%s\n", l[0], shellWord(l[1]))
	}
	_, err = io.WriteString(w, b.String())
	return err
}

// credential is the variable that, with the password, lets a portal in: only one of the two may be set.
func (p pricePlan) credential() [2]string {
	if !p.apiKey.IsEmpty() {
		return [2]string{"PRICEPLAN_API_KEY", p.apiKey.Reveal()}
	}
	return [2]string{"PRICEPLAN_USER", p.user}
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
