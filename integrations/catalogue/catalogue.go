package catalogue

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"golang.org/x/text/feature/plural"
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
	Language Language
	plain    map[string]string // those without parameters, ready to show
	filled   map[string]forms  // those with parameters
	tag      language.Tag
	printer  *message.Printer
}

// forms are a text's plural forms. A text that has none is the form Other.
type forms map[plural.Form]string

// formNames are the forms as files name them.
var formNames = map[string]plural.Form{
	"one": plural.One, "few": plural.Few, "many": plural.Many, "other": plural.Other,
}

// Load reads every catalogue/*.<language>.json of those who have texts. It returns an error when a file cannot
// be read, a key stands twice, or a key is missing in a language.
func Load(owners ...fs.FS) (*Catalogue, error) {
	c := &Catalogue{texts: map[Language]*Texts{}}
	files := map[Language]map[string]string{} // the file that each text stands in
	for _, l := range Languages {
		t, from, err := load(l, owners)
		if err != nil {
			return nil, fmt.Errorf("loading the %s texts: %w", l, err)
		}
		c.texts[l], files[l] = t, from
	}
	for _, l := range Languages {
		for _, other := range Languages {
			for key, file := range files[other] {
				if files[l][key] == "" {
					return nil, fmt.Errorf("the text %q of %s is missing in %s", key, file, l)
				}
			}
		}
	}
	return c, nil
}

func load(l Language, owners []fs.FS) (t *Texts, from map[string]string, err error) {
	tag := language.MustParse(string(l))
	t = &Texts{
		Language: l, plain: map[string]string{}, filled: map[string]forms{},
		tag: tag, printer: message.NewPrinter(tag),
	}
	from = map[string]string{}
	for _, owner := range owners {
		files, err := fs.Glob(owner, "catalogue/*."+string(l)+".json")
		if err != nil {
			return nil, nil, err
		}
		for _, name := range files {
			if err := t.add(from, owner, name); err != nil {
				return nil, nil, fmt.Errorf("%s: %w", path.Base(name), err)
			}
		}
	}
	return t, from, nil
}

func (t *Texts) add(from map[string]string, owner fs.FS, name string) error {
	b, err := fs.ReadFile(owner, name)
	if err != nil {
		return err
	}
	var entries map[string]any // each is a text, or its plural forms
	if err := json.Unmarshal(b, &entries); err != nil {
		return err
	}
	for key, entry := range entries {
		if other := from[key]; other != "" {
			return fmt.Errorf("the text %q stands in %s, too", key, other)
		}
		from[key] = path.Base(name)
		if text, isText := entry.(string); isText && !strings.Contains(text, "{{") {
			t.plain[key] = text
			continue
		}
		if t.filled[key], err = readForms(entry); err != nil {
			return fmt.Errorf("the text %q: %w", key, err)
		}
	}
	return nil
}

func readForms(entry any) (forms, error) {
	if text, ok := entry.(string); ok {
		return forms{plural.Other: text}, nil
	}
	members, _ := entry.(map[string]any)
	read := forms{}
	for name, member := range members {
		form, known := formNames[name]
		text, isText := member.(string)
		if !known || !isText {
			return nil, fmt.Errorf("the form %q is unknown, or no text", name)
		}
		read[form] = text
	}
	if read[plural.Other] == "" {
		return nil, errors.New("neither a text nor plural forms with other")
	}
	return read, nil
}

// In returns the texts in a language, Russian when there is no such language.
func (c *Catalogue) In(l Language) *Texts { return cmp.Or(c.texts[l], c.texts[Russian]) }

// Keys returns every key, sorted.
func (c *Catalogue) Keys() []string {
	t := c.texts[Russian]
	keys := slices.AppendSeq(slices.Collect(maps.Keys(t.plain)), maps.Keys(t.filled))
	slices.Sort(keys)
	return keys
}

// T returns a text without parameters; a key that is not there gives the key itself.
func (t *Texts) T(key string) string {
	if text, ok := t.plain[key]; ok {
		return text
	}
	return key
}

// Or returns a text without parameters, and instead for a key that is not there.
func (t *Texts) Or(key, instead string) string { return cmp.Or(t.plain[key], instead) }

// With returns a text with its parameters filled in. The int among them that is named Count chooses the plural form.
func (t *Texts) With(key string, parameters map[string]any) string {
	if text, ok := t.plain[key]; ok {
		return text
	}
	all, ok := t.filled[key]
	if !ok {
		return key
	}
	text := all[plural.Other]
	if count, ok := parameters["Count"].(int); ok {
		text = cmp.Or(all[plural.Cardinal.MatchPlural(t.tag, max(count, -count)%10_000_000, 0, 0, 0, 0)], text)
	}
	pairs := make([]string, 0, 2*len(parameters))
	for name, value := range parameters {
		pairs = append(pairs, "{{."+name+"}}", fmt.Sprint(value))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}
