package sandbox

import (
	"io/fs"
	"testing"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/catalogue/cataloguetest"
	"kabinet/integrations/sailplay/claims"
	frame "kabinet/integrations/sandbox"
	"kabinet/integrations/sandbox/sandboxtest"
)

func TestEveryTextIsThereAndUsed(t *testing.T) {
	t.Parallel()
	own, err := fs.Sub(texts, "catalogue")
	if err != nil {
		t.Fatal(err)
	}
	c, err := catalogue.Load(frame.Texts(), own)
	if err != nil {
		t.Fatal(err)
	}
	cataloguetest.EveryKeyIsThereAndUsed(t, c, ".", "../claims", "../../claim", "../../sandbox")
	all := claims.Book(claims.Account{}).Claims
	sandboxtest.CheckClaims(t, c, all)
	sandboxtest.CheckSwitches(t, all, switches{})
}
