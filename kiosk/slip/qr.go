package slip

import (
	"image"

	qrcode "github.com/skip2/go-qrcode"
)

// quietModules is the white border of a QR code (ISO/IEC 18004, 6.3.8).
const quietModules = 4

// qr encodes an address, error correction M, without the quiet zone. It is nil for an empty
// address and for one that does not fit into any code.
func qr(address string) [][]bool {
	if address == "" {
		return nil
	}
	code, err := qrcode.New(address, qrcode.Medium)
	if err != nil {
		return nil
	}
	code.DisableBorder = true
	return code.Bitmap()
}

// qrRow draws modules of the given size in dots, inset dots from the left, with the quiet zone
// above and below; at the sides the caller leaves it.
func qrRow(modules [][]bool, size, inset int) row {
	quiet := quietModules * size
	return row{height: len(modules)*size + 2*quiet, paint: func(dst *Bitmap, x, y int) {
		for my, line := range modules {
			for mx, ink := range line {
				corner := image.Pt(x+inset+mx*size, y+quiet+my*size)
				dst.fill(image.Rectangle{Min: corner, Max: corner.Add(image.Pt(size, size))}, ink)
			}
		}
	}}
}
