// Package sheettest recognises sample sheets in pictures that came back from a scanner.
//
// It owns one thing: a QR reader that is not ours decides which sheet a page shows and how it is
// turned. It refuses to judge anything else of the picture.
package sheettest

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// Read returns the mark of the sheet in a picture and by how many degrees the sheet is turned
// clockwise: 0, 90, 180 or 270. A picture without a readable code is an error: a blank back, a
// page cut above the code, noise.
func Read(img image.Image) (mark string, turned int, err error) {
	bits, err := gozxing.NewBinaryBitmapFromImage(shrink(img))
	if err != nil {
		return "", 0, fmt.Errorf("read a sheet: %w", err)
	}
	r, err := qrcode.NewQRCodeReader().Decode(bits, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		return "", 0, fmt.Errorf("read a sheet: %w", err)
	}
	// Points: the finders bottom left, top left, top right.
	p := r.GetResultPoints()
	angle := math.Atan2(p[2].GetY()-p[1].GetY(), p[2].GetX()-p[1].GetX()) * 180 / math.Pi
	return r.GetText(), (int(math.Round(angle/90))*90 + 360) % 360, nil
}

// shrink takes every n-th dot of a large picture in grey: a module keeps 3 dots at least.
func shrink(img image.Image) image.Image {
	b := img.Bounds()
	n := max(1, min(b.Dx(), b.Dy())/800)
	out := image.NewGray(image.Rect(0, 0, b.Dx()/n, b.Dy()/n))
	light := lightness(img)
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			out.Pix[y*out.Stride+x] = light(b.Min.X+x*n, b.Min.Y+y*n)
		}
	}
	return out
}

// lightness reads dots of the kinds of picture that files decode to, and of all others slowly.
func lightness(img image.Image) func(x, y int) uint8 {
	switch p := img.(type) {
	case *image.YCbCr:
		return func(x, y int) uint8 { return p.Y[p.YOffset(x, y)] }
	case *image.Gray:
		return func(x, y int) uint8 { return p.Pix[p.PixOffset(x, y)] }
	}
	return func(x, y int) uint8 { return color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y }
}
