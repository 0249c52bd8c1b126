package static

import (
	"io/fs"
	"path"
	"strings"
	"sync"
)

// icons are those that npm brought, by their names, ready to stand in a page. A build may lack them.
var icons = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	files, err := fs.Glob(Files, "npm/icons/*.svg")
	if err != nil {
		panic(err) // only for an impossible pattern
	}
	for _, file := range files {
		_, shape, _ := strings.Cut(string(read(file)), ">")
		name := strings.TrimSuffix(path.Base(file), ".svg")
		all[name] = `<svg class="icon" viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">` +
			strings.ReplaceAll(strings.TrimSpace(shape), "\n", "")
	}
	return all
})

// Icon is the SVG of an icon, in the colour of the text around it and hidden from who listens; empty for none.
func Icon(name string) string { return icons()[name] }
