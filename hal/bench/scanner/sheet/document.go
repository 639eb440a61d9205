package sheet

// margin is what stays free at the sides, millimetres.
const margin = 15

// document prints the side: a frame, the warning that all is invented, title and body, the mark
// as a code and as text. A card gets a shorter warning and no stamp.
func (c *canvas) document(s *Sheet) {
	card := c.height < 150
	c.frame(6, 6, c.width-12, c.height-12, border)
	if s.Mark != "" {
		c.code(c.width-margin-30, 20, 30, s.Mark)
		c.text(c.regular(9), c.width/2, c.height-9, 0.5, black, "Лист "+s.Mark+" · образец для проверки сканера")
	}
	if card {
		c.text(c.bold(11), c.width/2, 14, 0.5, red, "ОБРАЗЕЦ · ВЫМЫШЛЕНО")
		c.body(s, 28, c.width-2*margin-34)
		return
	}
	c.text(c.bold(11), c.width/2, 14, 0.5, red, "ОБРАЗЕЦ · ВЫМЫШЛЕНО · НЕ ЯВЛЯЕТСЯ ДОКУМЕНТОМ")
	c.stamp()
	if s.Secured {
		c.constellation()
	}
	c.body(s, 62, c.width-2*margin)
}

// body prints title and paragraphs from y on, as far as there is room.
func (c *canvas) body(s *Sheet, y, width float64) {
	title := c.bold(18)
	for _, line := range c.wrap(title, width, s.Title) {
		c.text(title, margin, y, 0, black, line)
		y += 9
	}
	y += 3
	face := c.regular(12)
	for _, p := range s.Lines {
		for _, line := range c.wrap(face, width, p) {
			if y > c.height-20 {
				return
			}
			c.text(face, margin, y, 0, black, line)
			y += 6.4
		}
		y += 2.6
	}
}

// stamp is in colour, as the warning is: it tells colour pages from grey ones.
func (c *canvas) stamp() {
	x, y := c.width-75, c.height-52
	c.frame(x, y, 60, 22, blue)
	c.text(c.bold(14), x+30, y+10, 0.5, blue, "ОБРАЗЕЦ")
	c.text(c.regular(9), x+30, y+17, 0.5, blue, "печать вымышленная")
}

// constellation hints at the rings by which copiers know money; only Sheet.Secured has an effect.
func (c *canvas) constellation() {
	for i := range 5 {
		c.fill(18+float64(i%3)*5, c.height-45+float64(i/2)*5, 1.5, 1.5, yellow)
	}
}
