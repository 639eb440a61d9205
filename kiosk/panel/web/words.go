package web

import (
	"fmt"
	"time"
)

const nbsp = "\u00a0"

// Plural picks the Russian form for a count: 1 человек, 2–4 человека, 5 and 11–14 человек.
func Plural(n int, one, few, many string) string {
	switch tens, units := n/10%10, n%10; {
	case tens == 1:
		return many
	case units == 1:
		return one
	case units >= 2 && units <= 4:
		return few
	}
	return many
}

// Minutes writes a duration for the eye: «меньше минуты», «9 мин», «1 ч 05 мин».
func Minutes(d time.Duration) string {
	switch m := int(d / time.Minute); {
	case m < 1:
		return "меньше" + nbsp + "минуты"
	case m < 60:
		return fmt.Sprintf("%d%sмин", m, nbsp)
	default:
		return fmt.Sprintf("%d%sч %02d%sмин", m/60, nbsp, m%60, nbsp)
	}
}

var months = [...]string{"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"}

var weekdays = [...]string{"воскресенье", "понедельник", "вторник", "среда", "четверг", "пятница", "суббота"}

// Date writes a day: «вторник, 18 ноября».
func Date(t time.Time) string {
	return fmt.Sprintf("%s, %d%s%s", weekdays[t.Weekday()], t.Day(), nbsp, months[t.Month()-1])
}
