package config

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sps-kiosk/kiosk/catalog"
)

// CatalogReference is the built-in catalogue with every key explained in Russian: the procedure of decree
// № 84 for three windows and one seat. It is what holds without a file, and what to start one from.
//
//go:embed catalog.toml
var CatalogReference []byte

// CatalogName is what the file of the catalogue is called.
const CatalogName = "catalog.toml"

// catalogNames are its accepted names: Windows hides the ending of a known type.
var catalogNames = map[string]bool{CatalogName: true, CatalogName + ".txt": true}

// Book is a checked catalogue with the text it was read from: the text is what is kept.
type Book struct {
	Catalog catalog.Catalog
	Text    []byte
}

// Same reports whether two books have the same text.
func (b Book) Same(other Book) bool { return bytes.Equal(b.Text, other.Text) }

// BuiltIn returns the built-in catalogue.
func BuiltIn() Book {
	book, err := ParseCatalog(CatalogReference)
	if err != nil {
		panic(err) // it is part of the program, and a test parses it
	}
	return book
}

// FindCatalog returns the path of the catalogue in dir: catalog.toml or catalog.toml.txt, in whatever
// case. Two of them are an *Error. With none the error is fs.ErrNotExist.
func FindCatalog(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", fmt.Errorf("look for the catalogue: %w", err)
	}
	var found []string
	for _, e := range entries {
		if catalogNames[strings.ToLower(e.Name())] && !e.IsDir() {
			found = append(found, e.Name())
		}
	}
	switch len(found) {
	case 0:
		return "", fmt.Errorf("look for %s in %s: %w", CatalogName, dir, fs.ErrNotExist)
	case 1:
		return filepath.Join(dir, found[0]), nil
	}
	return "", &Error{File: dir, Problems: []Problem{{File: CatalogName, Text: fmt.Sprintf(
		"два каталога: %s. Оставьте один, остальные удалите", strings.Join(found, " и "))}}}
}

// ReadCatalog reads and checks the catalogue in a folder; without one it is the built-in one. What is
// wrong with its text is an *Error.
func ReadCatalog(dir string) (Book, error) {
	path, err := FindCatalog(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return BuiltIn(), nil
	}
	if err != nil {
		return Book{}, err
	}
	data, err := readFile(path)
	if err != nil {
		return Book{}, fmt.Errorf("read the catalogue: %w", err)
	}
	book, err := ParseCatalog(data)
	if wrong := (*Error)(nil); errors.As(err, &wrong) {
		wrong.File = path
	}
	return book, err
}

// ParseCatalog checks the bytes of a catalogue as Parse does those of kiosk.txt. What is wrong is an
// *Error with every problem found; what is wrong with a catalogue as a whole is looked for once each of
// its lines is right.
func ParseCatalog(data []byte) (Book, error) {
	file, out, err := open(data, CatalogName)
	if err != nil {
		return Book{}, err
	}
	if err := addMissing(file, CatalogReference, catalogTogether); err != nil {
		return Book{}, err
	}
	c := catalogOf(file, out)
	if len(out.problems) == 0 {
		for _, p := range catalog.Check(c) {
			out.add(p.Path, "%s", p.Text)
		}
	}
	if err := out.err(); err != nil {
		return Book{}, err
	}
	if len(c.Groups) == 0 {
		c.Groups = plainGroups(c)
	}
	return Book{Catalog: c, Text: bytes.Clone(data)}, nil
}

// catalogTogether are the sections of a catalogue that know each other: a file that has one of them gets
// none of the others from the reference.
func catalogTogether(name string) bool {
	return slices.Contains([]string{"group", "service", "window"}, name)
}

// Warn returns what is to be seen in a catalogue though it may come into force, with lines. A zero today
// is not known.
func (b Book) Warn(problems []catalog.Problem) (all []Problem) {
	text, _ := decode(b.Text)
	lines, _ := index(text)
	out := &list{file: CatalogName, lines: lines}
	for _, p := range problems {
		out.add(p.Path, "%s", p.Text)
	}
	return out.problems
}
