package static

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"path"
	"strings"
	"sync"
)

// File is one of Files, ready to be served.
type File struct {
	Type string // for the header Content-Type
	// Plain, Brotli and Gzip are its bytes; the last two are nil where `make assets` has not compressed it.
	Plain, Brotli, Gzip []byte
}

var types = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	"": "text/plain; charset=utf-8",
}

// files are all of them, by their names.
var files = sync.OnceValue(func() map[string]File {
	all := map[string]File{}
	for name := range paths() {
		plain, err := fs.ReadFile(Files, name)
		if err != nil || strings.HasPrefix(name, "npm/compressed/") {
			continue // a folder, or what belongs to another
		}
		sum := sha256.Sum256(plain)
		f := File{Type: types[path.Ext(name)], Plain: plain}
		compressed := "npm/compressed/" + hex.EncodeToString(sum[:8])
		f.Brotli, _ = fs.ReadFile(Files, compressed+".br")
		f.Gzip, _ = fs.ReadFile(Files, compressed+".gz")
		all[name] = f
	}
	return all
})

// Find returns a file, and false for none.
func Find(name string) (File, bool) {
	f, ok := files()[name]
	return f, ok
}
