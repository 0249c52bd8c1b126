package observe

import (
	"context"

	"kabinet/handlers/web"
	"kabinet/views"
)

// integrated is a vendor on the administrators' page of integrations.
type integrated interface{ Integration() Integration }

// explained is a vendor of which it is shown how it works, step by step. It is asked once, at the start. Its pages
// lead there, and where there is a sandbox it is a stop of the demo's tour.
type explained interface{ How() How }

// touring is a vendor that is a stop of the demo's tour where there is a sandbox, and of which nothing is to be
// explained. It is asked once, at the start.
type touring interface{ Stop() Stop }

// Config is what New needs.
type Config struct {
	// Check tries a vendor step by step until the context ends, and changes nothing there. Without it nothing is
	// offered.
	Check func(ctx context.Context, vendor string) []CheckStep
	Demo  *Demo // nil in production
	// Own is how something of the portal's own works, which no vendor has a part in: what is recorded of it bears
	// OwnName. It is the tour's last stop.
	Own How
}

// OwnName stands in the place of a vendor's where the portal itself is explained.
const OwnName = "account"

// Demo is what can be made to fail in the demo.
type Demo struct {
	// Faults are those set on sandboxes, in few words; StopFaults takes them away, and Control is where they are set.
	Faults     func() []string
	StopFaults func()
	Control    string
	// Sandbox is the origin of a vendor's sandbox here, empty where there is none; Break sets a fault on one of its
	// operations.
	Sandbox func(vendor string) string
	Break   func(vendor, operation, kind string) error
}

// Room has the pages.
type Room struct {
	site         *web.Site
	config       Config
	vendors      []web.Vendor
	integrations []Integration
	hows         []How  // of all vendors, and of the portal itself
	tour         []Stop // of all vendors
	checks       checks
	eventsOfUser web.Limiter
}

// New returns the pages.
func New(site *web.Site, vendors []web.Vendor, c Config) *Room {
	o := &Room{
		site: site, config: c, vendors: vendors,
		checks:       checks{limiter: web.Limiter{Limit: checksInAll, Now: site.DB.Now}},
		eventsOfUser: web.Limiter{Limit: eventsByUser, Now: site.DB.Now},
	}
	for _, v := range vendors {
		if with, ok := v.(integrated); ok {
			i := with.Integration()
			i.vendor = v.Name()
			o.integrations = append(o.integrations, i)
		}
		if with, ok := v.(explained); ok {
			h := with.How()
			h.vendor, h.Stop.vendor = v.Name(), v.Name()
			o.hows, o.tour = append(o.hows, h), append(o.tour, h.Stop)
		}
		if with, ok := v.(touring); ok {
			stop := with.Stop()
			stop.vendor = v.Name()
			o.tour = append(o.tour, stop)
		}
	}
	c.Own.vendor = OwnName
	o.hows = append(o.hows, c.Own)
	return o
}

// Surround leads from a page to how it works, and in the demo puts the faults and the tour around it.
func (o *Room) Surround(r *web.Request, page *views.Page) {
	o.explain(r, page)
	if d := o.config.Demo; d != nil {
		page.Faults, page.Control, page.Demo = d.Faults(), d.Control, true
		page.Tour = o.describeTour(r)
	}
}

// sandbox is the origin of a vendor's sandbox, empty where there is none.
func (o *Room) sandbox(vendor string) string {
	if o.config.Demo == nil {
		return ""
	}
	return o.config.Demo.Sandbox(vendor)
}

// IsDemo reports whether there is a demo, with faults and a tour.
func (o *Room) IsDemo() bool { return o.config.Demo != nil }

// CanCheck reports whether vendors can be tried.
func (o *Room) CanCheck() bool { return o.config.Check != nil }
