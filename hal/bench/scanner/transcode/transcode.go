// Package transcode rewrites baseline JPEG files as other encoders would have written them: in
// several progressive scans, or with restart markers. The picture stays the same, bit by bit.
//
// It owns the entropy coding of one scan (ITU-T T.81, annexes F and G). It refuses what image/jpeg
// does not write: progressive or 12-bit input, restart intervals, more than one scan.
package transcode

import (
	"bytes"
	"errors"
	"fmt"
)

// errFormat is what all refusals wrap.
var errFormat = errors.New("not a plain baseline JPEG")

// Progressive writes DC of all components in one scan, then the rest of each in a scan of its own.
func Progressive(file []byte) ([]byte, error) {
	p, err := parse(file)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.Write(p.head(0xc2))
	b.Write(scanHeader(p.components, 0, 0))
	w := &bits{out: &b}
	p.interleaved(func(c *component, block *[64]int16) { w.dc(c, block) })
	w.flush()
	for _, c := range p.components {
		b.Write(scanHeader([]*component{c}, 1, 63))
		w := &bits{out: &b}
		for y := range (c.height + 7) / 8 {
			for x := range (c.width + 7) / 8 {
				w.ac(c, &c.blocks[y*c.stride+x])
			}
		}
		w.flush()
	}
	b.Write([]byte{0xff, 0xd9})
	return b.Bytes(), nil
}

// Restarts writes one scan with a restart marker after every so many MCUs.
func Restarts(file []byte, every int) ([]byte, error) {
	p, err := parse(file)
	if err != nil {
		return nil, err
	}
	if every < 1 || every > 0xffff {
		return nil, fmt.Errorf("restart every %d MCUs: out of range", every)
	}
	var b bytes.Buffer
	b.Write(p.head(0xc0))
	b.Write([]byte{0xff, 0xdd, 0, 4, byte(every >> 8), byte(every)})
	b.Write(scanHeader(p.components, 0, 63))
	w := &bits{out: &b}
	n, perMCU := 0, 0
	for _, c := range p.components {
		perMCU += c.h * c.v
	}
	p.interleaved(func(c *component, block *[64]int16) {
		if mcu := n / perMCU; n%perMCU == 0 && mcu > 0 && mcu%every == 0 {
			w.flush()
			b.Write([]byte{0xff, 0xd0 | byte((mcu/every-1)&7)})
			for _, c := range p.components {
				c.last = 0
			}
		}
		n++
		w.dc(c, block)
		w.ac(c, block)
	})
	w.flush()
	b.Write([]byte{0xff, 0xd9})
	return b.Bytes(), nil
}

// head is everything up to the first scan: tables and the frame header with another marker.
func (p *picture) head(sof byte) []byte {
	b := []byte{0xff, 0xd8}
	for _, s := range p.segments {
		marker := s.marker
		if marker == 0xc0 {
			marker = sof
		}
		n := len(s.data) + 2
		b = append(append(b, 0xff, marker, byte(n>>8), byte(n)), s.data...)
	}
	return b
}

func scanHeader(list []*component, from, to byte) []byte {
	n := 6 + 2*len(list)
	b := []byte{0xff, 0xda, 0, byte(n), byte(len(list))}
	for _, c := range list {
		b = append(b, c.id, c.dcTable<<4|c.acTable)
	}
	return append(b, from, to, 0)
}
