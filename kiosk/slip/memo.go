package slip

import (
	"fmt"
	"image"
	"time"
	"unicode/utf8"
)

// Memo is a paper without a number: the end slip of a scan session, the act of a day's wipes. A field
// that is empty is left out.
type Memo struct {
	Centre string
	Title  string
	Number string   // large, at most eight letters: a slip for one visitor
	Band   []string // where to go, white on black: the first line large
	Facts  []Fact   // heading and value, a line each
	Notes  []string // paragraphs
	Steps  []string // numbered, one under the other
	Lists  []List   // with a heading each
	After  []string // paragraphs that follow on the steps and lists
	Lines  []string // small, a line each: a table's rows
	Online string   // address for a QR code, "" = none
	At     time.Time
	Dated  bool // false prints «время не установлено» instead of At
	Kiosk  string
}

// List is a heading and what stands under it.
type List struct {
	Title string
	Items []string
}

// Fact is a heading and its value.
type Fact struct{ Heading, Value string }

// mostMemoRows bounds a memo's height, dots: 1 m of paper, enough for 60 lines of an act on the narrowest head.
const mostMemoRows = 8000

// Memo draws a memo for a head of so many dots (384 to 576, whole bytes).
func (r *Renderer) Memo(m Memo, dots int) (*Bitmap, error) {
	if dots < 384 || dots > wideDots || dots%8 != 0 {
		return nil, fmt.Errorf("draw memo: a head of %d dots is not supported", dots)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	p := page{Renderer: r, Ticket: Ticket{Centre: m.Centre, Issued: m.At, Dated: m.Dated, Kiosk: m.Kiosk}, narrow: dots < narrowDots, width: dots - 2*margin}
	all, err := p.memo(m)
	if err != nil {
		return nil, fmt.Errorf("draw memo: %w", err)
	}
	if all.height > mostMemoRows {
		return nil, fmt.Errorf("draw memo: %d rows are more than %d", all.height, mostMemoRows)
	}
	out := newBitmap(dots, all.height+2*edge)
	all.paint(out, margin, edge)
	out.trim(image.Rect(margin, edge, dots-margin, edge+all.height))
	return out, nil
}

// memo lays a memo out.
func (p page) memo(m Memo) (row, error) {
	title := span{true, m.Title}
	size := p.largest(p.width, 2, title, 38, 34, 30)
	rows := []row{p.header(), gap(4), rule(p.width, 4), gap(6),
		p.paragraph(p.width, style{size: size, lines: 3, centre: true}, title), gap(6)}
	if m.Number != "" {
		text, err := label(m.Number)
		if err != nil {
			return row{}, err
		}
		rows = append(rows, p.number(p.width, memoNumber, text))
	}
	if len(m.Band) > 0 {
		rows = append(rows, gap(6), p.sign(m.Band), gap(6))
	}
	for _, f := range m.Facts {
		rows = append(rows, rule(p.width, 2), gap(6), p.paragraph(p.width, style{size: 28, lines: 3}, span{false, f.Heading + ":"}, span{true, f.Value}), gap(6))
	}
	rows = append(rows, rule(p.width, 4))
	for _, n := range m.Notes {
		rows = append(rows, gap(8), p.paragraph(p.width, style{size: 26, lines: 6}, span{false, n}))
	}
	rows = append(rows, p.steps(m.Steps)...)
	for _, l := range m.Lists {
		rows = append(rows, gap(10), p.paragraph(p.width, style{size: 26, lines: 2}, span{true, l.Title + ":"}))
		for _, item := range l.Items {
			rows = append(rows, gap(4), p.item("•", 26, item))
		}
	}
	for _, n := range m.After {
		rows = append(rows, gap(10), p.paragraph(p.width, style{size: 26, lines: 6}, span{false, n}))
	}
	if m.Online != "" {
		rows = append(rows, p.code(m.Online)...)
	}
	for _, l := range m.Lines {
		rows = append(rows, gap(6), p.paragraph(p.width, style{size: bodySize, lines: 3}, span{false, l}))
	}
	return stack(append(rows, gap(8), rule(p.width, 4), gap(4), p.foot())...), nil
}

// memoNumber is the height that a memo gives its number, dots.
const memoNumber = 190

// sign is white on black: a large line and what belongs to it.
func (p page) sign(lines []string) row {
	size := p.largest(p.width, 1, span{true, lines[0]}, 44, 38, 34, 28)
	rows := []row{p.paragraph(p.width, style{size: size, lines: 2, centre: true, white: true}, span{true, lines[0]})}
	for _, l := range lines[1:] {
		rows = append(rows, p.paragraph(p.width, style{size: 26, lines: 2, centre: true, white: true}, span{false, l}))
	}
	return band(p.width, 6, stack(rows...))
}

// TextMemo writes a memo in lines of so many columns, from 24.
func TextMemo(m Memo, columns int) ([]Line, error) {
	if columns < fewColumns {
		return nil, fmt.Errorf("write memo: %d columns are too few", columns)
	}
	w := writer{columns: columns}
	w.centred(true, m.Centre)
	w.centred(true, m.Title)
	if m.Number != "" {
		text, err := label(m.Number)
		if err != nil {
			return nil, fmt.Errorf("write memo: %w", err)
		}
		size := min(mostSize, columns/utf8.RuneCountInString(text))
		w.lines = append(w.lines, Line{Text: text, Size: size, Bold: true, Centre: true})
	}
	for i, l := range m.Band {
		w.centred(i == 0, l)
	}
	for _, f := range m.Facts {
		w.left(f.Heading + ": " + f.Value)
	}
	w.left(m.Notes...)
	for i, s := range m.Steps {
		w.left(fmt.Sprintf("%d. %s", i+1, s))
	}
	for _, l := range m.Lists {
		w.left(l.Title + ":")
		for _, item := range l.Items {
			w.left("- " + item)
		}
	}
	w.left(m.After...)
	if m.Online != "" {
		w.left(shown(m.Online))
	}
	w.left(m.Lines...)
	w.left(Ticket{Issued: m.At, Dated: m.Dated}.when(), m.Kiosk)
	return w.lines, nil
}
