package slip

import (
	"fmt"
	"image"
	"time"
)

// Ticket is what the paper says. Every field but Label may be empty. // A18
type Ticket struct {
	Centre    string        // «МФЦ Кошкинского района»
	Label     string        // «А012», at most eight letters
	Service   string        // «Подать документы»
	Issued    time.Time     // in the site's zone
	Dated     bool          // false prints «время не установлено» instead of Issued
	Ahead     int           // people waiting before this ticket
	Wait      time.Duration // expected, rounded up to minutes
	WaitKnown bool
	Places    []string // windows that may call: «окно 1», «место СПС»
	Duty      bool     // the service itself may cost a state duty // A15
	Remind    bool     // a computer is used: delete files, sign out // A29, A30
	Online    string   // address where it can be done from home, becomes a QR code // B1
	Kiosk     string   // «Киоск 1»
	Copy      bool     // printed again: «КОПИЯ»
}

const (
	margin     = 16 // dots kept white at the left and right edge
	edge       = 4  // dots kept white at the top and bottom edge
	bodySize   = 24 // em of the smallest text, dots: 3 mm
	narrowDots = 512
	wideDots   = 576
	// maxRows is 110 mm of paper at 8 dots/mm and 576 dots: 63,360 bytes. A narrower head gets
	// rows for the same bytes, because its text needs more lines.
	maxRows = 880
)

// Ticket draws a ticket for a head of so many dots (384 to 576, whole bytes). The picture is as
// wide as the head and at most 880 rows high at 576 dots, 990 at 512, 1320 at 384. The error wraps
// ErrLabel, or says that no such head exists.
func (r *Renderer) Ticket(t Ticket, dots int) (*Bitmap, error) {
	if dots < 384 || dots > wideDots || dots%8 != 0 {
		return nil, fmt.Errorf("draw ticket: a head of %d dots is not supported", dots)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	text, err := label(t.Label)
	if err != nil {
		return nil, fmt.Errorf("draw ticket: %w", err)
	}
	p := page{
		Renderer: r, Ticket: t, narrow: dots < narrowDots,
		width: dots - 2*margin, rows: maxRows*wideDots/dots - 2*edge,
	}
	all := p.compose(text)
	out := newBitmap(dots, all.height+2*edge)
	all.paint(out, margin, edge)
	out.trim(image.Rect(margin, edge, dots-margin, edge+all.height))
	return out, nil
}

// page is one ticket being laid out.
type page struct {
	*Renderer
	Ticket
	width  int // dots between the margins
	rows   int // dots between the edges, at most
	narrow bool
}

// compose gives the number the height that the rest leaves. Where that is too little the QR code
// gets smaller modules, and then goes: without it the longest ticket fits.
func (p page) compose(label string) row {
	above, below := p.above(), p.below()
	modules := qr(p.Online)
	for size := 6; size >= 4; size-- {
		if !p.roomBeside(modules, size) {
			continue
		}
		tail := p.tail(modules, size)
		room := p.rows - above.height - below.height - tail.height
		if number := p.number(p.width, room, label); number.height <= room {
			return stack(above, number, below, tail)
		}
	}
	tail := p.tail(nil, 0)
	room := p.rows - above.height - below.height - tail.height
	return stack(above, p.number(p.width, room, label), below, tail)
}

// roomBeside reports whether a code with modules of this size leaves a column for the words.
func (p page) roomBeside(modules [][]bool, size int) bool {
	const wordsWidth = 240 // dots; narrower, words would break
	switch right := (len(modules)+quietModules)*size + p.quietLeft(size); {
	case modules == nil:
		return false
	case p.narrow:
		return right <= p.width
	default:
		return p.width-right >= wordsWidth
	}
}

// quietLeft is the part of the quiet zone at the left that the margin does not give, in dots.
func (p page) quietLeft(size int) int { return max(0, quietModules*size-margin) }

// above is what stands over the number.
func (p page) above() row {
	name := span{true, p.Service}
	size := p.largest(p.width, 2, name, 36, 32, 28)
	return stack(
		p.header(), gap(4), rule(p.width, 4), gap(6),
		p.paragraph(p.width, style{size: size, lines: 3, centre: true}, name),
	)
}

// header is the centre's name, and on a copy the word for it in a frame.
func (p page) header() row {
	name := span{true, p.Centre}
	if !p.Copy {
		size := p.largest(p.width, 1, name, 28, 26, bodySize)
		return p.paragraph(p.width, style{size: size, lines: 2, centre: true}, name)
	}
	width := p.face(true, bodySize).width(&p.buf, copyMark) + 20
	mark := frame(width, p.paragraph(width, style{size: bodySize, lines: 1, centre: true}, span{true, copyMark}))
	left := p.width - width - 16
	return beside(p.paragraph(left, style{size: bodySize, lines: 2}, name), p.width-width, mark)
}

// frame draws a box of two dots around a row.
func frame(width int, inner row) row {
	return row{height: inner.height + 8, paint: func(dst *Bitmap, x, y int) {
		box := image.Rect(x, y, x+width, y+inner.height+8)
		dst.fill(box, true)
		dst.fill(box.Inset(2), false)
		inner.paint(dst, x, y+4)
	}}
}

// below is what follows the number and does not change: how long, and where to go.
func (p page) below() row {
	heading, value := waiting(p.Wait, p.WaitKnown)
	hall := span{true, waitHere}
	size := p.largest(p.width, 1, hall, 38, 34, 28)
	return stack(
		rule(p.width, 4), columns(p.width, 4, p.fact(aheadHeading, ahead(p.Ahead)), p.fact(heading, value)),
		rule(p.width, 4), gap(8),
		band(p.width, 6, stack(
			p.paragraph(p.width, style{size: size, lines: 1, centre: true, white: true}, hall),
			p.paragraph(p.width, style{size: 26, lines: 3, centre: true, white: true}, span{true, invitation(p.Places)}),
		)),
	)
}

// fact is a column: small heading, large value.
func (p page) fact(heading, value string) row {
	width := columnWidth(p.width)
	size := p.largest(width, 1, span{true, value}, 38, 34, 30, 26, bodySize)
	return stack(gap(4),
		p.paragraph(width, style{size: bodySize, lines: 1, centre: true}, span{false, heading}),
		p.paragraph(width, style{size: size, lines: 2, centre: true}, span{true, value}),
		gap(4))
}

// tail is what may be left out or gets smaller: reminders, the way from home, the price, the foot.
func (p page) tail(modules [][]bool, size int) row {
	rows := []row{}
	if p.Remind {
		rows = append(rows, gap(8), p.reminders(), gap(6), rule(p.width, 2))
	}
	rows = append(rows, gap(6), p.online(modules, size), rule(p.width, 4), gap(4), p.foot())
	return stack(rows...)
}

// reminders are the two things to do at a computer before leaving. // A29, A30
func (p page) reminders() row {
	out := span{false, signOut}
	files := span{false, deleteFiles}
	st := style{size: bodySize, lines: 4}
	if p.narrow {
		return stack(p.paragraph(p.width, st, out), gap(6), p.paragraph(p.width, st, files))
	}
	width := columnWidth(p.width)
	return columns(p.width, 2, p.paragraph(width, st, out), p.paragraph(width, st, files))
}

// online is the way from home with its QR code, and beside or under it the price. // B1, A14
func (p page) online(modules [][]bool, size int) row {
	if p.Online == "" {
		return stack(gap(8), p.free(p.width), gap(8))
	}
	tip := []span{{true, fromHome}, {false, onPortal}}
	if modules == nil {
		return stack(gap(8), p.paragraph(p.width, style{size: bodySize, lines: 3}, tip...), gap(6), p.free(p.width), gap(8))
	}
	tip = append(tip, span{false, "Наведите камеру телефона."})
	code := qrRow(modules, size, p.quietLeft(size))
	if p.narrow {
		return stack(code, p.paragraph(p.width, style{size: bodySize, lines: 4}, tip...), gap(6), p.free(p.width), gap(8))
	}
	right := p.quietLeft(size) + (len(modules)+quietModules)*size
	width := p.width - right
	words := stack(p.paragraph(width, style{size: bodySize, lines: 6}, tip...), gap(10), p.free(width))
	return beside(code, right, words)
}

// free says that the ticket costs nothing, and where it applies that the service may. // A14, A15
func (p page) free(width int) row {
	if p.Duty {
		return p.paragraph(width, style{size: bodySize, lines: 4},
			span{true, isFree + "."}, span{false, mayCost})
	}
	return p.paragraph(width, style{size: 32, lines: 1}, span{true, isFree})
}

// foot is when and where the ticket was issued.
func (p page) foot() row {
	when := p.when()
	left := p.paragraph(p.width, style{size: bodySize, lines: 1}, span{false, when})
	f := p.face(false, bodySize)
	used := f.width(&p.buf, when) + 16
	kiosk := p.clean(p.Kiosk)
	width := min(f.width(&p.buf, kiosk), p.width-used)
	return beside(left, p.width-width, p.paragraph(width, style{size: bodySize, lines: 1}, span{false, kiosk}))
}
