package max7219

import "fmt"

// Segment bits of a digit register without decoding (data sheet, table 6): D7 is the decimal
// point, D6…D0 are the segments A…G.
const (
	segG byte = 1 << iota
	segF
	segE
	segD
	segC
	segB
	segA
	segDP
)

// glyph returns the segments of r; false if seven segments cannot show it. Digits and signs are
// those of the data sheet's Code B font (table 5). Letters are the ones a ticket prefix may have
// (А Г Е Н П Р С У L F b d) and those of status words: USb, donE, CFG. S is drawn as 5, which is
// why no prefix may use it.
func glyph(r rune) (byte, bool) {
	switch r {
	case ' ':
		return 0, true
	case '-':
		return segG, true
	case '_':
		return segD, true
	}
	if r >= '0' && r <= '9' {
		return [10]byte{0x7E, 0x30, 0x6D, 0x79, 0x33, 0x5B, 0x5F, 0x70, 0x7F, 0x7B}[r-'0'], true
	}
	return letter(r)
}

func letter(r rune) (byte, bool) {
	switch r {
	case 'А':
		return segA | segB | segC | segE | segF | segG, true
	case 'Г':
		return segA | segE | segF, true
	case 'Е', 'E':
		return segA | segD | segE | segF | segG, true
	case 'Н':
		return segB | segC | segE | segF | segG, true
	case 'П':
		return segA | segB | segC | segE | segF, true
	case 'Р':
		return segA | segB | segE | segF | segG, true
	case 'С', 'C':
		return segA | segD | segE | segF, true
	case 'У':
		return segB | segC | segD | segF | segG, true
	case 'L':
		return segD | segE | segF, true
	case 'F':
		return segA | segE | segF | segG, true
	case 'b':
		return segC | segD | segE | segF | segG, true
	case 'd':
		return segB | segC | segD | segE | segG, true
	case 'G':
		return segA | segC | segD | segE | segF, true
	case 'S':
		return segA | segC | segD | segF | segG, true
	case 'U':
		return segB | segC | segD | segE | segF, true
	case 'n':
		return segC | segE | segG, true
	case 'o':
		return segC | segD | segE | segG, true
	}
	return 0, false
}

// segments lays text out from the left on width digits. A point joins the character before it.
func segments(text string, width int) ([]byte, error) {
	digits := make([]byte, 0, width)
	for _, r := range text {
		if last := len(digits) - 1; r == '.' && last >= 0 && digits[last]&segDP == 0 {
			digits[last] |= segDP
			continue
		}
		g, ok := glyph(r)
		if !ok {
			return nil, fmt.Errorf("show %q: %q cannot be drawn on seven segments", text, r)
		}
		digits = append(digits, g)
	}
	if len(digits) > width {
		return nil, fmt.Errorf("show %q: %d characters on %d digits", text, len(digits), width)
	}
	return digits[:width], nil
}
