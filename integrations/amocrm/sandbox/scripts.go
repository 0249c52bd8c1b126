package sandbox

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
)

//go:embed assets
var assets embed.FS

// bring is the command that brings the files of npm packages, which are not committed.
const bring = "make assets"

// fromNPM are the files that npm brings: the loader, and the modules that the vendor's page declares. The
// newest majors of some have no AMD build; these are the last that do.
var fromNPM = []string{
	"require.js", "jquery.js", "react.js", "react-dom.js", "redux-toolkit.js", "react-redux.js", "nanoid.js",
	"classnames.js", "dateformat.js", "lodash.js",
}

// ours are the cabinet's own scripts, among them the modules that no package brings.
var ours = []string{"main.js", "cabinet.js", "store.js", "amocrm-sdk.js", "import-modules.js", "immer.produce.js",
	"immer.current.js", "nanoid-function.js", "fields.js"}

// MissingAssets names what this binary was built without, each with the command that brings it.
func MissingAssets() []string {
	var missing []string
	for _, name := range fromNPM {
		if _, err := fs.Stat(assets, "assets/npm/"+name); err != nil {
			missing = append(missing, missingText(name))
		}
	}
	slices.Sort(missing)
	return missing
}

func missingText(name string) string {
	return fmt.Sprintf("%s of amoCRM's cabinet is missing in this build: run `%s` and build again", name, bring)
}

func (s *Sandbox) registerScripts() {
	for _, name := range fromNPM {
		s.cabinet.HandleFunc("GET /js/npm/"+name, func(w http.ResponseWriter, r *http.Request) {
			s.fromNPM(w, name)
		})
	}
	for _, name := range ours {
		s.cabinet.HandleFunc("GET /js/"+name, s.Frame.Script("assets/cabinet/"+name))
	}
	for _, mux := range []*http.ServeMux{s.account, s.cabinet} {
		mux.HandleFunc("GET /_sandbox/logo.svg", s.Frame.File("assets/logo.svg"))
	}
}

func (s *Sandbox) fromNPM(w http.ResponseWriter, name string) {
	b, err := fs.ReadFile(s.npm, "assets/npm/"+name)
	if err != nil {
		s.config.Log.Error("an asset is missing", "what", missingText(name))
		http.Error(w, missingText(name), http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Header().Set("Cache-Control", "max-age=3600")
	if name == "nanoid.js" { // a CommonJS file, which requirejs takes in a function
		b = slices.Concat([]byte("define(function (require, exports, module) {\n"), bytes.TrimSpace(b),
			[]byte("\n});\n"))
	}
	_, _ = w.Write(b) // the browser may have left
}
