package max7219

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// ticketAlphabet is everything a number on the hall display may consist of.
const ticketAlphabet = "0123456789-_ АГЕНПРСУLFbd"

// A drawing of every glyph, segment by segment: DP A B C D E F G, as table 6 orders the bits.
var drawn = map[rune]string{
	'0': "ABCDEF", '1': "BC", '2': "ABDEG", '3': "ABCDG", '4': "BCFG", '5': "ACDFG", '6': "ACDEFG",
	'7': "ABC", '8': "ABCDEFG", '9': "ABCDFG", '-': "G", '_': "D", ' ': "",
	'А': "ABCEFG", 'Г': "AEF", 'Е': "ADEFG", 'E': "ADEFG", 'Н': "BCEFG", 'П': "ABCEF", 'Р': "ABEFG",
	'С': "ADEF", 'C': "ADEF", 'У': "BCDFG", 'L': "DEF", 'F': "AEFG", 'b': "CDEFG", 'd': "BCDEG",
	'G': "ACDEF", 'S': "ACDFG", 'U': "BCDEF", 'n': "CEG", 'o': "CDEG",
}

func TestGlyphsAsDrawn(t *testing.T) {
	for r, segs := range drawn {
		var want byte
		for _, s := range segs {
			want |= 1 << (6 - strings.IndexRune("ABCDEFG", s))
		}
		if got, ok := glyph(r); !ok || got != want {
			t.Errorf("%q: got %08b, %t, want %08b", r, got, ok, want)
		}
	}
	for r := rune(0); r < 0x2000; r++ {
		if _, ok := glyph(r); ok != (drawn[r] != "" || r == ' ') {
			t.Errorf("%q: got drawable %t", r, ok)
		}
	}
}

func TestTicketsCannotBeMistaken(t *testing.T) {
	seen := map[byte]rune{}
	for _, r := range ticketAlphabet {
		g, ok := glyph(r)
		if other, twice := seen[g]; !ok || twice {
			t.Errorf("%q: got drawable %t, looks like %q", r, ok, other)
		}
		seen[g] = r
	}
	for _, r := range "GUno" { // status letters other than S must not look like a digit either
		g, _ := glyph(r)
		if other, twice := seen[g]; twice {
			t.Errorf("%q looks like %q", r, other)
		}
	}
}

func TestStatusWords(t *testing.T) {
	for _, text := range []string{"USb", "donE", "Р-03", "Е-21", "CFG 12", "", "12.34", "8.8.8.8.8.8.8.8."} {
		if _, err := segments(text, 8); err != nil {
			t.Error(err)
		}
	}
}

// Two texts over the ticket alphabet look the same only if they differ in trailing blanks.
func TestDifferentTextsLookDifferent(t *testing.T) {
	text := rapid.StringOfN(rapid.RuneFrom([]rune(ticketAlphabet)), 0, 8, -1)
	rapid.Check(t, func(t *rapid.T) {
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		sa, err := segments(a, 8)
		if err != nil {
			t.Fatal(err)
		}
		sb, err := segments(b, 8)
		if err != nil {
			t.Fatal(err)
		}
		got, want := string(sa) == string(sb), strings.TrimRight(a, " ") == strings.TrimRight(b, " ")
		if got != want {
			t.Fatalf("%q and %q: got equal segments %t, want %t", a, b, got, want)
		}
	})
}

func TestPointJoinsTheDigitBefore(t *testing.T) {
	got, err := segments("1.2", 3)
	if err != nil {
		t.Fatal(err)
	}
	if want := []byte{0xB0, 0x6D, 0}; string(got) != string(want) {
		t.Errorf("got % X, want % X", got, want)
	}
}
