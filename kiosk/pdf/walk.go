package pdf

import (
	"bytes"
	"fmt"
	"io"
)

// Markers of ITU-T T.81, table B.1: the byte after 0xFF.
const (
	markTEM  = 0x01
	markSOF0 = 0xC0 // baseline
	markSOF1 = 0xC1 // extended sequential
	markSOF2 = 0xC2 // progressive
	markDHT  = 0xC4
	markSOFf = 0xCF
	markJPG  = 0xC8
	markRST0 = 0xD0
	markRST7 = 0xD7
	markSOI  = 0xD8
	markEOI  = 0xD9
	markSOS  = 0xDA
	markDQT  = 0xDB
	markDNL  = 0xDC
	markDRI  = 0xDD
	markDHP  = 0xDE
	markEXP  = 0xDF
	markAPP0 = 0xE0
	markAPP1 = 0xE1
	markAPPe = 0xEE // Adobe
)

// walker goes through a JPEG from marker to marker.
type walker struct {
	src  *source
	pic  Picture
	look *look // nil: the picture data are passed over

	frame    []component
	heightAt int64          // offset of the frame's height
	huffman  [2][4]*huffman // of DC and AC, by destination
	quant    [4]*[64]uint16
	restart  int  // MCUs between restart markers, 0 none
	scans    int  // seen so far
	covered  uint // bit of every component that a scan brought
	passed   int  // restart markers of this scan so far
	restarts int  // those of the first scan
	together bool // the first scan holds all components
	jfif     bool
	adobe    int // colour transform of Adobe's segment, -1 no segment
}

// walk fills w.pic.
func (w *walker) walk() error {
	w.adobe = -1
	start, err := w.src.peek(2)
	if err != nil {
		return err
	}
	if start[0] != 0xFF || start[1] != markSOI {
		return ErrNotJPEG
	}
	w.src.skip(2)
	w.pic.headEnd = 2
	for {
		mark, err := w.marker()
		if err != nil {
			return err
		}
		if mark == markEOI {
			break
		}
		if err := w.segment(mark); err != nil {
			return err
		}
	}
	w.pic.Size = w.src.at
	if err := w.complete(); err != nil {
		return err
	}
	return w.rest()
}

// marker consumes the next marker with its fill bytes (B.1.1.2).
func (w *walker) marker() (byte, error) {
	b, err := w.src.next()
	if err != nil {
		return 0, err
	}
	if b != 0xFF {
		return 0, w.broken("no marker")
	}
	for b == 0xFF {
		if b, err = w.src.next(); err != nil {
			return 0, err
		}
	}
	return b, nil
}

// segment consumes what follows a marker, scan data included.
func (w *walker) segment(mark byte) error {
	if mark == markTEM {
		return nil
	}
	if mark == 0 || mark == markSOI || mark >= markRST0 && mark <= markRST7 {
		return w.broken(fmt.Sprintf("marker %02X out of place", mark))
	}
	head, err := w.src.peek(2)
	if err != nil {
		return err
	}
	length := int(head[0])<<8 | int(head[1])
	if length < 2 {
		return w.broken("segment length")
	}
	body, err := w.src.peek(length)
	if err != nil {
		return err
	}
	if err := w.read(mark, body[2:]); err != nil {
		return err
	}
	if mark == markSOS {
		return w.scan(body[2:])
	}
	w.src.skip(length)
	return nil
}

// read takes what is wanted out of a segment.
func (w *walker) read(mark byte, body []byte) error {
	switch {
	case mark == markDHT:
		return w.huffmanTables(body)
	case mark == markDQT:
		return w.quantTables(body)
	case mark == markSOF0 || mark == markSOF1 || mark == markSOF2:
		return w.startOfFrame(mark, body)
	case mark >= markSOF0 && mark <= markSOFf || mark == markJPG || mark == markDHP || mark == markEXP:
		return fmt.Errorf("byte %d, marker %02X: %w", w.src.at, mark, ErrCoding)
	case mark == markDNL:
		return w.numberOfLines(body)
	case mark == markDRI:
		if len(body) != 2 {
			return w.broken("restart interval")
		}
		w.restart = int(body[0])<<8 | int(body[1])
	case mark == markAPP0 || mark == markAPP1 || mark == markAPPe:
		w.application(mark, body)
	}
	return nil
}

// passScan consumes picture data up to the next marker that is not a restart.
func (w *walker) passScan() error {
	for {
		if err := w.src.more(1); err != nil {
			return err
		}
		held := w.src.buf[w.src.i:w.src.n]
		i := bytes.IndexByte(held, 0xFF)
		if i < 0 {
			w.src.skip(len(held))
			continue
		}
		w.src.skip(i)
		next, err := w.src.peek(2)
		if err != nil {
			return err
		}
		switch mark := next[1]; {
		case mark == 0:
			w.src.skip(2)
		case mark == 0xFF:
			w.src.skip(1)
		case mark >= markRST0 && mark <= markRST7:
			if err := w.passRestart(mark); err != nil {
				return err
			}
		default:
			return nil
		}
	}
}

// passRestart consumes a restart marker, which count modulo 8 (B.2.1). More of them than the
// picture needs are accepted: Brother's DSmobile sends rows below the height it told.
func (w *walker) passRestart(mark byte) error {
	if w.restart == 0 || int(mark-markRST0) != w.passed%8 {
		return w.broken("restart marker out of order")
	}
	w.passed++
	w.src.skip(2)
	return nil
}

// rest reads what follows the end of the picture. Hardware pads (some to four bytes, some with
// much), and every reader stops at EOI, so it is dropped, unless another picture begins in it.
func (w *walker) rest() error {
	for {
		held := w.src.buf[w.src.i:w.src.n]
		if bytes.Contains(held, []byte{0xFF, markSOI, 0xFF}) {
			return fmt.Errorf("byte %d: %w", w.src.at, ErrTwoPictures)
		}
		if keep := min(2, len(held)); w.src.err == nil {
			w.src.skip(len(held) - keep)
			_ = w.src.more(keep + 1) // the reader's error is looked at when the window is used up
			continue
		}
		w.src.skip(len(held))
		w.pic.Trailing = w.src.at - w.pic.Size
		if w.src.err == io.EOF {
			return nil
		}
		return fmt.Errorf("read page: %w", w.src.err)
	}
}

func (w *walker) broken(what string) error {
	return fmt.Errorf("byte %d, %s: %w", w.src.at, what, ErrBroken)
}
