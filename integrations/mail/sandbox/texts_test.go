package sandbox

import (
	"testing"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/catalogue/cataloguetest"
	frame "kabinet/integrations/sandbox"
	"kabinet/integrations/sandbox/sandboxtest"
)

func TestEveryTextIsThereAndUsed(t *testing.T) {
	t.Parallel()
	c, err := catalogue.Load(frame.Texts(), texts)
	if err != nil {
		t.Fatal(err)
	}
	cataloguetest.EveryKeyIsThereAndUsed(t, c, ".", "../../claim", "../../sandbox")
	sandboxtest.CheckClaims(t, c, claims)
}
