package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// shownText is what a technician would read.
func shownText(lines []ShownLine) string {
	var all []string
	for _, l := range lines {
		all = append(all, l.Text)
	}
	return strings.Join(all, "\n")
}

// TestTheReferenceIsShownWhole but for the values of its secrets.
func TestTheReferenceIsShownWhole(t *testing.T) {
	lines := show(Reference)
	for i, want := range strings.Split(strings.TrimRight(string(Reference), "\n"), "\n") {
		if m := assignment.FindStringSubmatch(want); m != nil && secrets[m[1]] && !strings.HasPrefix(want, "#") {
			want = want[:strings.Index(want, "=")+1] + " " + hidden
		}
		if strings.HasPrefix(want, "# Например: pins") {
			want = "# " + hidden
		}
		if got := lines[i]; got.Text != want || got.Number != i+1 {
			t.Errorf("line %d: got %q, want %q", i+1, got.Text, want)
		}
	}
}

// TestNoSecretIsShown, however a technician writes it: over several lines, misspelt, as a remark, behind a
// value, in a table of one line, in quotes.
func TestNoSecretIsShown(t *testing.T) {
	const text = `[site]
name = "Центр" # пароль 4821
kiosk = 7
[panel]
pins = [
  "1:4821",
  "technician:904415",
]
"pins" = ["1:4821"]
panel.pins = ["1:4821"]
pin = ["1:4821"]
card = "4821"
# pins = ["1:4821"]
# мой ПИН 4821
panel = { pins = ["1:4821"] }
buttons = { next = "4821", pins = ["1:4821"] }
4821
[network]
wifi_password = "48214821"
wifi_pasword = "48214821"
wifi = "МФЦ
4821"
[4821]
[district]
proxy = "http://user:4821@10.0.0.1:3128"
new_key = '4821'
timezone = """
4821"""
`
	got := shownText(show([]byte(text)))
	for _, secret := range []string{"4821", "904415"} {
		if strings.Contains(strings.Replace(got, `next = "4821"`, "", 1), secret) {
			t.Errorf("%s is shown:\n%s", secret, got)
		}
	}
	for _, want := range []string{"[site]", "kiosk = 7", "[panel]", "pins = ••••", "name = ••••", "[district]"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not shown:\n%s", want, got)
		}
	}
	if got, want := len(show([]byte(text))), strings.Count(text, "\n"); got != want {
		t.Errorf("got %d lines, want %d: numbers must agree", got, want)
	}
}

// TestShowTellsTheLine of what is wrong, in either file; a folder without a file shows the built-in one.
func TestShowTellsTheLine(t *testing.T) {
	folder := t.TempDir()
	shown, problems, err := Show(folder)
	if err != nil || len(problems) != 0 || shown.Name != "kiosk.txt" || len(shown.Lines) < 100 {
		t.Fatalf("without a file: got %d lines of %s, %v, %v, want the built-in ones", len(shown.Lines), shown.Name, problems, err)
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("kiosk.txt", "[site]\nname = \"Центр\"\nkiosk = 700\n[scan]\ndpi = 3\n")
	shown, problems, err = Show(folder)
	if err != nil || len(problems) != 2 || shown.Lines[2].Problem == "" || shown.Lines[4].Problem == "" || shown.Lines[0].Problem != "" {
		t.Errorf("got %+v, %v, %v, want faults in lines 3 and 5", shown.Lines, problems, err)
	}
	write("kiosk.txt", "[site]\nname = \"Центр\"\nkiosk = 7\n")
	write("catalog.toml", "version = \"\"\n")
	_, problems, err = Show(folder)
	inLine1 := func(p Problem) bool { return p.File == "catalog.toml" && p.Line == 1 }
	if err != nil || !slices.ContainsFunc(problems, inLine1) {
		t.Errorf("got %+v, %v, want a fault in line 1 of catalog.toml", problems, err)
	}
	write("kiosk.conf", "")
	if _, _, err := Show(folder); err == nil {
		t.Error("two files of settings are no error")
	}
}

// FuzzShow: whatever a file is, PINs and the password that it really sets are in none of its shown lines
// that hold no more than the reference does.
func FuzzShow(f *testing.F) {
	f.Add([]byte("[panel]\npins = [\"1:4821\"]\n"))
	f.Add([]byte("[network]\nwifi = \"a\"\nwifi_password = \"secret-word\"\n"))
	f.Add(Reference)
	f.Fuzz(func(t *testing.T, data []byte) {
		lines := show(data)
		device, err := ParseDevice(data)
		if err != nil {
			return
		}
		if word := device.Settings().Network.WifiPassword; len(word) > 7 && strings.Contains(shownText(lines), word) && !strings.Contains(string(data), word+word) &&
			strings.Count(string(data), word) == 1 {
			t.Errorf("the password is shown:\n%s", shownText(lines))
		}
	})
}
