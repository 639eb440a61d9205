package queue

import (
	"fmt"
	"time"
)

// Text says to a citizen why there is no ticket and when there will be one: «Сегодня приём до
// 16:00. Завтра с 8:30».
func (e *ClosedError) Text() string {
	today := "Сегодня приёма нет"
	switch e.Reason {
	case BeforeOpening:
		return fmt.Sprintf("Сегодня приём с %s до %s", clock(e.Today.Begin), clock(e.Today.End))
	case AfterLastCall:
		today = "Сегодня приём до " + clock(e.Today.End)
	}
	if e.Opens.IsZero() {
		return today
	}
	opens := e.Opens.Hour()*60 + e.Opens.Minute()
	return fmt.Sprintf("%s. %s с %s", today, dayName(e.Now, e.Opens), clock(opens))
}

// clock writes minutes after midnight as a citizen reads them: "8:30".
func clock(minute int) string { return fmt.Sprintf("%d:%02d", minute/60, minute%60) }

// dayName says on which day something is that comes after today: «Завтра», «В понедельник» within
// a week, «12 января» beyond it.
func dayName(now, at time.Time) string {
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	day := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
	switch days := int(day.Sub(today).Hours() / 24); {
	case days == 1:
		return "Завтра"
	case days < 7:
		return [7]string{"В воскресенье", "В понедельник", "Во вторник", "В среду",
			"В четверг", "В пятницу", "В субботу"}[at.Weekday()]
	}
	month := [12]string{"января", "февраля", "марта", "апреля", "мая", "июня",
		"июля", "августа", "сентября", "октября", "ноября", "декабря"}[at.Month()-1]
	return fmt.Sprintf("%d %s", at.Day(), month)
}
