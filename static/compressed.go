package static

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
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

// compressed is where files are that belong to others.
const compressed = "npm/compressed/"

// files are all of them, by their names.
var files = sync.OnceValue(func() map[string]File {
	all := map[string]File{}
	for _, name := range names() {
		if strings.HasPrefix(name, compressed) {
			continue // it belongs to another
		}
		plain := read(name)
		sum := sha256.Sum256(plain)
		smaller := compressed + hex.EncodeToString(sum[:8])
		all[name] = File{types[path.Ext(name)], plain, read(smaller + ".br"), read(smaller + ".gz")}
	}
	return all
})

// read returns a file's bytes, nil for a file that this build lacks.
func read(name string) []byte {
	b, err := fs.ReadFile(Files, name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		panic(err) // the files are part of the program
	}
	return b
}

// Find returns a file, and false for none.
func Find(name string) (File, bool) {
	f, ok := files()[name]
	return f, ok
}
