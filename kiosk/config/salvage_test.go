package config

import (
	"errors"
	"strings"
	"testing"
)

// TestDisplaysOfAFaultyFile: a fault is shown wherever the file says clearly that there is a display.
func TestDisplaysOfAFaultyFile(t *testing.T) {
	const two = "[display]\nkind = \"candle\"\nserial = \"ttyUSB0\"\n[[extra_display]]\nkind = \"tm1637\"\nclk = 3\ndio = 2\nwindow = 1\n"
	for name, c := range map[string]struct {
		text string
		want string // kinds
	}{
		"a wrong value":       {small + two + "[queue]\nday_end = \"x\"\n", "candle tm1637"},
		"a fault of syntax":   {"kiosk = = 5\n" + small + two, "candle tm1637"},
		"syntax after it":     {small + two + "[queue]\nday_end = close\n", "candle tm1637"},
		"no display":          {small + "[queue]\nday_end = \"x\"\n", "max7219"},
		"the display itself":  {small + strings.Replace(two, "ttyUSB0", "../x", 1), "max7219 tm1637"},
		"a further one":       {small + strings.Replace(two, "dio = 2", "dio = 99", 1), "candle"},
		"not even UTF-8":      {"\xff\xff\xff", "max7219"},
		"brackets in a value": {small + two + "[hours]\nholidays = [\n[1]\n]\n", "candle tm1637"},
	} {
		_, err := Parse([]byte(c.text))
		var wrong *Error
		if !errors.As(err, &wrong) {
			t.Errorf("%s: got %v, want an error", name, err)
			continue
		}
		var kinds []string
		for _, d := range wrong.Displays {
			kinds = append(kinds, d.Kind)
		}
		if got := strings.Join(kinds, " "); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
