package config

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Reference is the built-in kiosk.txt, every key explained in Russian. It is what a technician
// starts from, and what holds where a file says nothing.
//
//go:embed kiosk.txt
var Reference []byte

// maxSize bounds a settings file, bytes: the reference has a tenth of it.
const maxSize = 256 << 10

// names are the accepted names of the settings file. Windows hides the ending of a known type, so
// a technician who types "kiosk.txt" may well make "kiosk.txt.txt".
var names = map[string]bool{"kiosk.txt": true, "kiosk.txt.txt": true, "kiosk.conf": true}

// Find returns the path of the settings file in dir: kiosk.txt, kiosk.txt.txt or kiosk.conf, in
// whatever case. Two of them are an error, because nobody could tell which one holds. With none the
// error is fs.ErrNotExist.
func Find(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", fmt.Errorf("look for settings: %w", err)
	}
	var found []string
	for _, e := range entries {
		if names[strings.ToLower(e.Name())] && !e.IsDir() {
			found = append(found, e.Name())
		}
	}
	switch len(found) {
	case 0:
		return "", fmt.Errorf("look for kiosk.txt in %s: %w", dir, fs.ErrNotExist)
	case 1:
		return filepath.Join(dir, found[0]), nil
	}
	return "", &Error{File: dir, Problems: []Problem{{Text: fmt.Sprintf(
		"два файла настроек: %s. Оставьте один, остальные удалите", strings.Join(found, " и "))}}}
}

// Read reads and checks kiosk.txt and the catalogue beside it, as they are to hold together. What is wrong
// with their text is an *Error with the problems of both.
func Read(path string) (Settings, error) {
	device, err := ReadDevice(path)
	book, catalogErr := ReadCatalog(filepath.Dir(path))
	if err = both(err, catalogErr); err != nil {
		return Settings{}, err
	}
	settings, err := device.Join(book)
	if wrong := (*Error)(nil); errors.As(err, &wrong) {
		wrong.File = path
	}
	return settings, err
}

// both puts what is wrong with two files into one error. Of errors that are no *Error the first is told.
func both(device, book error) error {
	var wrong, more *Error
	switch {
	case book == nil:
		return device
	case device == nil:
		return book
	case errors.As(device, &wrong) && errors.As(book, &more):
		wrong.Problems = append(wrong.Problems, more.Problems...)
	}
	return device
}

// ReadDevice reads and checks kiosk.txt alone. What is wrong with its text is an *Error.
func ReadDevice(path string) (Device, error) {
	data, err := readFile(path)
	if err != nil {
		return Device{}, fmt.Errorf("read settings: %w", err)
	}
	device, err := ParseDevice(data)
	if wrong := (*Error)(nil); errors.As(err, &wrong) {
		wrong.File = path
	}
	return device, err
}

// readFile reads a file up to a byte more than maxSize.
func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data := make([]byte, maxSize+1)
	n, err := io.ReadFull(file, data)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return data[:n], nil
}

// Default returns the settings of the built-in files: decree № 84 for three windows and one seat.
func Default() Settings {
	settings, err := DefaultDevice().Join(BuiltIn())
	if err != nil {
		panic(err) // both are part of the program, and a test parses them
	}
	return settings
}

// DefaultDevice returns the built-in kiosk.txt.
func DefaultDevice() Device {
	device, err := parse(Reference)
	if err != nil {
		panic(err) // it is part of the program, and a test parses it
	}
	return device
}

// decode turns the bytes of an editor into UTF-8 with plain line ends: it strips the mark that
// Notepad puts in front, and reads what Notepad calls Unicode (UTF-16).
func decode(data []byte) ([]byte, *Problem) {
	switch {
	case len(data) > maxSize:
		return nil, &Problem{Text: fmt.Sprintf("файл больше %d КБ: это не файл настроек", maxSize>>10)}
	case bytes.HasPrefix(data, []byte{0xef, 0xbb, 0xbf}):
		data = data[3:]
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}):
		data = fromUTF16(data[2:], 0, 1)
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		data = fromUTF16(data[2:], 1, 0)
	}
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	for i, line := range bytes.Split(data, []byte("\n")) {
		if !utf8.Valid(line) {
			return nil, &Problem{Line: i + 1, Text: "буквы не в той кодировке. В Блокноте: Файл → Сохранить как → Кодировка UTF-8"}
		}
	}
	return data, nil
}

// fromUTF16 reads pairs of bytes, the low one at lo and the high one at hi.
func fromUTF16(data []byte, lo, hi int) []byte {
	units := make([]uint16, 0, len(data)/2)
	for ; len(data) >= 2; data = data[2:] {
		units = append(units, uint16(data[lo])|uint16(data[hi])<<8)
	}
	return []byte(string(utf16.Decode(units)))
}
