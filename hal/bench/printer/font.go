package printer

import (
	"image"
	"sync"

	"github.com/go-fonts/dejavu/dejavusansmono"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// letter is a character of font A: one word a row, the left dot in bit 11.
type letter [cellHeight]uint16

// letters is the font, drawn once: what the tables below can name.
var letters = sync.OnceValue(func() map[rune]letter {
	all := map[rune]letter{}
	parsed, err := opentype.Parse(dejavusansmono.TTF)
	if err != nil {
		return all // every character is a box then
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: 20, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		return all
	}
	for _, t := range []Table{DOS866, Windows1251} {
		for code := range 256 {
			if r := t.rune(byte(code)); r > ' ' {
				all[r] = drawLetter(face, r)
			}
		}
	}
	all['0'] = all['O'] // the font's zero has a dot, a printer's has not
	return all
})

func drawLetter(face font.Face, r rune) (l letter) {
	m := image.NewAlpha(image.Rect(0, 0, cellWidth, cellHeight))
	pen := font.Drawer{Dst: m, Src: image.Opaque, Face: face, Dot: fixed.P(0, 19)}
	pen.DrawString(string(r))
	for y := range l {
		for x := range cellWidth {
			if m.AlphaAt(x, y).A >= 0x70 {
				l[y] |= 0x800 >> x
			}
		}
	}
	return l
}

// rune returns what a table shows for a byte, 0 for a character that is only drawn as a box.
func (t Table) rune(code byte) rune {
	switch {
	case code < 0x7f:
		return rune(code)
	case t == DOS866:
		return dos866(code)
	case t == Windows1251:
		return windows1251(code)
	}
	return 0
}

// dos866 has the Russian letters in two pieces around the frames.
func dos866(code byte) rune {
	switch {
	case code >= 0x80 && code <= 0xaf:
		return rune(code) - 0x80 + 'А'
	case code >= 0xe0 && code <= 0xef:
		return rune(code) - 0xe0 + 'р'
	case code == 0xf0:
		return 'Ё'
	case code == 0xf1:
		return 'ё'
	case code == 0xfc:
		return '№'
	}
	return 0
}

func windows1251(code byte) rune {
	switch code {
	case 0x85:
		return '…'
	case 0x96:
		return '–'
	case 0x97:
		return '—'
	case 0xa8:
		return 'Ё'
	case 0xab:
		return '«'
	case 0xb8:
		return 'ё'
	case 0xb9:
		return '№'
	case 0xbb:
		return '»'
	}
	if code >= 0xc0 {
		return rune(code) - 0xc0 + 'А'
	}
	return 0
}

// inked tells whether a character has a dot there.
func (g glyph) inked(x, y int) bool {
	if l, known := letters()[g.letter]; known {
		return l[y]>>(cellWidth-1-x)&1 != 0 || g.bold && x > 0 && l[y]>>(cellWidth-x)&1 != 0
	}
	return boxed(g.code, x, y)
}
