package dashboard

import (
	"fmt"
	"strconv"
)

// chart is an SVG with a name and a description; a table of the same numbers stands below it.
type chart struct {
	ID, Title, Desc string
	W, H            int
	Shapes          []shape
	Hatch           bool // something in it is hatched
}

// shape is a rectangle, a line or a word of a chart, in its units.
type shape struct {
	Kind       string // "rect", "line" or "text"
	Class      string
	X, Y, W, H string
	Text       string
	Fill       string // "url(#…)" of a hatched rectangle
}

// at writes a coordinate.
func at(x float64) string { return strconv.FormatFloat(x, 'f', 1, 64) }

func rect(class string, x, y, w, h float64) shape {
	return shape{Kind: "rect", Class: class, X: at(x), Y: at(y), W: at(w), H: at(h)}
}

func word(class string, x, y float64, text string) shape {
	return shape{Kind: "text", Class: class, X: at(x), Y: at(y), Text: text}
}

// rule is a line across from x to w at a height.
func rule(class string, x, w, y float64) shape {
	return shape{Kind: "line", Class: class, X: at(x), Y: at(y), W: at(w), H: at(y)}
}

// hatched is a rectangle of what is not known whole.
func (c *chart) hatched(x, y, w, h float64) shape {
	c.Hatch = true
	r := rect("c-gap", x, y, w, h)
	r.Fill = "url(#" + c.ID + "-hatch)"
	return r
}

// bar is one place of a chart of bars.
type bar struct {
	Label string
	Low   float64 // the dark part
	High  float64 // the light part, on top of it; 0 = none
	Known bool    // false: nothing is drawn but the hatch of what nobody knows
	Part  bool    // data are missing: hatched on top
}

// The chart of bars, in its own units.
const (
	barsW, barsH   = 720.0, 260.0
	barsX, barsTop = 44.0, 36.0
	barsFoot       = 216.0 // where bars stand
)

// wideW is the width of a chart that has all of the page, so that its words are as large as others'.
const wideW = 1330.0

// bars draws bars beside each other. limit is a line at a height with its words; 0 = none.
func bars(id, title, desc string, width float64, list []bar, limit float64, limitText string, legend ...string) *chart {
	c := &chart{ID: id, Title: title, Desc: desc, W: int(width), H: barsH}
	top := limit
	for _, b := range list {
		top = max(top, b.Low, b.High)
	}
	step := niceStep(top)
	top = step * float64(int(top/step)+1)
	y := func(v float64) float64 { return barsFoot - v/top*(barsFoot-barsTop) }
	for v := 0.0; v < top+step/2; v += step {
		c.Shapes = append(c.Shapes, rule("c-grid", barsX, width, y(v)), word("e", barsX-6, y(v)+4, short(v)))
	}
	each := (width - barsX) / float64(max(1, len(list)))
	for i, b := range list {
		c.bar(b, barsX+each*float64(i), each, y, labelled(i, len(list)))
	}
	if limit > 0 {
		c.Shapes = append(c.Shapes, rule("c-limit", barsX, width, y(limit)))
	}
	c.legend(legend, limitText)
	return c
}

// bar draws one bar with its label and numbers.
func (c *chart) bar(b bar, x, each float64, y func(float64) float64, labelled bool) {
	w := min(44, each*0.72)
	left, middle := x+(each-w)/2, x+each/2
	switch {
	case !b.Known:
		c.Shapes = append(c.Shapes, c.hatched(left, barsFoot-24, w, 24))
	default:
		if b.High > b.Low {
			c.Shapes = append(c.Shapes, rect("c-bar2", left, y(b.High), w, barsFoot-y(b.High)))
		}
		if b.Low > 0 {
			c.Shapes = append(c.Shapes, rect("c-bar", left, y(b.Low), w, barsFoot-y(b.Low)))
		}
		if b.Part {
			c.Shapes = append(c.Shapes, c.hatched(left, y(max(b.Low, b.High))-14, w, 14))
		}
	}
	if each > 26 && b.Known {
		up := 5.0
		if b.Part {
			up = 19
		}
		if b.High > b.Low {
			c.Shapes = append(c.Shapes, word("m strong", middle, y(b.High)-up, short(b.High)))
		} else if b.Low > 0 {
			c.Shapes = append(c.Shapes, word("m strong", middle, y(b.Low)-up, short(b.Low)))
		}
	}
	if labelled {
		c.Shapes = append(c.Shapes, word("m", middle, barsFoot+16, b.Label))
	}
}

// labelled reports whether the label of a bar has room: of many, every second, fifth …
func labelled(i, n int) bool {
	every := 1
	for _, e := range []int{1, 2, 5, 10, 15, 30} {
		if every = e; n/e <= 16 {
			break
		}
	}
	return i%every == 0
}

// legend explains the fills that are used, below the chart: dark, then light; and the hatch.
func (c *chart) legend(titles []string, limit string) {
	x := barsX
	if c.Hatch {
		titles = append(titles, "")
	}
	for i, title := range titles {
		box := rect([]string{"c-bar", "c-bar2"}[min(i, 1)], x, barsH-18, 12, 11)
		if title == "" {
			box, title = c.hatched(x, barsH-18, 12, 11), "данные неполные или не знаем"
		}
		c.Shapes = append(c.Shapes, box, word("", x+18, barsH-8, title))
		x += 34 + 6.6*c.room()*float64(len([]rune(title)))
	}
	if limit != "" {
		c.Shapes = append(c.Shapes, rule("c-limit", barsX, barsX+22, 12), word("strong", barsX+28, 16, limit))
	}
}

// niceStep is the distance of the lines of a grid: 1, 2 or 5 times a power of ten, at most seven of them.
func niceStep(top float64) float64 {
	for ten := 1.0; ; ten *= 10 {
		for _, step := range []float64{ten, 2 * ten, 5 * ten} {
			if top/step <= 6 {
				return step
			}
		}
	}
}

// short writes a number above a bar.
func short(x float64) string {
	if x == float64(int64(x)) {
		return count(int64(x))
	}
	return decimal(x)
}

// square is one of a heat map.
type square struct {
	Value float64
	Known bool // false: hatched
	Shut  bool // nobody was expected: a dash
}

// The heat map, in its own units.
const (
	heatX, heatY = 44.0, 26.0
	heatH        = 32.0
	heatW        = 720.0
)

// heat draws rows of squares; the darker, the more.
func heat(id, title, desc string, width float64, rows, cols []string, of func(row, col int) square) *chart {
	c := &chart{ID: id, Title: title, Desc: desc, W: int(width), H: int(heatY + heatH*float64(len(rows)) + 34)}
	most := 0.0
	for i := range rows {
		for j := range cols {
			most = max(most, of(i, j).Value)
		}
	}
	w := min(64, (width-heatX)/float64(max(1, len(cols))))
	for j, label := range cols {
		c.Shapes = append(c.Shapes, word("m", heatX+w*(float64(j)+0.5), heatY-8, label))
	}
	for i, label := range rows {
		y := heatY + heatH*float64(i)
		c.Shapes = append(c.Shapes, word("strong", 4, y+heatH/2+4, label))
		for j := range cols {
			c.square(of(i, j), most, heatX+w*float64(j), y, w)
		}
	}
	c.scale(heatY + heatH*float64(len(rows)) + 12)
	return c
}

// square draws one square of a heat map.
func (c *chart) square(s square, most, x, y, w float64) {
	middle, base := x+w/2, y+heatH/2+4
	switch {
	case !s.Known:
		c.Shapes = append(c.Shapes, c.hatched(x+1.5, y+1.5, w-3, heatH-3))
	case s.Shut:
		c.Shapes = append(c.Shapes, rect("c-shut", x+1, y+1, w-2, heatH-2), word("m", middle, base, "–"))
	default:
		step := shade(s.Value, most)
		on := "m dark"
		if step >= 4 {
			on = "m on"
		}
		c.Shapes = append(c.Shapes, rect("h"+strconv.Itoa(step), x+1, y+1, w-2, heatH-2), word(on, middle, base, short(s.Value)))
	}
}

// shade is the step of a value between nothing and the most, 0 to 5.
func shade(v, most float64) int {
	if most <= 0 {
		return 0
	}
	return min(5, int(v/most*5.999))
}

// scale explains the shades.
func (c *chart) scale(y float64) {
	c.Shapes = append(c.Shapes, word("", heatX, y+12, "меньше"))
	x := heatX + 54*c.room()
	for i := range 6 {
		c.Shapes = append(c.Shapes, rect(fmt.Sprintf("h%d", i), x+24*float64(i), y+2, 24, 12))
	}
	c.Shapes = append(c.Shapes, word("", x+152, y+12, "больше"))
	x += 152 + 72*c.room()
	c.Shapes = append(c.Shapes, word("", x, y+12, "– никого не ждали"))
	if c.Hatch {
		c.Shapes = append(c.Shapes, c.hatched(x+136*c.room(), y+2, 24, 12), word("", x+32+136*c.room(), y+12, "не знаем"))
	}
}

// room is how much more place words take on paper than on the screen: those of a wide chart, which is made small there,
// are printed larger (dashboard.css).
func (c *chart) room() float64 {
	if float64(c.W) >= wideW {
		return 1.75
	}
	return 1
}
