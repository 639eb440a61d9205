package candle

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// The characters that the board draws and nobody takes for others. Of those in its protocol the
// letters Б В З О Ч and B I O l are left out: on seven segments they are the digits 6 8 3 0 4 1. S
// looks like 5 and is there for status words; no ticket may use it. < and > are the arrows.
const (
	asIs     = "0123456789-<> ACEFHLPSUbcdo"
	cyrillic = "АГЕНПРСУ"
)

// encode gives the board's characters in cp1251, blanks after the text: the board keeps what it is
// not told to change.
func encode(text string, width int) ([]byte, error) {
	if n := utf8.RuneCountInString(text); n > width {
		return nil, fmt.Errorf("show %q: %d characters on a board of %d", text, n, width)
	}
	all := make([]byte, 0, width)
	for _, r := range text {
		switch {
		case strings.ContainsRune(cyrillic, r):
			all = append(all, byte(r-'А'+0xC0)) // cp1251: А…Я are C0…DF
		case strings.ContainsRune(asIs, r):
			all = append(all, byte(r))
		default:
			return nil, fmt.Errorf("show %q: %q cannot be drawn on the board", text, r)
		}
	}
	for len(all) < width {
		all = append(all, ' ')
	}
	return all, nil
}
