package queue

import (
	"errors"
	"fmt"
	"strings"
)

// legible are the prefixes a seven-segment digit shows without doubt: segments 77, 31, 79, 76, 37,
// 73, 39, 6E, 38, 71, 7C and 5E (C3, ARCHITECTURE §2.6).
const legible = "АГЕНПРСУLFbd"

// NormalPrefix returns a prefix as it is printed: without spaces around, a Latin letter that looks
// like a Cyrillic one as the Cyrillic one, and small letters as capitals, except b and d, which only
// a small letter can be on seven segments.
func NormalPrefix(prefix string) string {
	latin := strings.NewReplacer("A", "А", "C", "С", "E", "Е", "H", "Н", "P", "Р", "Y", "У", "B", "В", "O", "О",
		"a", "А", "c", "С", "e", "Е", "h", "Н", "p", "Р", "y", "У", "o", "О", "f", "F", "l", "L")
	return strings.Map(func(r rune) rune {
		if r >= 'а' && r <= 'я' {
			return r - 'а' + 'А'
		}
		return r
	}, latin.Replace(strings.TrimSpace(prefix)))
}

// Legible returns nil for a prefix that a seven-segment display shows without doubt, and otherwise
// the reason in Russian, for the technician. No prefix at all is legible.
func Legible(prefix string) error {
	p := NormalPrefix(prefix)
	looks := map[string]string{"Б": "6", "В": "8", "З": "3", "О": "0", "Ч": "4"}
	switch {
	case p == "":
		return nil
	case len([]rune(p)) > 1:
		return fmt.Errorf("префикс «%s» не подходит: нужна одна буква из %s", p, letters())
	case looks[p] != "":
		return fmt.Errorf("букву «%s» на табло не отличить от цифры %s. Можно: %s", p, looks[p], letters())
	case !strings.Contains(legible, p):
		return fmt.Errorf("знак «%s» на табло не прочитать. Можно: %s", p, letters())
	}
	return nil
}

// letters lists the prefixes that may be used.
func letters() string { return strings.Join(strings.Split(legible, ""), " ") }

// Label returns the number as paper and display show it: prefix and digits, "А012".
func (s Service) Label(number int) string {
	return fmt.Sprintf("%s%0*d", NormalPrefix(s.Prefix), s.Digits, number)
}

// RangeFault is a fault of the numbers of one service, or a clash of two.
type RangeFault struct {
	Service, Other string // codes; Other is "" when one service alone is at fault
	Err            error  // the reason in Russian, for the technician
}

// Error returns the reason.
func (f RangeFault) Error() string { return f.Err.Error() }

// Unwrap returns the reason.
func (f RangeFault) Unwrap() error { return f.Err }

// CheckRanges returns everything wrong with the numbers of the services: prefixes that cannot be
// read, ranges that cannot be printed, and two services that would give out the same number.
func CheckRanges(services []Service) []RangeFault {
	var faults []RangeFault
	for i, s := range services {
		if err := errors.Join(Legible(s.Prefix), s.checkRange()); err != nil {
			faults = append(faults, RangeFault{Service: s.Code, Err: err})
		}
		for _, other := range services[:i] {
			if err := Clash(other, s); err != nil {
				faults = append(faults, RangeFault{Service: s.Code, Other: other.Code, Err: err})
			}
		}
	}
	return faults
}

// checkRange finds a range that is empty or does not fit its digits.
func (s Service) checkRange() error {
	switch {
	case s.First < 1 || s.Last < s.First:
		return fmt.Errorf("номера %d–%d не подходят: первый не меньше 1, последний не меньше первого", s.First, s.Last)
	case s.Digits > 0 && len(fmt.Sprint(s.Last)) > s.Digits:
		return fmt.Errorf("последний номер %d не помещается: цифр в номере %d", s.Last, s.Digits)
	}
	return nil
}

// Clash returns nil unless two services could give out the same number; the reason is in Russian,
// for the technician.
func Clash(a, b Service) error {
	if NormalPrefix(a.Prefix) != NormalPrefix(b.Prefix) || a.Last < b.First || b.Last < a.First {
		return nil
	}
	first, last := max(a.First, b.First), min(a.Last, b.Last)
	if prefix := NormalPrefix(a.Prefix); prefix != "" {
		return fmt.Errorf("номера с буквой «%s» пересекаются: %s–%s есть и у услуги %q, и у услуги %q",
			prefix, a.Label(first), a.Label(last), a.Code, b.Code)
	}
	return fmt.Errorf("номера пересекаются: %s–%s есть и у услуги %q, и у услуги %q",
		a.Label(first), a.Label(last), a.Code, b.Code)
}
