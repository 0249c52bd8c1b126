package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"kabinet/handlers/factor"
	"kabinet/handlers/observe"
	"kabinet/integrations/catalogue"
	"kabinet/integrations/claim"
	"kabinet/integrations/outgoing"
	"kabinet/views"
)

// Asked is what the commands are given that ask vendors: which, how they are configured, and for whom.
type Asked struct {
	Which   []string `arg:"" name:"vendors" optional:"" help:"check_which"`
	BaseURL string   `name:"base-url" env:"KABINET_BASE_URL" default:"http://localhost:8080" help:"check_base_url"`

	Vendors `embed:""`

	PricePlanClient int64 `name:"client" placeholder:"NUMBER" help:"check_priceplanclient"`

	// For tests: a clock.
	Now func() time.Time
}

// Check tries each configured vendor and says in words what is wrong. It needs neither database nor secret.
type Check struct {
	Asked
	Write bool `help:"Also do what changes something: redeem the key to the cabinet."`
	JSON  bool `name:"json" help:"Print the steps as JSON."`
}

// The results of a step. Unknown is what cannot be told from outside.
const (
	OK      = observe.CheckOK
	Failed  = observe.CheckFailed
	Unknown = observe.CheckUnknown
)

// Step is one thing that was tried: what was done, what came back, and where it failed the likely cause and
// what to change, a variable or a setting at the vendor.
type Step struct {
	Vendor string              `json:"vendor"`
	Did    string              `json:"did"`
	Got    string              `json:"got"`
	Result observe.CheckResult `json:"result"`
	Cause  string              `json:"cause,omitempty"`
	Change string              `json:"change,omitempty"`
}

// ErrCheck says that a step has failed.
var ErrCheck = errors.New("not everything is as it should be")

// checker tries one vendor as the command does, with the settings of a running portal, and changes nothing.
func checker(
	vendors []vendor, portal *url.URL, port int, now func() time.Time,
) func(ctx context.Context, vendor string) []observe.CheckStep {
	return func(ctx context.Context, name string) []observe.CheckStep {
		t := newProbe(portal, now)
		t.port = port
		for _, v := range vendors {
			if v.name() == name {
				t.tryVendor(ctx, v, true)
			}
		}
		return t.steps
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

// chosen are the vendors that were named, or else those that are configured, and the portal's address.
func (a Asked) chosen() (chosen []vendor, portal *url.URL, err error) {
	BringRoots()
	all := a.resolve(0)
	var variables []string
	for _, v := range all {
		variable, isSet := v.configured()
		variables = append(variables, variable)
		if len(a.Which) == 0 && isSet || slices.Contains(a.Which, v.name()) {
			chosen = append(chosen, v)
		}
	}
	if err := known(all, a.Which); err != nil {
		return nil, nil, err
	}
	var settings settingErrors
	portal = Settings{BaseURL: a.BaseURL}.checkBaseURL(Serve, usualAddr, &settings)
	if err := settings.err(); err != nil {
		return nil, nil, err
	}
	if len(chosen) == 0 {
		return nil, nil, SettingError{strings.Join(variables, ", "), "no vendor is configured",
			`set -a; eval "$(kabinet sandbox --print-env)"`}
	}
	return chosen, portal, nil
}

// Steps tries what is configured, or the vendors that were named.
func (c Check) Steps(ctx context.Context) ([]Step, error) {
	wrong := c.tidy()
	chosen, portal, err := c.chosen()
	if err != nil {
		return nil, err
	}
	texts, err := catalogue.Load(views.Texts())
	if err != nil {
		return nil, err
	}
	english := texts.In(catalogue.English)
	var steps []Step
	for _, v := range chosen {
		t := newProbe(portal, c.Now)
		t.write = c.Write
		t.pricePlanClient = c.PricePlanClient
		t.wrong = slices.DeleteFunc(slices.Clone(wrong), func(err error) bool {
			return !strings.HasPrefix(err.Error(), strings.ToUpper(v.name())+"_")
		})
		t.tryVendor(ctx, v, isConfigured(v))
		for _, s := range t.steps {
			steps = append(steps, Step{
				Vendor: v.name(), Did: english.Of(s.Did), Got: english.Of(s.Got), Result: s.Result,
				Cause: english.Of(s.Cause), Change: english.Of(s.Change),
			})
		}
	}
	if err := factor.CanHavePasskeys(portal); err != nil && len(c.Which) == 0 {
		steps = append(steps, Step{
			Vendor: "portal", Did: "offer passkeys at " + portal.String(), Got: "they are not offered",
			Result: Unknown, Cause: err.Error(), Change: "KABINET_BASE_URL: a host name, with https",
		})
	}
	return steps, nil
}

// probe collects the steps at one vendor.
type probe struct {
	portal *url.URL
	now    func() time.Time
	port   int  // that the portal listens on; 0 where none does
	write  bool // whether something may be changed

	pricePlanClient int64 // whose cabinet is tried; 0 for any
	wrong           settingErrors
	steps           []observe.CheckStep
}

// newProbe goes by the real clock where there is none.
func newProbe(portal *url.URL, now func() time.Time) *probe {
	if now == nil {
		now = time.Now
	}
	return &probe{portal: portal, now: now}
}

func (t *probe) ok(did, got catalogue.Text) {
	t.steps = append(t.steps, observe.CheckStep{Did: did, Got: got, Result: OK})
}

func (t *probe) failed(did, got, cause, change catalogue.Text) {
	t.steps = append(t.steps, observe.CheckStep{Did: did, Got: got, Result: Failed, Cause: cause, Change: change})
}

func (t *probe) unknown(did, why catalogue.Text) {
	t.steps = append(t.steps, observe.CheckStep{Did: did, Got: say("check.outside"), Result: Unknown, Cause: why})
}

// say names a text of the catalogue, with the names and values of its parameters.
func say(key string, parameters ...any) catalogue.Text {
	text := catalogue.Text{Key: key}
	for i := 0; i+1 < len(parameters); i += 2 {
		if text.Parameters == nil {
			text.Parameters = map[string]any{}
		}
		text.Parameters[fmt.Sprint(parameters[i])] = parameters[i+1]
	}
	return text
}

// quote is an error as the log has it, and what else is the same in every language.
func quote(words string) catalogue.Text { return catalogue.Text{Verbatim: words} }

// either names the variables of which one is to be changed.
func either(names ...string) catalogue.Text {
	last := len(names) - 1
	if last == 0 {
		return quote(names[0])
	}
	return say("check.or", "Others", strings.Join(names[:last], ", "), "Last", names[last])
}

// tryVendor checks a vendor's settings, and tries it where they are possible.
func (t *probe) tryVendor(ctx context.Context, v vendor, configured bool) {
	if variable, _ := v.configured(); !configured {
		t.failed(say("check.settings"), say("check.settings_missing"), say("check.settings_unset"), quote(variable))
		return
	}
	f := append(t.wrong, validate(v, t.portal, t.port)...)
	for _, err := range f {
		fault, ok := errors.AsType[SettingError](err)
		if !ok {
			fault.What = err.Error()
		}
		t.failed(say("check.settings"), quote(fault.What), say("check.settings_impossible"), quote(fault.Variable))
	}
	if len(f) > 0 {
		return
	}
	t.ok(say("check.settings"), say("check.settings_ok"))
	if with, ok := v.(tried); ok {
		with.try(ctx, t)
	}
}

// maxSkew is how far clocks may be apart: a signed visitor and a token hold for minutes.
const maxSkew = time.Minute

// reach asks a host for its first page, whatever that is, and compares the clocks. It returns whether anybody
// answered.
func (t *probe) reach(ctx context.Context, origin string, variable catalogue.Text) bool {
	did := say("check.reach", "Origin", origin)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, origin+"/", nil)
	if err != nil {
		t.failed(did, say("check.no_address"), say("check.host_mistyped"), variable)
		return false
	}
	client := outgoing.NewPlainClient(5 * time.Second)
	defer client.CloseIdleConnections()
	response, err := client.Do(r)
	if err != nil {
		t.failed(did, quote(outgoing.InOurWords(err).Error()), causeOf(err), variable)
		return false
	}
	response.Body.Close()
	t.ok(did, status(response.StatusCode))
	t.compareClocks(response.Header.Get("Date"))
	return true
}

func status(code int) catalogue.Text { return say("check.status", "Status", code) }

// asker makes the requests that a comparison makes too: here they are few, and need no pause between them.
func (t *probe) asker() *claim.Asker {
	return &claim.Asker{Wait: func(context.Context, time.Duration) error { return nil }}
}

// causeOf is why nobody answers, most likely.
func causeOf(err error) catalogue.Text {
	text := outgoing.InOurWords(err).Error()
	switch {
	case strings.Contains(text, "resolve"):
		return say("check.cause.resolve")
	case strings.Contains(text, "certificate"):
		return say("check.cause.certificate")
	case strings.Contains(text, "not understood as HTTP"):
		return say("check.cause.http")
	case strings.Contains(text, "in time"):
		return say("check.cause.slow")
	default:
		return say("check.cause.nobody")
	}
}

func (t *probe) compareClocks(date string) {
	theirs, err := http.ParseTime(date)
	if err != nil {
		t.unknown(say("check.clocks"), say("check.no_date"))
		return
	}
	skew := t.now().Sub(theirs).Round(time.Second)
	if skew.Abs() > maxSkew {
		key := "check.ahead"
		if skew < 0 {
			key = "check.behind"
		}
		t.failed(say("check.clocks"), say(key, "Minutes", int(skew.Abs().Minutes())), say("check.skew_cause"),
			say("check.skew_change"))
		return
	}
	t.ok(say("check.clocks"), say("check.clocks_ok"))
}

var marks = map[observe.CheckResult]string{OK: "✓", Failed: "✗", Unknown: "?"}

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
