package citizen

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"sps-kiosk/kiosk/panel/web"
)

func packs(t *testing.T, more fstest.MapFS) ([]Pack, error) {
	t.Helper()
	ru, err := fs.ReadFile(web.Folder(files, "copy"), "ru.json")
	if err != nil {
		t.Fatal(err)
	}
	more["ru.json"] = &fstest.MapFile{Data: ru}
	return Packs(more)
}

// TestRussianIsAlwaysFirst: a pack falls back to Russian sentence by sentence; one that waits for its native
// reader is not offered; words that Russian does not have are refused.
func TestRussianIsAlwaysFirst(t *testing.T) {
	all, err := Packs(web.Folder(files, "copy"))
	if err != nil || len(all) != 2 || all[0].Code != "ru" || all[1].Code != "tt" {
		t.Fatalf("got %d packs, %v, want Russian and the Tatar one", len(all), err)
	}
	if got := offered(all); len(got) != 1 {
		t.Errorf("offered are %d packs; the Tatar one waits for its reader", len(got))
	}
	if got := words(all, "tt").T("start"); got != all[0].Text["start"] {
		t.Errorf("a pack that waits says %q", got)
	}
	read, err := packs(t, fstest.MapFS{"xx.json": {Data: []byte(`{"name":"Икс","plural":"one","reader":"N","text":{"start":"Пример"},"counts":{"people":["{n} ч."]}}`)}})
	if err != nil {
		t.Fatal(err)
	}
	w := words(read, "xx")
	if w.T("start") != "Пример" || w.T("scan") != read[0].Text["scan"] || w.N("people", 21) != "21 ч." || w.N("seconds", 21) != "21\u00a0секунду" {
		t.Errorf("got %q, %q, %q, %q", w.T("start"), w.T("scan"), w.N("people", 21), w.N("seconds", 21))
	}
	for name, data := range map[string]string{"unknown sentence": `{"plural":"one","text":{"no.such":"x"}}`, "unknown count": `{"plural":"one","counts":{"no":["x"]}}`,
		"wrong forms": `{"plural":"slavic","counts":{"people":["x"]}}`, "unknown plural": `{"plural":"dual"}`, "no JSON": `{`} {
		if _, err := packs(t, fstest.MapFS{"xx.json": {Data: []byte(data)}}); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if _, err := Packs(fstest.MapFS{"tt.json": {Data: []byte(`{"plural":"one"}`)}}); err == nil {
		t.Error("without Russian there is nothing to fall back to, and nobody says so")
	}
}

var key = regexp.MustCompile(`\.(T|N) "([a-z0-9.]+)"`)

// TestEveryKeyIsThere holds templates against the Russian pack, and the pack against the templates and Go.
func TestEveryKeyIsThere(t *testing.T) {
	all, err := Packs(web.Folder(files, "copy"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"templates/citizen.html", "templates/icons.html"} {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range key.FindAllStringSubmatch(string(text), -1) {
			if m[1] == "T" && all[0].Text[m[2]] == "" || m[1] == "N" && all[0].Counts[m[2]] == nil {
				t.Errorf("%s: no words for %s", name, m[2])
			}
		}
	}
	for k := range heads {
		if all[0].Text[heads[k]] == "" {
			t.Errorf("screen %s has no heading", k)
		}
	}
}

// TestTheCopyKeepsItsRules: «вы» small, ё, no machine words, numbers bound to their nouns.
func TestTheCopyKeepsItsRules(t *testing.T) {
	all, err := Packs(web.Folder(files, "copy"))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, v := range all[0].Text {
		lines = append(lines, v)
	}
	for _, v := range all[0].Counts {
		lines = append(lines, v...)
	}
	slices.Sort(lines)
	bad := regexp.MustCompile(`(?i)ошибк|error|заявител|осуществ|электронн.{0,4} образ|[^.!?—] Вы |[^.!?] Вас |еще|ее |вынет[её] |\{n\} |[a-z]{3,}`)
	allowed := strings.NewReplacer("NTFS", "", "BitLocker", "", "Apple", "", "Linux", "", "SCAN", "", "{done}", "", "{total}", "", "{until}", "", "{day}", "", "{pages}", "", "{size}", "", "{month}", "", "{weekday}", "", "{site}", "")
	for _, line := range lines {
		if found := bad.FindString(allowed.Replace(line)); found != "" {
			t.Errorf("%q: %q", line, found)
		}
	}
}
