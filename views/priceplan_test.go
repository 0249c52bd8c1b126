package views_test

import (
	"strings"
	"testing"

	"kabinet/integrations/catalogue"
	"kabinet/views"
)

// PricePlan's interface is in Russian, so that a reader of English looks for the same names.
func TestWhatHasToBeSwitchedOnAtPricePlanIsCalledByItsName(t *testing.T) {
	t.Parallel()
	c, err := catalogue.Load(views.Texts())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range catalogue.Languages {
		for _, key := range []string{"priceplan.how.ready", "priceplan.stalled_admin"} {
			for _, name := range []string{
				"Интеграции → Кабинет клиента → Настройки", "«Виджет личного кабинета»", "«Авторизация по ссылке»",
				"«Доступные домены»", "«Разрешённый для доступа через iframe исходный URL (или *)»",
			} {
				if text := c.In(l).T(key); !strings.Contains(text, name) {
					t.Errorf("%s in %s does not name %s: %s", key, l, name, text)
				}
			}
		}
	}
}
