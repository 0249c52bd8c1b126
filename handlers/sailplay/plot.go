package sailplay

import (
	"fmt"
	"slices"
	"strings"

	"kabinet/integrations/sailplay"
	"kabinet/views"
)

// The plot's size, in its own units.
const plotWidth, plotHeight = 600, 120

// plot draws the points over time, as steps, from what the history says of their changes. There is none
// with fewer than two changes.
func plot(f figures) views.Plot {
	known := slices.DeleteFunc(slices.Clone(f.History), func(e sailplay.Entry) bool { return e.At.IsZero() })
	slices.SortStableFunc(known, func(a, b sailplay.Entry) int { return a.At.Compare(b.At) })
	if len(known) < 2 {
		return views.Plot{}
	}
	first, last := known[0].At, known[len(known)-1].At
	var sum int64
	var values []int64 // after each change
	for _, e := range known {
		sum += e.Delta
		values = append(values, sum)
	}
	low, high := slices.Min(values), slices.Max(values)
	across := func(e sailplay.Entry) int64 {
		return int64(float64(plotWidth) * float64(e.At.Sub(first)) / max(1, float64(last.Sub(first))))
	}
	up := func(v int64) int64 {
		return plotHeight - int64(float64(plotHeight)*float64(v-low)/max(1, float64(high-low)))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "M0 %d", up(values[0]))
	for i, e := range known[1:] {
		fmt.Fprintf(&b, "H%dV%d", across(e), up(values[i+1]))
	}
	return views.Plot{Path: b.String(), From: first, To: last, Least: points(low), Most: points(high),
		Width: plotWidth, Height: plotHeight}
}
