package app_test

import (
	"net/url"
	"strings"
	"testing"

	"kabinet/handlers/app/apptest"
)

func TestACheckOfPricePlanFromThePageRedeemsNoKey(t *testing.T) {
	t.Parallel()
	p := apptest.StartDemo(t)
	administrator(p, t, "ru").Post("/admin/integrations/check", url.Values{"vendor": {"priceplan"}})
	keys := 0
	for _, q := range pricePlanSandbox(p).Requests() {
		if strings.HasPrefix(q.Path, "/auth-key/") {
			t.Errorf("a key is redeemed: %s %s", q.Method, q.Path)
		}
		if strings.HasSuffix(q.Path, "/auth-key/") {
			keys++
		}
	}
	if keys != 1 {
		t.Errorf("%d keys are asked for", keys)
	}
}
