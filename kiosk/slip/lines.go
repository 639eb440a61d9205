package slip

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line is one line of a ticket for a printer that prints text only.
type Line struct {
	Text   string
	Size   int // times the usual letter, 1 to 8
	Bold   bool
	Centre bool
}

const (
	fewColumns  = 24 // no receipt printer has fewer
	mostSize    = 8
	mostInLines = 4 // of one text: what is longer is cut
)

// Text writes a ticket in lines of so many columns, from 24; a letter of size 2 takes two. It has
// no code for the camera: the address stands in letters. The error wraps ErrLabel, or says that no
// such paper exists.
func Text(t Ticket, columns int) ([]Line, error) {
	if columns < fewColumns {
		return nil, fmt.Errorf("write ticket: %d columns are too few", columns)
	}
	number, err := label(t.Label)
	if err != nil {
		return nil, fmt.Errorf("write ticket: %w", err)
	}
	w := writer{columns: columns}
	w.centred(true, t.Centre)
	if t.Copy {
		w.centred(true, copyMark)
	}
	w.centred(false, t.Service)
	size := min(mostSize, columns/utf8.RuneCountInString(number))
	w.lines = append(w.lines, Line{Text: number, Size: size, Bold: true, Centre: true})
	heading, value := waiting(t.Wait, t.WaitKnown)
	w.left(aheadHeading+": "+ahead(t.Ahead), heading+": "+value)
	w.centred(true, waitHere)
	w.centred(false, invitation(t.Places))
	w.rest(t)
	return w.lines, nil
}

// rest is what stands under the call.
func (w *writer) rest(t Ticket) {
	if t.Remind {
		w.left(signOut, deleteFiles)
	}
	if t.Online != "" {
		w.left(fromHome+" "+onPortal, t.Online)
	}
	if t.Duty {
		w.left(isFree + ". " + mayCost)
	} else {
		w.left(isFree)
	}
	w.left(t.when(), t.Kiosk)
}

// writer gathers lines.
type writer struct {
	columns int
	lines   []Line
}

func (w *writer) centred(bold bool, text string) {
	for _, l := range wrapText(text, w.columns) {
		w.lines = append(w.lines, Line{Text: l, Size: 1, Bold: bold, Centre: true})
	}
}

func (w *writer) left(texts ...string) {
	for _, text := range texts {
		for _, l := range wrapText(text, w.columns) {
			w.lines = append(w.lines, Line{Text: l, Size: 1})
		}
	}
}

// wrapText breaks a text at spaces into lines of so many letters; a longer word breaks anywhere.
func wrapText(text string, columns int) (lines []string) {
	line := []rune{}
	for _, word := range strings.FieldsFunc(printableText(text), func(r rune) bool { return r == ' ' }) {
		letters := []rune(word)
		if len(line) > 0 && len(line)+1+len(letters) > columns {
			lines, line = append(lines, string(line)), nil
		}
		if len(line) > 0 {
			line = append(line, ' ')
		}
		for line = append(line, letters...); len(line) > columns; line = line[columns:] {
			lines = append(lines, string(line[:columns]))
		}
	}
	if len(line) > 0 {
		lines = append(lines, string(line))
	}
	if len(lines) > mostInLines {
		lines = lines[:mostInLines]
		last := []rune(lines[mostInLines-1])
		lines[mostInLines-1] = string(last[:min(len(last), columns-1)]) + "…"
	}
	return lines
}

// printableText makes white space single spaces and drops what does not show; the no-break space
// stays.
func printableText(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u00a0':
			return r
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, text)
}
