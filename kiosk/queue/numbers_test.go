package queue

import (
	"strings"
	"testing"
)

func TestPrefixesLegibleOnSevenSegments(t *testing.T) {
	for _, c := range []struct{ prefix, normal, says string }{ // says "" = allowed
		{"", "", ""}, {"А", "А", ""}, {"Г", "Г", ""}, {"Е", "Е", ""}, {"Н", "Н", ""}, {"П", "П", ""}, {"Р", "Р", ""},
		{"С", "С", ""}, {"У", "У", ""}, {"L", "L", ""}, {"F", "F", ""}, {"b", "b", ""}, {"d", "d", ""},
		{"A", "А", ""}, {"C", "С", ""}, {"E", "Е", ""}, {"H", "Н", ""}, {"P", "Р", ""}, {"Y", "У", ""},
		{" с ", "С", ""}, {"п", "П", ""}, {"a", "А", ""}, {"l", "L", ""},
		{"Б", "Б", "цифры 6"}, {"В", "В", "цифры 8"}, {"З", "З", "цифры 3"}, {"О", "О", "цифры 0"}, {"Ч", "Ч", "цифры 4"},
		{"B", "В", "цифры 8"}, {"O", "О", "цифры 0"}, {"б", "Б", "цифры 6"},
		{"Ж", "Ж", "не прочитать"}, {"D", "D", "не прочитать"}, {"Z", "Z", "не прочитать"}, {"5", "5", "не прочитать"},
		{"АП", "АП", "одна буква"},
	} {
		if got := NormalPrefix(c.prefix); got != c.normal {
			t.Errorf("%q normal: got %q, want %q", c.prefix, got, c.normal)
		}
		err := Legible(c.prefix)
		switch {
		case c.says == "" && err != nil:
			t.Errorf("%q: got %v, want allowed", c.prefix, err)
		case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)):
			t.Errorf("%q: got %v, want an error with %q", c.prefix, err, c.says)
		}
	}
}

func TestLabels(t *testing.T) {
	for _, c := range []struct {
		s    Service
		n    int
		want string
	}{
		{Service{Prefix: "А", Digits: 3}, 12, "А012"},
		{Service{Prefix: "C", Digits: 3}, 1, "С001"},
		{Service{Digits: 3}, 100, "100"},
		{Service{Prefix: "П"}, 7, "П7"},
	} {
		if got := c.s.Label(c.n); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestRangesThatClash(t *testing.T) {
	a := Service{Code: "a", Prefix: "А", First: 1, Last: 499, Digits: 3}
	for _, c := range []struct {
		name string
		b    Service
		says string // "" = fine
	}{
		{"other letter", Service{Code: "b", Prefix: "П", First: 1, Last: 499, Digits: 3}, ""},
		{"same letter apart", Service{Code: "b", Prefix: "А", First: 500, Last: 999, Digits: 3}, ""},
		{"same letter touching", Service{Code: "b", Prefix: "А", First: 499, Last: 999, Digits: 3}, "А499–А499 есть и у услуги \"a\", и у услуги \"b\""},
		{"the Latin look-alike", Service{Code: "b", Prefix: "A", First: 1, Last: 9, Digits: 3}, "пересекаются: А001–А009"},
		{"digits beside a letter", Service{Code: "b", First: 100, Last: 199, Digits: 3}, ""},
		{"empty range", Service{Code: "b", Prefix: "П", First: 5, Last: 4, Digits: 3}, "номера 5–4 не подходят"},
		{"from zero", Service{Code: "b", Prefix: "П", First: 0, Last: 4, Digits: 3}, "не меньше 1"},
		{"too wide", Service{Code: "b", Prefix: "П", First: 1, Last: 1000, Digits: 3}, "1000 не помещается"},
		{"ambiguous letter", Service{Code: "b", Prefix: "З", First: 1, Last: 9, Digits: 3}, "не отличить от цифры 3"},
	} {
		faults := CheckRanges([]Service{a, c.b})
		if c.says == "" {
			if len(faults) != 0 {
				t.Errorf("%s: got %v, want none", c.name, faults)
			}
			continue
		}
		if len(faults) != 1 || faults[0].Service != "b" || !strings.Contains(faults[0].Error(), c.says) {
			t.Errorf("%s: got %v, want one fault with %q", c.name, faults, c.says)
		}
	}
	digits := []Service{{Code: "x", First: 100, Last: 199, Digits: 3}, {Code: "y", First: 150, Last: 250, Digits: 3}}
	if f := CheckRanges(digits); len(f) != 1 || f[0].Other != "x" || !strings.Contains(f[0].Error(), "150–199") {
		t.Errorf("digit ranges: got %v, want a clash of 150–199 with x", f)
	}
}
