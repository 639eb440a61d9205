package printer

import (
	"bytes"
	"fmt"
	"image/color"
	"testing"
)

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
