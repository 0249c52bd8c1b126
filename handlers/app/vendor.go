package app

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"kabinet/handlers"
	sandboxes "kabinet/integrations/sandbox"
	"kabinet/integrations/secret"
	"kabinet/store"
)

// vendor is a service as the settings make it out: the real one, or a sandbox in its place. Each has files of its
// own; besides them it stands in the settings of the portal, of the check and of the sandboxes, in a line each.
type vendor interface {
	name() string         // as settings, the log and the recorder have it
	configuredBy() string // the variable that names the account
	inSandbox() bool      // nothing real is configured
	secrets() []secret.Text
	// check finds what is wrong with the settings of a program that listens on the port.
	check(portal *url.URL, port int, f *faults)
	// connect gives the portal what it needs to talk to the vendor. It makes no call yet.
	connect(c *handlers.Config, now func() time.Time) error
	// try tries the vendor step by step.
	try(ctx context.Context, t *trial)
	// stand builds the sandbox, which lets a portal in.
	stand(portal string, now func() time.Time, log *slog.Logger) (stand, error)
	// variables connect a portal to that sandbox.
	variables() [][2]string
}

// standing is a sandbox.
type standing interface {
	http.Handler
	sandboxes.Saver
}

// stand is a vendor's sandbox, and where it is.
type stand struct {
	name    string
	sandbox standing
	hosts   []string
	// api is the host that a request is meant for which names none of ours.
	api       func(*http.Request) string
	entry     sandboxes.Entry
	addresses []Address
	missing   []string   // what this build lacks
	hint      string     // what to do there first, for the terminal
	portals   []string   // further hosts of the portal
	put       func(*App) // for tests, which look at it
}

// working is a sandbox that does something in the background.
type working interface{ Work(context.Context) }

// welcoming is a vendor at which the demo's first customer is known.
type welcoming interface {
	welcomes() bool // whether it is one where nobody else can be meant
	welcome(ctx context.Context, db *store.DB, userID int64) error
}

// emptying is a vendor of which more is kept than what belongs to a user. The demo, which begins anew, has it taken
// away.
type emptying interface {
	empty(ctx context.Context, db *store.DB) error
}

// VendorNames are those that there are, for help.
func VendorNames() string {
	var names []string
	for _, v := range (Settings{}).vendors(0) {
		names = append(names, v.name())
	}
	return strings.Join(names, ", ")
}

// add puts a sandbox on its hosts.
func (h byHost) add(s stand) {
	for _, host := range s.hosts {
		h[host] = s.sandbox
	}
}

// hostsOf are the hosts of origins.
func hostsOf(origins ...string) []string {
	var hosts []string
	for _, origin := range origins {
		hosts = append(hosts, hostOf(origin))
	}
	return hosts
}

func hostOf(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

func always(host string) func(*http.Request) string {
	return func(*http.Request) string { return host }
}
