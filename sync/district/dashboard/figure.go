package dashboard

import (
	"strconv"
	"time"

	"sps-kiosk/kiosk/figures"
)

// Figure is one number on a page.
type Figure struct {
	Name  string // for machines, on the page too: "issued", "waiting_mean_ms"
	Known bool
	Raw   string // the number itself: a count, milliseconds, or a share of 10,000
	Text  string // as it is read: «4 012»
	Unit  string // «мин»
	Few   string // said instead where it is not known; "" = «не знаем»
}

// Unknown is what is said of a figure that nobody knows.
func (f Figure) Unknown() string {
	if f.Few != "" {
		return f.Few
	}
	return "не знаем"
}

// named gives a figure the name of the row it is in: "issued@service.docs".
func (f Figure) named(suffix string) Figure {
	if suffix != "" {
		f.Name += "@" + suffix
	}
	return f
}

// tally is a count out of a row.
func tally(name string, n int64, w Whole) Figure {
	return Figure{Name: name, Known: w.Known(n), Raw: strconv.FormatInt(n, 10), Text: count(n)}
}

// counter is a counter of a row.
func counter(c figures.Counter, r figures.Row, w Whole) Figure { return tally(c.String(), r.Of(c), w) }

// nobody is said where the data are here and nothing was measured.
const nobody = "—"

// minutes is a mean duration; where nothing was measured it is a dash, or unknown if data are missing.
func minutes(name string, d time.Duration, known bool, w Whole) Figure {
	f := Figure{Name: name, Known: known, Raw: strconv.FormatInt(d.Milliseconds(), 10), Text: decimal(d.Minutes()), Unit: "мин"}
	if !known && w.All() {
		f.Few = nobody
	}
	return f
}

// bound is a duration known to the minute: «не дольше 6 мин».
func bound(name string, d time.Duration, known bool, legs int64, w Whole) Figure {
	f := Figure{Name: name, Known: known, Raw: strconv.FormatInt(d.Milliseconds(), 10), Text: count(int64(d / time.Minute)), Unit: "мин"}
	switch {
	case !known && legs > 0:
		f.Few = "больше суток"
	case !known && w.All():
		f.Few = nobody
	}
	return f
}

// percent is a share.
func percent(name string, share float64, known bool, w Whole) Figure {
	f := Figure{Name: name, Known: known, Raw: strconv.FormatInt(int64(share*10000+0.5), 10), Text: decimal(share * 100), Unit: "%"}
	if !known && w.All() {
		f.Few = nobody
	}
	return f
}

// hours is a long time.
func hours(name string, d time.Duration, w Whole) Figure {
	return Figure{Name: name, Known: w.Known(int64(d)), Raw: strconv.FormatInt(d.Milliseconds(), 10), Text: decimal(d.Hours()), Unit: "ч"}
}

// The figures of waiting, one after the other.
func meanWaiting(r figures.Row, w Whole) Figure {
	d, known := r.MeanWaiting()
	return minutes("waiting_mean_ms", d, known, w)
}

func waitingQuantile(r figures.Row, p float64, name string, w Whole) Figure {
	d, known := r.Wait.Quantile(p)
	return bound(name, d, known, r.Of(figures.Legs), w)
}

func medianWaiting(r figures.Row, w Whole) Figure { return waitingQuantile(r, 0.5, "waiting_p50", w) }
func p90Waiting(r figures.Row, w Whole) Figure    { return waitingQuantile(r, 0.9, "waiting_p90", w) }

func maxWaiting(r figures.Row, w Whole) Figure {
	d, known := r.Wait.Max()
	return bound("waiting_max", d, known, r.Of(figures.Legs), w)
}

func serviceLevel(r figures.Row, w Whole) Figure {
	x, known := r.ServiceLevel()
	return percent("service_level", x, known, w)
}

func meanService(r figures.Row, w Whole) Figure {
	d, known := r.MeanService()
	return minutes("service_mean_ms", d, known, w)
}

func occupancy(r figures.Row, w Whole) Figure {
	x, known := r.Occupancy()
	return percent("occupancy", x, known, w)
}

func availability(r figures.Row, w Whole) Figure {
	x, known := r.Availability()
	return percent("availability", x, known, w)
}
