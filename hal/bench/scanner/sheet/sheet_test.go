package sheet_test

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"testing"

	"sps-kiosk/hal/bench/scanner/sheet"
	"sps-kiosk/hal/bench/scanner/sheet/sheettest"
)

func kinds() []*sheet.Sheet {
	return []*sheet.Sheet{sheet.Application("A-1"), sheet.Application("A-1").Back, sheet.Certificate("C-2"),
		sheet.Form("F-3"), sheet.Card("K-4"), sheet.Secured("S-5")}
}

func TestMarksAreReadable(t *testing.T) {
	for _, s := range kinds() {
		for _, dpi := range []int{75, 150} {
			img := s.Image(dpi)
			if dir := os.Getenv("SHEETS"); dir != "" && dpi == 75 {
				var b bytes.Buffer
				png.Encode(&b, img)
				os.WriteFile(dir+"/"+s.Mark+".png", b.Bytes(), 0o644)
			}
			if mark, turned, err := sheettest.Read(img); mark != s.Mark || turned != 0 || err != nil {
				t.Errorf("%s at %d dpi: got %q turned %d, %v", s.Mark, dpi, mark, turned, err)
			}
		}
	}
}

// A page that came out the other way round must not pass for one that did not.
func TestTurning(t *testing.T) {
	img := sheet.Form("F-1").Image(75)
	for want := 90; want < 360; want += 90 {
		img = turn(img)
		if mark, turned, err := sheettest.Read(img); mark != "F-1" || turned != want || err != nil {
			t.Errorf("turned %d: got %q turned %d, %v", want, mark, turned, err)
		}
	}
}

func turn(img *image.RGBA) *image.RGBA {
	b := img.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dy(), b.Dx()))
	for y := range b.Dy() {
		for x := range b.Dx() {
			out.Set(b.Dy()-1-y, x, img.At(x, y))
		}
	}
	return out
}

func TestSizesAndPixels(t *testing.T) {
	for _, c := range []struct {
		s    *sheet.Sheet
		dpi  int
		w, h int
	}{
		{sheet.Empty(), 300, 2480, 3508},
		{sheet.Empty(), 75, 620, 877},
		{sheet.Card("K"), 150, 620, 437},
		{sheet.Application("A").Reverse(), 75, 620, 877},
		{sheet.Card("K").Reverse(), 300, 1240, 874},
	} {
		if b := c.s.Image(c.dpi).Bounds(); b.Dx() != c.w || b.Dy() != c.h {
			t.Errorf("got %v, want %d × %d", b, c.w, c.h)
		}
	}
	noisy := sheet.Form("F")
	noisy.Grain = 8
	if a, b := noisy.Image(75), noisy.Image(75); !bytes.Equal(a.Pix, b.Pix) {
		t.Error("the same sheet twice: got other pixels")
	}
	if bytes.Equal(noisy.Image(75).Pix, sheet.Form("F").Image(75).Pix) {
		t.Error("grain: got no noise")
	}
	if !sheet.Certificate("C").Reverse().Blank() || sheet.Application("A").Reverse().Blank() {
		t.Error("a certificate's back is blank, an application's is not")
	}
}
