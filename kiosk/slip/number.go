package slip

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// ErrLabel is returned for a ticket whose number cannot be printed: it is empty, longer than
// eight letters, or has anything but Russian and Latin letters, digits and hyphens. Nothing else
// makes a ticket fail.
var ErrLabel = errors.New("ticket number cannot be printed")

const (
	mostLabel     = 8   // letters; more would be squeezed past reading
	minNumber     = 121 // height of a capital, dots: 15 mm at 8 dots/mm and one for rounding
	maxNumber     = 150 // 18.75 mm
	capHeight     = 0.729
	easySqueeze   = 0.88 // down to here a tall narrow number reads better than a low wide one
	numberPad     = 10   // dots above and below
	numberSidelap = 4    // dots at either side that the number may not use
)

// label returns the number as it will be printed.
func label(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" || utf8.RuneCountInString(text) > mostLabel {
		return "", fmt.Errorf("label %q: %w", text, ErrLabel)
	}
	for _, c := range text {
		if !labelLetter(c) {
			return "", fmt.Errorf("label %q, letter %q: %w", text, c, ErrLabel)
		}
	}
	return text, nil
}

func labelLetter(c rune) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' ||
		c >= 'А' && c <= 'я' || c == 'Ё' || c == 'ё' || c == '-'
}

// number draws the label in the middle of width dots, in at most height rows if that leaves
// capitals of minNumber. A long label is first made narrower, then lower, then narrower still.
func (r *Renderer) number(width, height int, label string) row {
	room := float64(width - 2*numberSidelap)
	natural := r.numberFace(maxNumber, 1).inkBox(&r.buf, label)
	scale := min(1, float64(height-2*numberPad-1)/float64(natural.Dy()), room/(easySqueeze*float64(natural.Dx())))
	capital := max(minNumber, maxNumber*scale)
	scale = capital / maxNumber
	f := r.numberFace(capital, min(1, room/(scale*float64(natural.Dx()))))
	box := f.inkBox(&r.buf, label)
	for box.Dx() > int(room) { // rounding may add a dot per letter
		f = r.numberFace(capital, f.squeeze*(room-1)/float64(box.Dx()))
		box = f.inkBox(&r.buf, label)
	}
	return row{height: box.Dy() + 2*numberPad, paint: func(dst *Bitmap, x, y int) {
		f.draw(&r.buf, dst, x+(width-box.Dx())/2-box.Min.X, y+numberPad-box.Min.Y, label, true)
	}}
}

// numberFace is not kept: its size depends on what else is on the paper.
func (r *Renderer) numberFace(capital, squeeze float64) *face {
	return newFace(r.bold, capital/capHeight, squeeze)
}
