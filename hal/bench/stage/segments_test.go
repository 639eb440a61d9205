package stage

import (
	"testing"

	"sps-kiosk/hal/bench"
)

// TestRead holds the readings against the drawing of a digit: which bars of which sign glow.
func TestRead(t *testing.T) {
	seen := map[string]rune{}
	for r, bars := range map[rune]string{
		'0': "ABCDEF", '1': "BC", '2': "ABDEG", '3': "ABCDG", '4': "BCFG", '5': "ACDFG", '6': "ACDEFG",
		'7': "ABC", '8': "ABCDEFG", '9': "ABCDFG", ' ': "", '-': "G",
		'А': "ABCEFG", 'Г': "AEF", 'Е': "ADEFG", 'Н': "BCEFG", 'П': "ABCEF", 'Р': "ABEFG", 'С': "ADEF",
		'У': "BCDFG", 'L': "DEF", 'F': "AEFG", 'b': "CDEFG", 'd': "BCDEG", '?': "CD",
	} {
		if other, twice := seen[bars]; twice {
			t.Errorf("%c and %c look the same", r, other)
		}
		seen[bars] = r
		s := uint8(0)
		for _, bar := range bars {
			s |= 0x40 >> (bar - 'A')
		}
		if got := Read([]uint8{s, s | 0x80}); got != string(r)+string(r) {
			t.Errorf("%s: got %q, want %c with and without its point", bars, got, r)
		}
	}
	v := bench.Snapshot{Display: bench.DisplayView{Digits: bench.Segments{0x77, 0x7e, 0, 0}}}
	if !shows(v, "А0") || shows(v, "А") {
		t.Error("a text is not found between blanks, or a part is taken for the whole")
	}
	v.Display.Dark = true
	if shows(v, "А0") {
		t.Error("a dark display shows something")
	}
}
