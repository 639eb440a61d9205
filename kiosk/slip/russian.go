package slip

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"sps-kiosk/kiosk/russian"
)

const nbsp = "\u00a0"

// ahead says how many people wait before this ticket. // A18
func ahead(n int) string {
	if n <= 0 {
		return "никого" + nbsp + "нет"
	}
	return strconv.Itoa(n) + nbsp + russian.Plural(n, "человек", "человека", "человек")
}

// waiting returns the heading and the value of the expected wait. After «около» the words stand
// in the genitive: около 1 минуты, около 2 минут. Past an hour it is rounded to five minutes.
func waiting(d time.Duration, known bool) (heading, value string) {
	if !known {
		return "сколько ждать", "пока не" + nbsp + "знаем"
	}
	if d <= 0 {
		return "ждать", "меньше минуты"
	}
	minutes := int((d + time.Minute - 1) / time.Minute)
	if minutes < 60 {
		return "ждать около", strconv.Itoa(minutes) + nbsp + russian.Plural(minutes, "минуты", "минут", "минут")
	}
	minutes = (minutes + 2) / 5 * 5
	hours, minutes := minutes/60, minutes%60
	if minutes == 0 {
		return "ждать около", strconv.Itoa(hours) + nbsp + russian.Plural(hours, "часа", "часов", "часов")
	}
	return "ждать около", fmt.Sprintf("%d%sч %d%sмин", hours, nbsp, minutes, nbsp)
}

// mostPlaces is how many windows a visitor can keep in mind; more are left to the board.
const mostPlaces = 6

// invitation tells where the visitor will be called: «Вас позовут к окну 1 или 2.»
// Names that cannot be put into the dative are listed as they are.
func invitation(places []string) string {
	switch {
	case len(places) == 0:
		return "Куда идти, покажет табло."
	case len(places) > mostPlaces:
		return "Номер окна покажет табло."
	}
	parts := toPlaces(places)
	if parts == nil {
		return "Вас позовут сюда: " + strings.Join(places, ", ") + "."
	}
	return "Вас позовут " + enumerate(parts) + "."
}

// toPlaces puts places into the form after a verb of going: «к окну 1», «2», «к месту СПС»; nil where a
// name cannot be.
func toPlaces(places []string) (parts []string) {
	last := ""
	for _, place := range places {
		noun, rest, _ := strings.Cut(strings.TrimSpace(place), " ")
		dative := dative(noun)
		switch {
		case dative == "":
			return nil
		case dative == last && rest != "":
			parts = append(parts, rest)
		default:
			parts = append(parts, strings.TrimSuffix("к"+nbsp+dative+nbsp+rest, nbsp))
		}
		last = dative
	}
	return parts
}

// dative puts the word for a place into the form after «к»; it is empty for a word not known.
func dative(noun string) string {
	switch strings.ToLower(noun) {
	case "окно":
		return "окну"
	case "место":
		return "месту"
	case "кабинет":
		return "кабинету"
	case "компьютер":
		return "компьютеру"
	case "стол":
		return "столу"
	case "стойка":
		return "стойке"
	}
	return ""
}

// enumerate joins parts: «1», «1 или 2», «1, 2 или 3».
func enumerate(parts []string) string {
	n := len(parts)
	if n == 1 {
		return parts[0]
	}
	return strings.Join(parts[:n-1], ", ") + " или" + nbsp + parts[n-1]
}
