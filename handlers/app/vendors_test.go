package app_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"kabinet/handlers/app"
	"kabinet/integrations/sandbox"
	"kabinet/store"

	"kabinet/handlers/app/apptest"
)

// tested is what the tests about all vendors know of one: each of those tests goes through vendors and takes what it
// needs. What does not apply to a vendor is left out.
type tested struct {
	name, shown string   // as settings have it, and as pages write it
	pages       []string // in the portal, for customers, none of which waits for the vendor
	asks        []string // those for which the vendor is asked
	credentials []string // of its sandbox, which nothing may show
	faults      func(p *apptest.Program) *sandbox.Faults
	requests    func(p *apptest.Program) []sandbox.Request // to its sandbox

	looks looks
	// pictured brings a customer's tab, or another, to what the README shows of the vendor, in a theme.
	pictured func(customer *apptest.Tab, p *apptest.Program, theme string) (tab *apptest.Tab)
	settings []setting // for serve
	// printed are the variables that connect a portal to its sandbox, a line each, and given is what the sandbox is
	// given before.
	printed string
	given   func(s *app.SandboxSettings)
	// everything turns on what has routes of its own, and changed is whether administrators may change its identifier.
	everything func(s *app.Settings)
	changed    bool
	// configure has the vendor's sandbox be tried as if it were the real one.
	configure func(c *app.Check, p *apptest.Program)
	// handed is what whoever compares hands over of a browser.
	handed       func(t *testing.T, c *app.Compare, p *apptest.Program)
	rightChecks  map[string]func(c *app.Check)
	wrongChecks  []wrongCheck
	checkFromWeb checkFromWeb
	connected    connected
	// alone is what its sandbox answers with 200 at any host.
	alone func(t *testing.T, origin string) *http.Request

	// environment is what its sandbox is given as a process: something that a shell must quote.
	environment []string
	// customer makes a user of the portal known at the vendor, as the demo does with its first account.
	customer func(t *testing.T, db *store.DB, userID int64)
	// stands has Anna have something with the vendor that its card on the dashboard shows, and returns what that is; nil
	// for no card.
	stands func(anna *apptest.Client, p *apptest.Program) []string
	// opens has a customer who is signed in come to the vendor, in a browser; sandboxes is where those are.
	opens func(tab *apptest.Tab, portal, sandboxes *apptest.Program)
	// exchanges makes some with the vendor, good and bad; shown are what the inspector shows of them.
	exchanges func(anna *apptest.Client, p *apptest.Program)
	inspected []string
	section   section // what the page of integrations shows of them
	event     string  // that its pages tell of a browser
	steps     []step  // of "how it works"
	stop      *touring
	fails     *touring // the tour's last stop, where something is broken and mended
	// breaks has an operation meet a fault of that kind, and looks at what the customer reads then.
	breaks func(t *testing.T, anna *apptest.Client, p *apptest.Program, kind string)
	// answers looks at what the portal tells the vendor's side, for which no vendor is asked.
	answers func(t *testing.T, anna *apptest.Client, p *apptest.Program)
	// used leaves something behind at the vendor and in the portal, and fresh fails the test when it is still there.
	used, fresh func(t *testing.T, anna *apptest.Client, p *apptest.Program)
}

// everyVendor has those that there are; a fork takes lines out, or adds one.
func everyVendor() []tested {
	return []tested{
		pricePlanTested(),
		webimTested(),
		sailPlayTested(),
		amoCRMTested(),
		mailTested(),
	}
}

// vendors are those with a sandbox that can be made to fail: most of what is tested of a vendor needs one.
func vendors() []tested {
	return slices.DeleteFunc(everyVendor(), func(v tested) bool { return v.faults == nil })
}

func vendorNames() []string { return namesOf(vendors()) }

func namesOf(vendors []tested) []string {
	var names []string
	for _, v := range vendors {
		names = append(names, v.name)
	}
	return names
}

// credentials are those of all sandboxes.
func credentials() []string {
	all := []string{app.DemoSecret}
	for _, v := range vendors() {
		all = append(all, v.credentials...)
	}
	return all
}

// requestsToVendors is how often the sandboxes were asked anything.
func requestsToVendors(p *apptest.Program) int {
	n := 0
	for _, v := range vendors() {
		n += len(v.requests(p))
	}
	return n
}

// forLong is patience that outlives every test: a day where it is usually eight seconds. Browsers take no more than
// 24.
const forLong = 1e4

// set sets a fault on an operation of a sandbox.
func set(tb testing.TB, faults *sandbox.Faults, operation string, fault sandbox.Fault) {
	tb.Helper()
	if err := faults.Set(operation, fault); err != nil {
		tb.Fatal(err)
	}
}

// untilHeld waits until requests of an operation are held: only then can they be released.
func untilHeld(tb testing.TB, faults *sandbox.Faults, operation string, requests int) {
	tb.Helper()
	apptest.Eventually(tb, operation+" being held", func() bool { return faults.Held(operation) == requests })
}

// reset brings the first state of everything back, as the control host does.
func reset(tb testing.TB, p *apptest.Program) {
	tb.Helper()
	if err := p.Control.Reset(tb.Context()); err != nil {
		tb.Fatal(err)
	}
}

func TestAVendorIsTestedAsItIsCalled(t *testing.T) {
	t.Parallel()
	names := namesOf(everyVendor())
	if got := strings.Split(app.VendorNames(), ", "); !slices.Equal(got, names) {
		t.Errorf("handlers/app/vendors.go has %q, handlers/app/vendors_test.go has %q", got, names)
	}
}
