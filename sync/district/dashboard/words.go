package dashboard

import (
	"html/template"
	"strconv"
	"strings"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/export"
)

// words are the functions of templates.
func words() template.FuncMap {
	return template.FuncMap{
		"moment": moment,
		"role":   Role,
		"scope":  func() string { return export.Scope },
		"line":   line,
	}
}

// Role is what somebody may do, in Russian.
func Role(word string) string {
	if word == district.RoleAdmin {
		return "администратор"
	}
	return "просмотр"
}

// Version is the version of a program for people; "" where the program was built without one.
func Version(word string) string {
	if word == "unknown" {
		return ""
	}
	return word
}

// moment writes a date and time of day.
func moment(t time.Time) string { return t.Format("02.01.2006 15:04") }

// nbsp keeps a number and its unit on one line.
const nbsp = "\u00a0"

// count writes a whole number with its thousands apart: «4 012».
func count(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "−", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + nbsp + s[i:]
	}
	return sign + s
}

// decimal writes a number with one digit after a comma.
func decimal(x float64) string {
	whole, digit, _ := strings.Cut(strconv.FormatFloat(x, 'f', 1, 64), ".")
	n, _ := strconv.ParseInt(whole, 10, 64)
	if n == 0 && strings.HasPrefix(whole, "-") {
		return "−0," + digit
	}
	return count(n) + "," + digit
}

// plural chooses the form of a word: 1 киоск, 2 киоска, 5 киосков.
func plural(n int64, one, few, many string) string {
	n = max(n, -n)
	switch {
	case n%100/10 == 1:
		return many
	case n%10 == 1:
		return one
	case n%10 >= 2 && n%10 <= 4:
		return few
	}
	return many
}

// Status is a word with the shape of its meaning beside it, never colour alone. Kind is "ok", "warn",
// "bad", or "off" for neither.
type Status struct{ Kind, Text string }

// weekdays from Monday on, as officials count.
func weekdays() []time.Weekday {
	return []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}
}

// weekday returns the short word for a day of the week.
func weekday(d time.Weekday) string {
	return [7]string{"Вс", "Пн", "Вт", "Ср", "Чт", "Пт", "Сб"}[d]
}

// ofMonth is a month after a number: «18 ноября».
func ofMonth(m time.Month) string {
	return [12]string{"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"}[m-1]
}

// dayTitle writes a day for people: «18 ноября 2026».
func dayTitle(d export.Day) string {
	t := d.Date()
	return strconv.Itoa(t.Day()) + nbsp + ofMonth(t.Month()) + " " + strconv.Itoa(t.Year())
}

// day and exportDays are export.Day without its package's name at every turn.
func day(year int, month time.Month, d int) export.Day { return export.DayOf(year, month, d) }
func exportDays(n int) export.Day                      { return export.Day(n) }
