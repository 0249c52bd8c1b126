package amocrm

import (
	"archive/zip"
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

//go:embed widget
var widget embed.FS

// WidgetVersion is the version of the widget as it is; see WidgetArchive.
const WidgetVersion = "1.0.0"

// Languages are those of the client cabinet: SUPPORTED_LANGS of its SDK.
var Languages = []string{"ru", "en", "es", "pt"}

// WidgetArchive builds widget.zip, ready to be uploaded to amoCRM, with the portal's origin inside, and its name where
// that is not empty. The version is WidgetVersion when empty: amoCRM wants a higher one at every upload. The same
// input gives the same bytes. It returns the Problems of the archive when amoCRM would refuse it.
func WidgetArchive(portal, name, version string) ([]byte, error) {
	version = cmp.Or(version, WidgetVersion)
	if !versionPattern.MatchString(version) { // before it is written into the manifest
		return nil, Problems{{Rule: RuleVersion, File: "manifest.json"}}
	}
	if !originPattern.MatchString(portal) {
		return nil, fmt.Errorf("building the widget's archive: %q is no origin", portal)
	}
	files, err := widgetFiles(portal, name, version)
	if err != nil {
		return nil, fmt.Errorf("building the widget's archive: %w", err)
	}
	archive, err := pack(files)
	if err != nil {
		return nil, fmt.Errorf("building the widget's archive: %w", err)
	}
	if problems := CheckArchive(archive); len(problems) > 0 {
		return nil, problems
	}
	return archive, nil
}

// originPattern takes scheme, host and port, and nothing that a text in JSON or JavaScript would have to escape.
var originPattern = regexp.MustCompile(`^https?://[A-Za-z0-9.\[\]:-]+$`)

// widgetFiles are the archive's, by their names, with what is known only here filled in.
func widgetFiles(portal, name, version string) (map[string][]byte, error) {
	texts, err := pageTexts()
	if err != nil {
		return nil, err
	}
	if name != "" {
		name += " · "
	}
	quoted, err := jsontext.AppendQuote(nil, name)
	if err != nil {
		return nil, err
	}
	name = string(quoted[1 : len(quoted)-1])
	fill := strings.NewReplacer("$PORTAL", portal, `"$TEXTS"`, texts, "$VERSION", version, "$NAME", name)
	files := map[string][]byte{}
	err = fs.WalkDir(widget, "widget", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := widget.ReadFile(name)
		if path.Ext(name) != ".png" {
			b = []byte(fill.Replace(string(b)))
		}
		files[strings.TrimPrefix(name, "widget/")] = b
		return err
	})
	return files, err
}

// pageTexts are the texts of personal_page.js by language: the cabinet's SDK gives a widget no access to its i18n.
func pageTexts() (string, error) {
	all := map[string]jsontext.Value{}
	for _, l := range Languages {
		b, err := widget.ReadFile("widget/i18n/" + l + ".json")
		if err != nil {
			return "", err
		}
		var file map[string]jsontext.Value
		if err := json.Unmarshal(b, &file); err != nil {
			return "", fmt.Errorf("i18n/%s.json: %w", l, err)
		}
		if all[l] = file["personal_page"]; len(all[l]) == 0 {
			return "", errors.New("i18n/" + l + ".json has no texts for personal_page.js")
		}
	}
	b, err := json.Marshal(all, json.Deterministic(true), jsontext.WithIndentPrefix("  "), jsontext.WithIndent("  "))
	return string(b), err
}

// pack stores the files uncompressed, in the order of their names and without times, so that the bytes depend on
// nothing else.
func pack(files map[string][]byte) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err == nil {
			_, err = w.Write(files[name])
		}
		if err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return b.Bytes(), err
}
