package slip

import (
	"fmt"
	"strconv"
	"time"
)

// Course is what a course ticket tells (B18). There is nobody in it.
type Course struct {
	Title  string // «Интернет без опаски»
	Topic  string // «работа в Интернете»
	Number int    // 1203
	Place  string // «кабинет 5», "" = the administrator tells
	Begins time.Time
	Dated  bool // false = the administrator tells
}

// Fill writes the course into a paper that has head and foot.
func (c Course) Fill(m *Memo) {
	when, where := "скажет администратор", c.Place
	if c.Dated {
		when = day(c.Begins) + ", в" + nbsp + c.Begins.Format("15:04")
	}
	if where == "" {
		where = "скажет администратор"
	}
	m.Number = strconv.Itoa(c.Number)
	m.Facts = []Fact{{"Курс", c.Title}, {"Тема", c.Topic}, {"Начало", when}, {"Где", where}}
	m.Notes = []string{"Этот листок — ваше место на курсе. Имя и телефон не нужны: покажите номер.", isFree + "."}
}

// day writes a date out: «1 декабря 2026».
func day(t time.Time) string {
	months := [...]string{"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"}
	return fmt.Sprintf("%d%s%s%s%d", t.Day(), nbsp, months[t.Month()-1], nbsp, t.Year())
}
