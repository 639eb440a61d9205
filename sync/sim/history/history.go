// Package history makes up the past of a district: a year of offices, visits and troubles, the same ones
// from the same seed, so that the dashboard can be shown with something in it.
//
// It owns what is plausible: hours, weekdays, seasons and holidays, queues that grow when a window is
// missing, kiosks that are silent for weeks. Everything goes in by district.Store's Append, as what real
// kiosks deliver.
//
// It refuses to compute a figure, and to be proof of anything: sync/sim is the fleet that knows the truth.
package history

import (
	"slices"
	"time"
)

// Plan says how much past there is.
type Plan struct {
	Seed    uint64
	Now     time.Time // the past ends here
	Days    int       // so many days before Now
	Offices int       // at most 12

	only []int // of these, for tests; nil = all
}

// Year is the past of the demonstration.
func Year(now time.Time) Plan { return Plan{Seed: 84, Now: now, Days: 365, Offices: 12} }

// site is an office of the district, and what is odd about it.
type site struct {
	name    string
	visits  int   // on an ordinary day
	windows []int // that exist, by number
	missing int   // a window that was closed for a quarter of the time, 0 for none
	silent  int   // so many last days nothing comes from its kiosk
	late    bool  // it was without a network for five weeks, and delivered everything afterwards
	clock   bool  // now and then nobody tells it the time
	paper   bool  // its printer is often in trouble
}

// sites are the offices, the largest first. All names are made up.
func sites() []site {
	all := []int{1, 2, 3, 4}
	return []site{
		{name: "МФЦ Кошкинского района", visits: 75, windows: all},
		{name: "МФЦ Ёлховский", visits: 60, windows: all, missing: 2},
		{name: "МФЦ Шентала", visits: 52, windows: all},
		{name: "МФЦ Челно-Вершины", visits: 46, windows: all, paper: true},
		{name: "МФЦ Сергиевск", visits: 44, windows: all},
		{name: "МФЦ Красный Яр", visits: 38, windows: all, clock: true},
		{name: "МФЦ Исаклы", visits: 34, windows: []int{1, 3, 4}, silent: 19},
		{name: "МФЦ Клявлино", visits: 30, windows: []int{1, 3, 4}},
		{name: "МФЦ Камышла", visits: 26, windows: []int{1, 3, 4}, late: true},
		{name: "Отделение в Надеждино", visits: 18, windows: []int{1, 4}},
		{name: "Отделение в Орловке", visits: 13, windows: []int{1, 4}},
		{name: "Отделение в Степной Шентале", visits: 7, windows: []int{1, 4}},
	}
}

// sites returns the offices of a plan with their numbers.
func (p Plan) sites() (numbers []int, list []site) {
	for i, s := range sites()[:min(max(p.Offices, 0), len(sites()))] {
		if p.only == nil || slices.Contains(p.only, i) {
			numbers, list = append(numbers, i), append(list, s)
		}
	}
	return numbers, list
}

// zone is where all of them lie.
const zone = "Europe/Samara"

// holiday reports whether offices are closed on a date of any year.
func holiday(day time.Time) bool {
	switch day.Format("01-02") {
	case "01-01", "01-02", "01-03", "01-04", "01-05", "01-06", "01-07", "01-08", "02-23", "03-08", "05-01", "05-09", "06-12", "11-04":
		return true
	}
	return false
}

// hours are those of an office on a day, minutes after midnight; open is false where it is closed.
func hours(day time.Time) (opens, closes int, open bool) {
	if holiday(day) {
		return 0, 0, false
	}
	switch day.Weekday() {
	case time.Sunday:
		return 0, 0, false
	case time.Saturday:
		return 8 * 60, 14 * 60, true
	case time.Thursday:
		return 8 * 60, 20 * 60, true
	}
	return 8 * 60, 18 * 60, true
}

// crowd is how many times an ordinary day's visits a day has: weekdays, seasons, the days around holidays.
func crowd(day time.Time) float64 {
	week := [7]float64{0, 1.25, 1.05, 1, 1.05, 0.9, 0.55}[day.Weekday()]
	year := [12]float64{0.85, 1, 1.05, 1.1, 0.95, 0.95, 0.75, 0.85, 1.15, 1.1, 1.05, 1.2}[day.Month()-1]
	if holiday(day.AddDate(0, 0, -1)) || holiday(day.AddDate(0, 0, 1)) {
		year *= 1.2
	}
	return week * year
}

// rush is how much of a day's visits come in an hour, as parts of nothing in particular.
func rush(hour int) float64 {
	return [24]float64{8: 7, 9: 13, 10: 15, 11: 13, 12: 9, 13: 7, 14: 10, 15: 10, 16: 8, 17: 5, 18: 3, 19: 2}[hour]
}
