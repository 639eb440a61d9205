package dashboard

import (
	"fmt"
	"strings"
	"time"

	"sps-kiosk/sync/district/export"
)

// Whole is how complete the data behind a figure are. It stands beside every figure, or at the head of
// the row or panel that the figures are in: an offline kiosk never looks like an empty office.
type Whole struct {
	Complete, Kiosks int
	Squares          []Square // the kiosk bar, ■■■■□
	Width            int      // of the bar
	Short            string   // «4 из 5»
	Text             string   // «данные 4 киосков из 5, до 16:18»
}

// Square is one kiosk of the bar, or a tenth of many.
type Square struct {
	X    int
	Full bool
}

// squares is how many of them a bar has at most.
const squares = 10

// wholeOf turns a completeness into a bar and words.
func wholeOf(c export.Completeness) Whole {
	w := Whole{Complete: c.Complete, Kiosks: c.Kiosks}
	if c.Kiosks == 0 {
		w.Short, w.Text = "киосков нет", "ни один киоск ещё не передавал данных"
		return w
	}
	n, full := c.Kiosks, c.Complete
	if n > squares {
		n, full = squares, c.Complete*squares/c.Kiosks
	}
	for i := range n {
		w.Squares = append(w.Squares, Square{X: 11 * i, Full: i < full})
	}
	w.Width = 11 * n
	w.Short = fmt.Sprintf("%s из %s", count(int64(c.Complete)), count(int64(c.Kiosks)))
	w.Text = fmt.Sprintf("данные %s %s из %s", count(int64(c.Complete)), plural(int64(c.Complete), "киоска", "киосков", "киосков"), count(int64(c.Kiosks)))
	if !c.Over && c.Complete > 0 && !c.Until.IsZero() {
		w.Text += ", до " + c.Until.Format("15:04")
	}
	return w
}

// Known reports whether a number says anything: none of nothing is not known.
func (w Whole) Known(n int64) bool { return w.Complete > 0 || n != 0 }

// All reports whether nothing is missing.
func (w Whole) All() bool { return w.Kiosks > 0 && w.Complete == w.Kiosks }

// late says which kiosks are missing, for a notice; "" for none.
func late(c export.Completeness, offices map[int64]string) string {
	if len(c.Late) == 0 {
		return ""
	}
	said := "Данные неполные. Не хватает: "
	for i, l := range c.Late {
		if i == lateNamed {
			return said + fmt.Sprintf(" и ещё %s.", count(int64(len(c.Late)-i)))
		}
		if i > 0 {
			said += "; "
		}
		said += strings.TrimPrefix(offices[l.Office]+", «"+l.Kiosk+"» ("+until(l)+")", ", ")
	}
	return said + "."
}

// longer is ago after «дольше»: «дольше 2 часов».
func longer(d time.Duration) string {
	if d < 2*time.Hour {
		n := int64(d / time.Minute)
		return count(n) + nbsp + plural(n, "минуты", "минут", "минут")
	}
	n := int64(d / time.Hour)
	return count(n) + nbsp + plural(n, "часа", "часов", "часов")
}

// lateNamed is how many kiosks a notice names.
const lateNamed = 5

// until says how far the data of a late kiosk reach.
func until(l export.Late) string {
	switch {
	case l.Until.IsZero():
		return "данных нет"
	case l.Owes:
		return "передано не всё"
	}
	return "до " + moment(l.Until)
}

// ago says how long something was, roughly: «молчит 26 часов».
func ago(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "меньше минуты"
	case d < 2*time.Hour:
		n := int64(d / time.Minute)
		return count(n) + " " + plural(n, "минуту", "минуты", "минут")
	case d < 72*time.Hour:
		n := int64(d / time.Hour)
		return count(n) + " " + plural(n, "час", "часа", "часов")
	}
	n := int64(d / (24 * time.Hour))
	return count(n) + " " + plural(n, "день", "дня", "дней")
}
