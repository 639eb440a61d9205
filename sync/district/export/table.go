package export

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// table is a report as a spreadsheet has it: a line of titles, lines of cells, and remarks under
// them. CSV and XLSX are written from it, so that both say the same.
type table struct {
	title   string // of the sheet
	head    []string
	lines   [][]value
	remarks []string
}

// form is what kind of a cell a value is.
type form uint8

const (
	blank  form = iota // nothing is known, or there is no such number
	text               // words
	number             // a whole number
	tenths             // a number with one digit after the comma
	date               // a day
)

// value is what stands in a cell.
type value struct {
	form   form
	words  string
	number float64
	day    time.Time // at midnight UTC
}

// whole is a cell of a whole number.
func whole(n int64) value { return value{form: number, number: float64(n)} }

// decimal is a cell of a number with one digit after the comma, blank where it is not known.
func decimal(x float64, known bool) value {
	if !known {
		return value{}
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'f', 1, 64), 64)
	if err != nil { // what FormatFloat writes is a number, or NaN and infinities, which ParseFloat reads
		return value{}
	}
	return value{form: tenths, number: rounded}
}

// words is a cell of words that somebody may have typed: on one line, and never a formula, a number or
// a date. A spreadsheet takes a cell for one by its first character, so only a letter or a quotation
// mark may be that; anything else is put between quotation marks.
func words(s string) value {
	s = strings.TrimSpace(strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Cf, c) || unicode.IsSpace(c) {
			return ' '
		}
		return c
	}, s))
	first, size := utf8.DecodeRuneInString(s)
	switch {
	case size == 0:
		return value{}
	case unicode.IsLetter(first) || first == '«':
		return value{form: text, words: s}
	}
	return value{form: text, words: "«" + s + "»"}
}

// period is a cell of a period: a date if it is a day, else words. «сентябрь 2026» alone would be read as
// a date.
func period(p Period) value {
	switch {
	case p.Undated || p.Step == Quarterly:
		return words(p.Title())
	case p.Step == Monthly:
		return words(p.Title() + " года")
	}
	return value{form: date, day: p.From.Date()}
}

// russian is the value as a Russian spreadsheet reads it from a text.
func (v value) russian() string {
	switch v.form {
	case text:
		return v.words
	case number:
		return strconv.FormatInt(int64(v.number), 10)
	case tenths:
		return strings.Replace(strconv.FormatFloat(v.number, 'f', 1, 64), ".", ",", 1)
	case date:
		return v.day.Format("02.01.2006")
	}
	return ""
}

// serviceTitle is a service's name for people.
func serviceTitle(code string, titles map[string]string) string {
	switch {
	case code == "":
		return "все услуги"
	case titles[code] != "":
		return titles[code]
	}
	return code
}

// table lays a report out. titles are services' names by code; a service without one stands under
// its code.
func (r Report) table(titles map[string]string) table {
	cols := columns()
	t := table{title: "Отчёт", head: []string{"Период", "Центр", "Услуга"}, remarks: []string{Scope}}
	for _, c := range cols {
		t.head = append(t.head, c.title)
	}
	t.head = append(t.head, "Киосков с полными данными", "Киосков всего", "Полнота данных")
	for _, l := range r.Lines {
		line := []value{period(l.Period), words(l.Name), words(serviceTitle(l.Service, titles))}
		for _, c := range cols {
			switch {
			case !l.Known():
				line = append(line, words("нет данных"))
			case c.machine && l.Service != "":
				line = append(line, value{})
			default:
				line = append(line, c.cell(l.Row))
			}
		}
		c := l.Complete
		t.lines = append(t.lines, append(line, whole(int64(c.Complete)), whole(int64(c.Kiosks)), words(c.Text())))
	}
	return t
}
