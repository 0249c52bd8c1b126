package observe

import (
	"net/url"
	"slices"
	"time"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/outgoing"
	"kabinet/views"
)

// The diagram's measures, in its own units.
const laneWidth, lineHeight, headHeight = 260, 34, 40

// diagram draws the exchanges of one request, in their order: the customer, the portal, and each vendor has a
// lane, and each exchange an arrow there and one back. There is none without exchanges.
func (o *Room) diagram(t *catalogue.Texts, exchanges []outgoing.Exchange) *views.Diagram {
	if len(exchanges) == 0 {
		return nil
	}
	exchanges = slices.Clone(exchanges)
	slices.SortStableFunc(exchanges, func(a, b outgoing.Exchange) int { return a.At.Compare(b.At) })
	type said struct {
		at    time.Time
		arrow views.Arrow // but for where it stands
	}
	var all []said
	lanes := []string{t.T("inspector.lane.customer"), o.site.Brand.Name}
	lane := func(vendor string) int {
		if i, ok := first(o.integrations, func(i Integration) bool { return i.vendor == vendor }); ok {
			vendor = i.Title // as people write it
		}
		if i := slices.Index(lanes, vendor); i >= 0 {
			return i
		}
		lanes = append(lanes, vendor)
		return len(lanes) - 1
	}
	arrow := func(at time.Time, from, to int, text string, failed bool) {
		all = append(all, said{at, views.Arrow{From: middle(from), To: middle(to), Text: text, Failed: failed}})
	}
	const customer, portal = 0, 1
	if exchanges[0].Cause != outgoing.Incoming && exchanges[0].Cause != outgoing.Customer && exchanges[0].Event == "" {
		arrow(exchanges[0].At, customer, portal, t.T("inspector.asks"), false)
	}
	for _, e := range exchanges {
		if e.Event != "" {
			arrow(e.At, customer, portal, t.T("inspector.event."+e.Event), e.WentWrong())
			continue
		}
		text := e.Method + " " + pathOf(e.Address)
		var from, to int
		switch e.Cause {
		case outgoing.Incoming:
			from, to = lane(e.Vendor), portal
		case outgoing.Customer:
			from, to = customer, portal
		default:
			from, to = portal, lane(e.Vendor)
		}
		switch e.Cause {
		case outgoing.Retry, outgoing.SignIn, outgoing.Open: // the others' arrows say it
			text += " · " + t.T("inspector.cause."+string(e.Cause))
		}
		if e.Cause == outgoing.Open { // nobody was asked, so that nobody answers
			arrow(e.At, from, to, text, true)
			continue
		}
		arrow(e.At, from, to, text, false)
		arrow(e.At.Add(e.Duration), to, from, outcome(t, e)+" · "+t.Milliseconds(e.Duration), e.WentWrong())
	}
	slices.SortStableFunc(all, func(a, b said) int { return a.at.Compare(b.at) })
	d := &views.Diagram{}
	y := headHeight
	for _, one := range all {
		y += lineHeight
		one.arrow.Y = y
		d.Arrows = append(d.Arrows, one.arrow)
	}
	for i, name := range lanes {
		d.Lanes = append(d.Lanes, views.Lane{X: middle(i), Name: name})
	}
	d.Width, d.Height, d.Head = laneWidth*len(lanes), y+lineHeight, headHeight
	return d
}

func middle(lane int) int { return laneWidth*lane + laneWidth/2 }

// maxPath is how much of a path fits between two lanes.
const maxPath = 34

func pathOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	if path := []rune(u.Path); len(path) > maxPath {
		return string(path[:maxPath]) + "…"
	}
	return u.Path
}
