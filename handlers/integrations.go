package handlers

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/outgoing"
	"kabinet/views"
)

// integration is a vendor as the administrators' page shows it.
type integration struct {
	vendor, title string // as the code bears it, and as people write it
	origins       []string
	// asks is for a vendor that asks the portal more than it is asked: what comes from it says how it goes, too.
	asks bool
}

// integrations shows administrators how it goes with each vendor, by what has passed anyway: no vendor is asked.
func (p *Portal) integrations(c echo.Context) error {
	v := visitOf(c)
	m := views.IntegrationsModel{Checkable: p.config.Check != nil, Busy: c.QueryParams().Has("busy")}
	remembered := p.config.Recorder.Exchanges()
	for _, f := range p.features {
		i := f.integration()
		told := slices.DeleteFunc(slices.Clone(remembered), func(e outgoing.Exchange) bool {
			return e.Vendor != i.vendor || !e.Telling() || e.Cause == outgoing.Incoming && !i.asks
		})
		one := views.Integration{
			Vendor: i.vendor, Title: i.title, Origins: i.origins, Times: responseTimes(v.texts, told, i.asks), Check: describeCheck(v.texts, p.checks.of(i.vendor)),
			Sandbox: p.config.Demo != nil && p.config.Demo.Sandbox(i.vendor) != "",
		}
		success, failure := p.lastOf(i)
		one.State, one.Tone = stateOf(v.texts, success, failure)
		one.Success, one.Failure = describeLast(success, remembered), describeLast(failure, remembered)
		m.All = append(m.All, one)
	}
	return render(c, http.StatusOK, views.Integrations(p.page(c, v.texts.T("integrations.title")), m))
}

// lastOf returns the last success and failure of an integration, whoever asked; nil for none.
func (p *Portal) lastOf(i integration) (success, failure *outgoing.Exchange) {
	success, failure = p.config.Recorder.Last(i.vendor, false)
	if i.asks {
		s, f := p.config.Recorder.Last(i.vendor, true)
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
func describeLast(e *outgoing.Exchange, remembered []outgoing.Exchange) *views.LastExchange {
	if e == nil {
		return nil
	}
	last := &views.LastExchange{At: e.At, What: e.Method + " " + e.Address, Outcome: outcome(*e), Took: took(e.Duration)}
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
			Mark: checkMarks[s.Result], Failed: s.Result == CheckFailed, Did: t.Of(s.Did), Got: t.Of(s.Got), Quoted: s.Got.Verbatim != "",
			Cause: t.Of(s.Cause), Change: t.Of(s.Change),
		})
	}
	return described
}
