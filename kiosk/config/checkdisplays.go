package config

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// checkDisplays looks for displays that would share a place, for windows that do not exist, and for
// numbers that a display could not show whole.
func checkDisplays(s Settings, out *list) {
	all := s.Displays()
	for i, d := range all {
		key := displayKey(i)
		if longest := longestLabel(s); longest > d.Digits {
			out.add(key+".digits", "номер из %d знаков на табло из %d цифр не поместится", longest, d.Digits)
		}
		known := slices.ContainsFunc(s.Windows, func(w Window) bool { return w.Number == d.Window })
		if d.Window != 0 && !known {
			out.add(key+".window", "окна %d нет", d.Window)
		}
		for _, other := range all[:i] {
			if other.Kind == d.Kind {
				checkPlace(d, other, key, out)
			}
		}
	}
}

// checkPlace holds a display against an earlier one of its kind. Lines are checked with all others.
func checkPlace(d, other Display, key string, out *list) {
	switch {
	case d.Kind == MAX7219 && d.SPI == other.SPI:
		out.add(key+".spi", "разъём %s уже занят другим табло", d.SPI)
	case d.Kind == Candle && d.Serial == other.Serial && d.Address == other.Address:
		out.add(key+".address", "адрес %d на порту %s уже занят другим табло", d.Address, d.Serial)
	case d.Kind == Candle && d.Serial == other.Serial && d.Baud != other.Baud:
		out.add(key+".baud", "на порту %s уже есть табло со скоростью %d: у всех на одной линии она одна", d.Serial, other.Baud)
	}
}

// displayKey is where a display stands in the file.
func displayKey(index int) string {
	if index == 0 {
		return "display"
	}
	return fmt.Sprintf("extra_display[%d]", index-1)
}

// longestLabel is how many characters the longest number of a service has.
func longestLabel(s Settings) (longest int) {
	for _, v := range s.Services {
		longest = max(longest, utf8.RuneCountInString(v.Label(v.Last)))
	}
	return longest
}
