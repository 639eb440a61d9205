package config

import (
	"errors"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
)

// Shown is a settings file as somebody may read it who is not to learn its secrets: a technician's page.
type Shown struct {
	Name  string // "kiosk.txt"
	Lines []ShownLine
}

// ShownLine is one line.
type ShownLine struct {
	Number  int    // from 1
	Text    string // secrets and what cannot be told from them are dots
	Problem string // what is wrong in it, "" = nothing
}

// hidden stands for what is not shown.
const hidden = "••••"

// secrets are keys whose values are not shown: PINs, passwords, and words that only whoever holds the card
// is to know. An address of a proxy may hold a password.
var secrets = map[string]bool{"pins": true, "wifi_password": true, "proxy": true, "new_key": true, "card": true}

// assignment is a key and its value, also behind the # of a key that is switched off.
var assignment = regexp.MustCompile(`^\s*#?\s*(?:[A-Za-z0-9_-]+\.)*["']?([A-Za-z0-9_-]+)["']?\s*=`)

// known are the reference's own lines of explanation, and the keys that it explains.
func known() (remarks, keys map[string]bool) {
	remarks, keys = map[string]bool{}, map[string]bool{}
	for line := range strings.Lines(string(Reference)) {
		line = strings.TrimSpace(line)
		if m := assignment.FindStringSubmatch(line); m != nil {
			keys[m[1]] = true
		}
		if strings.HasPrefix(line, "#") && !strings.Contains(line, "pins =") { // its example is taken as it is by some
			remarks[line] = true
		}
	}
	return remarks, keys
}

// Show returns the lines of the kiosk.txt in a folder, and everything that is wrong there, its catalogue
// included, first line first. A line is shown where nothing in it can be a secret: a title, an explanation of
// the reference, a key of the reference that holds none. The error is that of reading; without a file the
// built-in one is shown.
func Show(folder string) (shown Shown, problems []Problem, err error) {
	data, path := Reference, filepath.Join(folder, "kiosk.txt")
	if folder != "" {
		found, lookErr := Find(folder)
		switch {
		case lookErr == nil:
			path = found
			if data, err = readFile(path); err != nil {
				return Shown{}, nil, err
			}
		case !errors.Is(lookErr, fs.ErrNotExist):
			return Shown{}, nil, lookErr
		}
	}
	shown = Shown{Name: filepath.Base(path), Lines: show(data)}
	for _, p := range wrong(data, folder) {
		if p.File == "" && p.Line > 0 && p.Line <= len(shown.Lines) {
			line := &shown.Lines[p.Line-1]
			line.Problem = strings.TrimPrefix(line.Problem+"; "+p.Text, "; ")
		}
		problems = append(problems, p)
	}
	return shown, problems, nil
}

// wrong returns what keeps these settings from holding, with the catalogue of the folder.
func wrong(data []byte, folder string) []Problem {
	device, err := ParseDevice(data)
	book, bookErr := BuiltIn(), error(nil)
	if folder != "" {
		book, bookErr = ReadCatalog(folder)
	}
	if err = both(err, bookErr); err == nil {
		_, err = device.Join(book)
	}
	var all *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &all):
		return all.Problems
	}
	return []Problem{{Text: err.Error()}}
}

// show returns the lines of a text. A value that goes over several lines is shown on none of them.
func show(data []byte) (lines []ShownLine) {
	text, problem := decode(data)
	if problem != nil {
		return nil
	}
	remarks, keys := known()
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRightFunc(line, unicode.IsSpace)
		lines = append(lines, ShownLine{Number: len(lines) + 1, Text: shownLine(line, remarks, keys)})
	}
	return lines
}

// section is a title: [panel], [[window]].
var section = regexp.MustCompile(`^\s*\[{1,2}\s*[A-Za-z_]{1,24}\s*\]{1,2}$`)

// shownLine is one line without what it may hide.
func shownLine(line string, remarks, keys map[string]bool) string {
	trimmed := strings.TrimSpace(line)
	if trimmed == "" || remarks[trimmed] || section.MatchString(line) {
		return line
	}
	if strings.HasPrefix(trimmed, "#") {
		return "# " + hidden
	}
	m := assignment.FindStringSubmatchIndex(line)
	if m == nil {
		return hidden
	}
	key, value := line[m[2]:m[3]], strings.TrimSpace(line[m[1]:])
	if !keys[key] || secrets[key] || !whole(value) {
		return line[:m[1]] + " " + hidden
	}
	return line
}

// whole reports whether a value is complete and nothing else is on its line: a number, a word, a text
// in quotes, an inline table of those. Anything else may hide something.
func whole(value string) bool { return plainValue.MatchString(value) }

var plainValue = regexp.MustCompile(`^(?:[A-Za-z0-9.+_-]+|"[^"\\#]*"|\{(?:\s*(?:next|done|transfer|park)\s*=\s*(?:\d+|"[^"\\#]*")\s*,?)*\s*\})$`)
