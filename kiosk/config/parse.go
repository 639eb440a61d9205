package config

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pelletier/go-toml/v2"
)

// Parse checks the bytes of a settings file: BOM, CRLF and UTF-16 are accepted, sections that are
// missing come from the reference. What is wrong is an *Error with every problem found.
func Parse(data []byte) (Settings, error) {
	text, problem := decode(data)
	if problem != nil {
		return Settings{}, &Error{Problems: []Problem{*problem}, Displays: salvage(nil)}
	}
	settings, err := parse(text)
	if wrong := (*Error)(nil); errors.As(err, &wrong) {
		wrong.Displays = salvage(text)
	}
	return settings, err
}

func parse(text []byte) (Settings, error) {
	lines, twice := index(text)
	out := &list{lines: lines, problems: twice}
	file := map[string]any{}
	if err := toml.Unmarshal(text, &file); err != nil {
		if len(twice) == 0 { // the decoder stops at what the index has found already
			out.problems = append(out.problems, syntax(err))
		}
		return Settings{}, out.err()
	}
	if err := withDefaults(file); err != nil {
		return Settings{}, err
	}
	settings := settingsOf(file, out)
	if len(out.problems) == 0 {
		check(settings, out)
	}
	if err := out.err(); err != nil {
		return Settings{}, err
	}
	return settings, nil
}

// withDefaults adds the sections of the reference that the file does not have. Services and windows
// come together, because windows of the reference would not know other services, and with them what
// else is wired, because its lines could be theirs.
func withDefaults(file map[string]any) error {
	reference := map[string]any{}
	if err := toml.Unmarshal(Reference, &reference); err != nil {
		return fmt.Errorf("parse the built-in settings: %w", err)
	}
	_, services := file["service"]
	_, windows := file["window"]
	for name, section := range reference {
		if _, present := file[name]; present {
			continue
		}
		wired := slices.Contains([]string{"service", "window", "help", "sounder", "scan"}, name)
		if wired && (services || windows) {
			continue
		}
		file[name] = section
	}
	return nil
}

// settingsOf reads every section.
func settingsOf(file map[string]any, out *list) Settings {
	root := &table{values: file, out: out}
	s := Settings{}
	s.Site = siteOf(root.section("site"))
	zone := root.section("site").text("timezone", "Europe/Samara", 60)
	s.Hours = hoursOf(root.section("hours"), zone)
	for _, t := range root.array("service", 16) {
		s.Services = append(s.Services, serviceOf(t))
	}
	for _, t := range root.array("window", 30) {
		s.Windows = append(s.Windows, windowOf(t))
	}
	s.Display, s.Showing = displayOf(root.section("display"))
	if _, more := root.values["extra_display"]; more {
		for _, t := range root.array("extra_display", 30) {
			s.Extra = append(s.Extra, extraDisplayOf(t))
		}
	}
	root.asked = append(root.asked, "extra_display")
	s.Printer = printerOf(root.section("printer"))
	s.Queue = queueOf(root.section("queue"))
	s.Help = helpOf(root.section("help"))
	s.Sounder = sounderOf(root.section("sounder"))
	s.Scan = scanOf(root.section("scan"))
	s.Storage = storageOf(root.section("storage"))
	s.District = districtOf(root.section("district"))
	s.Panel = pagesOf(root.section("panel"))
	s.Voice = voiceOf(root.section("voice"))
	root.finish()
	return s
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
