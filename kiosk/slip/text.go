package slip

import (
	"strings"
	"unicode"
)

// span is a run of text in one weight. It begins and ends at a space.
type span struct {
	bold bool
	text string
}

// style says how a paragraph is set.
type style struct {
	size   int // em, dots
	lines  int // at most so many lines; what is left is cut with «…»
	centre bool
	white  bool // on black
}

type word struct {
	face  *face
	text  string
	width int // dots
}

type line struct {
	words []word
	width int // dots, with the spaces
}

// paragraph sets spans into lines of at most width dots.
func (r *Renderer) paragraph(width int, st style, spans ...span) row {
	lines := r.cut(r.wrap(width, r.words(width, st, spans)), width, st.lines)
	step := r.face(false, st.size).height()
	ascent := r.face(false, st.size).ascent()
	return row{height: step * len(lines), paint: func(dst *Bitmap, x, y int) {
		for i, l := range lines {
			left := x
			if st.centre {
				left += (width - l.width) / 2
			}
			r.drawLine(dst, left, y+i*step+ascent, l, !st.white)
		}
	}}
}

func (r *Renderer) drawLine(dst *Bitmap, x, baseline int, l line, ink bool) {
	for _, w := range l.words {
		w.face.draw(&r.buf, dst, x, baseline, w.text, ink)
		x += w.width + r.space(w.face)
	}
}

func (r *Renderer) space(f *face) int { return f.width(&r.buf, " ") }

// words splits spans at spaces; a word wider than a line is broken where the line ends.
func (r *Renderer) words(width int, st style, spans []span) []word {
	var out []word
	for _, s := range spans {
		f := r.face(s.bold, st.size)
		for _, text := range strings.Split(r.clean(s.text), " ") {
			for text != "" {
				head := r.fit(f, text, width)
				out = append(out, word{f, head, f.width(&r.buf, head)})
				text = text[len(head):]
			}
		}
	}
	return out
}

// fit returns the longest beginning of text, at least one letter, that is not wider than width.
func (r *Renderer) fit(f *face, text string, width int) string {
	if f.width(&r.buf, text) <= width {
		return text
	}
	end := 0
	for i, c := range text {
		next := i + len(string(c))
		if end > 0 && f.width(&r.buf, text[:next]) > width {
			break
		}
		end = next
	}
	return text[:end]
}

// wrap fills lines word by word.
func (r *Renderer) wrap(width int, words []word) []line {
	var lines []line
	for _, w := range words {
		if n := len(lines); n > 0 {
			last := &lines[n-1]
			space := r.space(last.words[len(last.words)-1].face)
			if last.width+space+w.width <= width {
				last.words = append(last.words, w)
				last.width += space + w.width
				continue
			}
		}
		lines = append(lines, line{words: []word{w}, width: w.width})
	}
	return lines
}

// cut keeps the first lines and ends the last with «…» when some are dropped.
func (r *Renderer) cut(lines []line, width, most int) []line {
	if len(lines) <= most {
		return lines
	}
	last := lines[most-1].words
	tail := last[len(last)-1]
	room := width - (lines[most-1].width - tail.width)
	text := r.fit(tail.face, tail.text, room-tail.face.width(&r.buf, "…")) + "…"
	kept := append(append([]word{}, last[:len(last)-1]...), word{tail.face, text, tail.face.width(&r.buf, text)})
	return append(append([]line{}, lines[:most-1]...), line{kept, lines[most-1].width})
}

// largest returns the first of sizes at which the text takes at most so many lines, or the last.
func (r *Renderer) largest(width, lines int, text span, sizes ...int) int {
	for _, size := range sizes {
		if len(r.wrap(width, r.words(width, style{size: size}, []span{text}))) <= lines {
			return size
		}
	}
	return sizes[len(sizes)-1]
}

// clean makes text printable: white space becomes one space, a letter the font lacks becomes «?».
// The no-break space stays.
func (r *Renderer) clean(text string) string {
	text = strings.Map(func(c rune) rune {
		switch {
		case c == '\u00a0':
			return c
		case unicode.IsSpace(c):
			return ' '
		case !r.printable(c):
			return '?'
		}
		return c
	}, text)
	return strings.TrimSpace(text)
}

// printable reports whether the fonts have the letter and it shows.
func (r *Renderer) printable(c rune) bool {
	index, err := r.regular.GlyphIndex(&r.buf, c)
	return err == nil && index != 0 && c != unicode.ReplacementChar && unicode.IsPrint(c)
}
