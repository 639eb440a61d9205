package slip

import (
	"strconv"
	"strings"
)

// steps are paragraphs with a number each.
func (p page) steps(list []string) (rows []row) {
	for i, s := range list {
		rows = append(rows, gap(10), p.item(strconv.Itoa(i+1)+".", 30, s))
	}
	return rows
}

// item is a paragraph with its mark to the left of it.
func (p page) item(mark string, size int, text string) row {
	const indent = 44 // dots: «12.» at 30
	head := p.paragraph(indent, style{size: size, lines: 1}, span{true, mark})
	body := p.paragraph(p.width-indent, style{size: size, lines: 6}, span{false, text})
	return row{height: max(head.height, body.height), paint: func(dst *Bitmap, x, y int) {
		head.paint(dst, x, y)
		body.paint(dst, x+indent, y)
	}}
}

// code is a QR code with the address in letters beside it, or under it where the head is narrow; the address
// alone where it fits into no code.
func (p page) code(address string) []row {
	const size = 6 // dots a module, as on a ticket
	words := []span{{true, "Наведите камеру телефона:"}, {false, shown(address)}}
	modules := qr(address)
	if modules == nil {
		return []row{gap(8), p.paragraph(p.width, style{size: bodySize, lines: 4}, words[1:]...)}
	}
	picture := qrRow(modules, size, p.quietLeft(size))
	right := p.quietLeft(size) + (len(modules)+quietModules)*size
	if width := p.width - right; !p.narrow && width > 200 {
		return []row{beside(picture, right, p.paragraph(width, style{size: bodySize, lines: 6}, words...))}
	}
	return []row{picture, p.paragraph(p.width, style{size: bodySize, lines: 4}, words...)}
}

// shown is an address as people read and type it.
func shown(address string) string {
	return strings.TrimSuffix(strings.TrimPrefix(address, "https://"), "/")
}
