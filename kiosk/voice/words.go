package voice

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// trialWords are what is said when a technician listens.
const trialWords = "проверка звука"

// Words returns what is said, word by word in lower case, one recorded file each: «талон», «а», «ноль»,
// «двенадцать», then "" for the pause, «окно», «два». Words of a place that are no number stay together.
func Words(c Call) []string {
	if c.Trial {
		return []string{trialWords}
	}
	prefix := strings.TrimRight(c.Label, "0123456789")
	words := []string{"талон"}
	for _, letter := range prefix {
		words = append(words, letterName(letter))
	}
	words = append(words, numberWords(c.Label[len(prefix):])...)
	if place := placeWords(c.Place); len(place) > 0 {
		words = append(append(words, ""), place...)
	}
	return words
}

// Sentence returns what is said as one text: «Талон А ноль двенадцать. Окно два.»
func Sentence(c Call) string {
	if c.Text != "" {
		return c.Text
	}
	var b strings.Builder
	begin := true
	for _, w := range Words(c) {
		if w == "" {
			b.WriteByte('.')
			begin = true
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		if begin {
			first, size := utf8.DecodeRuneInString(w)
			b.WriteRune(unicode.ToUpper(first))
			w, begin = w[size:], false
		}
		b.WriteString(w)
	}
	return b.String() + "."
}

// placeWords says a place: what is no number as it stands, numbers in words.
func placeWords(place string) (words []string) {
	text := strings.ToLower(strings.TrimSpace(place))
	for text != "" {
		end := strings.IndexFunc(text, isDigit)
		if end == 0 {
			if end = strings.IndexFunc(text, func(r rune) bool { return !isDigit(r) }); end < 0 {
				end = len(text)
			}
			words = append(words, numberWords(text[:end])...)
		} else {
			if end < 0 {
				end = len(text)
			}
			if w := strings.Trim(text[:end], " ,.;:№"); w != "" {
				words = append(words, w)
			}
		}
		text = text[end:]
	}
	return words
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// letterName is how a letter of a ticket is called. Those that seven segments can show are all there are.
func letterName(r rune) string {
	if name := map[rune]string{'А': "а", 'Г': "гэ", 'Е': "е", 'Н': "эн", 'П': "пэ", 'Р': "эр", 'С': "эс", 'У': "у",
		'L': "эль", 'F': "эф", 'b': "бэ", 'd': "дэ"}[r]; name != "" {
		return name
	}
	return strings.ToLower(string(r))
}

// numberWords says digits as a person reads a ticket: every leading zero, then the number.
func numberWords(digits string) (words []string) {
	for len(digits) > 0 && digits[0] == '0' {
		words, digits = append(words, "ноль"), digits[1:]
	}
	n := 0
	for _, d := range digits {
		if n = n*10 + int(d-'0'); n > 9999 {
			return append(words, eachDigit(digits)...) // longer than any ticket
		}
	}
	return append(words, below10000(n)...)
}

// below10000 says a number from 1 on; 0 is nothing.
func below10000(n int) (words []string) {
	add := func(list []string, i int) {
		if list[i] != "" {
			words = append(words, list[i])
		}
	}
	if n >= 1000 {
		add([]string{"", "тысяча", "две тысячи", "три тысячи", "четыре тысячи", "пять тысяч", "шесть тысяч", "семь тысяч", "восемь тысяч", "девять тысяч"}, n/1000)
	}
	add([]string{"", "сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот", "девятьсот"}, n/100%10)
	ones := []string{"", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять", "десять", "одиннадцать", "двенадцать",
		"тринадцать", "четырнадцать", "пятнадцать", "шестнадцать", "семнадцать", "восемнадцать", "девятнадцать"}
	if n%100 < 20 {
		add(ones, n%100)
		return words
	}
	add([]string{"", "", "двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят", "девяносто"}, n/10%10)
	add(ones, n%10)
	return words
}

// eachDigit says digits one by one.
func eachDigit(digits string) (words []string) {
	for _, d := range digits {
		if d == '0' {
			words = append(words, "ноль")
			continue
		}
		words = append(words, below10000(int(d-'0'))...)
	}
	return words
}
