package transcode

import (
	"encoding/binary"
	"fmt"
)

// picture is a baseline file taken apart: its tables as they stood and its coefficients.
type picture struct {
	segments   []segment // before the scan
	components []*component
	wide, high int // MCUs
	size       int // of the file, bytes
}

type segment struct {
	marker byte
	data   []byte
}

type component struct {
	id               byte
	h, v             int // sampling factors
	width, height    int // samples
	stride           int // blocks per row, with those that only fill the last MCU
	blocks           [][64]int16
	dcTable, acTable byte
	dc, ac           *table
	last             int16 // DC of the block before
}

func parse(file []byte) (*picture, error) {
	if len(file) < 4 || file[0] != 0xff || file[1] != 0xd8 {
		return nil, errFormat
	}
	p, tables := &picture{size: len(file)}, map[byte]*table{}
	for rest := file[2:]; ; {
		if len(rest) < 4 || rest[0] != 0xff {
			return nil, errFormat
		}
		n := int(binary.BigEndian.Uint16(rest[2:])) + 2
		if n < 4 || n > len(rest) {
			return nil, errFormat
		}
		s := segment{rest[1], rest[4:n]}
		rest = rest[n:]
		if s.marker == 0xda {
			return p, p.scan(s.data, rest, tables)
		}
		p.segments = append(p.segments, s)
		if err := p.take(s, tables); err != nil {
			return nil, err
		}
	}
}

func (p *picture) take(s segment, tables map[byte]*table) error {
	switch {
	case s.marker == 0xc4:
		return addTables(tables, s.data)
	case s.marker == 0xc0:
		return p.frame(s.data)
	case s.marker > 0xc0 && s.marker < 0xd0, s.marker == 0xdd:
		return fmt.Errorf("marker %x: %w", s.marker, errFormat)
	}
	return nil
}

// frame reads SOF0 (B.2.2).
func (p *picture) frame(b []byte) error {
	if len(b) < 6 || b[0] != 8 || len(b) != 6+3*int(b[5]) || p.components != nil {
		return errFormat
	}
	height, width := int(binary.BigEndian.Uint16(b[1:])), int(binary.BigEndian.Uint16(b[3:]))
	hmax, vmax := 1, 1
	for b := b[6:]; len(b) > 0; b = b[3:] {
		c := &component{id: b[0], h: int(b[1] >> 4), v: int(b[1] & 15)}
		if c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 {
			return errFormat
		}
		hmax, vmax = max(hmax, c.h), max(vmax, c.v)
		p.components = append(p.components, c)
	}
	if width == 0 || height == 0 || len(p.components) == 0 {
		return errFormat
	}
	p.wide, p.high = (width+8*hmax-1)/(8*hmax), (height+8*vmax-1)/(8*vmax)
	for _, c := range p.components {
		c.width, c.height = (width*c.h+hmax-1)/hmax, (height*c.v+vmax-1)/vmax
		c.stride = p.wide * c.h
		if c.stride*p.high*c.v > 4*p.size { // a block takes two bits at least
			return errFormat
		}
		c.blocks = make([][64]int16, c.stride*p.high*c.v)
	}
	return nil
}

// scan reads the one scan of all components.
func (p *picture) scan(head, data []byte, tables map[byte]*table) error {
	if len(head) != 4+2*len(p.components) || len(p.components) == 0 {
		return errFormat
	}
	for i, c := range p.components {
		sel := head[2+2*i]
		c.dcTable, c.acTable = sel>>4, sel&15
		c.dc, c.ac = tables[sel>>4], tables[0x10|sel&15]
		if head[1+2*i] != c.id || c.dc == nil || c.ac == nil {
			return errFormat
		}
	}
	r := &reader{data: data}
	p.interleaved(func(c *component, block *[64]int16) { r.block(c, block) })
	return r.err
}

// interleaved visits the blocks in the order of a scan of all components (A.2.3); one component
// alone goes row by row without filling. The DC predictions begin anew.
func (p *picture) interleaved(visit func(*component, *[64]int16)) {
	for _, c := range p.components {
		c.last = 0
	}
	if len(p.components) == 1 {
		c := p.components[0]
		for y := range (c.height + 7) / 8 {
			for x := range (c.width + 7) / 8 {
				visit(c, &c.blocks[y*c.stride+x])
			}
		}
		return
	}
	for my := range p.high {
		for mx := range p.wide {
			for _, c := range p.components {
				for k := range c.h * c.v {
					visit(c, &c.blocks[(my*c.v+k/c.h)*c.stride+mx*c.h+k%c.h])
				}
			}
		}
	}
}
