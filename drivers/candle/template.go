package candle

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// field is a part of a frame that changes.
type field string

// The fields, in the technician's words.
const (
	literal    field = ""
	address    field = "адрес"
	blink      field = "мигание"
	characters field = "текст"
	brightness field = "яркость"
	newAddress field = "новый"
	sum        field = "сумма" // of all bytes before it, modulo 256
)

// part is a byte or a field of a frame.
type part struct {
	field field
	value byte
}

// template is the parts of a frame in order; nil is no frame.
type template []part

// Frames are the templates of a board. The zero value stands for Candle's.
type Frames struct {
	text, brightness, readdress template
}

// Candle returns the frames of the Candle board.
func Candle() Frames {
	begin := func(command byte) template { return template{{value: command}, {field: address}} }
	end := part{value: 0x07}
	return Frames{
		text:       append(begin(0x01), part{field: blink}, part{field: characters}, end),
		brightness: append(begin(0x02), part{field: brightness}, end),
		readdress:  append(begin(0x03), part{field: newAddress}, end),
	}
}

// ParseFrames reads the frames of another board from the settings. A frame is words with spaces
// between them: two hexadecimal digits are a byte, the rest are fields. Candle's own are
//
//	01 адрес мигание текст 07
//	02 адрес яркость 07
//	03 адрес новый 07
//
// and a board with a check sum adds «сумма», that of all bytes before it. Only the first may not be
// empty; without the others the board has no such command. Codes of blink and brightness are
// Candle's, text is cp1251. The error is in Russian, for the technician, and names every mistake.
func ParseFrames(text, dim, readdress string) (Frames, error) {
	var f Frames
	var errs [3]error
	f.text, errs[0] = parse("кадр текста", text, characters, address, blink, sum)
	if text == "" {
		errs[0] = errors.New("кадр текста не задан: например «01 адрес мигание текст 07»")
	}
	f.brightness, errs[1] = parse("кадр яркости", dim, brightness, address, sum)
	f.readdress, errs[2] = parse("кадр смены адреса", readdress, newAddress, address, sum)
	if err := errors.Join(errs[:]...); err != nil {
		return Frames{}, err
	}
	return f, nil
}

// parse reads one frame, in which the field must stands once and others may.
func parse(name, text string, must field, others ...field) (template, error) {
	if text == "" {
		return nil, nil
	}
	var t template
	for i, word := range strings.Fields(text) {
		p, err := parseWord(word, append([]field{must}, others...))
		if err == nil && p.field != literal && t.has(p.field) {
			err = fmt.Errorf("«%s» уже есть в кадре", p.field)
		}
		if err != nil {
			return nil, fmt.Errorf("%s «%s», слово %d: %w", name, text, i+1, err)
		}
		t = append(t, p)
	}
	if !t.has(must) {
		return nil, fmt.Errorf("%s «%s»: нет поля «%s»", name, text, must)
	}
	return t, nil
}

func parseWord(word string, may []field) (part, error) {
	if f := field(strings.ToLower(word)); slices.Contains(may, f) {
		return part{field: f}, nil
	}
	if n, err := strconv.ParseUint(word, 16, 8); err == nil && len(word) == 2 {
		return part{value: byte(n)}, nil
	}
	var words []string
	for _, f := range may {
		words = append(words, string(f))
	}
	return part{}, fmt.Errorf("«%s» – не байт (две цифры 0–9, A–F) и не поле (%s)", word, strings.Join(words, ", "))
}

// has reports whether a field stands in the frame.
func (t template) has(f field) bool {
	return slices.ContainsFunc(t, func(p part) bool { return p.field == f })
}

// values are what the fields of one frame hold.
type values struct {
	address, blink, level, to byte
	text                      []byte
}

// frame fills the template in.
func (t template) frame(v values) []byte {
	var b []byte
	for _, p := range t {
		switch p.field {
		case literal:
			b = append(b, p.value)
		case address:
			b = append(b, v.address)
		case blink:
			b = append(b, v.blink)
		case characters:
			b = append(b, v.text...)
		case brightness:
			b = append(b, v.level)
		case newAddress:
			b = append(b, v.to)
		case sum:
			b = append(b, total(b))
		}
	}
	return b
}

func total(bytes []byte) (sum byte) {
	for _, b := range bytes {
		sum += b
	}
	return sum
}
