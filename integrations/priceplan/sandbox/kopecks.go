package sandbox

import (
	"fmt"
	"strconv"
	"strings"
)

// kopecks is an amount of money. The API writes it as a decimal number of rubles in a string,
// exact to the kopeck, and takes a string or a number: our decision.
type kopecks int64

// maxAmount is the most that one operation moves: our decision.
const maxAmount = kopecks(10_000_000_00)

// String is the amount as the API writes it: "1234.50".
func (k kopecks) String() string {
	sign, n := "", int64(k)
	if n < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
}

// MarshalText writes what String does. It returns no error.
func (k kopecks) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalJSON takes "1234.50" and 1234.5.
func (k *kopecks) UnmarshalJSON(b []byte) error {
	text := string(b)
	if quoted, err := strconv.Unquote(text); err == nil {
		text = quoted
	}
	amount, ok := parseKopecks(text)
	if !ok {
		return invalidAmount
	}
	*k = amount
	return nil
}

// parseKopecks reads an amount as people write it: "1 234,50", "1234.5", "-3".
func parseKopecks(text string) (kopecks, bool) {
	text = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "₽", "", ",", ".", "−", "-").Replace(text)
	digits, negative := strings.CutPrefix(text, "-")
	whole, part, _ := strings.Cut(digits, ".")
	if whole == "" || len(whole) > 10 || len(part) > 2 || strings.Trim(whole+part, "0123456789") != "" {
		return 0, false
	}
	n, _ := strconv.ParseInt(whole+(part + "00")[:2], 10, 64) // twelve digits at the most
	if negative {
		n = -n
	}
	return kopecks(n), true
}
