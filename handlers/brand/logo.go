package brand

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"strings"
)

// Logo is a picture, as it is served.
type Logo struct {
	Type  string
	Bytes []byte
}

// maxLogo is in bytes, and maxSide of a PNG in pixels: every page has it.
const maxLogo, maxSide = 100_000, 1024

// ParseLogo checks a picture. An SVG may have nothing in it that does something or loads something: it is served so
// that browsers let it do neither, but a copy of the file is not.
func ParseLogo(b []byte) (*Logo, error) {
	if len(b) > maxLogo {
		return nil, fmt.Errorf("it has %d bytes, and not at most %d", len(b), maxLogo)
	}
	if bytes.HasPrefix(b, []byte("\x89PNG")) {
		c, err := png.DecodeConfig(bytes.NewReader(b))
		if err == nil && (c.Width > maxSide || c.Height > maxSide) {
			err = fmt.Errorf("it has %d × %d pixels, and not at most %d", c.Width, c.Height, maxSide)
		}
		if err == nil {
			_, err = png.Decode(bytes.NewReader(b))
		}
		return &Logo{"image/png", b}, err
	}
	return &Logo{"image/svg+xml", b}, checkSVG(b)
}

// active are elements that do something, or show what is not the picture's.
var active = map[string]bool{
	"script": true, "foreignobject": true, "iframe": true, "object": true, "embed": true, "image": true, "style": true,
	"animate": true, "set": true, "handler": true, "listener": true, "audio": true, "video": true,
	"animatemotion": true, "animatetransform": true,
}

func checkSVG(b []byte) error {
	d := xml.NewDecoder(bytes.NewReader(b))
	seen := false
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			if !seen {
				return errors.New("it is neither SVG nor PNG")
			}
			return nil
		}
		if err != nil {
			return errors.New("it is neither SVG nor PNG")
		}
		switch t := token.(type) {
		case xml.Directive:
			return errors.New("the SVG has a DOCTYPE")
		case xml.ProcInst:
			if t.Target != "xml" {
				return fmt.Errorf("the SVG has <?%s?>", t.Target)
			}
		case xml.StartElement:
			if !seen && t.Name.Local != "svg" {
				return errors.New("it is neither SVG nor PNG")
			}
			seen = true
			if err := checkElement(t); err != nil {
				return err
			}
		}
	}
}

func checkElement(t xml.StartElement) error {
	if active[strings.ToLower(t.Name.Local)] {
		return fmt.Errorf("the SVG has <%s>", t.Name.Local)
	}
	for _, a := range t.Attr {
		name, value := strings.ToLower(a.Name.Local), strings.ToLower(a.Value)
		switch {
		case strings.HasPrefix(name, "on"):
			return fmt.Errorf("the SVG has %s, which does something", a.Name.Local)
		case name == "href" && !strings.HasPrefix(value, "#"):
			return errors.New("the SVG has a link that leads out of it")
		case strings.Contains(value, "url(") && !strings.Contains(strings.ReplaceAll(value, " ", ""), "url(#"),
			strings.Contains(value, "javascript:"), strings.Contains(value, "@import"):
			return fmt.Errorf("the SVG's %s loads something", a.Name.Local)
		}
	}
	return nil
}
