package priceplan

import (
	"testing"
	"time"
)

func TestTheVendorsDatesAreRead(t *testing.T) {
	t.Parallel()
	moscow := time.FixedZone("", 3*60*60)
	for text, want := range map[string]time.Time{
		"2021-06-04 05:17:50.606808+03:00": time.Date(2021, 6, 4, 5, 17, 50, 606808000, moscow),
		"2021-06-04 05:17:50+03:00":        time.Date(2021, 6, 4, 5, 17, 50, 0, moscow),
		"2021-06-04 02:17:50.5Z":           time.Date(2021, 6, 4, 2, 17, 50, 500000000, time.UTC),
	} {
		if got, err := parseExpireDate(text); err != nil || !got.Equal(want) {
			t.Errorf("%s: got %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "2021-06-04T05:17:50+03:00", "tomorrow"} {
		if got, err := parseExpireDate(text); err == nil {
			t.Errorf("%q was read as %v", text, got)
		}
	}
}
