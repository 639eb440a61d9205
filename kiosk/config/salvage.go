package config

import (
	"regexp"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// displayHead begins a section about a display.
var displayHead = regexp.MustCompile(`^\s*\[(\[)?\s*(display|extra_display)\s*\]`)

// salvage reads the displays of a file that is at fault, each section by itself, so that the code of
// the fault can be shown on those that are described well. What is at fault elsewhere, even in the
// syntax, does not matter. Without a good [display] the built-in one is the main one.
func salvage(text []byte) []Display {
	found := []Display{DefaultDevice().settings.Display}
	for _, section := range displaySections(string(text)) {
		file := map[string]any{}
		if toml.Unmarshal([]byte(section), &file) != nil {
			continue
		}
		out := &list{}
		root := &table{values: file, out: out}
		if _, main := file["display"].(map[string]any); main {
			if d, _ := displayOf(root.section("display")); len(out.problems) == 0 {
				found[0] = d
			}
			continue
		}
		for _, t := range root.array("extra_display", 1) {
			if d := extraDisplayOf(t); len(out.problems) == 0 {
				found = append(found, d)
			}
		}
	}
	return found
}

// displaySections cuts the sections about displays out of a file.
func displaySections(text string) (sections []string) {
	inside := false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "[") {
			if inside = displayHead.MatchString(line); inside {
				sections = append(sections, "")
			}
		}
		if inside {
			sections[len(sections)-1] += line
		}
	}
	return sections
}
