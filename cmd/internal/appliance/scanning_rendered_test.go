package appliance

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"sps-kiosk/drivers/pages"
	"sps-kiosk/hal/bench/scanner"
	"sps-kiosk/hal/bench/scanner/sheet"
	"sps-kiosk/hal/bench/scanner/sheet/sheettest"
	"sps-kiosk/kiosk/pdf"
)

// renderDPI is what pages are scanned and drawn with: the code on a sheet can just be read.
const renderDPI = 100

// leaf is a page that arrived: the sheet it shows, and how the citizen turned it.
type leaf struct {
	sheet *sheet.Sheet
	jpeg  []byte
	turn  int
	grey  bool
}

// TestScanningRendered binds pages of several jobs and devices, upright and turned, in grey and colour,
// into one document, has poppler draw it, and holds each drawn page against the sheet that was laid
// in: its code is read by a reader that did not draw it, and every part of the page has the
// brightness, or the colour, of that part of the sheet.
func TestScanningRendered(t *testing.T) {
	var leaves []leaf
	for _, key := range []string{"sound", "hp-officejet-8010"} {
		leaves = append(leaves, scanned(t, key)...)
	}
	for i := range leaves {
		leaves[i].turn = i * 90 % 360
	}
	drawn := drawPDF(t, leaves)
	for i, l := range leaves {
		compareSheet(t, fmt.Sprintf("page %d, %s turned by %d", i+1, l.sheet.Mark, l.turn), drawn[i], l)
	}
}

// scanned makes a job of both sides from the feeder in grey and two from the glass, in colour and grey.
func scanned(t *testing.T, key string) (leaves []leaf) {
	t.Helper()
	model, _ := scanner.Find(key)
	model.Platen.Resolutions = append(model.Platen.Resolutions, [2]int{renderDPI, renderDPI})
	model.Feeder.Resolutions = append(model.Feeder.Resolutions, [2]int{renderDPI, renderDPI})
	withScanner(t, model, func(s *scanStand) {
		take := func(set pages.Settings, sheets ...*sheet.Sheet) {
			set.DPI = renderDPI
			pages, err := s.scan(set)
			if err != nil || len(pages) != len(sheets) {
				s.t.Fatalf("%s: got %d pages, %v, want %d", key, len(pages), err, len(sheets))
			}
			for i, page := range pages {
				leaves = append(leaves, leaf{sheet: sheets[i], jpeg: page, grey: !set.Color})
			}
		}
		front := sheet.Application("R-" + key)
		s.machine.LoadFeeder(front)
		take(pages.Settings{Duplex: true}, front, front.Reverse())
		for _, x := range []struct {
			colour bool
			paper  *sheet.Sheet
		}{{true, sheet.Certificate("R-C")}, {false, sheet.Form("R-F")}, {true, sheet.Card("R-K")}} {
			s.machine.PutOnGlass(x.paper)
			take(pages.Settings{Color: x.colour, Source: pages.Glass}, x.paper)
			s.machine.TakeSheets()
		}
	})
	return leaves
}

// drawPDF binds the pages as the service does and returns what a reader shows.
func drawPDF(t *testing.T, leaves []leaf) (pictures []image.Image) {
	t.Helper()
	dir := os.Getenv("SCAN_PICTURES") // where a person wants to look at them
	if dir == "" {
		dir = t.TempDir()
	}
	path := filepath.Join(dir, "scan.pdf")
	w := pdf.New(func(int) (io.WriteCloser, error) { return os.Create(path) }, pdf.Options{})
	for _, l := range leaves {
		picture, err := pdf.Inspect(bytes.NewReader(l.jpeg))
		if err == nil {
			err = w.AddPage(bytes.NewReader(l.jpeg), pdf.Page{Picture: picture, DPI: renderDPI, Turn: l.turn})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("pdftoppm", "-png", "-r", fmt.Sprint(renderDPI), path, filepath.Join(dir, "page")).CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("pdftoppm: %v\n%s", err, out)
	}
	for i := range leaves {
		f, err := os.Open(filepath.Join(dir, fmt.Sprintf("page-%02d.png", i+1)))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		picture, err := png.Decode(f)
		if err != nil {
			t.Fatal(err)
		}
		pictures = append(pictures, picture)
	}
	return pictures
}

// compareSheet holds a drawn page against the sheet.
func compareSheet(t *testing.T, what string, got image.Image, l leaf) {
	t.Helper()
	mark, turned, err := sheettest.Read(got)
	if mark != l.sheet.Mark || turned != l.turn || err != nil {
		t.Errorf("%s: got sheet %q turned by %d, %v", what, mark, turned, err)
	}
	want := onGlass(l.sheet)
	for range l.turn / 90 {
		want = quarter(want)
	}
	g, w := got.Bounds().Size(), want.Bounds().Size()
	if near := func(a, b int) bool { return a-b <= 2 && b-a <= 2 }; !near(g.X, w.X) || !near(g.Y, w.Y) {
		t.Fatalf("%s: got %v dots, want %v", what, g, w)
	}
	drawn := inRGB(got)
	const parts, most = 24, 10
	for y := range parts {
		for x := range parts {
			a, b := mean(drawn, x, y, parts, l.grey), mean(want, x, y, parts, l.grey)
			for c := range a {
				if d := a[c] - b[c]; d > most || d < -most {
					t.Fatalf("%s: part %d,%d has colour %v, want %v", what, x, y, a, b)
				}
			}
		}
	}
}

// onGlass is what the scanner should see: the sheet in the corner, the lid around it, an A4 in all.
func onGlass(s *sheet.Sheet) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, 2480*renderDPI/300, 3508*renderDPI/300))
	draw.Draw(out, out.Rect, image.NewUniform(color.Gray{Y: 0xf4}), image.Point{}, draw.Src)
	paper := s.Image(renderDPI)
	draw.Draw(out, paper.Bounds(), paper, image.Point{}, draw.Src)
	return out
}

// quarter turns a picture clockwise.
func quarter(p *image.RGBA) *image.RGBA {
	w, h := p.Rect.Dx(), p.Rect.Dy()
	out := image.NewRGBA(image.Rect(0, 0, h, w))
	for y := range h {
		for x := range w {
			copy(out.Pix[x*out.Stride+4*(h-1-y):][:4], p.Pix[y*p.Stride+4*x:])
		}
	}
	return out
}

// inRGB makes any picture one of plain bytes.
func inRGB(p image.Image) *image.RGBA {
	out := image.NewRGBA(image.Rectangle{Max: p.Bounds().Size()})
	draw.Draw(out, out.Rect, p, p.Bounds().Min, draw.Src)
	return out
}

// mean is the mean colour, 0–255, of one of parts × parts parts of a picture, or three times its
// brightness.
func mean(p *image.RGBA, x, y, parts int, grey bool) (sum [3]int) {
	w, h := p.Rect.Dx(), p.Rect.Dy()
	n := 0
	for v := y * h / parts; v < (y+1)*h/parts; v++ {
		for u := x * w / parts; u < (x+1)*w/parts; u++ {
			for c := range sum {
				sum[c] += int(p.Pix[v*p.Stride+4*u+c])
			}
			n++
		}
	}
	if light := (sum[0]*299 + sum[1]*587 + sum[2]*114) / 1000; grey {
		sum = [3]int{light, light, light}
	}
	return [3]int{sum[0] / n, sum[1] / n, sum[2] / n}
}
