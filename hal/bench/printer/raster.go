package printer

import "encoding/binary"

// Limits of GS v 0 (TM-T81: x at most 256 bytes, y at most 2303 rows).
const (
	maxRasterBytes = 256
	maxRasterRows  = 2303
)

// raster is the picture of a GS v 0 under way.
type raster struct {
	row    []byte
	bytes  int // per row
	rows   int // still to come
	scaleX int
	scaleY int
}

// beginRaster takes the header of GS v 0. Where the data sheet does not allow it (characters wait
// in the line, a wrong mode, a size out of range) the header is ignored and the pixels print as
// the text they were not meant to be.
func (p *Printer) beginRaster(cmd []byte) {
	if len(cmd) < 8 {
		return
	}
	x, y := int(binary.LittleEndian.Uint16(cmd[4:])), int(binary.LittleEndian.Uint16(cmd[6:]))
	m := cmd[3]
	if m >= '0' {
		m -= '0'
	}
	if len(p.line) > 0 || m > 3 || x < 1 || x > maxRasterBytes || y < 1 || y > maxRasterRows {
		return
	}
	p.parser.raster = &raster{bytes: x, rows: y, scaleX: 1 + int(m&1), scaleY: 1 + int(m>>1)}
}

// pixels takes a byte of the picture; a full row goes to the head.
func (p *Printer) pixels(b byte) {
	r := p.parser.raster
	if r.row = append(r.row, b); len(r.row) < r.bytes {
		return
	}
	head := make([]byte, p.paper.stride)
	left := p.indent(r.bytes * 8 * r.scaleX)
	for x := range r.bytes * 8 {
		if r.row[x/8]>>(7-x%8)&1 != 0 {
			for i := range r.scaleX {
				p.dot(head, left+x*r.scaleX+i)
			}
		}
	}
	for range r.scaleY {
		p.motor.rows = append(p.motor.rows, head)
	}
	r.row = r.row[:0]
	if r.rows--; r.rows == 0 {
		p.parser.raster = nil
	}
}

// indent returns where something so many dots wide begins.
func (p *Printer) indent(width int) int {
	free := max(0, p.model.Dots-width)
	return free * int(p.modes.align) / 2
}

// dot blackens a dot of a row; beyond the head there is none.
func (p *Printer) dot(row []byte, x int) {
	if x >= 0 && x < p.model.Dots {
		row[x/8] |= 0x80 >> (x % 8)
	}
}
