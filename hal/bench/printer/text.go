package printer

// The size of a character of font A, dots.
const (
	cellWidth  = 12
	cellHeight = 24
)

// maxFeed is the longest feed of one command: 1016 mm (ESC d, ESC J).
const maxFeed = 1016 * DotsPerMM

// glyph is a character waiting in the line.
type glyph struct {
	x, width, height int
	code             byte
	double           bool // a double-byte character: a solid block
	letter           rune // 0 = none: a box
	bold             bool
}

// character takes a byte outside of commands.
func (p *Printer) character(b byte) {
	s := &p.parser
	switch {
	case s.lead != 0:
		p.put(glyph{code: b, double: true})
		s.lead = 0
	case b == 0x0c && p.model.Custom:
		p.printLine(0)
		p.motor.then = func() { p.cut(); p.present(0, 0) }
	case b == '\n':
		p.printLine(p.modes.spacing)
	case b == '\t':
		tab := 8 * cellWidth
		p.put(glyph{code: ' ', width: tab - p.column()%tab})
	case b < 0x20: // other control characters do nothing
	case b >= 0x81 && p.modes.kanji:
		s.lead = b
	default:
		p.put(glyph{code: b, letter: p.table().rune(b), bold: p.modes.bold})
	}
}

// table returns the code page in use.
func (p *Printer) table() Table {
	for _, page := range p.model.Pages {
		if page.Number == p.modes.page {
			return page.Table
		}
	}
	return Latin
}

// column returns where the line ends so far, dots.
func (p *Printer) column() int {
	if len(p.line) == 0 {
		return 0
	}
	last := p.line[len(p.line)-1]
	return last.x + last.width
}

// put adds a character to the line; a full line prints first.
func (p *Printer) put(g glyph) {
	if g.width == 0 {
		g.width = cellWidth * p.modes.width
		if g.double {
			g.width *= 2
		}
	}
	g.height = cellHeight * p.modes.height
	if g.x = p.column(); g.x > 0 && g.x+g.width > p.model.Dots {
		p.printLine(p.modes.spacing)
		g.x = 0
	}
	p.line = append(p.line, g)
}

// printLine prints the characters waiting and feeds so that the paper moves so many dots, at
// least the height of the characters.
func (p *Printer) printLine(feed int) {
	height := 0
	for _, g := range p.line {
		height = max(height, g.height)
	}
	left := p.indent(p.column())
	for y := range height {
		row := make([]byte, p.paper.stride)
		for _, g := range p.line {
			p.drawRow(row, g, left, y-(height-g.height))
		}
		p.motor.rows = append(p.motor.rows, row)
	}
	p.motor.blank += max(0, min(feed, maxFeed)-height)
	p.line = nil
}

// drawRow draws row y of a character: a letter, or for what no table names a box with the eight bits
// of its code in it, which can be told from text and from white paper at a glance.
func (p *Printer) drawRow(row []byte, g glyph, left, y int) {
	if y < 0 || g.code == ' ' && !g.double {
		return
	}
	for x := range g.width {
		if g.double || g.inked(x*cellWidth/g.width, y*cellHeight/g.height) {
			p.dot(row, left+g.x+x)
		}
	}
}

// boxed tells whether the box has a dot there: a frame of 10 x 20 and bits 7..0 of the code as
// eight fields, left to right, top to bottom.
func boxed(code byte, x, y int) bool {
	const w, h = 10, 20
	switch {
	case x >= w || y >= h:
		return false
	case x == 0 || x == w-1 || y == 0 || y == h-1:
		return true
	}
	column, row := (x-1)/4, (y-1)*4/(h-2)
	return code>>(7-(2*row+column))&1 != 0
}
