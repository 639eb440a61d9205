package config

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // the card's root file system may lack the zones

	"sps-kiosk/kiosk/queue"
)

// weekdays are the keys of [hours] in the order of time.Weekday.
var weekdays = [7]string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

// zoneOf looks a time zone up.
func zoneOf(t *table) *time.Location {
	zone := t.text("timezone", "Europe/Samara", 60)
	location, err := time.LoadLocation(zone)
	if err != nil || zone == "Local" || zone == "" {
		t.out.add(t.at("timezone"), "нет такого часового пояса: %q. Для Самарской области: \"Europe/Samara\"", zone)
		return time.UTC
	}
	return location
}

// hoursOf reads [hours]; the zone is the site's.
func hoursOf(t *table) queue.Hours {
	h := queue.Hours{Closed: map[string]bool{}, Short: map[string]queue.Span{}}
	for day, key := range weekdays {
		h.Days[day] = t.span(key, t.text(key, "", 20))
	}
	h.LastCall = time.Duration(t.number("last_ticket_minutes", 15, 0, 240)) * time.Minute
	holidays, _ := t.texts("holidays")
	for _, date := range holidays {
		if t.date("holidays", date) {
			h.Closed[date] = true
		}
	}
	short, _ := t.texts("short_days")
	for _, entry := range short {
		date, hours, _ := strings.Cut(entry, " ")
		if t.date("short_days", date) {
			h.Short[date] = t.span("short_days", strings.TrimSpace(hours))
		}
	}
	t.finish()
	return h
}

// date checks a date of a list.
func (t *table) date(key, date string) bool {
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		t.out.add(t.at(key), "%q — не дата. Нужно, например: \"2027-01-01\"", date)
		return false
	}
	return true
}

// span reads "08:00-18:00"; the empty text is a closed day.
func (t *table) span(key, text string) queue.Span {
	if text == "" {
		return queue.Span{}
	}
	begin, end, _ := strings.Cut(text, "-")
	a, errA := minute(begin)
	b, errB := minute(end)
	if errA != nil || errB != nil || b <= a {
		t.out.add(t.at(key), "%q не подходит: нужны часы приёма, например \"08:00-18:00\", или пустые кавычки", text)
		return queue.Span{}
	}
	return queue.Span{Begin: a, End: b}
}

// minute reads "8:30" as minutes after midnight; "24:00" is the end of the day.
func minute(text string) (int, error) {
	var hours, minutes int
	text = strings.TrimSpace(text)
	if n, err := fmt.Sscanf(text, "%d:%d", &hours, &minutes); n != 2 || err != nil {
		return 0, fmt.Errorf("%q is no time of day", text)
	}
	if hours < 0 || minutes < 0 || minutes > 59 || hours*60+minutes > 24*60 {
		return 0, fmt.Errorf("%q is no time of day", text)
	}
	return hours*60 + minutes, nil
}
