package sandbox

import (
	"testing"

	"kabinet/integrations/amocrm/claims"
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
	cataloguetest.EveryKeyIsThereAndUsed(t, c, ".", "../claims", "../../claim", "../../sandbox")
	all := claims.Book(claims.Account{}).Claims
	sandboxtest.CheckClaims(t, c, all)
	sandboxtest.CheckSwitches(t, all, switches{}, tokenSettings{})
}
