package export

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sps-kiosk/kiosk/figures"
)

// column is one column of the CSV: its title and what stands in it.
type column struct {
	title   string
	cell    func(figures.Row) string
	machine bool // of the whole office: a service has no such number
}

// columns are those of figures, in order.
func columns() []column {
	count := func(title string, c figures.Counter) column {
		return column{title: title, cell: func(r figures.Row) string { return strconv.FormatInt(r.Of(c), 10) }}
	}
	machine := func(title string, c figures.Counter) column {
		all := count(title, c)
		all.machine = true
		return all
	}
	mean := func(title string, f func(figures.Row) (time.Duration, bool)) column {
		return column{title: title, cell: func(r figures.Row) string { d, known := f(r); return decimal(d.Minutes(), known) }}
	}
	bound := func(title string, f func(figures.Row) (time.Duration, bool)) column {
		return column{title: title, cell: func(r figures.Row) string {
			if r.Of(figures.Legs) <= 0 {
				return ""
			}
			if d, known := f(r); known {
				return strconv.Itoa(int(d / time.Minute))
			}
			return "больше суток"
		}}
	}
	percent := func(title string, f func(figures.Row) (float64, bool)) column {
		return column{title: title, cell: func(r figures.Row) string { x, known := f(r); return decimal(x*100, known) }}
	}
	quantile := func(p float64) func(figures.Row) (time.Duration, bool) {
		return func(r figures.Row) (time.Duration, bool) { return r.Wait.Quantile(p) }
	}
	return []column{
		count("Выдано талонов", figures.Issued), count("Из них администратором", figures.ByAdministrator),
		count("Из них вне очереди", figures.Granted), count("Обслужено", figures.Served), count("Неявки", figures.NoShows),
		count("Ушли, не дождавшись", figures.Walkouts), count("Аннулировано", figures.Voided),
		mean("Ожидание среднее, мин", figures.Row.MeanWaiting),
		bound("Ожидание, медиана, не более, мин", quantile(0.5)), bound("Ожидание 90 %, не более, мин", quantile(0.9)),
		bound("Ожидание наибольшее, не более, мин", func(r figures.Row) (time.Duration, bool) { return r.Wait.Max() }),
		percent("Доля в норматив, %", figures.Row.ServiceLevel), count("Ожидание не измерено", figures.LegsUnmeasured),
		mean("Ожидание за всё посещение, мин", figures.Row.MeanTotalWaiting),
		mean("От вызова до начала, мин", figures.Row.MeanResponse), mean("Обслуживание среднее, мин", figures.Row.MeanService),
		mean("Посещение среднее, мин", figures.Row.MeanVisit), percent("Загруженность окон, %", figures.Row.Occupancy),
		count("Вызовов", figures.Calls), count("Повторных вызовов", figures.Recalls), count("Перенаправлено", figures.Transfers),
		count("Отложено", figures.Parks), count("Отказано: закрыто", figures.RefusedClosed),
		count("Отказано: номера кончились", figures.RefusedExhausted), machine("Сигналов помощи", figures.HelpSignals),
		machine("Копий талонов", figures.Copies), machine("Не напечатано", figures.PrintNotStarted),
		machine("Напечатано ли, неизвестно", figures.PrintUncertain), machine("Сеансов сканирования", figures.Scans),
		machine("Уничтожений страниц", figures.Wipes), machine("Потеряно событий", figures.LostEvents),
		count("Талонов без начала", figures.Torn), count("Талонов без конца", figures.Endless),
	}
}

// bom tells a Russian Excel that the file is UTF-8.
const bom = "\ufeff"

// CSV writes a report as a Russian spreadsheet opens it by double click: UTF-8 with a byte order mark,
// semicolons, decimal commas. No cell can be a formula. titles are services' names by code; a service
// without one stands under its code.
func (r Report) CSV(w io.Writer, titles map[string]string) error {
	cols := columns()
	head := []string{"Период", "Офис", "Услуга"}
	for _, c := range cols {
		head = append(head, c.title)
	}
	lines := [][]string{append(head, "Киосков с полными данными", "Киосков всего", "Полнота данных")}
	for _, l := range r.Lines {
		line := []string{text(l.Period.Title()), text(l.Name), text(serviceTitle(l.Service, titles))}
		for _, c := range cols {
			switch {
			case !l.Known():
				line = append(line, "нет данных")
			case c.machine && l.Service != "":
				line = append(line, "")
			default:
				line = append(line, c.cell(l.Row))
			}
		}
		lines = append(lines, append(line, strconv.Itoa(l.Complete.Complete), strconv.Itoa(l.Complete.Kiosks), text(l.Complete.Text())))
	}
	return table(w, append(lines, []string{Scope}))
}

// table writes lines as CSV.
func table(w io.Writer, lines [][]string) error {
	if _, err := io.WriteString(w, bom); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = ';', true
	if err := out.WriteAll(lines); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
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

// text makes a cell out of words that somebody typed: on one line, and never a formula. A spreadsheet
// takes a cell for one by its first character, so only a letter, a digit or a quotation mark may be
// that, and anything else gets an apostrophe before it.
func text(s string) string {
	s = strings.TrimSpace(strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Cf, c) || unicode.IsSpace(c) {
			return ' '
		}
		return c
	}, s))
	if first, size := utf8.DecodeRuneInString(s); size == 0 || unicode.IsLetter(first) || unicode.IsDigit(first) || first == '«' {
		return s
	}
	return "'" + s
}

// decimal writes a number with one digit after a comma, nothing where it is not known.
func decimal(x float64, known bool) string {
	if !known {
		return ""
	}
	return strings.Replace(strconv.FormatFloat(x, 'f', 1, 64), ".", ",", 1)
}
