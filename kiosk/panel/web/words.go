package web

import (
	"fmt"
	"time"
)

const nbsp = "\u00a0"

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
