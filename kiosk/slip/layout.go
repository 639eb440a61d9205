package slip

import "image"

// row is a finished piece of paper: its height in dots and how to paint it with its top left
// corner at (x, y). The width was settled when it was made.
type row struct {
	height int
	paint  func(dst *Bitmap, x, y int)
}

// gap is empty paper.
func gap(height int) row { return row{height: height, paint: func(*Bitmap, int, int) {}} }

// rule is a line across.
func rule(width, thick int) row {
	return row{height: thick, paint: func(dst *Bitmap, x, y int) {
		dst.fill(image.Rect(x, y, x+width, y+thick), true)
	}}
}

// stack puts rows under each other.
func stack(rows ...row) row {
	total := 0
	for _, r := range rows {
		total += r.height
	}
	return row{height: total, paint: func(dst *Bitmap, x, y int) {
		for _, r := range rows {
			r.paint(dst, x, y)
			y += r.height
		}
	}}
}

// band is black paper around an inner row, which paints in white.
func band(width, pad int, inner row) row {
	height := inner.height + 2*pad
	return row{height: height, paint: func(dst *Bitmap, x, y int) {
		dst.fill(image.Rect(x, y, x+width, y+height), true)
		inner.paint(dst, x, y+pad)
	}}
}

// beside puts b to the right of a, offset dots from a's left edge; the lower one is centred.
func beside(a row, offset int, b row) row {
	height := max(a.height, b.height)
	return row{height: height, paint: func(dst *Bitmap, x, y int) {
		a.paint(dst, x, y+(height-a.height)/2)
		b.paint(dst, x+offset, y+(height-b.height)/2)
	}}
}

// columns is two rows of equal width with an upright rule of so many dots between them.
func columns(width, thick int, a, b row) row {
	height := max(a.height, b.height)
	return row{height: height, paint: func(dst *Bitmap, x, y int) {
		middle := x + width/2
		dst.fill(image.Rect(middle-thick/2, y, middle+thick/2, y+height), true)
		a.paint(dst, x, y)
		b.paint(dst, x+width-columnWidth(width), y)
	}}
}

// columnWidth is the room for one of two columns: half the width less the rule and air.
func columnWidth(width int) int { return width/2 - 12 }
