package wire

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// appendLine appends an event as its one canonical line: the keys in the order of the struct, no
// blanks, zero fields left out, a line feed at the end.
func appendLine(b []byte, e *Event) []byte {
	b = strconv.AppendUint(append(b, `{"s":`...), e.Seq, 10)
	b = strconv.AppendInt(append(b, `,"u":`...), e.Up, 10)
	b = append(append(append(b, `,"k":"`...), e.Kind...), '"')
	b = appendNumber(b, "d", int64(e.Day))
	b = appendWord(b, "v", e.Service)
	b = appendNumber(b, "n", int64(e.Number))
	b = appendWord(b, "q", e.Queue)
	b = appendNumber(b, "w", int64(e.Window))
	b = appendNumber(b, "l", int64(e.Leg))
	b = appendWord(b, "c", e.Code)
	b = appendWord(b, "t", e.State)
	b = appendNumber(b, "x", int64(e.Count))
	return append(b, '}', '\n')
}

func appendNumber(b []byte, key string, n int64) []byte {
	if n == 0 {
		return b
	}
	b = append(append(append(b, `,"`...), key...), `":`...)
	return strconv.AppendInt(b, n, 10)
}

// appendWord relies on valid: a word needs no escaping.
func appendWord(b []byte, key, word string) []byte {
	if word == "" {
		return b
	}
	b = append(append(append(b, `,"`...), key...), `":"`...)
	return append(append(b, word...), '"')
}

// parseLine reads one line without its line feed. It takes canonical lines only: unknown fields,
// a field twice, other spellings and escapes are all refused by one comparison, so that a line
// has one meaning for every reader.
func parseLine(line []byte, row *[]byte) (e Event, why string) {
	if len(line) > MaxLine {
		return Event{}, "long"
	}
	if err := json.Unmarshal(line, &e); err != nil {
		return Event{}, "syntax"
	}
	if !e.valid() {
		return Event{}, "range"
	}
	*row = appendLine((*row)[:0], &e)
	if !bytes.Equal((*row)[:len(*row)-1], line) {
		return Event{}, "form"
	}
	return e, ""
}
