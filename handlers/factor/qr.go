package factor

import (
	"fmt"
	"image/color"
	"strings"

	"github.com/boombuler/barcode/qr"

	"kabinet/integrations/secret"
)

// QR is a QR code as the path of an SVG picture: a square of Size modules, its quiet zone among them.
type QR struct {
	Path string
	Size int
}

// quietZone is how many modules around a QR code must be empty (ISO/IEC 18004).
const quietZone = 4

// NewQR draws a text.
func NewQR(text secret.Text) (QR, error) {
	code, err := qr.Encode(text.Reveal(), qr.M, qr.Auto)
	if err != nil {
		return QR{}, fmt.Errorf("drawing a QR code: %w", err)
	}
	var path strings.Builder
	size := code.Bounds().Dx()
	for y := range size {
		for x := range size {
			if code.At(x, y) == color.Black {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+quietZone, y+quietZone)
			}
		}
	}
	return QR{Path: path.String(), Size: size + 2*quietZone}, nil
}
