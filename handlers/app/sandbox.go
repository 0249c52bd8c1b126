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
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/alecthomas/kong"

	"kabinet/integrations/claim"
	"kabinet/integrations/outgoing"
	sandboxes "kabinet/integrations/sandbox"
)

// SandboxSettings are the settings of the sandboxes alone.
type SandboxSettings struct {
	Addr   string   `env:"KABINET_SANDBOX_ADDR" default:"127.0.0.1:8081" placeholder:"HOST:PORT" help:"sandboxes"`
	Which  []string `arg:"" name:"vendors" optional:"" help:"sandbox_which"`
	Portal string   `env:"KABINET_BASE_URL" default:"http://localhost:8080" placeholder:"URL" help:"sandbox_url"`
	Public bool     `env:"KABINET_SANDBOX_PUBLIC" help:"sandbox_public"`
	As     string   `name:"as" placeholder:"FILE" help:"sandbox_as"`

	// Flags are what the vendors' sandboxes are given, a struct of flags each: see NewSandboxSettings.
	Flags kong.Plugins `embed:""`
}

// standalone are settings of a vendor whose sandbox, where it runs without a portal, takes settings of its own. It
// returns a pointer to them. The sandboxes of others run by their defaults, whatever real account the environment
// names.
type standalone interface{ alone() settings }

// NewSandboxSettings returns settings with room for what each vendor's sandbox is given.
func NewSandboxSettings() SandboxSettings {
	var s SandboxSettings
	for _, of := range new(Vendors).each() {
		if with, ok := of.(standalone); ok {
			s.Flags = append(s.Flags, with.alone())
		}
	}
	return s
}

// resolve makes out all vendors, whose sandboxes are at the port.
func (s SandboxSettings) resolve(port int) []vendor {
	var all []vendor
	for _, of := range new(Vendors).each() {
		with, ok := of.(standalone)
		if ok {
			of = with.alone()
		}
		for _, given := range s.Flags {
			if reflect.TypeOf(given) == reflect.TypeOf(of) {
				of = given.(settings)
			}
		}
		all = append(all, of.resolve(port))
	}
	return all
}

// tidy mends what the vendors' sandboxes are given, and returns what it cannot mend.
func (s SandboxSettings) tidy() settingErrors {
	var wrong settingErrors
	for _, given := range s.Flags {
		wrong = append(wrong, tidy(given.(settings))...)
	}
	return wrong
}

// Sandboxes are the sandboxes of all vendors, on their hosts.
type Sandboxes struct {
	Addresses []Address
	handler   http.Handler
	instances []instance
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
	all, err := s.instances(portal, port, log)
	if err != nil {
		return nil, err
	}
	if err := s.play(all, log); err != nil {
		return nil, err
	}
	handler, addresses, err := s.choose(all, port, log)
	if err != nil {
		return nil, err
	}
	connect := strings.Join(append(append([]string{"kabinet sandbox"}, s.Which...), "--print-env --addr",
		addr.String(), "--portal", portal.String()), " ")
	return &Sandboxes{Addresses: addresses, handler: handler, instances: all, connect: connect}, nil
}

// instances are the chosen sandboxes.
func (s SandboxSettings) instances(portal *url.URL, port int, log *slog.Logger) ([]instance, error) {
	f := s.tidy()
	for _, v := range s.chosenVendors(port) {
		f = append(f, validate(v, portal, port)...)
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	var all []instance
	for _, v := range s.chosenVendors(port) {
		one, err := v.(sandboxed).sandbox(portal.String(), nil, log)
		if err != nil {
			return nil, err
		}
		all = append(all, one.named(v.name()))
	}
	return all, nil
}

// playing is a sandbox that can behave as a comparison has found its vendor to do.
type playing interface {
	Play(day string, seen map[string]claim.Finding) (unknown []string)
}

// play makes the sandboxes behave as a comparison has found, where one is given.
func (s SandboxSettings) play(all []instance, log *slog.Logger) error {
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

// choose puts the chosen sandboxes on their hosts, all where none is named.
func (s SandboxSettings) choose(all []instance, port int, log *slog.Logger) (http.Handler, []Address, error) {
	hosts, control := byHost{}, &sandboxes.Control{Log: log}
	var addresses []Address
	var last instance
	for _, one := range all {
		hosts.add(one)
		one.addTo(control)
		addresses, last = append(addresses, one.addresses...), one
	}
	for _, name := range s.Which {
		if err := hasVendor(namesOf(s.resolve(0)), name); err != nil {
			return nil, nil, err
		}
	}
	controlURL := controlOrigin(fmt.Sprint(port))
	if err := hosts.addControl(control, controlURL); err != nil {
		return nil, nil, err
	}
	addresses = append(addresses, Address{"All sandboxes", controlURL})
	if len(s.Which) != 1 {
		return hosts, addresses, nil
	}
	return hosts.byAnyName(last.meant), addresses, nil
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

// Work does what the sandboxes do in the background, until the context ends.
func (s *Sandboxes) Work(ctx context.Context) {
	var all sync.WaitGroup
	for _, one := range s.instances {
		if w, ok := one.sandbox.(working); ok {
			all.Go(func() { w.Work(ctx) })
		}
	}
	all.Wait()
}

// EndStreams ends the answers that have no end of their own.
func (s *Sandboxes) EndStreams() {
	for _, one := range s.instances {
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
	for _, one := range s.instances {
		writeMissing(&b, one.missing)
	}
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
	for _, name := range s.Which {
		if err := hasVendor(namesOf(s.resolve(0)), name); err != nil {
			return err
		}
	}
	lines := [][2]string{{"KABINET_BASE_URL", portal.String()}}
	if outgoing.IsLoopback(portal.Hostname()) && portal.Port() != "" {
		lines = append(lines, [2]string{"KABINET_ADDR", net.JoinHostPort("127.0.0.1", portal.Port())})
	}
	for _, v := range s.chosenVendors(address.Port) {
		if with, ok := v.(connecting); ok {
			lines = append(lines, with.variables()...)
		}
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

// sandboxHelp are the longer texts of the flags here, for --help.
var sandboxHelp = texts{
	"sandboxes": "Where to listen (127.0.0.1:8081).",
	"sandbox_which": "Which sandboxes: ${vendors} (all). One alone answers by any host name, for " +
		"clients whose resolver does not know *.localhost.",
	"sandbox_public": "Listen also where other machines reach it. Whoever does can change and reset everything.",
	"sandbox_as":     "Behave as a comparison has found the vendors to: a file of `kabinet compare --out`.",
	"sandbox_url":    "The portal that the sandboxes let in (http://localhost:8080).",
}
