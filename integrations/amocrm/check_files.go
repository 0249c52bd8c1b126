package amocrm

import (
	"bytes"
	"image"
	_ "image/jpeg" // tours may have it
	"image/png"
	"regexp"
	"strings"
)

// The rules about images and scripts.
const (
	RuleImageSize   Rule = "image_size"   // PNG in pixels as demanded
	RuleImageWeight Rule = "image_weight" // 300 KB at most
	RuleCallbacks   Rule = "callbacks"    // an AMD module with the callbacks that must be there
	RuleOnSave      Rule = "on_save"      // without onSave a widget cannot be installed
	RuleDialogs     Rule = "dialogs"      // no alert, confirm, eval
	// Nothing minified: a line of over 500 bytes counts as that, which is our decision.
	RuleMinified Rule = "minified"
	RuleConsole  Rule = "console" // no console but console.debug
	RuleCSS      Rule = "css"     // no selectors that reach other parts of the page
)

// Images are the logos that an archive has, with their sizes in pixels.
var Images = map[string]struct{ Width, Height int }{
	"logo_main.png": {400, 272}, "logo_small.png": {108, 108}, "logo.png": {130, 100},
	"logo_medium.png": {240, 84}, "logo_min.png": {84, 84},
}

const maxImage = 300 << 10

func checkImages(files map[string][]byte, problems *Problems) {
	for name, size := range Images {
		file := "images/" + name
		b, ok := files[file]
		if !ok {
			problems.add(RuleFile, file, "")
			continue
		}
		c, err := png.DecodeConfig(bytes.NewReader(b))
		if err != nil || c.Width != size.Width || c.Height != size.Height || !isImage(b) {
			problems.add(RuleImageSize, file, "")
		}
	}
	for file, b := range files {
		if strings.HasPrefix(file, "images/") && len(b) > maxImage {
			problems.add(RuleImageWeight, file, "")
		}
	}
}

// maxPixels is how large a picture is decoded to see whether it is one.
const maxPixels = 4 << 20

// isImage reports whether a file is a whole picture: PNG, or JPEG as tours have it too.
func isImage(b []byte) bool {
	c, _, err := image.DecodeConfig(bytes.NewReader(b))
	if err != nil || c.Width <= 0 || c.Height <= 0 || c.Width > maxPixels/c.Height {
		return false
	}
	_, _, err = image.Decode(bytes.NewReader(b))
	return err == nil
}

var (
	module  = regexp.MustCompile(`\bdefine\s*\(`)
	dialogs = regexp.MustCompile(`(?:^|[^.\w$]|\b(?:window|self|top|parent|globalThis)\s*(?:\??\.|\[['"])\s*)` +
		`(alert|confirm|eval)(?:['"]\])?\s*(?:\?\.)?\(`)
	console = regexp.MustCompile(`\bconsole\s*(?:\??\.|\[['"])\s*(\w+)`)
)

// maxLine is in bytes.
const maxLine = 500

// checkScripts looks at scripts as texts: nothing of an archive is run.
func checkScripts(files map[string][]byte, m Manifest, problems *Problems) {
	demanded := map[string][]string{"script.js": {"render", "init", "bind_actions"}}
	if m.HasLocation(PersonalPage) {
		demanded["personal_page.js"] = []string{"initLead", "registerWidgetsBarSlot"}
	}
	for name, callbacks := range demanded {
		b, ok := files[name]
		if !ok {
			problems.add(RuleFile, name, "")
			continue
		}
		if !module.Match(b) {
			problems.add(RuleCallbacks, name, "define")
		}
		for _, callback := range callbacks {
			if !isNamed(b, callback) {
				problems.add(RuleCallbacks, name, callback)
			}
		}
	}
	if b, ok := files["script.js"]; ok && !isNamed(b, "onSave") {
		problems.add(RuleOnSave, "script.js", "")
	}
	for name, b := range files {
		switch extension(name) {
		case ".js":
			checkScript(name, b, problems)
		case ".css":
			checkStyles(name, b, problems)
		}
	}
}

// isNamed reports whether a script has a property, a method or a variable of that name.
func isNamed(script []byte, name string) bool {
	return regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `['"]?\s*[:(=,}]`).Match(script)
}

func checkScript(name string, b []byte, problems *Problems) {
	number := 0
	minified := false
	for line := range bytes.Lines(b) {
		number++
		for _, m := range dialogs.FindAllSubmatch(line, -1) {
			problems.addAt(RuleDialogs, name, string(m[1]), number)
		}
		for _, m := range console.FindAllSubmatch(line, -1) {
			if string(m[1]) != "debug" {
				problems.addAt(RuleConsole, name, "console."+string(m[1]), number)
			}
		}
		if len(line) > maxLine && !minified {
			problems.addAt(RuleMinified, name, "", number)
			minified = true
		}
	}
}

var cssComment = regexp.MustCompile(`(?s)/\*.*?\*/`)

// checkStyles demands that every selector begins with a class or an id. It looks into blocks with selectors of
// their own, such as @media's, and passes over all other blocks.
func checkStyles(name string, b []byte, problems *Problems) {
	all := cssComment.ReplaceAllStringFunc(string(b), func(comment string) string {
		return strings.Repeat("\n", strings.Count(comment, "\n"))
	})
	for selectors, rest, ok := strings.Cut(all, "{"); ok; selectors, rest, ok = strings.Cut(rest, "{") {
		selectors = strings.TrimLeft(selectors, "} \t\n")
		selectors = strings.TrimSpace(selectors[strings.LastIndex(selectors, ";")+1:]) // behind an @import
		switch at, _, _ := strings.Cut(selectors, " "); at {
		case "@media", "@supports", "@layer", "@container":
			continue
		}
		if !strings.HasPrefix(selectors, "@") {
			for _, selector := range selectorList(selectors) {
				if selector == "" || selector[0] != '.' && selector[0] != '#' {
					problems.addAt(RuleCSS, name, selector, strings.Count(all[:len(all)-len(rest)], "\n")+1)
				}
			}
		}
		rest = pastBlock(rest)
	}
}

// pastBlock is what follows the block that css is in.
func pastBlock(css string) string {
	deep := 1
	for i, r := range css {
		switch r {
		case '{':
			deep++
		case '}':
			if deep--; deep == 0 {
				return css[i+1:]
			}
		}
	}
	return ""
}

// selectorList splits at commas outside brackets.
func selectorList(selectors string) []string {
	var all []string
	deep, begin := 0, 0
	for i, r := range selectors {
		switch r {
		case '(', '[':
			deep++
		case ')', ']':
			deep--
		case ',':
			if deep == 0 {
				all, begin = append(all, strings.TrimSpace(selectors[begin:i])), i+1
			}
		}
	}
	return append(all, strings.TrimSpace(selectors[begin:]))
}
