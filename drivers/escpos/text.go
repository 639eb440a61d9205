package escpos

import (
	"fmt"
	"strings"
)

// CodePage is a table of Russian letters in a printer; the zero value stands for pictures.
type CodePage uint8

// Code pages.
const (
	NoText CodePage = iota
	CP866
	CP1251
)

// Pages are the numbers of the tables for ESC t, which differ from maker to maker (facts §1.2);
// 0 = the printer has none, or nobody knows its number.
type Pages struct{ CP866, CP1251 byte }

func (p Pages) of(c CodePage) byte {
	switch c {
	case CP866:
		return p.CP866
	case CP1251:
		return p.CP1251
	}
	return 0
}

// Line is one line of text. Letters that the code page lacks are printed as the nearest it has.
type Line struct {
	Text   string
	Size   int // times the usual letter, 1 to 8; 0 = 1
	Bold   bool
	Centre bool
}

// maxLines bounds a slip as maxRows does: 4 mm a line.
const maxLines = 130

// encodeText writes lines in the profile's code page.
func (p Profile) encodeText(lines []Line, id [4]byte) (job, error) {
	body, rows := append(p.prologue(), esc, 't', p.Pages.of(p.Text)), 0
	for _, l := range lines {
		size := max(1, l.Size)
		text := p.Text.encode(l.Text)
		if rows += size; size > 8 || len(text)*size > p.Columns() || rows > maxLines {
			return job{}, fmt.Errorf("%w: line of %d letters in size %d for %d columns", ErrBadImage, len(text), size, p.Columns())
		}
		body = append(body, esc, 'a', flag(l.Centre), gs, '!', byte(size-1)<<4|byte(size-1), esc, 'E', flag(l.Bold))
		body = append(append(body, text...), '\n')
	}
	return job{body: body, tail: append(p.end(), p.query(id)...), id: id}, nil
}

func flag(on bool) byte {
	if on {
		return 1
	}
	return 0
}

// substitutes stand in for signs a code page lacks: CP866 has no quotes or dashes, neither has ₽.
// They take one column each, so that what was laid out still fits.
var substitutes = strings.NewReplacer("\u00a0", " ", "«", `"`, "»", `"`, "—", "-", "–", "-", "…", ".", "₽", "р").Replace

func (c CodePage) encode(text string) []byte {
	var out []byte
	for _, r := range text {
		b, ok := c.letter(r)
		if !ok {
			b, ok = c.letter([]rune(substitutes(string(r)))[0])
		}
		if !ok {
			b = '?'
		}
		out = append(out, b)
	}
	return out
}

// letter returns the byte of one letter in the table.
func (c CodePage) letter(r rune) (byte, bool) {
	switch {
	case r >= 0x20 && r < 0x7f:
		return byte(r), true
	case c == CP1251:
		return cp1251(r)
	}
	return cp866(r)
}

// cp866 is the Russian part of IBM's page 866.
func cp866(r rune) (byte, bool) {
	switch {
	case r >= 'А' && r <= 'п':
		return byte(0x80 + r - 'А'), true
	case r >= 'р' && r <= 'я':
		return byte(0xe0 + r - 'р'), true
	case r == 'Ё':
		return 0xf0, true
	case r == 'ё':
		return 0xf1, true
	case r == '№':
		return 0xfc, true
	}
	return 0, false
}

// cp1251 is the part of the Windows page that a slip may need.
func cp1251(r rune) (byte, bool) {
	if r >= 'А' && r <= 'я' {
		return byte(0xc0 + r - 'А'), true
	}
	b, ok := map[rune]byte{'Ё': 0xa8, 'ё': 0xb8, '№': 0xb9, '«': 0xab, '»': 0xbb, '—': 0x97, '–': 0x96, '…': 0x85}[r]
	return b, ok
}
