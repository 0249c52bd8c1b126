package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"kabinet/integrations/outgoing"
)

// Check tries each configured vendor and says in words what is wrong. It needs neither database nor secret.
type Check struct {
	Vendors []string `arg:"" optional:"" help:"Which to try: priceplan, webim, sailplay, amocrm (all that are configured)."`
	BaseURL string   `name:"base-url" env:"KABINET_BASE_URL" default:"http://localhost:8080" placeholder:"URL" help:"The address that browsers know the portal by (${default})."`

	PricePlan PricePlanSettings `embed:"" prefix:"priceplan-" group:"PricePlan"`
	Webim     WebimSettings     `embed:"" prefix:"webim-" group:"Webim"`
	SailPlay  SailPlaySettings  `embed:"" prefix:"sailplay-" group:"SailPlay"`
	AmoCRM    AmoCRMSettings    `embed:"" prefix:"amocrm-" group:"amoCRM"`

	Client int64 `placeholder:"NUMBER" help:"The client at PricePlan whose cabinet is tried (the first of the list)."`
	Write  bool  `help:"Also do what changes something: redeem the key to the cabinet."`
	JSON   bool  `name:"json" help:"Print the steps as JSON."`

	// For tests: a clock.
	Now func() time.Time `kong:"-"`
}

// Result is how a step went.
type Result string

// The results. Unknown is what cannot be told from outside.
const (
	OK      Result = "ok"
	Failed  Result = "failed"
	Unknown Result = "unknown"
)

// Step is one thing that was tried: what was done, what came back, and where it failed the likely cause and
// what to change, a variable or a setting at the vendor.
type Step struct {
	Vendor string `json:"vendor"`
	Did    string `json:"did"`
	Got    string `json:"got"`
	Result Result `json:"result"`
	Cause  string `json:"cause,omitempty"`
	Change string `json:"change,omitempty"`
}

// ErrCheck says that a step has failed.
var ErrCheck = errors.New("not everything is as it should be")

// vendorCheck is how one vendor is tried.
type vendorCheck struct {
	name       string
	configured bool
	configure  string // what to set
	check      func(portal *url.URL, f *faults)
	try        func(ctx context.Context, t *trial)
}

func (c Check) vendors() []vendorCheck {
	p, w, s, a := c.PricePlan.resolve(0), c.Webim.resolve(0), c.SailPlay.resolve(0), c.AmoCRM.resolve(0)
	return []vendorCheck{
		{"priceplan", !p.sandboxed, "PRICEPLAN_CUSTOMER", func(portal *url.URL, f *faults) { p.check(portal, 0, f) }, func(ctx context.Context, t *trial) { p.try(ctx, t, c.Client, c.Write) }},
		{"webim", !w.sandboxed, "WEBIM_ACCOUNT", func(portal *url.URL, f *faults) { w.check(portal, 0, f) }, w.try},
		{"sailplay", !s.sandboxed, "SAILPLAY_PARTNER_ID", func(portal *url.URL, f *faults) { s.check(portal, 0, f) }, s.try},
		{"amocrm", !a.sandboxed, "AMOCRM_CLIENT_ID", a.check, a.try},
	}
}

// Run is the command. It returns ErrCheck, wrapped, when a step has failed.
func (c Check) Run(ctx context.Context, out io.Writer) error {
	steps, err := c.Steps(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		err = e.Encode(steps)
	} else {
		err = printSteps(out, steps)
	}
	failed := 0
	for _, s := range steps {
		if s.Result == Failed {
			failed++
		}
	}
	if failed > 0 {
		return errors.Join(err, fmt.Errorf("%w: %d of %d steps failed", ErrCheck, failed, len(steps)))
	}
	return err
}

// Steps tries what is configured, or the vendors that were named.
func (c Check) Steps(ctx context.Context) ([]Step, error) {
	all := c.vendors()
	var names []string
	for _, v := range all {
		names = append(names, v.name)
	}
	for _, name := range c.Vendors {
		if !slices.Contains(names, name) {
			return nil, Fault{"vendor", fmt.Sprintf("there is no %q", name), strings.Join(names, ", ")}
		}
	}
	var settings faults
	portal := Settings{BaseURL: c.BaseURL}.checkBaseURL(Serve, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}, &settings)
	if err := settings.err(); err != nil {
		return nil, err
	}
	t := &trial{portal: portal, now: c.Now}
	if t.now == nil {
		t.now = time.Now
	}
	for _, v := range all {
		if len(c.Vendors) == 0 && v.configured || slices.Contains(c.Vendors, v.name) {
			t.tryVendor(ctx, v)
		}
	}
	if len(t.steps) == 0 {
		return nil, Fault{"PRICEPLAN_CUSTOMER, WEBIM_ACCOUNT, SAILPLAY_PARTNER_ID, AMOCRM_CLIENT_ID", "no vendor is configured", `eval "$(kabinet sandbox --print-env)"`}
	}
	return t.steps, nil
}

// trial collects the steps.
type trial struct {
	portal *url.URL
	now    func() time.Time
	vendor string
	steps  []Step
}

func (t *trial) add(result Result, did, got, cause, change string) {
	t.steps = append(t.steps, Step{t.vendor, did, got, result, cause, change})
}

func (t *trial) ok(did, got string)                    { t.add(OK, did, got, "", "") }
func (t *trial) failed(did, got, cause, change string) { t.add(Failed, did, got, cause, change) }
func (t *trial) unknown(did, why string)               { t.add(Unknown, did, "cannot be told from outside", why, "") }

// tryVendor checks a vendor's settings, and tries it where they are possible.
func (t *trial) tryVendor(ctx context.Context, v vendorCheck) {
	t.vendor = v.name
	if !v.configured {
		t.failed("reading the settings", "it is not configured", "the variable that names the account is not set", v.configure)
		return
	}
	var f faults
	v.check(t.portal, &f)
	for _, err := range f {
		fault, ok := errors.AsType[Fault](err)
		if !ok {
			fault.What = err.Error()
		}
		t.failed("reading the settings", fault.What, "such settings are not possible", fault.Variable)
	}
	if len(f) > 0 {
		return
	}
	t.ok("reading the settings", "they are possible")
	v.try(ctx, t)
}

// maxSkew is how far clocks may be apart: a signed visitor and a token hold for minutes.
const maxSkew = time.Minute

// reach asks a host for its first page, whatever that is, and compares the clocks. It returns whether anybody answered.
func (t *trial) reach(ctx context.Context, origin, variable string) bool {
	did := "asking " + origin
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, origin+"/", nil)
	if err != nil {
		t.failed(did, "it is no address", "the host is mistyped", variable)
		return false
	}
	client := outgoing.NewPlainClient(5 * time.Second)
	defer client.CloseIdleConnections()
	response, err := client.Do(r)
	if err != nil {
		got := outgoing.InOurWords(err).Error()
		t.failed(did, got, causeOf(err), variable)
		return false
	}
	response.Body.Close()
	t.ok(did, fmt.Sprintf("status %d", response.StatusCode))
	t.compareClocks(response.Header.Get("Date"))
	return true
}

// causeOf is why nobody answers, most likely.
func causeOf(err error) string {
	text := outgoing.InOurWords(err).Error()
	switch {
	case strings.Contains(text, "resolve"):
		return "the name is mistyped, or this machine's resolver does not know it"
	case strings.Contains(text, "certificate"):
		return "somebody else answers at that name, or this machine lacks the certificate's authority"
	case strings.Contains(text, "not understood as HTTP"):
		return "https is spoken where plain http is expected, or the other way round"
	case strings.Contains(text, "in time"):
		return "a firewall on the way, or the vendor is slow"
	default:
		return "nobody listens there, or a firewall is on the way"
	}
}

func (t *trial) compareClocks(date string) {
	theirs, err := http.ParseTime(date)
	if err != nil {
		t.unknown("comparing the clocks", "the answer has no date")
		return
	}
	skew := t.now().Sub(theirs).Round(time.Second)
	if skew.Abs() > maxSkew {
		t.failed("comparing the clocks", fmt.Sprintf("this machine's is %v apart", skew), "signatures and tokens hold for minutes only", "the clock of this machine (NTP)")
		return
	}
	t.ok("comparing the clocks", "they agree")
}

var marks = map[Result]string{OK: "✓", Failed: "✗", Unknown: "?"}

// printSteps prints the steps for people, by vendor.
func printSteps(out io.Writer, steps []Step) error {
	var b strings.Builder
	vendor := ""
	for _, s := range steps {
		if s.Vendor != vendor {
			vendor = s.Vendor
			fmt.Fprintf(&b, "\n%s\n", vendor)
		}
		fmt.Fprintf(&b, "  %s %s: %s\n", marks[s.Result], s.Did, s.Got)
		if s.Cause != "" {
			fmt.Fprintf(&b, "      %s\n", s.Cause)
		}
		if s.Change != "" {
			fmt.Fprintf(&b, "      change: %s\n", s.Change)
		}
	}
	_, err := fmt.Fprintln(out, b.String())
	return err
}

// quiet is for clients whose calls the steps tell of.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
