// Package static holds the portal's own CSS and JavaScript, embedded.
package static

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strings"
	"sync"
)

// Files are the portal's stylesheet, scripts and pictures, and below npm what npm brought.
//
//go:embed *.css *.js *.svg npm
var Files embed.FS

// Resizer is iframe-resizer's half for the page around a frame. A build may lack it.
const Resizer = "npm/iframeResizer.js"

// names are those of all files, in order.
var names = sync.OnceValue(func() []string {
	var all []string
	err := fs.WalkDir(Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all = append(all, name)
		}
		return err
	})
	if err != nil {
		panic(err) // the files are part of the program
	}
	return all
})

// version changes whenever a file does, so that browsers may keep the files for good.
var version = sync.OnceValue(func() string {
	hash := sha256.New()
	for _, name := range names() {
		if !strings.HasPrefix(name, compressed) {
			b := read(name)
			fmt.Fprintf(hash, "%s %d\n", name, len(b))
			hash.Write(b)
		}
	}
	return hex.EncodeToString(hash.Sum(nil))[:12]
})

// Prefix is the path below which the files are served; it bears their version.
func Prefix() string { return "/static/" + version() + "/" }

// paths are those of all files, by their names: every page has some.
var paths = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	for _, name := range names() {
		all[name] = Prefix() + name
	}
	return all
})

// Path is the path at which a file is served; empty for a file that this build lacks.
func Path(name string) string { return paths()[name] }
