package brand

import (
	"fmt"
	"math"
	"strings"
)

// Colour is one of the sRGB space, in shares of 255.
type Colour [3]uint8

// String is the colour as CSS writes it.
func (c Colour) String() string { return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2]) }

// parseColour reads #1a2b3c and #abc.
func parseColour(text string) (c Colour, err error) {
	digits, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(text)), "#")
	if len(digits) == 3 {
		digits = string([]byte{digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]})
	}
	if !ok || len(digits) != 6 || strings.Trim(digits, "0123456789abcdef") != "" {
		return c, fmt.Errorf("%q is no colour such as #3b4fd8", text)
	}
	_, err = fmt.Sscanf(digits, "%02x%02x%02x", &c[0], &c[1], &c[2])
	return c, err
}

// luminance is WCAG 2's relative luminance.
func (c Colour) luminance() float64 {
	linear := func(share uint8) float64 {
		v := float64(share) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c[0]) + 0.7152*linear(c[1]) + 0.0722*linear(c[2])
}

// contrast is WCAG 2's, from 1 to 21.
func contrast(a, b Colour) float64 {
	light, dark := a.luminance(), b.luminance()
	if light < dark {
		light, dark = dark, light
	}
	return (light + 0.05) / (dark + 0.05)
}

// mixed is the colour with so large a share of another.
func (c Colour) mixed(other Colour, share float64) (m Colour) {
	for i := range c {
		m[i] = uint8(math.Round(float64(c[i])*(1-share) + float64(other[i])*share))
	}
	return m
}

// theme is what an accent stands on: the page, and what is raised from it. Text on the accent has the page's colour.
// These are --ground and --raised of static/kabinet.css.
type theme struct {
	name    string
	grounds [2]Colour
	towards Colour // where an accent that does not do has to go
}

var (
	lightTheme = theme{"light", [2]Colour{{0xff, 0xff, 0xff}, {0xf5, 0xf6, 0xf9}}, Colour{}}
	darkTheme  = theme{"dark", [2]Colour{{0x14, 0x16, 0x1b}, {0x1d, 0x20, 0x27}}, Colour{0xff, 0xff, 0xff}}
)

// leastContrast is that of text, by WCAG 2.
const leastContrast = 4.5

// on is the least contrast of a colour in the theme.
func (t theme) on(c Colour) float64 { return min(contrast(c, t.grounds[0]), contrast(c, t.grounds[1])) }

// doing is the colour, or the nearest to it that can be read in the theme.
func (t theme) doing(c Colour) Colour {
	near := c
	for share := 0.0; t.on(near) < leastContrast && share <= 1; share += 0.02 {
		near = c.mixed(t.towards, share)
	}
	return near
}

// Accent is the colour of links and buttons, in each theme.
type Accent struct{ Light, Dark Colour }

// CSS is what sets the accent, beside static/kabinet.css.
func (a Accent) CSS() string {
	return fmt.Sprintf(":root { --accent: light-dark(%s, %s); }\n", a.Light, a.Dark)
}

// String is the accent as a setting has it.
func (a Accent) String() string { return a.Light.String() + "," + a.Dark.String() }

// ContrastError says in which theme an accent cannot be read, and what would do.
type ContrastError struct {
	Theme    string
	Colour   Colour
	Contrast float64
	Would    Accent
}

func (e *ContrastError) Error() string {
	return fmt.Sprintf("in the %s theme %s has a contrast of %.1f, and not %.1f; %s would do", e.Theme, e.Colour,
		e.Contrast, leastContrast, e.Would)
}

// ParseAccent reads a colour, or two with a comma for the light theme and the dark one. It returns a *ContrastError
// for one that cannot be read.
func ParseAccent(text string) (Accent, error) {
	light, dark, two := strings.Cut(text, ",")
	if !two {
		dark = light
	}
	var a Accent
	var err error
	if a.Light, err = parseColour(light); err != nil {
		return a, err
	}
	if a.Dark, err = parseColour(dark); err != nil {
		return a, err
	}
	would := Accent{Light: lightTheme.doing(a.Light), Dark: darkTheme.doing(a.Dark)}
	for _, in := range []struct {
		theme theme
		c     Colour
	}{{lightTheme, a.Light}, {darkTheme, a.Dark}} {
		if got := in.theme.on(in.c); got < leastContrast {
			return a, &ContrastError{in.theme.name, in.c, got, would}
		}
	}
	return a, nil
}
