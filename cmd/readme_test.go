package cmd

import (
	"flag"
	"os"
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
