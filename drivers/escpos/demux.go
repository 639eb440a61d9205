package escpos

import (
	"bytes"
	"time"
)

// kind tells the answers of a printer apart. One stream carries them all (Epson, "identification of
// transmission status").
type kind uint8

const (
	realTime    kind = iota // one byte, xx1xxx10b with bit 7 and bit 0 clear: DLE EOT
	autoStatus              // four bytes, the first 0xx1xx00b: ASB
	transmitted             // one byte with bits 7 and 4 clear: GS r
	block                   // header … NUL: GS ( H and other data
	fullStatus              // 10h 0Fh and four bytes: DLE EOT 14h of Custom
	counter                 // text, as long as a counter is awaited: GS E5h of Custom
)

// answer is one whole answer with all its bytes.
type answer struct {
	kind kind
	data []byte
}

const (
	maxBlock = 128                    // longest answer with header; longer is noise
	maxGap   = 500 * time.Millisecond // within one answer
)

// blockHeaders begin data; they are XON and XOFF in all masked bits, so plain values decide.
var blockHeaders = string([]byte{0x35, 0x37, 0x3b, 0x3d, 0x5f})

// demux cuts the IN stream into answers. Bytes that fit nothing are dropped.
type demux struct {
	full bool   // 10h 0Fh begins a full status
	part []byte // of an ASB or a block
	last time.Time
}

// feed takes what arrived at now and returns the answers completed by it.
func (d *demux) feed(now time.Time, in []byte) []answer {
	if now.Sub(d.last) > maxGap {
		d.part = nil
	}
	d.last = now
	var out []answer
	for _, b := range in {
		if a, ok := d.one(b); ok {
			out = append(out, a)
		}
	}
	return out
}

func (d *demux) one(b byte) (answer, bool) {
	switch {
	case len(d.part) == 0:
		return d.first(b)
	case d.isFull():
		d.part = append(d.part, b)
		return d.whole(fullStatus, len(d.part) == 6)
	case d.part[0]&0x93 == 0x10: // ASB
		if b&0x90 != 0 { // cut off: b begins something new
			d.part = nil
			return d.first(b)
		}
		d.part = append(d.part, b)
		return d.whole(autoStatus, len(d.part) == 4)
	}
	if d.part = append(d.part, b); len(d.part) > maxBlock {
		d.part = nil
	}
	return d.whole(block, b == 0)
}

// isFull reports whether what is begun is a full status. Its bytes may be anything, so only printers
// that have it are read so.
func (d *demux) isFull() bool {
	return d.full && len(d.part) > 1 && d.part[0] == 0x10 && d.part[1] == 0x0f
}

func (d *demux) first(b byte) (answer, bool) {
	switch {
	case b&0x93 == 0x12:
		return answer{realTime, []byte{b}}, true
	case b&0x93 == 0x10, bytes.IndexByte([]byte(blockHeaders), b) >= 0:
		d.part = []byte{b}
	case b&0x90 == 0:
		return answer{transmitted, []byte{b}}, true
	}
	return answer{}, false
}

func (d *demux) whole(k kind, done bool) (answer, bool) {
	if !done || d.part == nil {
		return answer{}, false
	}
	a := answer{k, d.part}
	d.part = nil
	return a, true
}
