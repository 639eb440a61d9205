package printer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sps-kiosk/hal/bench/virtusb"
	"sps-kiosk/hal/usb"
)

// rig is a printer on a bus with its pipe open.
type rig struct {
	t *testing.T
	*Printer
	bus  virtusb.Bus
	pipe usb.Pipe
	cut  int
}

func newRig(t *testing.T, m Model) *rig {
	t.Helper()
	r := &rig{t: t}
	r.Printer = New(m, Hooks{Cut: func() { r.cut++ }})
	r.open()
	t.Cleanup(r.Close)
	return r
}

func (r *rig) open() {
	r.t.Helper()
	r.bus.Plug("1-1", r.Device())
	ds, _ := r.bus.Devices()
	var err error
	if r.pipe, err = r.bus.Open(ds[0], 0, 0); err != nil {
		r.t.Fatal(err)
	}
}

// instant prints without the motor's time, on a narrow head: 64 dots.
func instant(t *testing.T) *rig { return newRig(t, Model{Dots: 64, Speed: -1}) }

func (r *rig) send(b ...byte) {
	r.t.Helper()
	if n, err := r.pipe.Write(r.t.Context(), b); n != len(b) || err != nil {
		r.t.Fatalf("write: got %d, %v, want %d", n, err, len(b))
	}
}

// read returns what comes within a second, nil if nothing.
func (r *rig) read() []byte {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), time.Second)
	defer cancel()
	b := make([]byte, packet)
	n, err := r.pipe.Read(ctx, b)
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		r.t.Fatal(err)
	}
	return b[:n]
}

// rows returns the printed rows of the paper on the roll: what came after the first gap.
func (r *rig) rows() (list [][]byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	end := r.paper.end
	for y := gap; y < end.rows; y++ {
		list = append(list, end.bits[y*r.paper.stride:(y+1)*r.paper.stride])
	}
	return list
}

// ink draws rows as text, one character per dot, trailing white cut off.
func ink(rows [][]byte) string {
	var lines []string
	for _, row := range rows {
		var s strings.Builder
		for _, b := range row {
			fmt.Fprintf(&s, "%08b", b)
		}
		lines = append(lines, strings.TrimRight(strings.NewReplacer("0", ".", "1", "#").Replace(s.String()), "."))
	}
	return strings.Join(lines, "\n")
}

// raster is a GS v 0 of 2 bytes and 2 rows.
var small = []byte{0x1d, 0x76, 0x30, 0, 2, 0, 2, 0, 0x80, 0x01, 0xf0, 0x0f}

func TestRaster(t *testing.T) {
	left := "#..............#\n####........####"
	for _, c := range []struct {
		name, want string
		send       []byte
	}{
		{"plain", left, small},
		{"m as a digit", left, append([]byte{0x1d, 0x76, 0x30, '0', 2, 0, 2, 0}, small[8:]...)},
		{"double width", "##............................##\n########................########",
			append([]byte{0x1d, 0x76, 0x30, 1, 2, 0, 2, 0}, small[8:]...)},
		{"double height", "#..............#\n#..............#\n####........####\n####........####",
			append([]byte{0x1d, 0x76, 0x30, 2, 2, 0, 2, 0}, small[8:]...)},
		{"centred", strings.Repeat(".", 24) + "#..............#\n" + strings.Repeat(".", 24) + "####........####",
			append([]byte{0x1b, 'a', 1}, small...)},
		{"right", strings.Repeat(".", 48) + "#..............#\n" + strings.Repeat(".", 48) + "####........####",
			append([]byte{0x1b, 'a', 2}, small...)},
		{"wider than the head", strings.Repeat("#", 64), append([]byte{0x1d, 0x76, 0x30, 0, 9, 0, 1, 0}, bytes.Repeat([]byte{0xff}, 9)...)},
		{"reset inside is pixels", "...##.##.#", []byte{0x1d, 0x76, 0x30, 0, 2, 0, 1, 0, 0x1b, 0x40}},
		{"feed dots", "\n\n" + left, append([]byte{0x1b, 'J', 2}, small...)},
		{"empty", left, append([]byte{0x1d, 0x76, 0x30, 0, 0, 0, 2, 0}, small...)},
	} {
		r := instant(t)
		r.send(c.send...)
		if got := ink(r.rows()); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

func TestRasterGoesVisiblyWrong(t *testing.T) {
	for name, send := range map[string][]byte{
		"too many rows":          append([]byte{0x1d, 0x76, 0x30, 0, 2, 0, 0, 9}, bytes.Repeat([]byte("A"), 8)...),
		"characters in the line": append([]byte(" "), "\x1dv0\x00\x02\x00\x02\x00ABCD\n"...),
		"wrong mode":             append([]byte{0x1d, 0x76, 0x30, 7, 2, 0, 2, 0}, "ABCD\n"...),
		"GS v without 0":         append([]byte{0x1d, 0x76}, "123456\n"...),
	} {
		r := instant(t)
		r.send(append(append([]byte{0x1c, '.'}, send...), '\n')...)
		if got := ink(r.rows()); !strings.Contains(got, "###") {
			t.Errorf("%s: got\n%s\nwant garbage text", name, got)
		}
	}
}

func TestRealTimeInsideRaster(t *testing.T) {
	r := instant(t)
	r.send(0x1d, 0x76, 0x30, 0, 4, 0, 2, 0, 0xff, 0x10, 0x04, 0x01, 0x0f, 0x81, 0x81, 0x81) // one row and a quarter arrive
	if got, want := ink(r.rows()), "########....#####......##......#"; got != want {
		t.Errorf("got\n%s\nwant the command's bytes missing\n%s", got, want)
	}
	if got := r.read(); !bytes.Equal(got, []byte{0x12}) {
		t.Errorf("got % x, want the status nobody asked for", got)
	}
	r = instant(t)
	r.send(append(small[:9:9], 0x10, 0x05, 0x02)...) // recover and clear: the raster is lost
	r.send(small...)
	if got, want := ink(r.rows()), "#..............#\n####........####"; got != want {
		t.Errorf("after a clear: got\n%s\nwant the second raster alone", got)
	}
}

func TestHeldBytesAreNotLost(t *testing.T) {
	r := instant(t)
	r.send(0x1d, 0x76, 0x30, 0, 8, 0, 1, 0, 0x10, 0x10, 0x04, 0x10, 0x14, 0x08, 0x01, 0x02)
	want := "...#.......#.........#.....#.......#.#......#..........#......#"
	if got := ink(r.rows()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// FuzzStream: no stream of bytes breaks the printer or makes it keep more than it may.
func FuzzStream(f *testing.F) {
	f.Add(small)
	f.Add([]byte("\x1b@\x1c.Text\n\x1dVB\x00\x1d(H\x06\x0000ABCD"))
	f.Add([]byte{0x1d, '8', 'L', 255, 255, 255, 255, 1, 2, 3})
	f.Add([]byte{0x1b, '3', 255, 0x1b, 'd', 255, 0x1b, 'd', 255, 0x1d, 'V', 0})
	f.Add([]byte{0x10, 0x14, 8, 1, 3, 20, 1, 6, 2, 8, 0x10, 5, 2, 0x10, 4, 7, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 512 { // feeds add up: longer only makes it slow
			return
		}
		p := New(Model{Speed: -1}, Hooks{})
		for i := 0; i < len(b); i += packet {
			part := b[i:min(i+packet, len(b))]
			p.Device().Submit(virtusb.NewTransfer(2, 0, part, func(virtusb.Status, []byte, int) {}))
		}
		if p.buffer.Len() > p.model.Buffer || len(p.held) > 16 || len(p.parser.cmd) > 32 || len(p.line) > 64 {
			t.Errorf("kept: buffer %d, held %d, header %d, line %d", p.buffer.Len(), len(p.held), len(p.parser.cmd), len(p.line))
		}
		if len(p.paper.pieces) > maxKept || p.paper.end.rows > maxRows || p.motor.moving() {
			t.Errorf("paper: %d pieces, %d rows, moving %v", len(p.paper.pieces), p.paper.end.rows, p.motor.moving())
		}
	})
}
