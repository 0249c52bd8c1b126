package app

import (
	"cmp"
	"context"
	"net/http"
	"net/url"

	sandboxes "kabinet/integrations/sandbox"
)

// instance is a vendor's sandbox, and where it is.
type instance struct {
	title   string // as people write it
	sandbox http.Handler
	// addresses are where it is. A client that knows none of them means the first, unless host says otherwise.
	addresses []Address
	host      func(*http.Request) string
	desk      string   // the origin with its desk, where that is not the first address's
	messages  string   // the path of its page of messages sent; empty where it sends none
	portals   []string // further origins of the portal
	missing   []string // what this build lacks
	hint      string   // what to do there first, for the terminal

	vendor string // whose it is
}

// What a sandbox may be besides a handler.
type (
	// working does something in the background, until the context ends.
	working interface{ Work(context.Context) }
	// faulty can be made to fail, and brought back to its first state.
	faulty interface {
		Faults() *sandboxes.Faults
		Reset()
	}
)

// named notes whose sandbox it is.
func (i instance) named(vendor string) instance {
	i.vendor = vendor
	return i
}

// addTo puts the sandbox on the control host, if it can be made to fail: it then has a desk.
func (i instance) addTo(control *sandboxes.Control) {
	with, ok := i.sandbox.(faulty)
	if !ok {
		return
	}
	control.Entries = append(control.Entries, sandboxes.Entry{
		Vendor: i.title, Origin: cmp.Or(i.desk, i.addresses[0].Origin), Messages: i.messages,
		Faults: with.Faults(), Reset: with.Reset,
	})
}

// meant is the host that a request is meant for which names none of ours.
func (i instance) meant(r *http.Request) string {
	if i.host != nil {
		return i.host(r)
	}
	return hostOf(i.addresses[0].Origin)
}

// add puts a sandbox on its hosts.
func (h byHost) add(i instance) {
	for _, address := range i.addresses {
		h[hostOf(address.Origin)] = i.sandbox
	}
}

func hostOf(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
