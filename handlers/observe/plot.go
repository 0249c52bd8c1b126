package observe

import (
	"math"
	"slices"
	"time"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/outgoing"
	"kabinet/views"
)

// The plot of response times: so many bars at most, and its measures in its own units. Above the highest bar
// there is room for the mark of a failure.
const maxBars, barWidth, barsHeight, barsHead = 60, 10, 72, 16

// responseTimes draws how long each of the last exchanges took, the latest at the right, and says the same in
// words. Only answers have a median: that nobody listens is known in no time. It is nil without exchanges.
func responseTimes(t *catalogue.Texts, all []outgoing.Exchange, asks bool) *views.ResponseTimes {
	if len(all) == 0 {
		return nil
	}
	all = all[max(0, len(all)-maxBars):]
	var longest time.Duration
	var answered []time.Duration
	for _, e := range all {
		longest = max(longest, e.Duration)
		if e.Status != 0 {
			answered = append(answered, e.Duration)
		}
	}
	slices.Sort(answered)
	times := &views.ResponseTimes{Width: maxBars * barWidth, Height: barsHead + barsHeight,
		Whose: t.T("integrations.times_vendor")}
	if asks {
		times.Whose = t.T("integrations.times_portal")
	}
	failures := 0
	for i, e := range all {
		height := max(2, int(math.Round(barsHeight*float64(e.Duration)/float64(max(1, longest)))))
		times.Bars = append(times.Bars, views.Bar{
			X: (maxBars - len(all) + i) * barWidth, Y: times.Height - height, Width: barWidth - 2, Height: height,
			Failed: e.Refused(),
		})
		if e.Refused() {
			failures++
		}
	}
	words := map[string]any{"Exchanges": len(all), "Failures": failures, "Longest": t.Milliseconds(longest)}
	if len(answered) == 0 {
		times.Words = t.With("integrations.times_none_answered", words)
		return times
	}
	words["Median"] = t.Milliseconds(percentile(answered, 50))
	words["P95"] = t.Milliseconds(percentile(answered, 95))
	times.Words = t.With("integrations.times_words", words)
	return times
}

// percentile is the least of the sorted values that so many of a hundred do not exceed.
func percentile(sorted []time.Duration, percent int) time.Duration {
	return sorted[(len(sorted)*percent+99)/100-1]
}
