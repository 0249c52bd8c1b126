package views_test

import (
	"testing"

	"kabinet/integrations/catalogue"
	"kabinet/integrations/catalogue/cataloguetest"
	"kabinet/views"
)

func TestEveryTextOfThePortalIsThereAndUsed(t *testing.T) {
	t.Parallel()
	c, err := catalogue.Load(views.Texts())
	if err != nil {
		t.Fatal(err)
	}
	cataloguetest.EveryKeyIsThereAndUsed(t, c, ".", "../handlers")
}
