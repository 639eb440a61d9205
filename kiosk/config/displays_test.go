package config

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"sps-kiosk/kiosk/queue"
)

// A file from before there were several displays means what it did.
func TestOldDisplaySection(t *testing.T) {
	s, err := Parse([]byte(small + "[display]\nkind = \"max7219\"\nspi = \"SPI0.1\"\ndigits = 8\nbrightness = 12\n"))
	want := Display{Kind: MAX7219, SPI: "SPI0.1", Digits: 8, Bright: 12, NightLight: 3}
	if err != nil || !reflect.DeepEqual(s.Displays(), []Display{want}) || s.Showing != (Showing{Least: 5 * time.Second}) {
		t.Errorf("got %+v, %+v, %v, want %+v alone, five seconds and no night", s.Displays(), s.Showing, err, want)
	}
}

func TestExtraDisplays(t *testing.T) {
	s, err := Parse([]byte(small + `[display]
kind = "tm1637"
clk = 22
dio = 23
digits = 6
min_show_seconds = 8
night = "22:30-06:00"
[[extra_display]]
kind = "tm1637"
clk = 24
dio = 25
window = 1
with_window = true
[[extra_display]]
kind = "candle"
serial = "/dev/ttyUSB0"
baud = 19200
address = 33
digits = 8
brightness = 3
[[extra_display]]
`))
	want := []Display{
		{Kind: TM1637, CLK: "GPIO22", DIO: "GPIO23", Digits: 6, Bright: 4, NightLight: 1},
		{Kind: TM1637, CLK: "GPIO24", DIO: "GPIO25", Digits: 4, Window: 1, WithWindow: true, Bright: 4, NightLight: 1},
		{Kind: Candle, Serial: "/dev/ttyUSB0", Baud: 19200, Address: 33, Digits: 8, Bright: 3},
		{Kind: MAX7219, SPI: "SPI0.0", Digits: 8, Bright: 8, NightLight: 2},
	}
	if err != nil || !reflect.DeepEqual(s.Displays(), want) {
		t.Errorf("got %+v, %v, want %+v", s.Displays(), err, want)
	}
	if w := (Showing{8 * time.Second, queue.Span{Begin: 22*60 + 30, End: 6 * 60}}); s.Showing != w {
		t.Errorf("got %+v, want %+v", s.Showing, w)
	}
	if DisplayName(0) != "display" || DisplayName(1) != "display.2" {
		t.Errorf("got %q and %q, want display and display.2", DisplayName(0), DisplayName(1))
	}
}

func TestNight(t *testing.T) {
	over, evening := Showing{Night: queue.Span{Begin: 21 * 60, End: 7 * 60}}, Showing{Night: queue.Span{Begin: 18 * 60, End: 20 * 60}}
	for clock, want := range map[string][3]bool{ // over midnight, of an evening, none
		"06:59": {true}, "07:00": {}, "17:59": {}, "18:00": {false, true}, "19:59": {false, true},
		"20:00": {}, "20:59": {}, "21:00": {true}, "23:59": {true}, "00:00": {true},
	} {
		at, err := time.Parse("15:04", clock)
		got := [3]bool{over.NightAt(at), evening.NightAt(at), Showing{}.NightAt(at)}
		if err != nil || got != want {
			t.Errorf("%s: got %v, %v, want %v", clock, got, err, want)
		}
	}
}

// Each mistake about a display: the line it must be found on, and words the message must have.
func TestDisplayMistakes(t *testing.T) {
	const two = "[[extra_display]]\nkind = \"tm1637\"\nclk = 22\ndio = 23\n"
	const board = "[[extra_display]]\nkind = \"candle\"\n"
	for name, c := range map[string]struct {
		tail string
		line int
		key  string
		has  string
	}{
		"kind":             {"[display]\nkind = \"lcd\"\n", 10, "display.kind", `"tm1637", "candle"`},
		"window of main":   {"[display]\nwindow = 1\n", 10, "display.window", "такого ключа нет"},
		"key of another":   {two + "spi = \"SPI0.1\"\n", 13, "extra_display.spi", "такого ключа нет"},
		"no wire":          {"[[extra_display]]\nkind = \"tm1637\"\nclk = 22\n", 9, "extra_display.dio", "нужен контакт GPIO"},
		"wire twice":       {strings.Replace(two, "23", "22", 1), 12, "extra_display.dio", "табло (CLK)"},
		"wire of a button": {strings.Replace(two, "23", "17", 1), 12, "extra_display.dio", "кнопка «Подать документы»"},
		"wire of a chip":   {strings.Replace(two, "23", "\"MCP23017@0x20/GPA3\"", 1), 12, "extra_display.dio", "через расширитель"},
		"digits":           {two + "digits = 8\n", 13, "extra_display.digits", "Здесь бывает: 4, 6"},
		"bright":           {two + "brightness = 8\n", 13, "extra_display.brightness", "от 0 до 7"},
		"bright night":     {board + "brightness_night = 4\n", 11, "extra_display.brightness_night", "от 0 до 3"},
		"no such window":   {two + "window = 12\n", 13, "extra_display.window", "окна 12 нет"},
		"window of none":   {two + "with_window = true\n", 13, "extra_display.with_window", "общего табло"},
		"port taken":       {"[[extra_display]]\n", 9, "extra_display.spi", "SPI0.0 уже занят"},
		"address taken":    {board + board, 11, "extra_display.address", "адрес 32 на порту ttyAMA0"},
		"two speeds":       {board + board + "address = 33\nbaud = 19200\n", 14, "extra_display.baud", "57600"},
		"speed":            {board + "baud = 9600\n", 11, "extra_display.baud", "57600, 19200"},
		"address":          {board + "address = 31\n", 11, "extra_display.address", "от 32 до 127"},
		"port":             {board + "serial = \"../etc\"\n", 11, "extra_display.serial", "ttyUSB0"},
		"least":            {"[display]\nmin_show_seconds = 1\n", 10, "display.min_show_seconds", "от 2 до 60"},
		"night":            {"[display]\nnight = \"вечер\"\n", 10, "display.night", "21:00-07:00"},
		"empty night":      {"[display]\nnight = \"21:00-21:00\"\n", 10, "display.night", "21:00-07:00"},
		"single brackets":  {"[extra_display]\n", 9, "extra_display", "двойные скобки"},
	} {
		_, err := Parse([]byte(small + c.tail))
		var wrong *Error
		if !errors.As(err, &wrong) {
			t.Errorf("%s: got %v, want an error", name, err)
			continue
		}
		p := wrong.Problems[0]
		if p.Line != c.line || p.Key != c.key || !strings.Contains(p.Text, c.has) {
			t.Errorf("%s: got %q (line %d, key %q), want line %d, key %q, words %q", name, p, p.Line, p.Key, c.line, c.key, c.has)
		}
	}
}

// A number is never cut: four digits show А999 and not А1000.
func TestANumberFitsEveryDisplay(t *testing.T) {
	file := small + "[[extra_display]]\nkind = \"tm1637\"\nclk = 22\ndio = 23\n"
	if _, err := Parse([]byte(file)); err != nil {
		t.Errorf("got %v, want А999 on four digits", err)
	}
	long := BuiltIn()
	long.Catalog.Services[0].Digits, long.Catalog.Services[0].Last = 4, 1000
	_, err := joined(file, long)
	if err == nil || !strings.Contains(err.Error(), "номер из 5 знаков на табло из 4 цифр") {
		t.Errorf("got %v, want five characters refused", err)
	}
}
