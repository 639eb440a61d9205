package appliance

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"image/color"
	"image/jpeg"
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/drivers/escl"
	"sps-kiosk/drivers/ippusb"
	"sps-kiosk/drivers/pages"
	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/scanner"
	"sps-kiosk/hal/bench/scanner/sheet"
	"sps-kiosk/hal/bench/scanner/sheet/sheettest"
	"sps-kiosk/hal/usb"
	"sps-kiosk/kiosk/pdf"
)

// scanStand is the virtual machine with a scanner of some model, and our drivers on its bus. Nothing
// between a sheet on the glass and the page that arrives knows of the other end.
type scanStand struct {
	t       *testing.T
	machine *bench.Machine
	link    *ippusb.Transport
	scanner *escl.Scanner
	seen    int // pages of the model that were compared
}

// withScanner runs a test in a bubble of time: minutes of a device's silence cost nothing.
func withScanner(t *testing.T, model scanner.Model, test func(s *scanStand)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		layout := usual()
		layout.Scanner = &model
		s := &scanStand{t: t, machine: bench.New(layout)}
		defer func() { // a test that ends early leaves nothing behind either
			s.close()
			s.machine.Close()
			time.Sleep(24 * time.Hour) // whatever the model was about to say has been said
		}()
		s.open()
		test(s)
	})
}

func (s *scanStand) open() {
	s.t.Helper()
	link, err := ippusb.Open(s.t.Context(), s.machine.USB(), ippusb.Match())
	if err != nil {
		s.t.Fatal(err)
	}
	s.link, s.scanner = link, escl.New(link)
}

func (s *scanStand) close() {
	s.t.Helper()
	if s.link == nil {
		return
	}
	if err := s.link.Close(); err != nil && !errors.Is(err, usb.ErrUnplugged) {
		s.t.Errorf("close: %v", err)
	}
}

// heap is a sink that keeps pages as the service does: one begun and never called whole is gone.
type heap struct {
	begun *bytes.Buffer
	pages [][]byte
	hear  func(total int) // told how many bytes of the present page are there
}

// Page implements escl.Sink.
func (h *heap) Page(int) (io.Writer, error) {
	h.begun = &bytes.Buffer{}
	return h, nil
}

// Write implements io.Writer.
func (h *heap) Write(b []byte) (int, error) {
	n, err := h.begun.Write(b)
	if h.hear != nil {
		h.hear(h.begun.Len())
	}
	return n, err
}

// Whole implements escl.Sink.
func (h *heap) Whole(pages.Page) error {
	h.pages = append(h.pages, h.begun.Bytes())
	return nil
}

// scan does what the driver's README tells a caller to do: a busy device is asked again after a
// minute, three times.
func (s *scanStand) scan(set pages.Settings) ([][]byte, error) {
	s.t.Helper()
	h := &heap{}
	_, err := s.scanner.Scan(s.t.Context(), set, h)
	for range 3 {
		if !errors.Is(err, pages.ErrBusy) {
			break
		}
		time.Sleep(time.Minute)
		_, err = s.scanner.Scan(s.t.Context(), set, h)
	}
	return h.pages, err
}

// marks compares pages with what the model sent, byte for byte, and reads with a reader that did not
// draw them what stands on each: "-" for a side without a code.
func (s *scanStand) marks(pages [][]byte) (marks []string) {
	s.t.Helper()
	sent := s.machine.Scanner().Sent()
	news := slices.DeleteFunc(slices.Clone(sent[s.seen:]), func(p scanner.Sent) bool { return !p.Whole })
	s.seen = len(sent)
	tail := make([]byte, s.machine.Scanner().Model().Coding.Tail) // the driver drops what follows the picture
	if len(pages) > len(news) {
		s.t.Fatalf("got %d pages, the scanner sent only %d whole", len(pages), len(news))
	}
	for i, page := range pages {
		if sha256.Sum256(append(slices.Clone(page), tail...)) != news[i].SHA256 {
			s.t.Errorf("page %d: %d bytes are not those that were sent, %d", i+1, len(page), news[i].Size)
		}
		marks = append(marks, markOf(s.t, saved(s.t, page)))
	}
	return marks
}

// saved is a page as the citizen gets it: a file of its own. A height that came behind the picture
// stands where readers look then; all other bytes are those that arrived.
func saved(t *testing.T, page []byte) []byte {
	t.Helper()
	picture, err := pdf.Inspect(bytes.NewReader(page))
	if err != nil {
		t.Fatalf("inspect: %v", err)
	}
	var file buffer
	folder := pdf.NewFolder(func(int) (io.WriteCloser, error) { return &file, nil }, pdf.Options{})
	if err := folder.AddPage(bytes.NewReader(page), pdf.Page{Picture: picture}); err != nil {
		t.Fatalf("save: %v", err)
	}
	return file.Bytes()
}

// buffer is a file in memory.
type buffer struct{ bytes.Buffer }

// Close implements io.Closer.
func (*buffer) Close() error { return nil }

// markOf decodes with image/jpeg, which refuses the segment of a late height even where it says nothing
// new; other decoders pass over it.
func markOf(t *testing.T, page []byte) string {
	t.Helper()
	if at := len(page) - 8; at > 0 && bytes.HasPrefix(page[at:], []byte{0xff, 0xdc, 0, 4}) {
		page = slices.Concat(page[:at], page[len(page)-2:])
	}
	img, err := jpeg.Decode(bytes.NewReader(page))
	if err != nil {
		t.Fatalf("decode: %v", err)
	}
	mark, _, err := sheettest.Read(img)
	if err != nil {
		return "-"
	}
	return mark
}

// works proves that the scanner is usable: a sheet on its glass arrives.
func (s *scanStand) works(after string) {
	s.t.Helper()
	s.machine.TakeSheets()
	s.machine.PutOnGlass(sheet.Form("AFTER"))
	s.seen = len(s.machine.Scanner().Sent())
	pages, err := s.scan(pages.Settings{DPI: 75, Source: pages.Glass})
	if marks := fmt.Sprint(s.marks(pages)); marks != "[AFTER]" || err != nil {
		s.t.Errorf("after %s: got %s, %v, want the sheet on the glass", after, marks, err)
	}
}

func TestScanning(t *testing.T) {
	for _, x := range []struct {
		name   string
		set    pages.Settings
		sheets int
		want   string
		parts  int // of a colour
	}{
		{"glass, grey", pages.Settings{DPI: 75}, 0, "[GLASS]", 1},
		{"glass, colour", pages.Settings{DPI: 75, Color: true}, 0, "[GLASS]", 3},
		{"glass though the feeder is loaded", pages.Settings{DPI: 75, Source: pages.Glass}, 1, "[GLASS]", 1},
		{"feeder, grey", pages.Settings{DPI: 75}, 3, "[F-1 F-2 F-3]", 1},
		{"feeder, colour", pages.Settings{DPI: 75, Color: true}, 3, "[F-1 F-2 F-3]", 3},
		{"both sides", pages.Settings{DPI: 75, Duplex: true}, 3, "[F-1 F-1-OB F-2 - F-3 -]", 1},
		{"both sides, colour", pages.Settings{DPI: 75, Duplex: true, Color: true}, 3, "[F-1 F-1-OB F-2 - F-3 -]", 3},
	} {
		t.Run(x.name, func(t *testing.T) {
			withScanner(t, scanner.Sound(), func(s *scanStand) {
				s.machine.PutOnGlass(sheet.Form("GLASS"))
				s.machine.LoadFeeder(sheet.Stack("F", x.sheets)...)
				pages, err := s.scan(x.set)
				if got := fmt.Sprint(s.marks(pages)); got != x.want || err != nil {
					s.t.Fatalf("got %s, %v, want %s", got, err, x.want)
				}
				if got := components(pages[0]); got != x.parts {
					s.t.Errorf("got %d components, want %d", got, x.parts)
				}
				if st := s.machine.Scanner().State(); st.Jobs != 0 || st.Scanning {
					s.t.Errorf("got %+v, want no job left", st)
				}
			})
		})
	}
}

// components of a JPEG by its frame header: 1 grey, 3 colour.
func components(page []byte) int {
	c, err := jpeg.DecodeConfig(bytes.NewReader(page))
	switch {
	case err != nil:
		return 0
	case c.ColorModel == color.GrayModel:
		return 1
	}
	return 3
}

// TestScanningCancelled leaves in the middle of a page: the job is gone from the device, no page is
// accepted, and the next scan begins at once.
func TestScanningCancelled(t *testing.T) {
	model := scanner.Sound()
	model.Rate = 20_000
	withScanner(t, model, func(s *scanStand) {
		s.machine.LoadFeeder(sheet.Stack("C", 3)...)
		ctx, cancel := context.WithCancel(s.t.Context())
		h := &heap{hear: func(n int) {
			if n > 8000 {
				cancel()
			}
		}}
		begun := time.Now()
		res, err := s.scanner.Scan(ctx, pages.Settings{DPI: 75, Color: true}, h)
		if !errors.Is(err, pages.ErrCancelled) || !errors.Is(err, context.Canceled) || res.Pages != 0 || len(h.pages) != 0 {
			s.t.Errorf("got %+v, %d pages, %v, want none and ErrCancelled", res, len(h.pages), err)
		}
		if took := time.Since(begun); took > 5*time.Second {
			s.t.Errorf("got away after %v, want 5 s at most", took)
		}
		if st := s.machine.Scanner().State(); st.Jobs != 0 || st.Tray != 2 {
			s.t.Errorf("got %+v, want no job and two sheets waiting", st)
		}
		s.works("a cancelled scan")
	})
}
