package sevenseg

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// order is any order but the obvious one.
const order Order = "G.BDACFE"

// ticketAlphabet is everything a number on the hall display may consist of.
const ticketAlphabet = "0123456789-_ АГЕНПРСУLFbd"

// A picture of every glyph: the upper bar, then what is left, in the middle and right of the upper
// half, then the same of the lower half with its bar.
var pictures = map[rune][3]string{
	'0': {" _ ", "| |", "|_|"}, '1': {"   ", "  |", "  |"}, '2': {" _ ", " _|", "|_ "}, '3': {" _ ", " _|", " _|"},
	'4': {"   ", "|_|", "  |"}, '5': {" _ ", "|_ ", " _|"}, '6': {" _ ", "|_ ", "|_|"}, '7': {" _ ", "  |", "  |"},
	'8': {" _ ", "|_|", "|_|"}, '9': {" _ ", "|_|", " _|"}, '-': {"   ", " _ ", "   "}, '_': {"   ", "   ", " _ "},
	' ': {"   ", "   ", "   "},
	'А': {" _ ", "|_|", "| |"}, 'Г': {" _ ", "|  ", "|  "}, 'Е': {" _ ", "|_ ", "|_ "}, 'E': {" _ ", "|_ ", "|_ "},
	'Н': {"   ", "|_|", "| |"}, 'П': {" _ ", "| |", "| |"}, 'Р': {" _ ", "|_|", "|  "}, 'С': {" _ ", "|  ", "|_ "},
	'C': {" _ ", "|  ", "|_ "}, 'У': {"   ", "|_|", " _|"}, 'L': {"   ", "|  ", "|_ "}, 'F': {" _ ", "|_ ", "|  "},
	'b': {"   ", "|_ ", "|_|"}, 'd': {"   ", " _|", "|_|"}, 'G': {" _ ", "|  ", "|_|"}, 'S': {" _ ", "|_ ", " _|"},
	'U': {"   ", "| |", "|_|"}, 'n': {"   ", " _ ", "| |"}, 'o': {"   ", " _ ", "|_|"},
}

// drawn turns a picture into segments.
func drawn(p [3]string) string {
	strokes := p[0][1:2] + p[1][2:3] + p[2][2:3] + p[2][1:2] + p[2][0:1] + p[1][0:1] + p[1][1:2]
	var segments strings.Builder
	for i, s := range strokes {
		if s != ' ' {
			segments.WriteByte("ABCDEFG"[i])
		}
	}
	return segments.String()
}

func TestGlyphsAsDrawn(t *testing.T) {
	for r, picture := range pictures {
		if got, ok := glyph(r); !ok || got != drawn(picture) {
			t.Errorf("%q: got %s, %t, want %s", r, got, ok, drawn(picture))
		}
	}
	for r := rune(0); r < 0x2000; r++ {
		_, ok := glyph(r)
		if _, want := pictures[r]; ok != want {
			t.Errorf("%q: got drawable %t", r, ok)
		}
	}
}

func TestTicketsCannotBeMistaken(t *testing.T) {
	seen := map[string]rune{}
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
		if _, err := order.Layout(text, 8); err != nil {
			t.Error(err)
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, text := range []string{"Б042", "В1", "З", "О12", "Ч", "C-042!", "123456789", ".1", "1..2", "\xff", "а042", "1:2"} {
		if got, err := order.Layout(text, 8); err == nil {
			t.Errorf("%q: got % X, want an error", text, got)
		}
	}
}

// Two texts over the ticket alphabet look the same only if they differ in trailing blanks.
func TestDifferentTextsLookDifferent(t *testing.T) {
	text := rapid.StringOfN(rapid.RuneFrom([]rune(ticketAlphabet)), 0, 8, -1)
	rapid.Check(t, func(t *rapid.T) {
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		sa, err := order.Layout(a, 8)
		if err != nil {
			t.Fatal(err)
		}
		sb, err := order.Layout(b, 8)
		if err != nil {
			t.Fatal(err)
		}
		got, want := string(sa) == string(sb), strings.TrimRight(a, " ") == strings.TrimRight(b, " ")
		if got != want {
			t.Fatalf("%q and %q: got equal segments %t, want %t", a, b, got, want)
		}
	})
}

// "1.2" in two orders: B C and the point, then A B D E G.
func TestOrdersOfBits(t *testing.T) {
	for o, want := range map[Order]string{
		".ABCDEFG": "\xB0\x6D\x00", ".GFEDCBA": "\x86\x5B\x00", order: "\x64\xB9\x00",
	} {
		got, err := o.Layout("1.2", 3)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s: got % X, want % X", o, got, want)
		}
	}
}
