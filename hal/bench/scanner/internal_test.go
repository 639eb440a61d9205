package scanner

import (
	"bytes"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"sps-kiosk/hal/bench/scanner/sheet"
)

// page encodes a form at 75 dpi in some dress.
func page(t *testing.T, c Coding, mode string) []byte {
	t.Helper()
	m := Sound()
	m.Coding = c
	return m.file(view{set: Settings{Source: "Platen", Width: 2480, Height: 3508, Mode: mode, DPI: 75, DPIY: 75, Compression: 25},
		side: sheet.Form("D-1")}).data
}

// markers walks a file and lists its markers up to EOI, and what follows that.
func markers(file []byte) (list []byte, tail int) {
	for i := 0; i+1 < len(file); i++ {
		m := file[i+1]
		if file[i] != 0xff || m == 0 || m == 0xff {
			continue
		}
		if list = append(list, m); m == 0xd9 {
			return list, len(file) - i - 2
		}
		if m != 0xd8 && (m < 0xd0 || m > 0xd7) {
			i += 1 + int(file[i+2])<<8 + int(file[i+3])
		} else {
			i++
		}
	}
	return list, -1
}

func TestDresses(t *testing.T) {
	for _, x := range []struct {
		name string
		c    Coding
		has  byte
		tail int
	}{
		{"plain", Coding{}, 0xc0, 0},
		{"progressive", Coding{Progressive: true}, 0xc2, 0},
		{"restarts", Coding{Restarts: 8}, 0xd3, 0},
		{"thumbnail", Coding{Thumbnail: true}, 0xe1, 0},
		{"filled, tail", Coding{Filled: true, Tail: 512}, 0xc0, 512},
	} {
		for _, mode := range []string{"RGB24", "Grayscale8"} {
			file := page(t, x.c, mode)
			if _, err := jpeg.Decode(bytes.NewReader(file)); err != nil {
				t.Errorf("%s %s: %v", x.name, mode, err)
			}
			if list, tail := markers(file); !slices.Contains(list, x.has) || tail != x.tail {
				t.Errorf("%s %s: got markers %x and %d bytes after them, want %x and %d", x.name, mode, list, tail, x.has, x.tail)
			}
		}
	}
	for _, mode := range []string{"RGB24", "Grayscale8"} {
		file, plain := page(t, Coding{Late: true}, mode), page(t, Coding{}, mode)
		end := bytes.Clone(file[len(file)-8 : len(file)-2])
		at := bytes.Index(file, []byte{0xff, 0xc0}) + 5
		if !bytes.Equal(file[at:at+2], []byte{0xff, 0xff}) || !bytes.Equal(end, append([]byte{0xff, 0xdc, 0, 4}, plain[at:at+2]...)) {
			t.Errorf("%s: got height % x and % x at the end, want it at the end only", mode, file[at:at+2], end)
		}
	}
	if n := bytes.Count(page(t, Coding{Thumbnail: true}, "RGB24"), []byte{0xff, 0xd9}); n < 2 {
		t.Errorf("got %d EOI, want one in the thumbnail besides", n)
	}
}

// Lower compression is a larger file.
func TestCompression(t *testing.T) {
	m, last := Sound(), 1<<30
	for _, factor := range []int{0, 25, 50, 100} {
		f := m.file(view{set: Settings{Source: "Platen", Width: 2480, Height: 3508, Mode: "RGB24", DPI: 75, DPIY: 75, Compression: factor}, side: sheet.Form("D-1")})
		if len(f.data) >= last {
			t.Errorf("factor %d: got %d bytes, want less than %d", factor, len(f.data), last)
		}
		last = len(f.data)
	}
}

func FuzzSettings(f *testing.F) {
	f.Add([]byte(`<a/>`))
	f.Add([]byte(`<s:ScanSettings xmlns:s="http://schemas.hp.com/imaging/escl/2011/05/03" xmlns:p="http://www.pwg.org/schemas/2010/12/sm"><p:Version>2.0</p:Version><p:InputSource>Feeder</p:InputSource><s:ColorMode>RGB24</s:ColorMode><p:DocumentFormat>image/jpeg</p:DocumentFormat><s:XResolution>75</s:XResolution><s:YResolution>75</s:YResolution></s:ScanSettings>`))
	m := Sound()
	f.Fuzz(func(t *testing.T, body []byte) {
		set, code, _ := m.parse(body)
		if code != 0 {
			return
		}
		if u := m.unit(set.Source); u == nil || !u.covers(set) || !u.resolves(set.DPI, set.DPIY) {
			t.Errorf("took %+v", set)
		}
	})
}

// watcher is a connection that looks at the device whenever bytes leave.
type watcher struct {
	header http.Header
	write  func()
}

func (w watcher) Header() http.Header { return w.header }
func (w watcher) WriteHeader(int)     {}
func (w watcher) Write(b []byte) (int, error) {
	w.write()
	return len(b), nil
}

// Whoever has the last byte finds the device over with the page.
func TestOverBeforeTheLastPiece(t *testing.T) {
	over, seen := 0, []int{}
	a := plain(200, "")
	a.Body, a.done = make([]byte, 70<<10), func(n int) { over = n }
	w := watcher{http.Header{}, func() { seen = append(seen, over) }}
	a.send(w, httptest.NewRequest("GET", "/", nil))
	if want := []int{0, 0, 70 << 10}; !slices.Equal(seen, want) {
		t.Errorf("got %v, want %v", seen, want)
	}
}
