package sandboxtest

import (
	"strings"
	"testing"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/sandbox"
)

// CheckLimits fails the test where a line of the page of limits has no id or text, or one that another has; where what
// a vendor or its client says has no source, or what nobody says has one; and for each text that is no line's.
func CheckLimits(t *testing.T, c *catalogue.Catalogue, limits []sandbox.Limit) {
	t.Helper()
	lines, keys := map[string]bool{}, map[string]bool{}
	for _, key := range c.Keys() {
		if id, ok := strings.CutPrefix(key, "limit."); ok {
			keys[id] = true
		}
	}
	for _, l := range limits {
		if l.ID == "" || lines[l.ID] || !keys[l.ID] {
			t.Errorf("the line %q has no text, or there are two", l.ID)
		}
		lines[l.ID] = true
		said := l.Standing == sandbox.Documented || l.Standing == sandbox.Observed
		if said != (l.Source != "") {
			t.Errorf("the line %q is %s, its source %q", l.ID, l.Standing, l.Source)
		}
	}
	for id := range keys {
		if !lines[id] {
			t.Errorf("the text limit.%s is no line's", id)
		}
	}
}
