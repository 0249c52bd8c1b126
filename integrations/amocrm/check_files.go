package amocrm

import (
	"bytes"
	"image/png"
	"path"
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
	RuleMinified    Rule = "minified"     // nothing minified: a line of over 500 bytes counts as that, which is our decision
	RuleConsole     Rule = "console"      // no console but console.debug
	RuleCSS         Rule = "css"          // no selectors that reach other parts of the page
)

// Images are the logos that an archive has, with their sizes in pixels.
var Images = map[string]struct{ Width, Height int }{
	"logo_main.png": {400, 272}, "logo_small.png": {108, 108}, "logo.png": {130, 100}, "logo_medium.png": {240, 84}, "logo_min.png": {84, 84},
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
		if err != nil || c.Width != size.Width || c.Height != size.Height {
			problems.add(RuleImageSize, file, "")
		}
	}
	for file, b := range files {
		if strings.HasPrefix(file, "images/") && len(b) > maxImage {
			problems.add(RuleImageWeight, file, "")
		}
	}
}

var (
	module  = regexp.MustCompile(`\bdefine\s*\(`)
	dialogs = regexp.MustCompile(`(?:^|[^.\w$]|\b(?:window|self|globalThis)\s*\.\s*)(alert|confirm|eval)\s*\(`)
	console = regexp.MustCompile(`\bconsole\s*\.\s*(\w+)`)
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
		checkModule(name, b, callbacks, problems)
	}
	if b, ok := files["script.js"]; ok && !isNamed(b, "onSave") {
		problems.add(RuleOnSave, "script.js", "")
	}
	for name, b := range files {
		switch path.Ext(name) {
		case ".js":
			checkScript(name, b, problems)
		case ".css":
			checkStyles(name, b, problems)
		}
	}
}

func checkModule(name string, b []byte, callbacks []string, problems *Problems) {
	if !module.Match(b) {
		problems.add(RuleCallbacks, name, "define")
	}
	for _, callback := range callbacks {
		if !isNamed(b, callback) {
			problems.add(RuleCallbacks, name, callback)
		}
	}
}

// isNamed tells whether a script has a property, a method or a variable of that name.
func isNamed(script []byte, name string) bool {
	return regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `['"]?\s*[:(=,}]`).Match(script)
}

func checkScript(name string, b []byte, problems *Problems) {
	for _, m := range dialogs.FindAllSubmatch(b, -1) {
		problems.add(RuleDialogs, name, string(m[1]))
	}
	for _, m := range console.FindAllSubmatch(b, -1) {
		if string(m[1]) != "debug" {
			problems.add(RuleConsole, name, "console."+string(m[1]))
		}
	}
	for line := range bytes.Lines(b) {
		if len(line) > maxLine {
			problems.add(RuleMinified, name, "")
			return
		}
	}
}

var cssComment = regexp.MustCompile(`(?s)/\*.*?\*/`)

// checkStyles demands that every selector begins with a class or an id.
func checkStyles(name string, b []byte, problems *Problems) {
	for block := range strings.SplitSeq(cssComment.ReplaceAllString(string(b), ""), "}") {
		selectors, _, ok := strings.Cut(block, "{")
		if !ok || strings.HasPrefix(strings.TrimSpace(selectors), "@") {
			continue
		}
		for selector := range strings.SplitSeq(selectors, ",") {
			if s := strings.TrimSpace(selector); s != "" && s[0] != '.' && s[0] != '#' {
				problems.add(RuleCSS, name, s)
			}
		}
	}
}
