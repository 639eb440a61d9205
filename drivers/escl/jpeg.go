package escl

import (
	"bytes"
	"errors"
)

// Markers of ISO/IEC 10918-1, table B.1.
const (
	mSOI = 0xd8
	mEOI = 0xd9
	mSOS = 0xda
	mDNL = 0xdc
	mTEM = 0x01
)

// trailLimit is how much padding after the end of a picture is let pass (and dropped).
const trailLimit = 64 << 10

var (
	errNoJPEG   = errors.New("no jpeg")
	errMarkers  = errors.New("jpeg markers are broken")
	errEncoding = errors.New("jpeg has an encoding that readers do not know")
	errTrail    = errors.New("something else follows the picture")
)

// walker follows a JPEG from its first marker to its last while it streams through, however it is
// cut into pieces. It decodes nothing: what it proves is that nothing is missing at the end, which
// status 200 and a correct HTTP length do not.
type walker struct {
	state               func(*walker, []byte) ([]byte, error) // consumes a part, at least one byte
	left                int                                   // of the segment
	code                byte
	seg                 []byte // the segment's beginning
	width, height, comp int
	scans, trail        int
	last                []byte // the trail's last two bytes
	size                int64
}

func newWalker() *walker { return &walker{state: (*walker).soi} }

// feed takes the next bytes and returns those of them that belong to the picture.
func (w *walker) feed(b []byte) ([]byte, error) {
	var err error
	for rest := b; len(rest) > 0; {
		if w.code == mEOI {
			b = b[:len(b)-len(rest)]
			err = w.after(rest)
			break
		}
		if rest, err = w.state(w, rest); err != nil {
			return nil, err
		}
	}
	w.size += int64(len(b))
	return b, err
}

// whole reports whether the picture has everything from start to end.
func (w *walker) whole() bool { return w.code == mEOI && w.width > 0 && w.height > 0 && w.scans > 0 }

func (w *walker) soi(b []byte) ([]byte, error) {
	if want := [...]byte{0xff, mSOI}; b[0] != want[len(w.seg)] {
		return nil, errNoJPEG
	}
	if w.seg = append(w.seg, b[0]); len(w.seg) == 2 {
		w.state = (*walker).marker
	}
	return b[1:], nil
}

func (w *walker) marker(b []byte) ([]byte, error) {
	if b[0] != 0xff {
		return nil, errMarkers
	}
	w.state = (*walker).kind
	return b[1:], nil
}

// kind reads the byte after FF outside of scans; FF may be repeated (B.1.1.2).
func (w *walker) kind(b []byte) ([]byte, error) {
	c := b[0]
	switch {
	case c == 0xff:
		return b[1:], nil
	case c == mEOI:
		w.code = c
		return b[1:], nil
	case c == mTEM || c >= 0xd0 && c <= 0xd7:
		w.state = (*walker).marker
		return b[1:], nil
	case c < 0xc0 || c == mSOI:
		return nil, errMarkers
	}
	w.code, w.seg, w.left, w.state = c, w.seg[:0], 0, (*walker).segment
	return b[1:], nil
}

// segment reads the length and what it counts, keeping the first bytes for frame.
func (w *walker) segment(b []byte) ([]byte, error) {
	if len(w.seg) < 2 {
		if w.seg = append(w.seg, b[0]); len(w.seg) == 2 {
			if w.left = (int(w.seg[0])<<8 | int(w.seg[1])) - 2; w.left < 0 {
				return nil, errMarkers
			}
		}
		b = b[1:]
	} else {
		n := min(len(b), w.left)
		w.seg = append(w.seg, b[:min(n, 16-min(len(w.seg), 16))]...)
		w.left -= n
		b = b[n:]
	}
	if len(w.seg) < 2 || w.left > 0 {
		return b, nil
	}
	return b, w.segmentEnd()
}

func (w *walker) segmentEnd() error {
	w.state = (*walker).marker
	switch c := w.code; {
	case c == mSOS && w.comp == 0:
		return errMarkers
	case c == mSOS:
		w.scans++
		w.state = (*walker).entropy
	case c >= 0xc0 && c <= 0xc2:
		return w.frame()
	case c == mDNL:
		return w.lines()
	case c > 0xc2 && c <= 0xcf && c != 0xc4 && c != 0xc8 && c != 0xcc:
		return errEncoding // lossless, hierarchical, arithmetic
	}
	return nil
}

// frame reads SOF0…2: P, Y, X, Nf (B.2.2). Y may be 0 or too much where the height comes later.
func (w *walker) frame() error {
	s := w.seg[2:]
	if len(s) < 6 || w.comp > 0 {
		return errMarkers
	}
	w.height, w.width, w.comp = int(s[1])<<8|int(s[2]), int(s[3])<<8|int(s[4]), int(s[5])
	if s[0] != 8 || w.width == 0 || w.comp == 0 || w.comp > 4 {
		return errEncoding
	}
	return nil
}

// lines reads DNL, the height after the first scan (B.2.5): a feeder does not know before how long the
// sheet is. kiosk/pdf puts it where readers look.
func (w *walker) lines() error {
	if len(w.seg) != 4 || w.scans != 1 {
		return errMarkers
	}
	w.height = int(w.seg[2])<<8 | int(w.seg[3])
	return nil
}

// entropy passes over a scan's data. A page has an FF every few hundred bytes: those of no meaning
// are passed over here, or stepping from state to state would take longer than reading.
func (w *walker) entropy(b []byte) ([]byte, error) {
	for {
		at := bytes.IndexByte(b, 0xff) + 1
		if at == 0 {
			return nil, nil
		}
		b = b[at:]
		if len(b) == 0 || b[0] != 0 && (b[0] < 0xd0 || b[0] > 0xd7) {
			w.state = (*walker).stuffed
			return b, nil
		}
		b = b[1:]
	}
}

// stuffed reads the byte after FF within a scan: 00 is data, RSTn goes on, anything else ends it.
func (w *walker) stuffed(b []byte) ([]byte, error) {
	switch c := b[0]; {
	case c == 0 || c >= 0xd0 && c <= 0xd7:
		w.state = (*walker).entropy
		return b[1:], nil
	case c == 0xff:
		return b[1:], nil
	}
	return w.kind(b)
}

// after looks at what follows the end: padding is dropped, another picture may be a page.
func (w *walker) after(b []byte) error {
	w.trail += len(b)
	tail := append(w.last, b...)
	if w.trail > trailLimit || bytes.Contains(tail, []byte{0xff, mSOI, 0xff}) {
		return errTrail
	}
	w.last = bytes.Clone(tail[max(0, len(tail)-2):])
	return nil
}
