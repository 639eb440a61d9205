package printer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/color"
	"strings"
	"testing"
	"testing/synctest"
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

func TestFeedsAndLines(t *testing.T) {
	for _, c := range []struct {
		name string
		send []byte
		rows int
	}{
		{"LF", []byte("\n"), 30},
		{"characters and LF", []byte("AB\n"), 30},
		{"ESC d", []byte{0x1b, 'd', 3}, 90},
		{"ESC J", []byte{0x1b, 'J', 200}, 200},
		{"longest feed", []byte{0x1b, '3', 250, 0x1b, 'd', 200}, 32}, // of 1016 mm, 1012 tear off by their weight
		{"ESC 3", []byte{0x1b, '3', 10, '\n', 0x1b, '2', '\n'}, 40},
		{"GS !", []byte{0x1d, '!', 0x33, 'A', '\n'}, 96},
		{"ESC !", []byte{0x1b, '!', 0x10, 'A', '\n'}, 48},
		{"ESC @ resets size, drops the line", []byte{0x1d, '!', 0x33, 'A', 0x1b, '@', 'A', '\n'}, 30},
		{"wrap", []byte("AAAAAA\n"), 60}, // 5 characters of 12 dots fit in 64
		{"kanji pairs wrap sooner", []byte{0xc0, 0xc1, 0xc0, 0xc1, 0xc0, 0xc1, '\n'}, 60},
		{"FS . single bytes", []byte{0x1c, '.', 0xc0, '\n', '\n'}, 60},
		{"tab", []byte("\tA\n"), 60},
	} {
		r := instant(t)
		r.send(c.send...)
		if got := len(r.rows()); got != c.rows {
			t.Errorf("%s: got %d rows, want %d", c.name, got, c.rows)
		}
	}
}

func TestAlignOnlyAtTheBeginningOfALine(t *testing.T) {
	r := instant(t)
	r.send('A', 0x1b, 'a', 2, '\n')
	r.send(small...)
	rows := r.rows()
	if got, want := ink(rows[len(rows)-2:]), "#..............#\n####........####"; got != want {
		t.Errorf("got\n%s\nwant it on the left", got)
	}
}

// TestLengths sends each command with data that would print if it were not taken as arguments.
func TestLengths(t *testing.T) {
	r := instant(t)
	for prefix, table := range arguments {
		for code, n := range table {
			name := fmt.Sprintf("% x %c", prefix, code)
			cmd := append([]byte{prefix, code}, make([]byte, n)...)
			switch {
			case prefix == gs && code == 'v':
				cmd[2] = '0'
			case prefix == gs && code == 'k':
				cmd = []byte{gs, 'k', 73, 3, 'A', 'B', 'C'}
			case prefix == esc && code == 'D':
				cmd = []byte{esc, 'D', 'A', 'B', 0}
			case prefix == gs && code == '(':
				cmd = []byte{gs, '(', 'k', 3, 0, 'A', 'B', 'C'}
			case prefix == esc && code == '*':
				cmd = []byte{esc, '*', 33, 1, 0, 'A', 'B', 'C'}
			case prefix == gs && code == '*':
				cmd = append([]byte{gs, '*', 1, 1}, "ABCDEFGH"...)
			case prefix == gs && code == '8':
				cmd = []byte{gs, '8', 'L', 2, 0, 0, 0, 'A', 'B'}
			case prefix == fs && code == '2':
				cmd = append(cmd, bytes.Repeat([]byte("A"), 72)...)
			}
			r.send(cmd...)
			if n := len(r.parser.cmd); n != 0 || r.parser.skip != 0 || r.parser.string || r.parser.raster != nil {
				t.Fatalf("%s: got %d bytes of header left, skip %d, want all taken", name, n, r.parser.skip)
			}
			if len(r.line) != 0 {
				t.Fatalf("%s: its data prints", name)
			}
		}
	}
	r.send(0x1b, 0x7f, 'A')
	if len(r.line) != 1 {
		t.Errorf("unknown command: got %d characters, want the byte after it to print", len(r.line))
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		name   string
		cut    []byte
		height int // of the slip: blank gap, 2 rows, feed
	}{
		{"function B", []byte{0x1d, 'V', 66, 0}, gap + 2},
		{"function B with feed", []byte{0x1d, 'V', 65, 10}, gap + 12},
		{"function A leaves the end on the roll", []byte{0x1d, 'V', 0}, 2},
		{"ESC i", []byte{0x1b, 'i'}, 2},
		{"ESC m", []byte{0x1b, 'm'}, 2},
	} {
		r := instant(t)
		r.send(append(append([]byte{}, small...), c.cut...)...)
		papers := r.State().Papers
		if len(papers) != 1 || papers[0].Height != c.height || !papers[0].Cut || r.cut != 1 {
			t.Errorf("%s: got %+v, cut %d times, want one of %d rows", c.name, papers, r.cut, c.height)
		}
		if len(r.rows()) != 0 && c.height > 2 {
			t.Errorf("%s: got %d rows on the roll, want 0", c.name, len(r.rows()))
		}
	}
	r := instant(t)
	r.send(0x1d, 'V', 0, 0x1d, 'V', 9)
	if r.cut != 0 || len(r.State().Papers) != 0 {
		t.Errorf("nothing printed: got %d cuts", r.cut)
	}
}

func TestPicture(t *testing.T) {
	r := instant(t)
	r.send(append(append([]byte{}, small...), 0x1d, 'V', 66, 0)...)
	id := r.State().Papers[0].ID
	m := r.Image(id)
	if b := m.Bounds(); b.Dx() != 64 || b.Dy() != 98 { // 12 mm of white and two rows
		t.Fatalf("got %v, want 64 x 98", b)
	}
	for x := range 16 {
		want := color.Color(color.White)
		if x == 0 || x == 15 {
			want = color.Black
		}
		if got := m.At(x, gap); got != want {
			t.Errorf("dot %d: got %v, want %v", x, got, want)
		}
	}
	if !r.Tear() || r.Tear() {
		t.Error("tear: want one slip to take")
	}
	if len(r.State().Papers) != 0 || r.Image(id) == nil {
		t.Error("torn: want it gone from the slot, its picture still there")
	}
	if r.Image(99) != nil {
		t.Error("unknown id: got a picture")
	}
}

func TestStatus(t *testing.T) {
	r := instant(t)
	for _, c := range []struct {
		fault Fault
		want  [4]byte // DLE EOT 1..4
		port  byte
	}{
		{Fault{}, [4]byte{0x12, 0x12, 0x12, 0x12}, 0x18},
		{Fault{PaperLow: true}, [4]byte{0x12, 0x12, 0x12, 0x1e}, 0x18},
		{Fault{PaperOut: true}, [4]byte{0x1a, 0x32, 0x12, 0x7e}, 0x30},
		{Fault{CoverOpen: true}, [4]byte{0x1a, 0x16, 0x12, 0x12}, 0x10},
	} {
		r.SetFault(c.fault)
		for n := range byte(4) {
			r.send(0x10, 0x04, n+1)
			if got := r.read(); !bytes.Equal(got, c.want[n:n+1]) {
				t.Errorf("%+v: DLE EOT %d: got % x, want %x", c.fault, n+1, got, c.want[n])
			}
		}
		b := make([]byte, 1)
		if _, err := r.pipe.Control(t.Context(), usb.Setup{RequestType: 0xa1, Request: 1}, b); err != nil || b[0] != c.port {
			t.Errorf("%+v: port status: got %x, %v, want %x", c.fault, b[0], err, c.port)
		}
	}
}

func TestAutomaticStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := instant(t)
		r.SetFault(Fault{PaperLow: true})
		if got := r.read(); len(got) != 0 {
			t.Errorf("not enabled: got % x", got)
		}
		r.send(0x1d, 'a', 0xff)
		for _, c := range []struct {
			fault Fault
			want  []byte
		}{
			{Fault{PaperLow: true}, []byte{0x10, 0, 3, 0}}, // at once
			{Fault{PaperOut: true}, []byte{0x18, 0, 0x0f, 0}},
			{Fault{CoverOpen: true}, []byte{0x38, 0, 0, 0}},
			{Fault{CoverOpen: true}, nil},
			{Fault{}, []byte{0x10, 0, 0, 0}},
		} {
			r.SetFault(c.fault)
			if got := r.read(); !bytes.Equal(got, c.want) {
				t.Errorf("%+v: got % x, want % x", c.fault, got, c.want)
			}
		}
		r.send(0x1d, 'a', 0x02) // on-line alone
		r.read()
		if r.SetFault(Fault{PaperLow: true}); len(r.read()) != 0 {
			t.Error("paper sensor not asked for: got a message")
		}
		r.send(0x1d, 'a', 0)
		if r.SetFault(Fault{CoverOpen: true}); len(r.read()) != 0 {
			t.Error("off: got a message")
		}
		r.pipe.Close()
	})
}

func TestAnswersInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := instant(t)
		r.send(append(append([]byte{}, small...), 0x1d, 'r', 1, 0x1d, 'I', 67)...)
		if got := r.read(); !bytes.Equal(got, []byte{0}) {
			t.Errorf("GS r: got % x, want 00", got)
		}
		if got := r.read(); string(got) != "_Thermal 80\x00" {
			t.Errorf("GS I: got %q", got)
		}
		r.SetFault(Fault{PaperOut: true})
		r.send(0x1d, 'r', 1)
		if got := r.read(); len(got) != 0 {
			t.Errorf("GS r without paper: got % x, want nothing", got)
		}
		r.SetFault(Fault{PaperLow: true})
		if got := r.read(); !bytes.Equal(got, []byte{3}) {
			t.Errorf("GS r when paper is back: got % x, want 03", got)
		}
		r.pipe.Close()
	})
}

func TestProcessIDComesWithThePaper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Model{Dots: 64, Speed: 100})
		start := time.Now()
		r.send(0x1b, 'J', 240, 0x1d, 'V', 66, 0, 0x1d, '(', 'H', 6, 0, 48, 48, 'A', 'B', 'C', 'D')
		if d := time.Since(start); d > time.Millisecond {
			t.Errorf("the small job was taken after %v, want at once", d)
		}
		if st := r.State(); !st.Printing {
			t.Error("want it printing")
		}
		b := make([]byte, packet)
		n, err := r.pipe.Read(t.Context(), b)
		want := time.Duration(240+gap) * time.Second / 800 // rows at 800 a second
		if d := time.Since(start); err != nil || string(b[:n]) != "7\"ABCD\x00" || d < want-time.Millisecond || d > want+2*time.Millisecond {
			t.Errorf("got %q, %v after %v, want the id after %v", b[:n], err, d, want)
		}
		time.Sleep(time.Second)
		if st := r.State(); st.Printing || len(st.Papers) != 1 {
			t.Errorf("got %+v, want one slip", st)
		}
	})
}

func TestBackPressure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := instant(t)
		r.SetFault(Fault{PaperOut: true})
		r.send(append(append([]byte{}, small...), 0x1d, 'V', 66, 0)...) // a small job is swallowed
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		n, err := r.pipe.Write(ctx, make([]byte, 8192))
		if !errors.Is(err, context.DeadlineExceeded) || n < 4096-128 || n > 4096 {
			t.Errorf("got %d, %v, want the write to wait with about 4096 taken", n, err)
		}
		if st := r.State(); len(st.Papers) != 0 || st.Printing {
			t.Errorf("without paper: got %+v", st)
		}
		done := make(chan error)
		go func() {
			_, err := r.pipe.Write(t.Context(), make([]byte, 4096))
			done <- err
		}()
		synctest.Wait()
		r.SetFault(Fault{})
		if err := <-done; err != nil {
			t.Errorf("paper came back: got %v", err)
		}
		if papers := r.State().Papers; len(papers) == 0 || papers[0].Height != gap+2 || !papers[0].Cut {
			t.Errorf("got %+v, want the old slip printed first", papers)
		}
	})
}

func TestPaperOutInTheMiddle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Model{Dots: 64, Speed: 100})
		r.send(append([]byte{0x1d, 0x76, 0x30, 0, 8, 0, 0, 1}, bytes.Repeat([]byte{0x55}, 8*256)...)...)
		time.Sleep(100 * time.Millisecond)
		r.SetFault(Fault{PaperOut: true})
		half := len(r.rows())
		if half < 80 || half > 110 {
			t.Errorf("got %d rows after 100 ms, want about 80", half)
		}
		time.Sleep(time.Minute)
		if got := len(r.rows()); got != half {
			t.Errorf("without paper: got %d rows, want %d still", got, half)
		}
		r.SetFault(Fault{})
		time.Sleep(time.Second)
		if got := len(r.rows()); got != 256 {
			t.Errorf("paper back: got %d rows, want all 256", got)
		}
	})
}

func TestUnplugForgetsTheBuffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Model{Dots: 64, Speed: 100})
		r.send(append([]byte{0x1d, 0x76, 0x30, 0, 8, 0, 0, 1}, bytes.Repeat([]byte{0x55}, 8*256)...)...)
		time.Sleep(200 * time.Millisecond)
		r.bus.Unplug("1-1")
		r.Disconnect()
		half := r.State().Papers
		time.Sleep(time.Minute)
		if now := r.State().Papers; len(half) != 1 || half[0].Cut || len(now) != 1 || now[0] != half[0] {
			t.Errorf("got %+v, later %+v, want half a slip that stays", half, now)
		}
		r.open()
		r.send(small...)
		time.Sleep(time.Second)
		if rows := r.rows(); ink(rows[len(rows)-2:]) != "#..............#\n####........####" {
			t.Errorf("plugged in again: got\n%s\nwant a raster of its own", ink(rows[len(rows)-2:]))
		}
		if !r.Tear() || len(r.State().Papers) != 0 {
			t.Error("tear off the half slip: it is still there")
		}
	})
}

func TestClear(t *testing.T) {
	for name, clear := range map[string]func(*rig){
		"DLE DC4 8": func(r *rig) {
			r.send(0x10, 0x14, 8, 1, 3, 20, 1, 6, 2, 8)
			if got := r.read(); !bytes.Equal(got, []byte{0x37, 0x25, 0}) {
				t.Errorf("got % x, want 37 25 00", got)
			}
		},
		"SOFT_RESET": func(r *rig) {
			if _, err := r.pipe.Control(t.Context(), usb.Setup{RequestType: 0x21, Request: 2}, nil); err != nil {
				t.Error(err)
			}
		},
		"SOFT_RESET of 1.0": func(r *rig) {
			if _, err := r.pipe.Control(t.Context(), usb.Setup{RequestType: 0x23, Request: 2}, nil); err != nil {
				t.Error(err)
			}
		},
	} {
		r := instant(t)
		r.SetFault(Fault{PaperOut: true})
		r.send(small...)
		clear(r)
		r.SetFault(Fault{})
		if got := len(r.rows()); got != 0 {
			t.Errorf("%s: got %d rows, want the job gone", name, got)
		}
	}
}

func TestProtocolOne(t *testing.T) {
	r := newRig(t, Model{Proto: 1, Speed: -1})
	if _, err := r.pipe.Read(t.Context(), make([]byte, 64)); !errors.Is(err, usb.ErrNoEndpoint) {
		t.Errorf("read: got %v, want no endpoint", err)
	}
	r.send(0x10, 4, 1)
	b := make([]byte, 100)
	n, err := r.pipe.Control(t.Context(), usb.Setup{RequestType: 0xa1}, b)
	if err != nil || n < 10 || int(b[0])<<8|int(b[1]) != n || !strings.Contains(string(b[2:n]), "CLS:PRINTER;") {
		t.Errorf("device id: got %q, %v", b[:n], err)
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
