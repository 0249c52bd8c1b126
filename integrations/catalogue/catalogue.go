package catalogue

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Language is the language of an interface: Russian or English.
type Language string

// The languages there are.
const (
	Russian Language = "ru"
	English Language = "en"
)

// Languages are all languages, the default first.
var Languages = []Language{Russian, English}

// Name is the language's name in itself.
func (l Language) Name() string {
	if l == English {
		return "English"
	}
	return "Русский"
}

// Catalogue holds the texts in every language. It is immutable.
type Catalogue struct{ texts map[Language]*Texts }

// Texts are the texts in one language.
type Texts struct {
	Language  Language
	plain     map[string]string // everything without parameters, ready to show
	simple    map[string]string // with parameters, and nothing else that go-i18n has to look at
	keys      map[string]string // the file that each stands in
	localizer *i18n.Localizer
	printer   *message.Printer
}

// Load reads every catalogue/*.<language>.json of those who have texts. It returns an error when a file cannot
// be read, a key stands twice, or a key is missing in a language.
func Load(owners ...fs.FS) (*Catalogue, error) {
	c := &Catalogue{texts: map[Language]*Texts{}}
	for _, l := range Languages {
		t, err := load(l, owners)
		if err != nil {
			return nil, fmt.Errorf("loading the %s texts: %w", l, err)
		}
		c.texts[l] = t
	}
	for _, l := range Languages {
		for _, other := range Languages {
			for key, file := range c.texts[other].keys {
				if c.texts[l].keys[key] == "" {
					return nil, fmt.Errorf("the text %q of %s is missing in %s", key, file, l)
				}
			}
		}
	}
	return c, nil
}

func load(l Language, owners []fs.FS) (*Texts, error) {
	tag := language.MustParse(string(l))
	bundle := i18n.NewBundle(tag)
	t := &Texts{
		Language:  l,
		plain:     map[string]string{},
		simple:    map[string]string{},
		keys:      map[string]string{},
		localizer: i18n.NewLocalizer(bundle, string(l)),
		printer:   message.NewPrinter(tag),
	}
	for _, owner := range owners {
		files, err := fs.Glob(owner, "catalogue/*."+string(l)+".json")
		if err != nil {
			return nil, err
		}
		for _, name := range files {
			if err := t.add(bundle, tag, owner, name); err != nil {
				return nil, fmt.Errorf("%s: %w", path.Base(name), err)
			}
		}
	}
	return t, nil
}

func (t *Texts) add(bundle *i18n.Bundle, tag language.Tag, owner fs.FS, name string) error {
	b, err := fs.ReadFile(owner, name)
	if err != nil {
		return err
	}
	var entries map[string]any // each is a text, or its plural forms
	if err := json.Unmarshal(b, &entries); err != nil {
		return err
	}
	for key, entry := range entries {
		if other := t.keys[key]; other != "" {
			return fmt.Errorf("the text %q stands in %s, too", key, other)
		}
		t.keys[key] = path.Base(name)
		text, isText := entry.(string)
		if isText && !strings.Contains(text, "{{") {
			t.plain[key] = text // which go-i18n need not know
			continue
		}
		if isText && !strings.Contains(parameter.ReplaceAllString(text, ""), "{{") {
			t.simple[key] = text
			continue
		}
		m, err := i18n.NewMessage(entry)
		if err != nil {
			return fmt.Errorf("the text %q: %w", key, err)
		}
		if m.Other == "" { // which go-i18n would pass over
			return fmt.Errorf("the text %q has no form other", key)
		}
		m.ID = key
		if err := bundle.AddMessages(tag, m); err != nil {
			return err
		}
	}
	return nil
}

// parameter is what With fills in.
var parameter = regexp.MustCompile(`{{\.[A-Za-z]+}}`)

// In returns the texts in a language, Russian when there is no such language.
func (c *Catalogue) In(l Language) *Texts { return cmp.Or(c.texts[l], c.texts[Russian]) }

// Keys returns every key, sorted.
func (c *Catalogue) Keys() []string {
	return slices.Sorted(maps.Keys(c.texts[Russian].keys))
}

// T returns a text without parameters; a key that is not there gives the key itself.
func (t *Texts) T(key string) string {
	if text, ok := t.plain[key]; ok {
		return text
	}
	return key
}

// With returns a text with its parameters filled in. A parameter named Count chooses the plural form.
func (t *Texts) With(key string, parameters map[string]any) string {
	if text, ok := t.plain[key]; ok {
		return text
	}
	if text, ok := t.simple[key]; ok {
		pairs := make([]string, 0, 2*len(parameters))
		for name, value := range parameters {
			pairs = append(pairs, "{{."+name+"}}", fmt.Sprint(value))
		}
		return strings.NewReplacer(pairs...).Replace(text)
	}
	text, err := t.localizer.Localize(&i18n.LocalizeConfig{
		MessageID: key, TemplateData: parameters, PluralCount: parameters["Count"],
	})
	if err != nil {
		return key
	}
	return text
}
