package config

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"sps-kiosk/kiosk/queue"
)

// Kinds of displays.
const (
	MAX7219 = "max7219" // a chain of chips on SPI
	TM1637  = "tm1637"  // one chip on two lines
	Candle  = "candle"  // a board on a serial line
)

// Display is one LED display.
type Display struct {
	Kind       string // MAX7219, TM1637 or Candle
	SPI        string // "SPI0.0" of a MAX7219
	CLK, DIO   Pin    // lines of a TM1637
	Serial     string // "ttyAMA0" or a path under /dev, of a Candle
	Baud       int    // of that line
	Address    int    // of the board on that line, 0x20…0x7F
	Digits     int    // 4, 6 or 8
	Window     int    // whose calls alone it shows; 0 = every call
	WithWindow bool   // a display of one window shows the window's number too
	Bright     int    // by day, in the steps of its kind
	NightLight int    // at night
}

// Showing is how calls are shown, on every display.
type Showing struct {
	Least time.Duration // a call stays so long before the next one replaces it
	Night queue.Span    // when displays are dimmed; it may go over midnight. Zero = never
}

// NightAt reports whether a local time lies in the night.
func (s Showing) NightAt(local time.Time) bool {
	minute := local.Hour()*60 + local.Minute()
	if s.Night.Begin <= s.Night.End {
		return s.Night.Begin <= minute && minute < s.Night.End
	}
	return minute >= s.Night.Begin || minute < s.Night.End
}

// Displays returns every display, the main one first.
func (s Settings) Displays() []Display { return append([]Display{s.Display}, s.Extra...) }

// DisplayName is what a display is called in actions and health: "display", "display.2" for the
// first extra one.
func DisplayName(index int) string {
	if index == 0 {
		return "display"
	}
	return fmt.Sprintf("display.%d", index+1)
}

// serialShape is a serial port's name, or its path.
var serialShape = regexp.MustCompile(`^(/dev/)?[A-Za-z0-9][A-Za-z0-9._:/-]*$`)

// displayOf reads [display], and with it how calls are shown.
func displayOf(t *table) (Display, Showing) {
	s := Showing{
		Least: time.Duration(t.number("min_show_seconds", 5, 2, 60)) * time.Second,
		Night: t.night("night"),
	}
	d := t.display()
	t.finish()
	return d, s
}

// extraDisplayOf reads one [[extra_display]].
func extraDisplayOf(t *table) Display {
	window, with := t.number("window", 0, 0, 99), t.flag("with_window")
	d := t.display()
	d.Window, d.WithWindow = window, with
	if with && window == 0 {
		t.out.add(t.at("with_window"), "у общего табло номер окна есть всегда. Уберите эту строку или укажите окно: window = 1")
	}
	t.finish()
	return d
}

// display reads what every display has, and what those of its kind have.
func (t *table) display() Display {
	d := Display{Kind: t.oneOf("kind", MAX7219, MAX7219, TM1637, Candle)}
	brightest := 0
	switch d.Kind {
	case MAX7219:
		brightest = 15
		d.SPI = t.oneOf("spi", "SPI0.0", "SPI0.0", "SPI0.1")
		d.Digits = t.digits(8)
	case TM1637:
		brightest = 7
		d.CLK, d.DIO = t.wire("clk"), t.wire("dio")
		d.Digits = t.digits(4, 6)
	case Candle:
		brightest = 3
		d.Serial = t.text("serial", "ttyAMA0", 100)
		if !serialShape.MatchString(d.Serial) || strings.Contains(d.Serial, "..") {
			t.out.add(t.at("serial"), "%q не подходит: нужен порт, например \"ttyAMA0\" или \"/dev/ttyUSB0\"", d.Serial)
		}
		if d.Baud = t.number("baud", 57600, 1200, 115200); d.Baud != 57600 && d.Baud != 19200 {
			t.out.add(t.at("baud"), "скорость %d не подходит. Здесь бывает: 57600, 19200", d.Baud)
		}
		d.Address = t.number("address", 32, 32, 127)
		d.Digits = t.digits(4, 6, 8)
	}
	d.Bright = t.number("brightness", (brightest+1)/2, 0, brightest)
	d.NightLight = t.number("brightness_night", d.Bright/4, 0, brightest)
	return d
}

// digits reads how many digits there are; without the key it is the first of those possible.
func (t *table) digits(possible ...int) int {
	n := t.number("digits", possible[0], 1, 99)
	var words []string
	for _, p := range possible {
		if n == p {
			return n
		}
		words = append(words, fmt.Sprint(p))
	}
	t.out.add(t.at("digits"), "цифр %d не бывает. Здесь бывает: %s", n, strings.Join(words, ", "))
	return possible[0]
}

// wire reads a line of the header that carries data both ways: an expander is too slow for that.
func (t *table) wire(key string) Pin {
	pin := t.line(key, firstButton, true)
	if expanderShape.MatchString(string(pin)) {
		t.out.add(t.at(key), "табло не работает через расширитель. Нужен контакт GPIO от %d до %d", firstButton, lastLine)
		return ""
	}
	return pin
}

// night reads "21:00-07:00"; the empty text is no night.
func (t *table) night(key string) queue.Span {
	text := t.text(key, "", 20)
	if text == "" {
		return queue.Span{}
	}
	begin, end, _ := strings.Cut(text, "-")
	a, errA := minute(begin)
	b, errB := minute(end)
	if errA != nil || errB != nil || a == b {
		t.out.add(t.at(key), "%q не подходит: нужны часы ночи, например \"21:00-07:00\", или пустые кавычки", text)
		return queue.Span{}
	}
	return queue.Span{Begin: a, End: b}
}
