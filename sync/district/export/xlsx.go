package export

import (
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"
)

// XLSX writes a report as a workbook with typed cells: numbers are numbers, days are dates, words are
// words and never formulas. The line of titles stays where it is while one scrolls. titles are those of
// CSV.
func (r Report) XLSX(w io.Writer, titles map[string]string) error { return r.table(titles).xlsx(w) }

// XLSX writes the public report as Report.XLSX does.
func (r PublicReport) XLSX(w io.Writer, titles map[string]string) error {
	return r.table(titles).xlsx(w)
}

// Widths of columns, in characters.
const (
	nameWidth   = 26
	numberWidth = 13
	headHeight  = 60 // points: four lines
)

// xlsx writes a table as a workbook of one sheet.
func (t table) xlsx(w io.Writer) (err error) {
	f := excelize.NewFile()
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	if err := f.SetSheetName("Sheet1", t.title); err != nil {
		return fmt.Errorf("name sheet: %w", err)
	}
	if err := f.SetDocProps(&excelize.DocProperties{Creator: "Сервер района", Title: t.title, Language: "ru-RU"}); err != nil {
		return fmt.Errorf("describe workbook: %w", err)
	}
	if err := t.sheet(f); err != nil {
		return fmt.Errorf("write sheet: %w", err)
	}
	if err := f.Write(w); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	return nil
}

// sheet streams the lines into the sheet: a whole workbook in memory would be 20 times as large.
func (t table) sheet(f *excelize.File) error {
	styles, err := newStyles(f)
	if err != nil {
		return err
	}
	s, err := f.NewStreamWriter(t.title)
	if err != nil {
		return err
	}
	if err := t.layout(s); err != nil {
		return err
	}
	head := make([]any, len(t.head))
	for i, title := range t.head {
		head[i] = excelize.Cell{StyleID: styles.head, Value: title}
	}
	if err := s.SetRow("A1", head, excelize.RowOpts{Height: headHeight}); err != nil {
		return err
	}
	row := 2
	for _, l := range t.lines {
		line := make([]any, len(l))
		for i, v := range l {
			line[i] = styles.cell(v)
		}
		if err := s.SetRow(fmt.Sprint("A", row), line); err != nil {
			return err
		}
		row++
	}
	for _, r := range t.remarks {
		if err := s.SetRow(fmt.Sprint("A", row), []any{r}); err != nil {
			return err
		}
		row++
	}
	return s.Flush()
}

// layout sets the widths and holds the line of titles.
func (t table) layout(s *excelize.StreamWriter) error {
	for i := range t.head {
		width := float64(numberWidth)
		if i < 3 || i == len(t.head)-1 {
			width = nameWidth
		}
		if err := s.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	return s.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
}

// styles are the numbers of the styles of a workbook.
type styles struct{ head, count, tenths, date int }

// newStyles makes the styles of a workbook.
func newStyles(f *excelize.File) (s styles, err error) {
	format := func(format string) *excelize.Style { return &excelize.Style{CustomNumFmt: &format} }
	for _, n := range []struct {
		into  *int
		style *excelize.Style
	}{
		{&s.head, &excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"},
			Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E3EEFA"}}}},
		{&s.count, format("#,##0")}, {&s.tenths, format("#,##0.0")}, {&s.date, format("dd.mm.yyyy")},
	} {
		if *n.into, err = f.NewStyle(n.style); err != nil {
			return s, fmt.Errorf("make style: %w", err)
		}
	}
	return s, nil
}

// cell is a value as a cell of the workbook.
func (s styles) cell(v value) any {
	switch v.form {
	case text:
		return v.words
	case number:
		return excelize.Cell{StyleID: s.count, Value: int64(v.number)}
	case tenths:
		return excelize.Cell{StyleID: s.tenths, Value: v.number}
	case date:
		return excelize.Cell{StyleID: s.date, Value: v.day}
	}
	return nil
}
