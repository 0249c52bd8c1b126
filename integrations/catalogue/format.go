package catalogue

import (
	"fmt"
	"strings"
	"time"
)

// Money shows an amount given in kopecks, in the language's way: "1 234,50 ₽", "₽1,234.50".
func (t *Texts) Money(kopecks int64) string {
	sign := ""
	if kopecks < 0 {
		sign, kopecks = "−", -kopecks
	}
	rubles := t.printer.Sprintf("%d", kopecks/100)
	if t.Language == English {
		return fmt.Sprintf("%s₽%s.%02d", sign, rubles, kopecks%100)
	}
	return fmt.Sprintf("%s%s,%02d\u00a0₽", sign, rubles, kopecks%100)
}

// Milliseconds shows how long something took, on one line: "4.9 ms", "4,9 мс".
func (t *Texts) Milliseconds(d time.Duration) string {
	number := t.printer.Sprintf("%.1f", float64(d.Microseconds())/1000)
	if t.Language == English {
		return number + "\u00a0ms"
	}
	return number + "\u00a0мс"
}

// Moment shows a point in time in UTC, to the minute: "05.11.2026, 14:30 UTC".
func (t *Texts) Moment(m time.Time) string {
	return t.Date(m.UTC()) + ", " + m.UTC().Format("15:04") + " UTC"
}

// Date shows a day in the language's way: "05.11.2026", "5 Nov 2026" on one line.
func (t *Texts) Date(d time.Time) string {
	if t.Language == English {
		return strings.ReplaceAll(d.Format("2 Jan 2006"), " ", "\u00a0")
	}
	return d.Format("02.01.2006")
}
