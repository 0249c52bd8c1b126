package app

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

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

	vendor string // whose it is, for a comparison that is played; empty in the demo
}

// instances are sandboxes that run together.
type instances []instance

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

// addTo puts the sandboxes on their hosts, the portal on the further ones that it has by them, and at the origin what
// controls those that can be made to fail. It returns where they are. The sandboxes alone have no portal.
func (all instances) addTo(
	hosts byHost, portal http.Handler, control *sandboxes.Control, origin string,
) (addresses []Address, err error) {
	for _, i := range all {
		for _, address := range i.addresses {
			hosts[hostOf(address.Origin)] = i.sandbox
		}
		addresses = append(addresses, i.addresses...)
		if with, ok := i.sandbox.(faulty); ok {
			control.Entries = append(control.Entries, sandboxes.Entry{
				Vendor: i.title, Origin: cmp.Or(i.desk, i.addresses[0].Origin), Messages: i.messages,
				Faults: with.Faults(), Reset: with.Reset,
			})
		}
	}
	for _, i := range all {
		for _, further := range i.portals {
			if portal != nil {
				hosts[hostOf(further)] = portal
			}
		}
	}
	hosts[hostOf(origin)], err = control.Handler()
	return append(addresses, Address{"All sandboxes", origin}), err
}

// controlOrigin is where all sandboxes are controlled from.
func controlOrigin(port string) string { return "http://sandbox.localhost:" + port }

// Work does what the sandboxes do in the background, until the context ends.
func (all instances) Work(ctx context.Context) {
	var doing sync.WaitGroup
	for _, i := range all {
		if w, ok := i.sandbox.(working); ok {
			doing.Go(func() { w.Work(ctx) })
		}
	}
	doing.Wait()
}

// EndStreams ends the answers that have no end of their own.
func (all instances) EndStreams() {
	for _, i := range all {
		if w, ok := i.sandbox.(streaming); ok {
			w.EndStreams()
		}
	}
}

// writeMissing says what this build lacks, and how to bring it.
func (all instances) writeMissing(b *strings.Builder) {
	for _, i := range all {
		for _, missing := range i.missing {
			fmt.Fprintf(b, "\n  ! %s\n", missing)
		}
	}
}

// meant is the host that a request is meant for which names none of ours.
func (i instance) meant(r *http.Request) string {
	if i.host != nil {
		return i.host(r)
	}
	return hostOf(i.addresses[0].Origin)
}

func hostOf(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
