package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing wrong with a settings file, told to the technician in Russian.
type Problem struct {
	File string // "catalog.toml", or "" for kiosk.txt
	Line int    // from 1; 0 where the fault is no line's
	Key  string // "service.prefix", or ""
	Text string // what is wrong, and what is allowed
}

// String returns "строка 12, service.button: …", "catalog.toml, строка 12, service.prefix: …".
func (p Problem) String() string {
	var where []string
	if p.File != "" {
		where = append(where, p.File)
	}
	if p.Line > 0 {
		where = append(where, fmt.Sprintf("строка %d", p.Line))
	}
	if p.Key != "" {
		where = append(where, p.Key)
	}
	if len(where) == 0 {
		return p.Text
	}
	return strings.Join(where, ", ") + ": " + p.Text
}

// Error is all that is wrong with a settings file, first line first.
type Error struct {
	File     string
	Problems []Problem
	Displays []Display // those that the file describes well, the main one first: Codes are for them
}

// Error returns every problem on a line of its own.
func (e *Error) Error() string {
	lines := make([]string, 0, len(e.Problems)+1)
	if e.File != "" {
		lines = append(lines, "файл "+e.File)
	}
	for _, p := range e.Problems {
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "\n")
}

// Codes returns what a display shows, the best first: "CFG 12" for line 12, "CFG" where no line is at
// fault or there is no room for it. A text board has no G: there it is "CF 12", "CF".
func (e *Error) Codes() []string {
	for _, p := range e.Problems {
		if p.Line > 0 && p.File == "" {
			line := p.Line % 10000
			return []string{fmt.Sprintf("CFG %d", line), "CFG", fmt.Sprintf("CF %d", line), "CF"}
		}
	}
	return []string{"CFG", "CF"}
}

// list gathers problems while a file is checked.
type list struct {
	file     string // "catalog.toml", or "" for kiosk.txt
	problems []Problem
	lines    lineIndex
}

// add notes a problem at a key such as "service[1].prefix"; what the technician sees is the key
// without the index, and the line.
func (l *list) add(key, format string, args ...any) {
	l.problems = append(l.problems, Problem{File: l.file, Line: l.lines.of(key), Key: plain(key), Text: fmt.Sprintf(format, args...)})
}

// err returns nil if nothing was noted.
func (l *list) err() error {
	if len(l.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(l.problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	return &Error{Problems: l.problems}
}

// plain drops the indices: "service[1].prefix" → "service.prefix".
func plain(key string) string {
	var b strings.Builder
	inside := false
	for _, r := range key {
		switch {
		case r == '[':
			inside = true
		case r == ']':
			inside = false
		case !inside:
			b.WriteRune(r)
		}
	}
	return b.String()
}
