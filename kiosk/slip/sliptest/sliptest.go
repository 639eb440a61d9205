// Package sliptest reads a printed slip with code that did not draw it: gozxing for the QR code,
// tesseract for the words. It works on any picture of a slip, ours or the one the bench rendered
// from the printer's bytes. It is for tests only and refuses to know what a slip should say.
package sliptest

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// ReadQR returns the text of the QR code in a picture of a slip and fails the test if there is
// none that can be read.
func ReadQR(t testing.TB, slip image.Image) string {
	t.Helper()
	picture, err := gozxing.NewBinaryBitmapFromImage(onPaper(slip, slip.Bounds(), 1, 1))
	if err != nil {
		t.Fatalf("take the picture of the slip: %v", err)
	}
	hints := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true}
	found, err := qrcode.NewQRCodeReader().Decode(picture, hints)
	if err != nil {
		t.Fatalf("read the QR code: %v", err)
	}
	return found.GetText()
}

// ReadText returns every word tesseract finds in a picture of a slip, its lines joined by single
// spaces. Digits of the large number may come out as letters; ReadNumber reads that.
// It fails the test if tesseract or its Russian data is not installed.
func ReadText(t testing.TB, slip image.Image) string {
	t.Helper()
	// 4 = one column of text of several sizes
	return recognise(t, onPaper(slip, slip.Bounds(), 2, 1), "--psm", "4")
}

// ReadNumber returns the large number of a slip as tesseract sees it, one word of the letters and
// digits a queue number may have. It fails the test if there is no number or no tesseract.
func ReadNumber(t testing.TB, slip image.Image) string {
	t.Helper()
	// 7 = one line; at a fifth of its size it is as tall as the print the engine learnt from
	return recognise(t, onPaper(slip, NumberBox(t, slip), 1, 5), "--psm", "7",
		"-c", "tessedit_char_whitelist=АГЕНПРСУLFbd0123456789")
}

// tallRows is the height in dots that only the number of a slip has and that nothing above it
// reaches: 12.5 mm.
const tallRows = 100

// NumberBox returns the rectangle of black around the large number and fails the test if there is
// none.
func NumberBox(t testing.TB, slip image.Image) image.Rectangle {
	t.Helper()
	box, found := FindNumber(slip)
	if !found {
		t.Fatalf("find the number: no rows of ink taller than %d dots", tallRows)
	}
	return box
}

// FindNumber returns the first rows of ink, from the top, that are taller than 100 dots without a
// white row: the large number. A piece of paper may have none.
func FindNumber(slip image.Image) (box image.Rectangle, found bool) {
	b := slip.Bounds()
	for y := b.Min.Y; y <= b.Max.Y; y++ {
		ink := inkInRow(slip, y)
		switch {
		case !ink.Empty():
			box = box.Union(ink)
		case box.Dy() > tallRows:
			return box, true
		default:
			box = image.Rectangle{}
		}
	}
	return image.Rectangle{}, false
}

// inkInRow is the black part of one row, from its first to its last dot.
func inkInRow(slip image.Image, y int) (ink image.Rectangle) {
	for x := slip.Bounds().Min.X; x < slip.Bounds().Max.X; x++ {
		if brightness(slip, x, y) < 128 {
			ink = ink.Union(image.Rect(x, y, x+1, y+1))
		}
	}
	return ink
}

func brightness(slip image.Image, x, y int) uint8 {
	return color.GrayModel.Convert(slip.At(x, y)).(color.Gray).Y
}

// recognise runs tesseract on one picture.
func recognise(t testing.TB, picture image.Image, how ...string) string {
	t.Helper()
	path, err := exec.LookPath("tesseract")
	if err != nil {
		t.Fatalf("reading a slip needs Debian's tesseract-ocr and tesseract-ocr-rus: %v", err)
	}
	var in, out, complaint bytes.Buffer
	if err := png.Encode(&in, picture); err != nil {
		t.Fatalf("encode the picture for tesseract: %v", err)
	}
	cmd := exec.Command(path, append([]string{"stdin", "stdout", "-l", "rus", "--dpi", "300"}, how...)...)
	cmd.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = &in, &out, &complaint
	if err := cmd.Run(); err != nil {
		t.Fatalf("run tesseract, which needs tesseract-ocr-rus: %v: %s", err, complaint.String())
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

// margin is the white paper put around a slip, dots: readers want some.
const margin = 48

// onPaper cuts a part out of a slip, adds a margin and scales by up/down, averaging dots where it
// gets smaller.
func onPaper(slip image.Image, part image.Rectangle, up, down int) *image.Gray {
	paper := image.NewGray(part.Inset(-margin))
	for i := range paper.Pix {
		paper.Pix[i] = 0xff
	}
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			paper.SetGray(x, y, color.Gray{Y: brightness(slip, x, y)})
		}
	}
	out := image.NewGray(image.Rect(0, 0, paper.Rect.Dx()*up/down, paper.Rect.Dy()*up/down))
	for i := range out.Pix {
		out.Pix[i] = average(paper, i%out.Stride*down/up, i/out.Stride*down/up, down)
	}
	return out
}

// average is the mean brightness of size by size dots from (left, top) of the paper.
func average(paper *image.Gray, left, top, size int) uint8 {
	sum := 0
	for y := top; y < top+size; y++ {
		for _, dot := range paper.Pix[y*paper.Stride+left:][:size] {
			sum += int(dot)
		}
	}
	return uint8(sum / (size * size))
}
