// Package sevenseg draws text on seven-segment digits.
//
// It owns which characters such a digit can show without being taken for another, and how each is
// drawn. It refuses to draw a substitute, because a wrong number calls a wrong person, and to know
// chips: a driver says which bit of its register lights which segment.
package sevenseg

import (
	"fmt"
	"strings"
)

// Order names the segments that bits 7…0 of a chip's digit register light, as the table in its
// data sheet does: ".ABCDEFG" has the point in bit 7 and segment A in bit 6.
type Order string

// Layout lays text out from the left on width digits and returns their registers, dark ones after
// the text. A point joins the character before it. The error says which character cannot be drawn
// or that the text is too long.
func (o Order) Layout(text string, width int) ([]byte, error) {
	point := o.bits(".")
	digits := make([]byte, 0, width)
	for _, r := range text {
		if last := len(digits) - 1; r == '.' && last >= 0 && digits[last]&point == 0 {
			digits[last] |= point
			continue
		}
		segments, ok := glyph(r)
		if !ok {
			return nil, fmt.Errorf("show %q: %q cannot be drawn on seven segments", text, r)
		}
		digits = append(digits, o.bits(segments))
	}
	if len(digits) > width {
		return nil, fmt.Errorf("show %q: %d characters on %d digits", text, len(digits), width)
	}
	return append(digits, make([]byte, width-len(digits))...), nil
}

// bits returns the register that lights some segments.
func (o Order) bits(segments string) (register byte) {
	for _, s := range segments {
		register |= 0x80 >> strings.IndexRune(string(o), s)
	}
	return register
}
