package sandbox

import (
	"bytes"
	"embed"
	"io/fs"
	"net/http"
	"slices"
	"strconv"
)

//go:embed assets
var assets embed.FS

// fromNPM are the files that npm brings, which are not committed, by the vendor's path.
var fromNPM = map[string]string{
	"/media/js/iframeResizer.js":               "assets/npm/iframeResizer.js",
	"/media/js/iframeResizer.contentWindow.js": "assets/npm/iframeResizer.contentWindow.js",
}

// MissingAssets names what this binary was built without, each with the command that brings it.
func MissingAssets() []string {
	var missing []string
	for path, file := range fromNPM {
		if _, err := fs.Stat(assets, file); err != nil {
			missing = append(missing, missingText(path))
		}
	}
	slices.Sort(missing)
	return missing
}

func missingText(path string) string {
	return path + " is missing in this build: run `make assets` and build again"
}

// serveWidgets writes pp_widgets.js as the settings have it. A widget that is switched off begins at the cabinet's
// host, which says so.
func (s *Sandbox) serveWidgets(w http.ResponseWriter, _ *http.Request) {
	set := s.settings.Get()
	set.FromPortal = set.FromPortal && set.Widget
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	widgets, err := assets.ReadFile("assets/pp_widgets.js")
	if err == nil {
		from := strconv.FormatBool(set.FromPortal)
		_, err = w.Write(bytes.Replace(widgets, []byte("{{fromPortal}}"), []byte(from), 1))
	}
	if err != nil {
		s.config.Log.Warn("writing pp_widgets.js", "error", err)
	}
}

func (s *Sandbox) registerScripts(mux *http.ServeMux) {
	for path, file := range fromNPM {
		mux.Handle("GET "+path, s.Faults().Handler("iframeResizer.js", func(w http.ResponseWriter, r *http.Request) {
			if _, err := fs.Stat(s.npm, file); err != nil {
				s.config.Log.Error("an asset is missing", "what", missingText(path))
				http.Error(w, missingText(path), http.StatusNotFound)
				return
			}
			http.ServeFileFS(w, r, s.npm, file)
		}))
	}
	mux.Handle("GET /media/js/public_widgets/pp_widgets.js", s.Faults().Handler("pp_widgets.js", s.serveWidgets))
	mux.HandleFunc("GET /media/js/cabinet.js", s.Frame.File("assets/cabinet.js"))
}
