package sandboxtest

import (
	"reflect"
	"strings"
	"testing"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/claim"
)

// CheckClaims fails the test where a claim has no id or text, or one that another has; where what a vendor or its
// client says has no source, or what nobody says has one; where one has neither probe nor obstacle, or both; and for
// each text that is no claim's.
func CheckClaims(t *testing.T, c *catalogue.Catalogue, claims []claim.Claim) {
	t.Helper()
	ids, keys := map[string]bool{}, map[string]bool{}
	for _, key := range c.Keys() {
		if id, ok := strings.CutPrefix(key, "limit."); ok {
			keys[id] = true
		}
	}
	for _, one := range claims {
		if one.ID == "" || ids[one.ID] || !keys[one.ID] {
			t.Errorf("the claim %q has no text, or there are two", one.ID)
		}
		ids[one.ID] = true
		said := one.Standing == claim.Documented || one.Standing == claim.Observed
		if said != (one.Source != "") {
			t.Errorf("the claim %q is %s, its source %q", one.ID, one.Standing, one.Source)
		}
		if hasProbe := one.Probe != nil; hasProbe != (one.Foresees != "") || hasProbe == (one.Obstacle != "") {
			t.Errorf("the claim %q has a probe and an obstacle, or neither, or foresees nothing", one.ID)
		}
	}
	for id := range keys {
		if !ids[id] {
			t.Errorf("the text limit.%s is no claim's", id)
		}
	}
}

// CheckSwitches fails the test where a field of a struct of a sandbox's switches names no claim in its tag.
func CheckSwitches(t *testing.T, claims []claim.Claim, switches ...any) {
	t.Helper()
	ids := map[string]bool{}
	for _, one := range claims {
		ids[one.ID] = true
	}
	for _, s := range switches {
		for field := range reflect.TypeOf(s).Fields() {
			if of := field.Tag.Get("claim"); !field.Anonymous && !ids[of] {
				t.Errorf("the switch %s is of the claim %q, which there is not", field.Name, of)
			}
		}
	}
}
