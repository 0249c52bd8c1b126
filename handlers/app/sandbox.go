package app

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"kabinet/integrations/claim"
	"kabinet/integrations/outgoing"
	sandboxes "kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
)

// SandboxSettings are the settings of the sandboxes alone.
type SandboxSettings struct {
	Addr   string   `env:"KABINET_SANDBOX_ADDR" default:"127.0.0.1:8081" placeholder:"HOST:PORT" help:"sandboxes"`
	Which  []string `arg:"" name:"vendors" optional:"" help:"sandbox_which"`
	Portal string   `env:"KABINET_BASE_URL" default:"http://localhost:8080" placeholder:"URL" help:"sandbox_url"`
	Public bool     `env:"KABINET_SANDBOX_PUBLIC" help:"sandbox_public"`
	As     string   `name:"as" placeholder:"FILE" help:"sandbox_as"`

	// Vendors have what the sandboxes are given. Help leaves few of their flags: the rest is left to the defaults,
	// whatever real accounts the environment names. Whoever fills them in here is given what they say.
	Vendors  `embed:""`
	SMTPPort int `name:"smtp-port" env:"KABINET_SANDBOX_SMTP_PORT" placeholder:"PORT" help:"sandbox_smtp" group:"Mail"`
}

// standalone is a vendor whose sandbox is another where it runs without a portal.
type standalone interface {
	// alone is told the port of the sandboxes' pages, 0 where that is not known yet.
	alone(s SandboxSettings, port int) vendor
}

// resolve makes out all vendors, whose sandboxes are at the port.
func (s SandboxSettings) resolve(port int) []vendor {
	all := s.Vendors.resolve(port)
	for i, v := range all {
		if with, ok := v.(standalone); ok {
			all[i] = with.alone(s, port)
		}
	}
	return all
}

// Sandboxes are the sandboxes of all vendors, on their hosts.
type Sandboxes struct {
	http.Handler
	instances
	Addresses []Address
	// connect is the command that prints the variables for a portal.
	connect string
}

func (s SandboxSettings) portal() (*url.URL, error) {
	u, err := parseOrigin(s.Portal)
	if err != nil {
		return nil, SettingError{"--portal", err.Error(), "--portal http://localhost:8080"}
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
	if !addr.(*net.TCPAddr).IP.IsLoopback() && !s.Public {
		const what = "%q can be reached from other machines, and whoever reaches a sandbox can change and reset " +
			"everything; --public allows it"
		return nil, SettingError{"KABINET_SANDBOX_ADDR", fmt.Sprintf(what, s.Addr),
			"KABINET_SANDBOX_ADDR=127.0.0.1:8081"}
	}
	all, err := s.build(portal, port, log)
	if err != nil {
		return nil, err
	}
	if err := s.play(all, log); err != nil {
		return nil, err
	}
	if err := known(s.resolve(0), s.Which); err != nil {
		return nil, err
	}
	hosts := byHost{}
	addresses, err := all.addTo(hosts, nil, &sandboxes.Control{Log: log}, controlOrigin(fmt.Sprint(port)))
	if err != nil {
		return nil, err
	}
	var handler http.Handler = hosts
	if len(s.Which) == 1 && len(all) == 1 {
		handler = hosts.byAnyName(all[0].meant)
	}
	connect := strings.Join(append(append([]string{"kabinet sandbox"}, s.Which...), "--print-env --addr",
		addr.String(), "--portal", portal.String()), " ")
	return &Sandboxes{Addresses: addresses, Handler: handler, instances: all, connect: connect}, nil
}

// build builds the chosen sandboxes, all where none is named.
func (s SandboxSettings) build(portal *url.URL, port int, log *slog.Logger) (instances, error) {
	f := s.tidy()
	for _, v := range s.chosenVendors(port) {
		f = append(f, validate(v, portal, port)...)
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	var all instances
	for _, v := range s.chosenVendors(port) {
		one, err := v.(sandboxed).sandbox(portal.String(), nil, log)
		if err != nil {
			return nil, err
		}
		one.vendor = v.name()
		all = append(all, one)
	}
	return all, nil
}

// playing is a sandbox that can behave as a comparison has found its vendor to do.
type playing interface {
	Play(day string, seen map[string]claim.Finding) (unknown []string)
}

// play makes the sandboxes behave as a comparison has found, where one is given.
func (s SandboxSettings) play(all instances, log *slog.Logger) error {
	if s.As == "" {
		return nil
	}
	c, err := claim.ReadFile(s.As)
	if err != nil {
		return SettingError{"--as", err.Error(), "--as FILE, which `kabinet compare --out FILE` has written"}
	}
	for _, one := range all {
		p, ok := one.sandbox.(playing)
		if !ok {
			continue
		}
		for _, id := range p.Play(c.Day, c.Seen(one.vendor)) {
			log.Warn("the comparison has a claim that there is not", "vendor", one.vendor, "claim", id)
		}
	}
	return nil
}

// chosenVendors are those that were named, all where none is, as far as they have a sandbox.
func (s SandboxSettings) chosenVendors(port int) []vendor {
	return slices.DeleteFunc(s.resolve(port), func(v vendor) bool {
		_, ok := v.(sandboxed)
		return !ok || len(s.Which) > 0 && !slices.Contains(s.Which, v.name())
	})
}

// byAnyName answers for a host whatever it is asked by, where that is no host's of ours.
func (h byHost) byAnyName(host func(*http.Request) string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// What controls the sandbox is for this machine's names only: a page of anybody's can have a name of its own
		// lead here.
		name := outgoing.Hostname(r.Host)
		controls := strings.HasPrefix(r.URL.Path, "/_sandbox") || strings.HasPrefix(r.URL.Path, "/operator")
		if h[name] == nil && (!controls || outgoing.IsLoopback(name)) {
			r = sandboxes.AskAs(r, host(r))
		}
		h.ServeHTTP(w, r)
	})
}

// Introduce prints where the sandboxes are.
func (s *Sandboxes) Introduce(w io.Writer) error {
	var b strings.Builder
	b.WriteString("\nKabinet's sandboxes\n\n")
	writeAddresses(&b, s.Addresses)
	s.writeMissing(&b)
	fmt.Fprintf(&b, "\n  The variables that connect a portal: %s\n  Clients in curl, Python and PHP: "+
		"/_sandbox/connect of each sandbox\n  Stop with Ctrl-C.\n", s.connect)
	_, err := fmt.Fprintln(w, b.String())
	return err
}

// PrintEnv prints the variables that connect a portal to these sandboxes, everything but
// KABINET_SECRET, quoted for a shell. The credentials among them are those that the sandboxes accept.
func (s SandboxSettings) PrintEnv(w io.Writer) error {
	if err := s.tidy().err(); err != nil {
		return err
	}
	address, err := net.ResolveTCPAddr("tcp", s.Addr)
	if err == nil && address.Port == 0 {
		err = errors.New("a port must be chosen, so that the portal can be told")
	}
	if err != nil {
		return SettingError{"KABINET_SANDBOX_ADDR", err.Error(), "KABINET_SANDBOX_ADDR=127.0.0.1:8081"}
	}
	portal, err := s.portal()
	if err != nil {
		return err
	}
	if err := known(s.resolve(0), s.Which); err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "KABINET_BASE_URL=%s\n", shellWord(portal.String()))
	if outgoing.IsLoopback(portal.Hostname()) && portal.Port() != "" {
		fmt.Fprintf(&b, "KABINET_ADDR=%s\n", shellWord(net.JoinHostPort("127.0.0.1", portal.Port())))
	}
	for _, v := range s.chosenVendors(address.Port) {
		if with, ok := v.(connecting); ok {
			writeVariables(&b, with.variables())
		}
	}
	_, err = io.WriteString(w, b.String())
	return err
}

// writeVariables writes what is set of settings as a shell assigns it.
func writeVariables(b *strings.Builder, settings any) {
	for field, value := range reflect.ValueOf(settings).Fields() {
		var text string
		switch value := value.Interface().(type) {
		case string:
			text = value
		case []string:
			text = strings.Join(value, ",")
		case secret.Text:
			text = value.Reveal()
		}
		if text != "" {
			name, _, _ := strings.Cut(field.Tag.Get("env"), ",")
			fmt.Fprintf(b, "%s=%s\n", name, shellWord(text))
		}
	}
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
