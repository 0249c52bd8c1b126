package views_test

import (
	"encoding/json"
	"io/fs"
	"regexp"
	"slices"
	"strings"
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

var parameter = regexp.MustCompile(`{{\.(\w+)}}`)

func TestATextHasTheSameParametersInEveryLanguage(t *testing.T) {
	t.Parallel()
	parameters := map[catalogue.Language]map[string]string{}
	for _, l := range catalogue.Languages {
		parameters[l] = map[string]string{}
		files, err := fs.Glob(views.Texts(), "catalogue/*."+string(l)+".json")
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
		for _, name := range files {
			b, err := fs.ReadFile(views.Texts(), name)
			if err != nil {
				t.Fatal(err)
			}
			var entries map[string]json.RawMessage
			if err := json.Unmarshal(b, &entries); err != nil {
				t.Fatal(err)
			}
			for key, raw := range entries {
				names := parameter.FindAllString(string(raw), -1) // of all plural forms
				slices.Sort(names)
				parameters[l][key] = strings.Join(slices.Compact(names), " ")
			}
		}
	}
	for key, ru := range parameters[catalogue.Russian] {
		if en := parameters[catalogue.English][key]; ru != en {
			t.Errorf("%s: %q in Russian, %q in English", key, ru, en)
		}
	}
}

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
