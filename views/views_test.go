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
