package config

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pelletier/go-toml/v2"
)

// Parse checks the bytes of a kiosk.txt: BOM, CRLF and UTF-16 are accepted, sections that are missing
// come from the reference. It is joined with the built-in catalogue. What is wrong is an *Error with
// every problem found.
func Parse(data []byte) (Settings, error) {
	device, err := ParseDevice(data)
	if err != nil {
		return Settings{}, err
	}
	return device.Join(BuiltIn())
}

// ParseDevice checks the bytes of a kiosk.txt by themselves.
func ParseDevice(data []byte) (Device, error) {
	device, err := parse(data)
	if wrong := (*Error)(nil); errors.As(err, &wrong) {
		text, _ := decode(data)
		wrong.Displays = salvage(text)
	}
	return device, err
}

func parse(data []byte) (Device, error) {
	file, out, err := open(data, "")
	if err != nil {
		return Device{}, err
	}
	if err := addMissing(file, Reference, func(name string) bool {
		return slices.Contains([]string{"service", "window", "help", "sounder", "scan"}, name)
	}); err != nil {
		return Device{}, err
	}
	device := deviceOf(file, out)
	device.text = slices.Clone(data)
	if err := out.err(); err != nil {
		return Device{}, err
	}
	return device, nil
}

// open decodes the bytes of a file and reads them as TOML. Keys and tables that come twice are problems of
// the list already.
func open(data []byte, name string) (map[string]any, *list, error) {
	text, problem := decode(data)
	if problem != nil {
		problem.File = name
		return nil, nil, &Error{Problems: []Problem{*problem}}
	}
	lines, twice := index(text)
	for i := range twice {
		twice[i].File = name
	}
	out := &list{file: name, lines: lines, problems: twice}
	file := map[string]any{}
	if err := toml.Unmarshal(text, &file); err != nil {
		if len(twice) == 0 { // the decoder stops at what the index has found already
			wrong := syntax(err)
			wrong.File = name
			out.problems = append(out.problems, wrong)
		}
		return nil, nil, out.err()
	}
	return file, out, nil
}

// addMissing adds the sections of the reference that the file does not have. Some come together: services
// and windows, because those of the reference would not know other services, and with them what else is
// wired, because its lines could be theirs. Keys before the first section are the file's own.
func addMissing(file map[string]any, reference []byte, together func(name string) bool) error {
	all := map[string]any{}
	if err := toml.Unmarshal(reference, &all); err != nil {
		return fmt.Errorf("parse the built-in settings: %w", err)
	}
	_, services := file["service"]
	_, windows := file["window"]
	_, groups := file["group"]
	for name, section := range all {
		_, present := file[name]
		own := together(name) && (services || windows || groups)
		if present || own {
			continue
		}
		switch section.(type) {
		case map[string]any, []any:
			file[name] = section
		}
	}
	return nil
}

// deviceOf reads every section of kiosk.txt.
func deviceOf(file map[string]any, out *list) Device {
	root := &table{values: file, out: out}
	root.moved("[hours]", "hours")
	root.moved("[queue]", "queue")
	d := Device{lines: out.lines}
	s := &d.settings
	s.Site, d.zone = siteOf(root.section("site"))
	for _, t := range root.array("service", 16) {
		d.panel = append(d.panel, panelOf(t))
	}
	for _, t := range root.array("window", 30) {
		d.places = append(d.places, placeOf(t))
	}
	s.Display, s.Showing = displayOf(root.section("display"))
	if _, more := root.values["extra_display"]; more {
		for _, t := range root.array("extra_display", 30) {
			s.Extra = append(s.Extra, extraDisplayOf(t))
		}
	}
	root.asked = append(root.asked, "extra_display")
	s.Printer = printerOf(root.section("printer"))
	s.Help = helpOf(root.section("help"))
	s.Sounder = sounderOf(root.section("sounder"))
	s.Scan = scanOf(root.section("scan"))
	s.Storage = storageOf(root.section("storage"))
	s.Network = networkOf(root.section("network"))
	s.District = districtOf(root.section("district"))
	s.Panel = pagesOf(root.section("panel"))
	s.Voice = voiceOf(root.section("voice"))
	root.finish()
	return d
}

// section returns a table of the file; one that is missing or no table reads as empty.
func (t *table) section(name string) *table {
	values, _ := value[map[string]any](t, name, "раздел: ["+name+"]")
	return &table{path: t.at(name), values: values, out: t.out}
}

// array returns the tables of [[name]], which must be between 1 and most.
func (t *table) array(name string, most int) []*table {
	raw, present := t.values[name]
	t.asked = append(t.asked, name)
	items, ok := raw.([]any)
	switch {
	case !present || ok && len(items) == 0:
		t.out.add(name, "нужен хотя бы один раздел [[%s]]", name)
	case !ok:
		t.out.add(t.at(name), "здесь нужны двойные скобки: [[%s]]", name)
	case len(items) > most:
		t.out.add(fmt.Sprintf("%s[%d]", name, most), "разделов [[%s]] слишком много: %d, можно до %d", name, len(items), most)
	}
	var tables []*table
	for i, item := range items[:min(len(items), most)] {
		values, ok := item.(map[string]any)
		path := fmt.Sprintf("%s[%d]", name, i)
		if !ok {
			t.out.add(path, "здесь нужен раздел [[%s]], а написано %s", name, kindOf(item))
			continue
		}
		tables = append(tables, &table{path: path, values: values, out: t.out})
	}
	return tables
}

// oneOf reads a word of a closed list.
func (t *table) oneOf(key, otherwise string, words ...string) string {
	v := t.text(key, otherwise, 40)
	if !slices.Contains(words, v) {
		t.out.add(t.at(key), "%q не подходит. Здесь бывает: %s", v, quoted(words))
		return otherwise
	}
	return v
}
