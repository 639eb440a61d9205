package cmd

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"sps-kiosk/kiosk/gesture"
)

var update = flag.Bool("update", false, "write the generated parts of README.md anew")

// TestREADMEPrintsTheTables keeps the tables in README the ones the program works by.
func TestREADMEPrintsTheTables(t *testing.T) {
	const path = "../README.md"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	written := map[string]string{} // by make torture, by make bench
	for _, name := range []string{"reliability", "performance"} {
		table, err := os.ReadFile("../.readme/" + name + ".md")
		if err != nil {
			t.Fatal(err)
		}
		written[name] = string(table)
	}
	was := string(data)
	want := was
	for name, table := range map[string]string{"floors": floorTable(), "reliability": written["reliability"], "performance": written["performance"], "gestures": gesture.Markdown(gesture.OneButton),
		"four buttons": gesture.Markdown(gesture.FourButtons)} {
		begin, end := "<!-- "+name+" -->\n", "<!-- /"+name+" -->"
		head, rest, okBegin := strings.Cut(want, begin)
		_, tail, okEnd := strings.Cut(rest, end)
		if !okBegin || !okEnd {
			t.Fatalf("README.md has no place for the table of %s (%s… %s)", name, begin, end)
		}
		want = head + begin + table + end + tail
	}
	if want == was {
		return
	}
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Error("README.md prints an old table; run: go test ./cmd -run README -update")
}

// TestREADMEsNameTargets holds every make command of both languages against the Makefile, and the two against
// each other where a newcomer begins.
func TestREADMEsNameTargets(t *testing.T) {
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	command := regexp.MustCompile("(?m)(?:`|^)make ([a-z0-9-]+)")
	for _, path := range []string{"../README.md", "../.readme/README.ru.md"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		named := map[string]bool{}
		for _, m := range command.FindAllStringSubmatch(string(text), -1) {
			named[m[1]] = true
			if !strings.Contains("\n"+string(makefile), "\n"+m[1]+":") {
				t.Errorf("%s names make %s, which is no target", path, m[1])
			}
		}
		for _, want := range []string{"run", "test", "demo", "district", "fleet", "bench-vm", "torture", "torture-short", "bench"} {
			if !named[want] {
				t.Errorf("%s does not name make %s", path, want)
			}
		}
	}
}
