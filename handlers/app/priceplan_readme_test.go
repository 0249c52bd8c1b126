package app_test

import (
	"os/exec"
	"strings"
	"testing"

	"kabinet/handlers/app/apptest"
)

func TestTheREADMEsFaultOfPricePlanIsMet(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("there is no curl")
	}
	r := apptest.StartDemo(t)
	_, port, _ := strings.Cut(r.Addr, ":")
	out, err := apptest.Shell(t, nil, strings.ReplaceAll(readme(t)["fault"], "8080", port)).CombinedOutput()
	if active := strings.Join(r.Control.Active(), " "); err != nil ||
		active != "PricePlan: auth-key +500ms…1s 502 ×3" {
		t.Errorf("%v, %s; set is %q", err, out, active)
	}
}
