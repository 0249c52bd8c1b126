package observe

import (
	"context"
	"net/http"
	"slices"

	"kabinet/handlers/behind"
	"kabinet/handlers/web"
	"kabinet/integrations/catalogue"
	"kabinet/integrations/outgoing"
	"kabinet/views"
)

// Integration is a vendor as the administrators' page shows it.
type Integration struct {
	Title   string // as people write it
	Origins []string
	// Asks is for a vendor that asks the portal more than it is asked: what comes from it says how it goes, too.
	Asks bool
	// Waiting says what waits to be sent there, in the reader's language; nil for nothing ever.
	Waiting func(context.Context, *catalogue.Texts) (string, error)
	// Behind asks for what pages show, behind them; nil where nothing is asked so.
	Behind *behind.Asker

	vendor string
}

// Integrations shows administrators how it goes with each vendor, by what has passed anyway: no vendor is asked.
func (o *Room) Integrations(r *web.Request) error {
	m := views.IntegrationsModel{Checkable: o.config.Check != nil, Busy: r.QueryParams().Has("busy"),
		OfInstance: o.site.DB.IsShared()}
	remembered := o.site.Recorder.Exchanges()
	for _, i := range o.integrations {
		told := slices.DeleteFunc(slices.Clone(remembered), func(e outgoing.Exchange) bool {
			return e.Vendor != i.vendor || !e.Telling() || e.Cause == outgoing.Incoming && !i.Asks
		})
		one := views.Integration{
			Vendor: i.vendor, Title: r.Texts.Or("vendor."+i.vendor, i.Title),
			Origins: i.Origins, Sandbox: o.sandbox(i.vendor) != "",
			Times: responseTimes(r.Texts, told, i.Asks), Check: describeCheck(r.Texts, o.checks.of(i.vendor)),
		}
		success, failure := o.lastOf(i)
		if i.Waiting != nil {
			var err error
			if one.Waiting, err = i.Waiting(r.Request().Context(), r.Texts); err != nil {
				return err
			}
		}
		if i.Behind != nil {
			one.Behind = i.Behind.Describe(r.Texts)
		}
		one.State, one.Tone = stateOf(r.Texts, success, failure)
		one.Success = describeLast(r.Texts, success, remembered)
		one.Failure = describeLast(r.Texts, failure, remembered)
		m.All = append(m.All, one)
	}
	return r.Show(http.StatusOK, views.Integrations(r.Page(r.Texts.T("integrations.title")), m))
}

// lastOf returns the last success and failure of an integration, whoever asked; nil for none.
func (o *Room) lastOf(i Integration) (success, failure *outgoing.Exchange) {
	success, failure = o.site.Recorder.Last(i.vendor, false)
	if i.Asks {
		s, f := o.site.Recorder.Last(i.vendor, true)
		success, failure = later(success, s), later(failure, f)
	}
	return success, failure
}

func later(a, b *outgoing.Exchange) *outgoing.Exchange {
	if a == nil || b != nil && b.ID > a.ID {
		return b
	}
	return a
}

// stateOf is how it went the last time.
func stateOf(t *catalogue.Texts, success, failure *outgoing.Exchange) (state, tone string) {
	switch last := later(success, failure); {
	case last == nil:
		return t.T("integrations.state_none"), ""
	case last == failure:
		return t.T("integrations.state_failed"), "bad"
	default:
		return t.T("integrations.state_ok"), "good"
	}
}

// describeLast leads to the exchange as long as the inspector remembers it.
func describeLast(t *catalogue.Texts, e *outgoing.Exchange, remembered []outgoing.Exchange) *views.LastExchange {
	if e == nil {
		return nil
	}
	last := &views.LastExchange{At: e.At, What: e.Method + " " + e.Address, Outcome: outcome(t, *e),
		Took: t.Milliseconds(e.Duration)}
	if len(remembered) > 0 && e.ID >= remembered[0].ID {
		last.Path = inspectorPath(*e)
	}
	return last
}

var checkMarks = map[CheckResult]string{CheckOK: "✓", CheckFailed: "✗", CheckUnknown: "?"}

// describeCheck is nil where nothing was tried yet.
func describeCheck(t *catalogue.Texts, c check) *views.IntegrationCheck {
	if len(c.steps) == 0 {
		return nil
	}
	described := &views.IntegrationCheck{At: c.at}
	for _, s := range c.steps {
		if s.Result == CheckFailed {
			described.Failed++
		}
		described.Steps = append(described.Steps, views.CheckStep{
			Mark: checkMarks[s.Result], Failed: s.Result == CheckFailed, Did: t.Of(s.Did), Got: t.Of(s.Got),
			Quoted: s.Got.Verbatim != "", Cause: t.Of(s.Cause), Change: t.Of(s.Change),
		})
	}
	return described
}
