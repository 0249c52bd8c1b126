package catalogue_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"kabinet/integrations/catalogue"
)

func folder(files map[string]string) fstest.MapFS {
	f := fstest.MapFS{}
	for name, text := range files {
		f["catalogue/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	return f
}

func TestTextsAreShownInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	c, err := catalogue.Load(folder(map[string]string{
		"a.ru.json": `{"hello": "Привет", "name": "Имя: {{.Name}}", "keys": {"one": "{{.Count}} ключ", "few": "{{.Count}} ключа", "many": "{{.Count}} ключей", "other": "{{.Count}} ключа"}}`,
		"a.en.json": `{"hello": "Hello", "name": "Name: {{.Name}}", "keys": {"one": "{{.Count}} key", "other": "{{.Count}} keys"}}`,
	}))
	if err != nil {
		t.Fatal(err)
	}
	ru, en := c.In(catalogue.Russian), c.In(catalogue.English)
	for got, want := range map[string]string{
		ru.T("hello"): "Привет",
		en.T("hello"): "Hello",
		ru.With("name", map[string]any{"Name": "Анна"}): "Имя: Анна",
		ru.With("keys", map[string]any{"Count": 1}):     "1 ключ",
		ru.With("keys", map[string]any{"Count": 22}):    "22 ключа",
		ru.With("keys", map[string]any{"Count": 11}):    "11 ключей",
		ru.With("keys", map[string]any{"Count": -3}):    "-3 ключа",
		ru.With("keys", map[string]any{"Count": "3,5"}): "3,5 ключа",
		en.With("keys", map[string]any{"Count": 11}):    "11 keys",
		ru.T("no.such"):       "no.such",
		c.In("xx").T("hello"): "Привет",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestACatalogueWithAGapDoesNotLoad(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]map[string]string{
		`"b" of a.ru.json is missing in en`: {"a.ru.json": `{"a": "а", "b": "б"}`, "a.en.json": `{"a": "a"}`},
		`"b" of a.en.json is missing in ru`: {"a.ru.json": `{"a": "а"}`, "a.en.json": `{"a": "a", "b": "b"}`},
		`"a" stands in a.ru.json, too`:      {"a.ru.json": `{"a": "а"}`, "b.ru.json": `{"a": "a"}`},
	} {
		_, err := catalogue.Load(folder(files))
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want an error with %s", err, name)
		}
	}
}

// What is no text and no plural forms is refused; an entry's key may be the name of a form.
func TestAnEntryIsATextOrPluralForms(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ file, keys, err string }{
		{``, "", "a.ru.json: jsontext: unexpected EOF"},
		{`[]`, "", "a.ru.json: json: "},
		{`{"a": ["x"]}`, "", `a.ru.json: the text "a": `},
		{`{"a": null}`, "", `a.ru.json: the text "a": `},
		{`{"a": {"other": 1}}`, "", `a.ru.json: the text "a": `},
		{`{"a": {"b": "c"}}`, "", `a.ru.json: the text "a": the form "b" is unknown`},
		{`{"a": {"one": "x"}}`, "", `a.ru.json: the text "a": neither a text nor plural forms with other`},
		{`{"a": "x", "a": "y"}`, "", `a.ru.json: jsontext: duplicate object member name "a"`},
		{`{"other": "x"}`, "other", ""},
		{`{"a.b": "x", "other": "y"}`, "a.b other", ""},
		{`{"a": {"id": "b", "other": "x"}}`, "", `a.ru.json: the text "a": the form "id" is unknown`},
	} {
		c, err := catalogue.Load(folder(map[string]string{"a.ru.json": tt.file, "a.en.json": tt.file}))
		switch {
		case tt.err != "":
			if err == nil || !strings.Contains(err.Error(), "texts: "+tt.err) {
				t.Errorf("%s: got %v, want an error with %s", tt.file, err, tt.err)
			}
		case err != nil:
			t.Errorf("%s: %v", tt.file, err)
		case strings.Join(c.Keys(), " ") != tt.keys:
			t.Errorf("%s has the keys %q, want %s", tt.file, c.Keys(), tt.keys)
		}
	}
}

// Without parameters a text that has some stands for itself: no {{.Name}} is ever shown.
func TestATextIsSaidByItsKeyOrVerbatim(t *testing.T) {
	t.Parallel()
	texts := `{"hello": "Hello", "name": "Name: {{.Name}}"}`
	c, err := catalogue.Load(folder(map[string]string{"a.ru.json": texts, "a.en.json": texts}))
	if err != nil {
		t.Fatal(err)
	}
	for want, text := range map[string]catalogue.Text{
		"as it is":   {Verbatim: "as it is"},
		"Hello":      {Key: "hello"},
		"name":       {Key: "name"},
		"Name: Anna": {Key: "name", Parameters: map[string]any{"Name": "Anna"}},
	} {
		if got := c.In(catalogue.English).Of(text); got != want {
			t.Errorf("%+v: got %q, want %q", text, got, want)
		}
	}
}

func TestTheLanguageIsNegotiated(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		cookie, header string
		want           catalogue.Language
	}{
		{"", "", catalogue.Russian},
		{"", "en-GB,en;q=0.9", catalogue.English},
		{"", "ru-RU,ru;q=0.9,en;q=0.8", catalogue.Russian},
		{"", "de,ja", catalogue.English},
		{"en", "ru", catalogue.English},
		{"xx", "en", catalogue.English},
		{"", "\x00;;;q=", catalogue.Russian},
		{"", strings.Repeat("en,", 1000), catalogue.Russian},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept-Language", tt.header)
		if tt.cookie != "" {
			r.AddCookie(&http.Cookie{Name: "language", Value: tt.cookie})
		}
		if got := catalogue.Of(r); got != tt.want {
			t.Errorf("cookie %q, header %.40q: %s, want %s", tt.cookie, tt.header, got, tt.want)
		}
	}
}

func TestMoneyIsShownToTheKopeck(t *testing.T) {
	t.Parallel()
	c, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		kopecks int64
		ru, en  string
	}{
		{0, "0,00\u00a0₽", "₽0.00"},
		{5, "0,05\u00a0₽", "₽0.05"},
		{123450, "1\u00a0234,50\u00a0₽", "₽1,234.50"},
		{-1, "−0,01\u00a0₽", "−₽0.01"},
		{9_007_199_254_740_993, "90\u00a0071\u00a0992\u00a0547\u00a0409,93\u00a0₽", "₽90,071,992,547,409.93"},
	} {
		if ru, en := c.In(catalogue.Russian).Money(tt.kopecks), c.In(catalogue.English).Money(tt.kopecks); ru != tt.ru || en != tt.en {
			t.Errorf("%d: %q, %q; want %q, %q", tt.kopecks, ru, en, tt.ru, tt.en)
		}
	}
}
