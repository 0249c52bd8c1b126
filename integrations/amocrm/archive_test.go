package amocrm

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestTheWidgetsArchiveIsRightAndAlwaysTheSame(t *testing.T) {
	t.Parallel()
	first, err := WidgetArchive(testPortal, "", "")
	if err != nil {
		t.Fatal(err)
	}
	second, err := WidgetArchive(testPortal, "", "")
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("the same input gives other bytes; %v", err)
	}
	files, problems := Unpack(first)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	m, err := ReadManifest(files)
	if err != nil || !m.HasLocation(PersonalPage) || m.Widget.Version != WidgetVersion || !slices.Equal(m.Widget.Locale, Languages) {
		t.Errorf("%+v, %v", m, err)
	}
	for _, name := range []string{"manifest.json", "script.js", "personal_page.js", "i18n/ru.json", "i18n/en.json", "i18n/es.json", "i18n/pt.json", "images/logo_main.png"} {
		if files[name] == nil {
			t.Errorf("%s is missing", name)
		}
	}
	if !strings.Contains(string(files["personal_page.js"]), `const PORTAL = "`+testPortal+`"`) {
		t.Error("the portal's address is not inside")
	}
	for name, b := range files {
		if isText(name) && bytes.ContainsRune(b, '$') {
			t.Errorf("%s has a place that is not filled in", name)
		}
	}
}

func TestTheWidgetHasATextForEachKeyInEachLanguage(t *testing.T) {
	t.Parallel()
	source, err := widget.ReadFile("widget/personal_page.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range Languages {
		b, err := widget.ReadFile("widget/i18n/" + l + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			Page map[string]string `json:"personal_page"`
		}
		if err := json.Unmarshal(b, &file); err != nil {
			t.Fatal(err)
		}
		for key, text := range file.Page {
			if !strings.Contains(string(source), "'"+key+"'") {
				t.Errorf("%s: nothing shows %q", l, key)
			}
			if text == "" {
				t.Errorf("%s: %q is empty", l, key)
			}
		}
		for _, m := range regexp.MustCompile(`\btext\('(\w+)'`).FindAllSubmatch(source, -1) {
			if file.Page[string(m[1])] == "" {
				t.Errorf("%s has no %q", l, m[1])
			}
		}
	}
}

func TestAVersionThatIsNoneBuildsNoArchive(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1", "1.0", "1.0.0.0", "1.0.x", `1.0.0","a":"b`, "999999.0.0"} {
		_, err := WidgetArchive(testPortal, "", version)
		if problems, ok := errors.AsType[Problems](err); !ok || !slices.Contains(problems, problem(RuleVersion, "manifest.json", "")) {
			t.Errorf("%s: %v", version, err)
		}
	}
	for _, portal := range []string{"", "portal.example.com", `https://portal.example.com","x":"`, "https://portal.example.com/path", "javascript:alert"} {
		if _, err := WidgetArchive(portal, "", ""); err == nil {
			t.Errorf("%q is taken", portal)
		}
	}
}

// goodFiles are the widget's, with images as plain and small as they may be: to look at the real ones takes long.
func goodFiles(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := widgetFiles(testPortal, "", WidgetVersion)
	if err != nil {
		t.Fatal(err)
	}
	for name := range files {
		if strings.HasPrefix(name, "images/tour_") {
			files[name] = picture(t, 1, 1)
		}
	}
	for name, size := range Images {
		files["images/"+name] = picture(t, size.Width, size.Height)
	}
	return files
}

// archiveOf is an archive of files with something changed; nil takes a file away.
func archiveOf(t *testing.T, files, change map[string][]byte) []byte {
	t.Helper()
	files = maps.Clone(files)
	for name, b := range change {
		if b == nil {
			delete(files, name)
		} else {
			files[name] = b
		}
	}
	archive, err := pack(files)
	if err != nil {
		t.Fatal(err)
	}
	return archive
}

func picture(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// problem is one without its line.
func problem(rule Rule, file, name string) Problem {
	return Problem{Rule: rule, File: file, Name: name}
}

func rulesOf(problems Problems) []Rule {
	var all []Rule
	for _, p := range problems {
		all = append(all, p.Rule)
	}
	return all
}

func TestABrokenArchiveIsRefusedByItsRule(t *testing.T) {
	t.Parallel()
	files := goodFiles(t)
	logo := func(width, height int) map[string][]byte {
		return map[string][]byte{"images/logo.png": picture(t, width, height)}
	}
	replaced := func(name, old, new string) map[string][]byte {
		b := bytes.Replace(files[name], []byte(old), []byte(new), 1)
		if bytes.Equal(b, files[name]) {
			t.Fatalf("%s has no %q", name, old)
		}
		return map[string][]byte{name: b}
	}
	page := func(code string) map[string][]byte {
		return map[string][]byte{"personal_page.js": append(slices.Clone(files["personal_page.js"]), code...)}
	}
	const manifest = "manifest.json"
	for name, c := range map[string]struct {
		change map[string][]byte
		want   Problem
	}{
		"no manifest":                        {map[string][]byte{manifest: nil}, problem(RuleFile, manifest, "")},
		"no script":                          {map[string][]byte{"script.js": nil}, problem(RuleFile, "script.js", "")},
		"no page":                            {map[string][]byte{"personal_page.js": nil}, problem(RuleFile, "personal_page.js", "")},
		"no Russian":                         {map[string][]byte{"i18n/ru.json": nil}, problem(RuleFile, "i18n/ru.json", "")},
		"no logo":                            {map[string][]byte{"images/logo_min.png": nil}, problem(RuleFile, "images/logo_min.png", "")},
		"a comment in the manifest":          {replaced(manifest, `"locations": ["personal_page"],`, "\"locations\": [\n\"personal_page\" // here\n],"), problem(RuleManifest, manifest, "")},
		"a mark at the beginning":            {map[string][]byte{manifest: append([]byte("\ufeff"), files[manifest]...)}, problem(RuleEncoding, manifest, "")},
		"no UTF-8":                           {page("// \xff"), problem(RuleEncoding, "personal_page.js", "")},
		"other line ends":                    {replaced("script.js", "\n", "\r\n"), problem(RuleLineEnds, "script.js", "")},
		"a version of two numbers":           {replaced(manifest, `"1.0.0"`, `"1.0"`), problem(RuleVersion, manifest, "")},
		"another interface":                  {replaced(manifest, `"interface_version": 2`, `"interface_version": 1`), problem(RuleInterfaceVersion, manifest, "")},
		"no init_once":                       {replaced(manifest, `"init_once": true,`, ``), problem(RuleSwitches, manifest, "")},
		"a name in other letters":            {replaced(manifest, `"interface_version"`, `"Interface_Version"`), problem(RuleInterfaceVersion, manifest, "")},
		"a name twice in the manifest":       {replaced(manifest, `"interface_version": 2`, `"interface_version": 1, "interface_version": 2`), problem(RuleManifest, manifest, "")},
		"very many languages":                {replaced(manifest, `"pt"]`, `"pt"`+strings.Repeat(`, "ru"`, 100000)+`]`), Problem{Rule: RuleSize}},
		"many languages":                     {replaced(manifest, `"pt"]`, `"pt"`+strings.Repeat(`, "ru"`, 20)+`]`), problem(RuleLocale, manifest, "")},
		"texts nested deep":                  {map[string][]byte{"i18n/en.json": []byte(strings.Repeat(`{"a":`, 1000) + `"b"` + strings.Repeat(`}`, 1000))}, problem(RuleTexts, "i18n/en.json", "")},
		"half a logo":                        {map[string][]byte{"images/logo.png": files["images/logo.png"][:60]}, problem(RuleImageSize, "images/logo.png", "")},
		"a tour of scripts":                  {replaced(manifest, `"/images/tour_ru.png"`, `"/script.js"`), problem(RuleTour, manifest, "")},
		"no installation":                    {replaced(manifest, `"installation": true,`, ``), problem(RuleSwitches, manifest, "")},
		"init_once as a text":                {replaced(manifest, `"init_once": true,`, `"init_once": "true",`), problem(RuleType, manifest, "widget.init_once")},
		"no language":                        {replaced(manifest, `["ru", "en", "es", "pt"]`, `[]`), problem(RuleLocale, manifest, "")},
		"a language without texts":           {replaced(manifest, `"pt"]`, `"pt", "de"]`), problem(RuleFile, "i18n/de.json", "")},
		"no support":                         {replaced(manifest, `"link"`, `"links"`), problem(RuleSupport, manifest, "")},
		"no locations":                       {replaced(manifest, `["personal_page"]`, `[]`), problem(RuleLocations, manifest, "")},
		"no settings":                        {replaced(manifest, `"settings"`, `"setting"`), problem(RuleSettings, manifest, "")},
		"no tour":                            {replaced(manifest, `"is_tour": true`, `"is_tour": false`), problem(RuleTour, manifest, "")},
		"a tour's image that is not there":   {map[string][]byte{"images/tour_en.png": nil}, problem(RuleTour, manifest, "")},
		"a name that is no key":              {replaced(manifest, `"widget.name"`, `"Kabinet"`), problem(RuleTextKey, "i18n/ru.json", "Kabinet")},
		"texts that are no JSON":             {map[string][]byte{"i18n/en.json": []byte("{")}, problem(RuleTexts, "i18n/en.json", "")},
		"texts of another structure":         {replaced("i18n/en.json", `"about"`, `"above"`), problem(RuleTexts, "i18n/en.json", "personal_page.about")},
		"a logo of another height":           {logo(130, 101), problem(RuleImageSize, "images/logo.png", "")},
		"a logo of another width":            {logo(131, 100), problem(RuleImageSize, "images/logo.png", "")},
		"a logo that is no PNG":              {map[string][]byte{"images/logo.png": []byte("GIF89a")}, problem(RuleImageSize, "images/logo.png", "")},
		"a heavy image":                      {map[string][]byte{"images/more.png": make([]byte, 301<<10)}, problem(RuleImageWeight, "images/more.png", "")},
		"no module":                          {replaced("script.js", "define(", "defined("), problem(RuleCallbacks, "script.js", "define")},
		"no render":                          {replaced("script.js", "render:", "rendered:"), problem(RuleCallbacks, "script.js", "render")},
		"no onSave":                          {replaced("script.js", "onSave:", "onSaved:"), problem(RuleOnSave, "script.js", "")},
		"no initLead":                        {replaced("personal_page.js", "initLead:", "initDeal:"), problem(RuleCallbacks, "personal_page.js", "initLead")},
		"no slot":                            {replaced("personal_page.js", "registerWidgetsBarSlot:", "slot:"), problem(RuleCallbacks, "personal_page.js", "registerWidgetsBarSlot")},
		"alert":                              {page("\nalert('hello');\n"), problem(RuleDialogs, "personal_page.js", "alert")},
		"window.confirm":                     {page("\nif (window.confirm ('sure?')) {}\n"), problem(RuleDialogs, "personal_page.js", "confirm")},
		"eval":                               {page("\nx = eval('1');\n"), problem(RuleDialogs, "personal_page.js", "eval")},
		"window['alert']":                    {page("\nwindow['alert'](1);\n"), problem(RuleDialogs, "personal_page.js", "alert")},
		"top?.alert":                         {page("\ntop?.alert?.(1);\n"), problem(RuleDialogs, "personal_page.js", "alert")},
		"console?.error":                     {page("\nconsole?.error('x');\n"), problem(RuleConsole, "personal_page.js", "console.error")},
		"a script in other letters":          {map[string][]byte{"more.JS": []byte("alert(1)\r\n")}, problem(RuleDialogs, "more.JS", "alert")},
		"styles inside @media":               {map[string][]byte{"style.css": []byte("@import 'x';\n@media screen { .a { color: red } body { color: red } }\n")}, problem(RuleCSS, "style.css", "body")},
		"the same name in other letters":     {map[string][]byte{"Manifest.json": []byte("{}")}, problem(RuleName, "manifest.json", "")},
		"a name with a control character":    {map[string][]byte{"a\x01b": []byte("x")}, problem(RuleName, "a\x01b", "")},
		"a name that ends with a space":      {map[string][]byte{"con .js ": []byte("x")}, problem(RuleName, "con .js ", "")},
		"console.log":                        {page("\nconsole.log('x');\n"), problem(RuleConsole, "personal_page.js", "console.log")},
		"console.warn, as the seed's sample": {page("\nconsole.warn('x');\n"), problem(RuleConsole, "personal_page.js", "console.warn")},
		"minified":                           {page("\nvar " + strings.Repeat("a=1,", 200) + "b;\n"), problem(RuleMinified, "personal_page.js", "")},
		"styles for the whole page":          {map[string][]byte{"style.css": []byte("/* x */ .kabinet p { margin: 0 }\n.a, body > p { color: red }\n")}, problem(RuleCSS, "style.css", "body > p")},
		"a path out of the archive":          {map[string][]byte{"../evil.js": []byte("x")}, problem(RuleName, "../evil.js", "")},
		"an absolute path":                   {map[string][]byte{"/evil.js": []byte("x")}, problem(RuleName, "/evil.js", "")},
		"a name with a backslash":            {map[string][]byte{`a\evil.js`: []byte("x")}, problem(RuleName, `a\evil.js`, "")},
		"much":                               {map[string][]byte{"much": make([]byte, maxUnpacked)}, Problem{Rule: RuleSize}},
	} {
		problems := CheckArchive(archiveOf(t, files, c.change))
		if c.want.Rule.IsCatalogue() == slices.Contains(rulesOf(problems.Refused()), c.want.Rule) {
			t.Errorf("%s: refused for %v", name, problems.Refused())
		}
		for i := range problems {
			problems[i].Line = 0
		}
		if !slices.Contains(problems, c.want) {
			t.Errorf("%s: %v, want %v", name, problems, c.want)
		}
	}
	if problems := CheckArchive(archiveOf(t, files, map[string][]byte{
		"style.css": []byte(".kabinet, .a:is(b, c) { color: red }\n" +
			"@keyframes k { from { top: 0 } to { top: 1px } }\n"),
		"..x.png": []byte("x"),
		"more.js": []byte("console.debug(dialog.confirm(1));\n"),
	})); problems != nil {
		t.Errorf("what is allowed: %v", problems)
	}
}

func TestAWidgetOfAnAccountsOwnMayHaveOneLanguage(t *testing.T) {
	t.Parallel()
	files := goodFiles(t)
	manifest := strings.Replace(string(files["manifest.json"]), `["ru", "en", "es", "pt"]`, `["ru"]`, 1)
	manifest = regexp.MustCompile(`(?s)"en": \[[^]]*\],?`).ReplaceAllString(manifest, "")
	manifest = regexp.MustCompile(`(?s)("ru": \[[^]]*\]),\s*\}`).ReplaceAllString(manifest, "$1}")
	change := map[string][]byte{"manifest.json": []byte(manifest), "i18n/en.json": nil, "i18n/es.json": nil, "i18n/pt.json": nil, "images/tour_en.png": nil}
	if problems := CheckArchive(archiveOf(t, files, change)); problems != nil {
		t.Errorf("%v\n%s", problems, manifest)
	}
}

func TestWhatTheCatalogueWouldRefuseIsSaidWithItsLine(t *testing.T) {
	t.Parallel()
	problems := CheckArchive(archiveOf(t, goodFiles(t), map[string][]byte{
		"more.js":   []byte("// one\n\nalert(1); console.warn(2);\n" + strings.Repeat("x", 600) + "\n"),
		"style.css": []byte("/* one\ntwo */\n.a { top: 0 }\n\nbody { top: 0 }\n"),
	}))
	want := Problems{
		{RuleConsole, "more.js", "console.warn", 3}, {RuleDialogs, "more.js", "alert", 3}, {RuleMinified, "more.js", "", 4},
		{RuleCSS, "style.css", "body", 5},
	}
	if !slices.Equal(problems, want) || len(problems.Refused()) != 0 {
		t.Errorf("%v", problems)
	}
	if text := problems[0].Error(); text != `more.js, line 3: console.warn breaks the rule "console"` {
		t.Error(text)
	}
}

func TestAnArchiveThatCannotBeReadIsRefused(t *testing.T) {
	t.Parallel()
	zipped := func(write func(z *zip.Writer) error) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		if err := errors.Join(write(z), z.Close()); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	files := goodFiles(t)
	whole := archiveOf(t, files, nil)
	for name, c := range map[string]struct {
		archive []byte
		want    Problem
	}{
		"nothing":    {nil, Problem{Rule: RuleZip}},
		"no zip":     {[]byte("hello"), Problem{Rule: RuleZip}},
		"half a zip": {whole[:len(whole)/2], Problem{Rule: RuleZip}},
		"damaged":    {bytes.Replace(whole, []byte("amoCRM's own pages"), []byte("amoCRM's old pages"), 1), Problem{Rule: RuleZip, File: "script.js"}},
		"in a folder": {zipped(func(z *zip.Writer) error {
			for _, file := range slices.Sorted(maps.Keys(files)) {
				w, err := z.Create("widget/" + file)
				if err != nil {
					return err
				}
				if _, err := w.Write(files[file]); err != nil {
					return err
				}
			}
			return nil
		}), Problem{Rule: RuleRoot}},
		"a name twice": {zipped(func(z *zip.Writer) error {
			_, first := z.Create("script.js")
			_, second := z.Create("script.js")
			return errors.Join(first, second)
		}), Problem{Rule: RuleName, File: "script.js"}},
		"a link": {zipped(func(z *zip.Writer) error {
			h := &zip.FileHeader{Name: "link"}
			h.SetMode(fs.ModeSymlink | 0o777)
			w, err := z.CreateHeader(h)
			if err == nil {
				_, err = w.Write([]byte("../../etc/passwd"))
			}
			return err
		}), Problem{Rule: RuleName, File: "link"}},
		"a folder out of the archive": {zipped(func(z *zip.Writer) error {
			_, err := z.Create("../../evil/")
			return err
		}), Problem{Rule: RuleName, File: "../../evil/"}},
		"very many": {zipped(func(z *zip.Writer) error {
			for i := range maxFiles + 1 {
				if _, err := z.Create(fmt.Sprintf("file-%d", i)); err != nil {
					return err
				}
			}
			return nil
		}), Problem{Rule: RuleSize}},
		"little that becomes much": {zipped(func(z *zip.Writer) error {
			w, err := z.Create("bomb")
			if err != nil {
				return err
			}
			_, err = w.Write(make([]byte, maxUnpacked))
			return err
		}), Problem{Rule: RuleSize}},
	} {
		if problems := CheckArchive(c.archive); !slices.Contains(problems, c.want) {
			t.Errorf("%s: %v, want %v", name, problems, c.want)
		}
	}
}
