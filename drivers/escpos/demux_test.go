package escpos

import (
	"reflect"
	"testing"
	"time"
)

func answers(pairs ...any) (out []answer) {
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, answer{pairs[i].(kind), pairs[i+1].([]byte)})
	}
	return out
}

func TestDemux(t *testing.T) {
	id := []byte{0x37, 0x22, ' ', '0', 0x7e, '!', 0}
	for _, c := range []struct {
		name string
		in   []byte
		want []answer
	}{
		{"real time", []byte{0x12, 0x1a, 0x7e}, answers(realTime, []byte{0x12}, realTime, []byte{0x1a}, realTime, []byte{0x7e})},
		{"asb", []byte{0x14, 0x00, 0x0f, 0x0f}, answers(autoStatus, []byte{0x14, 0x00, 0x0f, 0x0f})},
		{"transmitted", []byte{0x00, 0x0c}, answers(transmitted, []byte{0}, transmitted, []byte{0x0c})},
		{"process id", id, answers(block, id)},
		{"status within a block is its data", []byte{0x5f, 0x12, 0x10, 0x00, 0x12}, answers(block, []byte{0x5f, 0x12, 0x10, 0}, realTime, []byte{0x12})},
		{"asb cut off by a real-time answer", []byte{0x10, 0x00, 0x12, 0x00}, answers(realTime, []byte{0x12}, transmitted, []byte{0})},
		{"asb cut off by a block", []byte{0x10, 0x00, 0x37, 0x22, 0x00}, answers(block, []byte{0x37, 0x22, 0})},
		{"flow control and noise", []byte{0x11, 0x13, 0x80, 0xff, 0x92}, nil},
	} {
		var d demux
		if got := d.feed(time.Now(), c.in); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// TestDemuxOfCustom: the full status begins as an ASB does and may hold any bytes.
func TestDemuxOfCustom(t *testing.T) {
	full := []byte{0x10, 0x0f, 0x24, 0x93, 0xff, 0x10}
	for _, c := range []struct {
		name string
		in   []byte
		want []answer
	}{
		{"alone", full, answers(fullStatus, full)},
		{"twice, and GS r", append(append([]byte{}, full...), append(full, 0)...), answers(fullStatus, full, fullStatus, full, transmitted, []byte{0})},
		{"between ASBs", append([]byte{0x10, 0, 0x0f, 0}, append(full, 0x14, 0x0f, 0, 0)...),
			answers(autoStatus, []byte{0x10, 0, 0x0f, 0}, fullStatus, full, autoStatus, []byte{0x14, 0x0f, 0, 0})},
		{"DLE is no answer yet", []byte{0x10}, nil},
	} {
		d := demux{full: true}
		if got := d.feed(time.Now(), c.in); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
	var other demux
	if got, want := other.feed(time.Now(), []byte{0x10, 0x0f, 0, 0}), answers(autoStatus, []byte{0x10, 0x0f, 0, 0}); !reflect.DeepEqual(got, want) {
		t.Errorf("another printer: got %v, want %v", got, want)
	}
}

func TestDemuxForgetsTorsos(t *testing.T) {
	var d demux
	now := time.Now()
	if got := d.feed(now, []byte{0x37, 0x22}); got != nil {
		t.Errorf("got %v, want nothing yet", got)
	}
	got := d.feed(now.Add(maxGap+1), []byte{0x12})
	if want := answers(realTime, []byte{0x12}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v after a pause, want %v", got, want)
	}
	endless := append([]byte{0x3b}, make([]byte, maxBlock)...)
	for i := range endless[1:] {
		endless[1+i] = 'x'
	}
	if got := d.feed(now, append(endless, 0x12)); !reflect.DeepEqual(got, answers(realTime, []byte{0x12})) {
		t.Errorf("got %v after an endless block, want the answer behind it", got)
	}
}

// FuzzDemux: however the stream is cut into reads, the answers are the same, and each is whole.
func FuzzDemux(f *testing.F) {
	f.Add([]byte{0x12, 0x10, 0, 0, 0x0c, 0x37, 0x22, 'a', 'b', 'c', 'd', 0, 0x01}, uint8(3), false)
	f.Add([]byte{0x10, 0x0f, 0x24, 0, 0xff, 0x93, 0x10, 0x0f, 0, 0x10, 0x0f, 0x12, 0x12}, uint8(2), true) // full status
	f.Add([]byte{0x10, 0x10, 0x0f, 0, 0, 0x10, 0x0f, 0x37, 0, 0x10, 0, 0, 0}, uint8(1), true)             // mixed with ASB
	f.Add([]byte{0x10, 0x12, 0x5f, 0xff}, uint8(1), false)
	f.Fuzz(func(t *testing.T, in []byte, size uint8, full bool) {
		now := time.Now()
		whole, pieces := demux{full: full}, demux{full: full}
		want := whole.feed(now, in)
		var got []answer
		for rest := in; len(rest) > 0; {
			n := min(len(rest), 1+int(size))
			got = append(got, pieces.feed(now, rest[:n])...)
			rest = rest[n:]
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %v in pieces, want %v", got, want)
		}
		total := 0
		for _, a := range got {
			total += len(a.data)
			checkWhole(t, a)
			checkStatus(t, a)
		}
		if total > len(in) || len(whole.part) > maxBlock {
			t.Errorf("got %d bytes of answers and %d pending from %d", total, len(whole.part), len(in))
		}
	})
}

// checkStatus reads an answer as each question's: whatever a printer says is some status, and one that
// speaks of no paper is not ready.
func checkStatus(t *testing.T, a answer) {
	t.Helper()
	var st Status
	switch a.kind {
	case realTime:
		for n := range byte(5) {
			st.realTime(n, a.data[0])
		}
	case autoStatus:
		st = automatic(a.data)
	case fullStatus:
		st = full(a.data)
	}
	for _, st := range []Status{st, port(a.data[0])} {
		if st.PaperOut != (st.Ready() == ErrPaperOut) {
			t.Errorf("%v: got %+v, ready %v, want paper out told first", a, st, st.Ready())
		}
	}
}

func checkWhole(t *testing.T, a answer) {
	t.Helper()
	n, first, last := len(a.data), a.data[0], a.data[len(a.data)-1]
	ok := map[kind]bool{
		realTime:    n == 1 && first&0x93 == 0x12,
		transmitted: n == 1 && first&0x90 == 0,
		autoStatus:  n == 4 && first&0x93 == 0x10,
		fullStatus:  n == 6 && first == 0x10 && a.data[1] == 0x0f,
		block:       n >= 2 && n <= maxBlock && last == 0,
	}
	if !ok[a.kind] {
		t.Errorf("got answer %v, want a whole one", a)
	}
}
