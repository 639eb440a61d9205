package export

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"github.com/go-fonts/dejavu/dejavusanscondensed"
	"github.com/go-fonts/dejavu/dejavusanscondensedbold"
)

// Measures of the sheet, in millimetres: A4 upright.
const (
	sheetMargin = 14.0
	sheetWidth  = 210 - 2*sheetMargin
	lineHeight  = 4.4
	cellPadding = 1.4
	narrowest   = 13.0 // column
	namesNeed   = 60.0 // the most that the words of a table keep for themselves
	tableSize   = 8.0  // points
)

// PDF writes the document on sheets of A4 with its fonts in it. now is the date of the file.
func (d Document) PDF(w io.Writer, now time.Time) error {
	p := &paper{fpdf.New("P", "mm", "A4", "")}
	p.SetCreationDate(now)
	p.SetModificationDate(now)
	p.SetTitle(d.Title+" – "+d.Place, true)
	p.SetCreator("Сервер района", true)
	p.SetLang("ru-RU")
	p.SetMargins(sheetMargin, sheetMargin, sheetMargin)
	p.SetCellMargin(0) // lines of tables have a padding of their own
	p.SetAutoPageBreak(false, 0)
	p.AddUTF8FontFromBytes("sans", "", dejavusanscondensed.TTF)
	p.AddUTF8FontFromBytes("sans", "B", dejavusanscondensedbold.TTF)
	p.AliasNbPages("{nb}")
	p.SetFooterFunc(func() {
		p.SetY(-11)
		p.font("", 8)
		p.CellFormat(sheetWidth, lineHeight, fmt.Sprintf("%s · %s · составлен %s · лист %d из {nb}", d.Title, d.Place, d.Made, p.PageNo()), "", 0, "C", false, 0, "")
	})
	p.AddPage()
	p.write(d)
	if err := p.Output(w); err != nil {
		return fmt.Errorf("write PDF: %w", err)
	}
	return nil
}

// paper is a PDF with the few things a report needs.
type paper struct{ *fpdf.Fpdf }

func (p *paper) font(style string, points float64) { p.SetFont("sans", style, points) }

// write lays the whole document out.
func (p *paper) write(d Document) {
	p.font("B", 17)
	p.MultiCell(sheetWidth, 8, d.Title, "", "L", false)
	p.font("", 11)
	p.MultiCell(sheetWidth, 6, d.Place, "", "L", false)
	p.Ln(2)
	p.SetFillColor(0xff, 0xf3, 0xd1)
	if d.Whole {
		p.SetFillColor(0xdf, 0xf1, 0xec)
	}
	p.font("", 9)
	p.MultiCell(sheetWidth, 5, d.Completeness, "", "L", true)
	top := Section{Title: "Главное", Head: []string{"Показатель", "За период", "Период до этого"}}
	for _, f := range d.Facts {
		top.Lines = append(top.Lines, []string{f.Name, f.Value, f.Before})
	}
	p.section(top)
	for _, c := range d.Charts {
		p.chart(c)
	}
	for _, s := range d.Tables {
		p.section(s)
	}
	p.Ln(4)
	p.font("", 8)
	for _, r := range d.Remarks {
		p.room(2 * lineHeight)
		p.MultiCell(sheetWidth, lineHeight, r, "", "L", false)
	}
}

// bottom is where the sheet ends above its footer.
const bottom = 297 - 15.0

// room begins another sheet where less than a height is left, and reports whether it did.
func (p *paper) room(height float64) bool {
	if p.GetY()+height <= bottom {
		return false
	}
	p.AddPage()
	return true
}

// chart draws a chart whole on one sheet.
func (p *paper) chart(c Chart) {
	p.room(12 + chartHeight)
	p.Ln(4)
	p.font("B", 11)
	p.MultiCell(sheetWidth, 6, c.Title, "", "L", false)
	left, top := sheetMargin, p.GetY()
	p.font("", tableSize)
	p.SetFillColor(0x1d, 0x5b, 0x8f)
	for _, m := range c.Marks() {
		x, y := left+m.X, top+m.Y
		switch m.Kind {
		case "bar":
			p.Rect(x, y, m.W, m.H, "F")
		case "gap":
			p.dashed(0x6b, 0x7f, 0x92, 0.25, 1, func() { p.Rect(x, y, m.W, m.H, "D") })
		case "grid":
			p.SetDrawColor(0xc5, 0xd1, 0xdc)
			p.Line(x, y, x+m.W, y)
		case "limit":
			p.dashed(0xa3, 0x27, 0x1b, 0.5, 2, func() { p.Line(x, y, x+m.W, y) })
		case "scale":
			p.Text(x-p.GetStringWidth(m.Text), y, m.Text)
		case "legend":
			p.Text(x, y, m.Text)
		default:
			p.Text(x-p.GetStringWidth(m.Text)/2, y, m.Text)
		}
	}
	p.SetXY(left, top+chartHeight)
}

// dashed draws with a broken line.
func (p *paper) dashed(r, g, b int, width, dash float64, draw func()) {
	before := p.GetLineWidth()
	p.SetDrawColor(r, g, b)
	p.SetLineWidth(width)
	p.SetDashPattern([]float64{dash, dash / 2}, 0)
	draw()
	p.SetDashPattern(nil, 0)
	p.SetLineWidth(before)
}

// section writes a table; its head stands on every sheet it goes over.
func (p *paper) section(s Section) {
	widths := p.widths(s)
	if len(s.Lines) > 0 { // a title is not left alone at the foot of a sheet
		p.room(10 + p.height(s.Head, widths, "B") + p.height(s.Lines[0], widths, ""))
	}
	p.Ln(4)
	p.font("B", 11)
	p.MultiCell(sheetWidth, 6, s.Title, "", "L", false)
	p.line(s.Head, widths, "B")
	for _, l := range s.Lines {
		if p.room(p.height(l, widths, "")) {
			p.line(s.Head, widths, "B")
		}
		p.line(l, widths, "")
	}
}

// widths returns how wide the columns of a table are: numbers have the room that their cells and the
// longest word of their title need, the words before them have the rest.
func (p *paper) widths(s Section) []float64 {
	widths := make([]float64, len(s.Head))
	widths[0] = sheetWidth
	for i := 1; i < len(widths); i++ {
		p.font("B", tableSize)
		for _, word := range strings.Fields(s.Head[i]) {
			widths[i] = max(widths[i], p.GetStringWidth(word))
		}
		p.font("", tableSize)
		for _, l := range s.Lines {
			widths[i] = max(widths[i], p.GetStringWidth(l[i]))
		}
		widths[i] = max(narrowest, widths[i]+2*cellPadding+0.5) // SplitText rounds
		widths[0] -= widths[i]
	}
	need := p.GetStringWidth(s.Head[0])
	for _, l := range s.Lines {
		need = max(need, p.GetStringWidth(l[0]))
	}
	need = min(namesNeed, need+2*cellPadding+2)
	p.widen(s.Head, widths, widths[0]-need)
	return widths
}

// widen gives the room that the first column can spare to the others, the longest titles first: they go over two lines
// then, or three, and not over five.
func (p *paper) widen(head []string, widths []float64, spare float64) {
	p.font("B", tableSize)
	lack := make([]float64, len(head))
	order := []int{}
	for i := 1; i < len(head); i++ {
		lack[i] = max(0, p.GetStringWidth(head[i])*0.6+2*cellPadding-widths[i])
		order = append(order, i)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(lack[b], lack[a]) })
	for _, i := range order {
		more := max(0, min(lack[i], spare))
		widths[i], widths[0], spare = widths[i]+more, widths[0]-more, spare-more
	}
}

// height returns how high a line of a table is.
func (p *paper) height(cells []string, widths []float64, style string) float64 {
	p.font(style, tableSize)
	most := 1
	for i, c := range cells {
		most = max(most, len(p.SplitText(c, widths[i]-2*cellPadding)))
	}
	return float64(most)*lineHeight + cellPadding
}

// line writes a line of a table, words left and numbers right, with a rule under it.
func (p *paper) line(cells []string, widths []float64, style string) {
	height := p.height(cells, widths, style)
	x, y := p.GetXY()
	for i, c := range cells {
		align := "R"
		if i == 0 {
			align = "L"
		}
		for j, part := range p.SplitText(c, widths[i]-2*cellPadding) {
			p.SetXY(x+cellPadding, y+cellPadding/2+float64(j)*lineHeight)
			p.CellFormat(widths[i]-2*cellPadding, lineHeight, part, "", 0, align, false, 0, "")
		}
		x += widths[i]
	}
	p.SetDrawColor(0xc5, 0xd1, 0xdc)
	p.Line(sheetMargin, y+height, sheetMargin+sheetWidth, y+height)
	p.SetXY(sheetMargin, y+height)
}
