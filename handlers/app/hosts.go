package app

import (
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/outgoing"
)

// byHost routes by host name, so that frames are as cross-site as in production. A host that
// nobody answers on gets 421: somebody else's name pointed at this machine must reach nothing.
type byHost map[string]http.Handler

func (h byHost) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host := outgoing.Hostname(r.Host)
	if handler, ok := h[host]; ok {
		handler.ServeHTTP(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(http.StatusMisdirectedRequest)
	fmt.Fprintf(w, "Nothing answers at %q here. These do: %s.\n", host,
		strings.Join(slices.Sorted(maps.Keys(h)), ", "))
}

// atThisMachine sends whoever asks by this machine's address on to the portal's name, and
// answers health checks by any name.
func (a *App) atThisMachine(portal http.Handler, hosts byHost) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := outgoing.Hostname(r.Host)
		switch {
		case r.URL.Path == "/healthz" || r.URL.Path == "/readyz":
			portal.ServeHTTP(w, r)
		case hosts[host] == nil && net.ParseIP(host) != nil && outgoing.IsLoopback(host):
			http.Redirect(w, r, a.BaseURL.ResolveReference(&url.URL{Path: r.URL.Path,
				RawQuery: r.URL.RawQuery}).String(), http.StatusTemporaryRedirect)
		case host == a.BaseURL.Hostname():
			portal.ServeHTTP(w, r)
		default:
			// A sandbox's pages are in the language of the portal's last page, as long as nobody has chosen another
			// one there: an audience that reads English shall not be in Russian at the next host.
			if l, ok := a.shown.Load().(catalogue.Language); ok {
				r = catalogue.ChosenBefore(r, l)
			}
			hosts.ServeHTTP(w, r)
		}
	})
}

// noSandbox says where a vendor's sandbox must be, with the variable that names the account, the vendor and the port.
const noSandbox = "without %s there is a sandbox in %s's place, which is at plain http, below localhost, at port %d"

func canBeSandbox(origin string, port int) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Scheme == "http" && outgoing.IsLoopback(u.Hostname()) && net.ParseIP(u.Hostname()) == nil &&
		u.Port() == fmt.Sprint(port)
}

// notPortal notes it where the portal has a host of a vendor's. Where there is no portal, none has.
func (f *settingErrors) notPortal(portal *url.URL, port int, vendor string, hosts ...string) {
	if portal != nil && slices.Contains(hosts, portal.Hostname()) {
		f.add(fmt.Sprintf("KABINET_BASE_URL=http://localhost:%d", port), "%s is %s's host", portal.Hostname(), vendor)
	}
}
