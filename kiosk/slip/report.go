package slip

import (
	"fmt"
	"strconv"
	"time"

	"sps-kiosk/kiosk/russian"
)

// scope says what every figure covers. // A36
const scope = "Цифры считаются от выдачи талона до конца приёма. Сроки ведомств сюда не" + nbsp + "входят."

// Report is the head of a paper with figures of one day.
type Report struct {
	Centre, Kiosk string
	Day           time.Time // midnight of the day, in the site's zone; zero where nobody knows the date
	Catalog, Act  string    // version of the catalogue, and the act that it follows // A6
	At            time.Time // when it was printed
	Dated         bool
}

// memo returns a report without its figures.
func (r Report) memo(title string) Memo {
	day := "день без даты"
	if !r.Day.IsZero() {
		day = date(r.Day)
	}
	return Memo{Centre: r.Centre, Kiosk: r.Kiosk, At: r.At, Dated: r.Dated, Title: title + " за" + nbsp + day}
}

// under puts under a report what it covers and by which rules.
func (r Report) under(m Memo) Memo {
	m.Lines = append(m.Lines, scope)
	if r.Catalog != "" {
		m.Lines = append(m.Lines, "Каталог "+r.Catalog+". "+r.Act)
	}
	return m
}

// Share is a part of a whole, 0 to 1; Known is false where there is no whole.
type Share struct {
	Part  float64
	Known bool
}

// Length is a time; Known is false where none was measured.
type Length struct {
	Time  time.Duration
	Known bool
}

// Day is the report of a day.
type Day struct {
	Report
	Services []ServiceLine
	Total    ServiceLine
	InNorm   Share  // waited not longer than the norm
	Longest  Length // nobody waited longer, up to a minute

	ByAdministrator, NoShows, Walkouts, Transfers, Voided int // A17 …
	Scans, Saved, Wipes, Pages                            int // A5, A29
	Help                                                  int // A17
}

// ServiceLine is one queue in a report.
type ServiceLine struct {
	Letter, Title  string
	Tickets        int
	Waited, Served Length // mean
}

// Memo returns the paper.
func (d Day) Memo() Memo {
	m := d.memo("Отчёт")
	m.Facts = []Fact{{"Талонов", strconv.Itoa(d.Total.Tickets)}, {"Ждали не дольше норматива", d.InNorm.words()},
		{"Дольше всех ждали", d.Longest.most()}, {"Среднее ожидание", d.Total.Waited.clock()}, {"Средний приём", d.Total.Served.clock()}}
	for _, s := range d.Services {
		m.Lines = append(m.Lines, s.line())
	}
	m.Lines = append(m.Lines,
		fmt.Sprintf("Неявка: %d. Ушли, не дождавшись: %d. Перенаправлены: %d. Аннулированы: %d.", d.NoShows, d.Walkouts, d.Transfers, d.Voided),
		fmt.Sprintf("Выдал администратор: %d. Просили помощи у киоска: %d.", d.ByAdministrator, d.Help),
		fmt.Sprintf("Сканирование: сеансов %d, сохранено на флешки: %d. Уничтожений: %d, страниц: %d.", d.Scans, d.Saved, d.Wipes, d.Pages))
	return d.under(m)
}

// line is one queue: «А Подать документы: талонов 48, ждали 8:20, приём 13:05».
func (s ServiceLine) line() string {
	name := s.Title
	if s.Letter != "" {
		name = s.Letter + nbsp + s.Title
	}
	return fmt.Sprintf("%s: талонов %d, ждали %s, приём %s", name, s.Tickets, s.Waited.clock(), s.Served.clock())
}

// Compliance is the report of how the law is kept (A32).
type Compliance struct {
	Report
	InNorm      Share
	Longest     Length
	Tickets     int
	Wipes       int // acts of destroying pages
	Pages       int
	Reminders   int // told to sign out of the account // A30
	Unanswered  int // requests for help that nobody answered // A17
	Uncovered   []Gap
	Overdue     int  // familiarisations // B16
	OverdueSaid bool // false where the catalogue keeps no register
}

// Gap is a queue without anybody competent (A33), or a part of the machine that did not work.
type Gap struct {
	Title string
	Times int
	For   time.Duration
}

// Memo returns the paper.
func (c Compliance) Memo() Memo {
	m := c.memo("Соблюдение порядка")
	m.Facts = []Fact{{"Ждали не дольше норматива", c.InNorm.words()}, {"Дольше всех ждали", c.Longest.most()},
		{"Талонов", strconv.Itoa(c.Tickets)},
		{"Уничтожений электронных образов", fmt.Sprintf("%d, страниц: %d", c.Wipes, c.Pages)},
		{"Напоминаний выйти из личного кабинета", strconv.Itoa(c.Reminders)},
		{"Просьб о помощи без ответа", strconv.Itoa(c.Unanswered)}}
	if c.OverdueSaid {
		m.Facts = append(m.Facts, Fact{"Просрочено ознакомлений", strconv.Itoa(c.Overdue)})
	}
	m.Notes = []string{"Часы приёма без специалиста с нужной компетенцией:"}
	m.Notes = append(m.Notes, gaps(c.Uncovered, "не было")...)
	m.Notes = append(m.Notes, "Начать сканирование, увидеть или скопировать страницы сотрудник не может: такой команды у киоска нет.") // A34
	return c.under(m)
}

// Availability is the report of hours and of the machine (A1).
type Availability struct {
	Report
	Announced, Served Length
	Share             Share // Served of Announced
	On                time.Duration
	Starts            int
	Outages           []Gap
}

// Memo returns the paper.
func (a Availability) Memo() Memo {
	m := a.memo("Доступность")
	served := a.Served.hours()
	if a.Share.Known {
		served += " (" + a.Share.words() + ")"
	}
	m.Facts = []Fact{{"Объявлено часов приёма", a.Announced.hours()}, {"Из них работало хотя бы одно окно", served},
		{"Киоск был включён", Length{a.On, true}.hours()}, {"Включений", strconv.Itoa(a.Starts)}}
	m.Notes = append([]string{"Что не работало:"}, gaps(a.Outages, "всё работало")...)
	return a.under(m)
}

// gaps lists gaps, or says that there are none.
func gaps(list []Gap, none string) (lines []string) {
	for _, g := range list {
		lines = append(lines, fmt.Sprintf("• %s: %s, %s", g.Title, Length{g.For, true}.hours(), times(g.Times)))
	}
	if len(lines) == 0 {
		return []string{"• " + none}
	}
	return lines
}

// words returns a share: «91 %».
func (s Share) words() string {
	if !s.Known {
		return unknown
	}
	return strconv.Itoa(int(s.Part*100)) + nbsp + "%" // never up: 99,9 % is not all
}

// unknown stands for a figure that nobody measured: never a zero.
const unknown = "не" + nbsp + "знаем"

// clock returns a length as minutes and seconds: «8:20».
func (l Length) clock() string {
	if !l.Known {
		return "—"
	}
	s := int(l.Time.Round(time.Second) / time.Second)
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// most returns a bound in whole minutes: «до 24 минут».
func (l Length) most() string {
	if !l.Known {
		return unknown
	}
	n := int((l.Time + time.Minute - 1) / time.Minute)
	return "до" + nbsp + strconv.Itoa(n) + nbsp + russian.Plural(n, "минуты", "минут", "минут")
}

// hours returns a length in hours and minutes: «9 ч 40 мин».
func (l Length) hours() string {
	if !l.Known {
		return unknown
	}
	n := int(l.Time.Round(time.Minute) / time.Minute)
	if n < 60 {
		return strconv.Itoa(n) + nbsp + "мин"
	}
	return fmt.Sprintf("%d%sч %d%sмин", n/60, nbsp, n%60, nbsp)
}

// times counts: «1 раз», «2 раза», «5 раз».
func times(n int) string {
	return strconv.Itoa(n) + nbsp + russian.Plural(n, "раз", "раза", "раз")
}

// date returns a date in words: «18 ноября 2025».
func date(t time.Time) string {
	months := [...]string{"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"}
	return fmt.Sprintf("%d%s%s%s%d", t.Day(), nbsp, months[t.Month()-1], nbsp, t.Year())
}
