package printer

import (
	"image"
	"image/color"
)

// gap is how far the cutter is from the head: what was printed last has not reached the knife yet.
const gap = 12 * DotsPerMM

// Bounds of what is kept: rows of one piece (it tears under its own weight then), pieces in the
// slot (older ones fall to the floor), pieces that can still be looked at.
const (
	maxRows    = 8192
	maxHanging = 12
	maxKept    = 24
)

// Paper is a piece of paper in the slot; 8 dots are 1 mm.
type Paper struct {
	ID, Width, Height int // dots
	Cut               bool
}

// piece is a piece of paper, one bit per dot, most significant first, 1 is black.
type piece struct {
	id     int
	bits   []byte
	rows   int
	cut    bool
	gone   bool // taken or on the floor
	inside bool // cut, behind the rollers of a presenter
}

// roll is the paper of a printer: what was cut off, and the end of the roll that still grows.
type roll struct {
	dots   int
	stride int // bytes per row
	pieces []*piece
	end    *piece // its last gap rows are between head and knife
	ids    int
}

func newRoll(dots int) roll {
	r := roll{dots: dots, stride: (dots + 7) / 8}
	r.begin(make([]byte, gap*r.stride))
	return r
}

func (r *roll) begin(bits []byte) {
	r.ids++
	r.end = &piece{id: r.ids, bits: bits, rows: gap}
}

// add prints a row; nil is blank.
func (r *roll) add(row []byte) {
	at := len(r.end.bits)
	r.end.bits = append(r.end.bits, make([]byte, r.stride)...)
	copy(r.end.bits[at:], row)
	if r.end.rows++; r.end.rows == maxRows {
		r.separate(false)
	}
}

// separate parts what is beyond the knife from the roll; false = nothing is.
func (r *roll) separate(cut bool) bool {
	out := r.end.rows - gap
	if out <= 0 {
		return false
	}
	done := r.end
	r.begin(append([]byte(nil), done.bits[out*r.stride:]...))
	done.bits, done.rows, done.cut = done.bits[:out*r.stride], out, cut
	r.pieces = append(r.pieces, done)
	for i := 0; i < len(r.pieces)-maxHanging; i++ {
		r.pieces[i].gone = true
	}
	if len(r.pieces) > maxKept {
		r.pieces = r.pieces[len(r.pieces)-maxKept:]
	}
	return true
}

// tear takes what people can reach; the uncut end only where it hangs out.
func (r *roll) tear(hangs bool) (taken bool) {
	for _, p := range r.pieces {
		if !p.inside {
			taken = taken || !p.gone
			p.gone = true
		}
	}
	if hangs && !taken && r.separate(false) {
		r.pieces[len(r.pieces)-1].gone = true
		return true
	}
	return taken
}

func (r *roll) hanging(hangs bool) (list []Paper) {
	for _, p := range r.pieces {
		if !p.gone && !p.inside {
			list = append(list, Paper{p.id, r.dots, p.rows, p.cut})
		}
	}
	if out := r.end.rows - gap; out > 0 && hangs {
		list = append(list, Paper{r.end.id, r.dots, out, false})
	}
	return list
}

// Image returns a piece of paper as it looks now, black on white, nil if it is long gone. Of paper
// that is still printed on it shows what is beyond the knife.
func (p *Printer) Image(id int) image.Image {
	p.mu.Lock()
	defer p.mu.Unlock()
	if end := p.paper.end; end.id == id {
		return p.paper.picture(end.bits, end.rows-gap)
	}
	for _, pc := range p.paper.pieces {
		if pc.id == id {
			return p.paper.picture(pc.bits, pc.rows)
		}
	}
	return nil
}

func (r *roll) picture(bits []byte, rows int) image.Image {
	m := image.NewPaletted(image.Rect(0, 0, r.dots, rows), color.Palette{color.White, color.Black})
	for y := range rows {
		for x := range r.dots {
			m.Pix[y*m.Stride+x] = bits[y*r.stride+x/8] >> (7 - x%8) & 1
		}
	}
	return m
}

func (p *Printer) printRow(row []byte) {
	p.paper.add(row)
	p.dirty = true
}

func (p *Printer) cut() {
	if p.paper.separate(true) {
		if p.model.Custom {
			p.mouth.inside = p.paper.pieces[len(p.paper.pieces)-1]
			p.mouth.inside.inside = true
		}
		p.cuts++
		p.dirty = true
	}
}
