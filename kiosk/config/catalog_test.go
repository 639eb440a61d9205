package config

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"sps-kiosk/kiosk/catalog"
)

var update = flag.Bool("update", false, "write the golden messages; read each before keeping it")

// catalogMistakes are the mistakes a hand can make in a catalogue: name, file.
func catalogMistakes() [][2]string {
	change := func(old, new string) string { return strings.Replace(book, old, new, 1) }
	service := func(more string) string {
		return book + "[[service]]\ntitle = \"Х\"\n" + more + "\n[[window]]\nnumber = 2\nserves = [\"x\"]\n"
	}
	return [][2]string{
		{"пустой файл", ""},
		{"нет версии", change("version = \"test.1\"\n", "")},
		{"версия по-русски", change("test.1", "версия 2")},
		{"дата без кавычек", change("as_of = \"2026-11-01\"", "as_of = 2026-11-01")},
		{"дата наоборот", change("2026-11-01", "01.11.2026")},
		{"нет даты", change("as_of = \"2026-11-01\"\n", "")},
		{"чужой режим", change("act = ", "competency_mode = \"all\"\nact = ")},
		{"щель сверху", change("act = ", "slot = \"up\"\nact = ")},
		{"незнакомый ключ", change("title = ", "tittle = \"Х\"\ntitle = ")},
		{"незнакомый раздел", book + "[[purposes]]\ncode = \"x\"\n"},
		{"ключ дважды", change("title = ", "code = \"ready\"\ntitle = ")},
		{"кавычка не закрыта", change("Подать документы\"", "Подать документы")},
		{"одинарные скобки", strings.Replace(book, "[[window]]", "[window]", 1)},
		{"нет названия", change("title = \"Подать документы\"\n", "")},
		{"код по-русски", change("code = \"docs\"", "code = \"Документы\"")},
		{"занятый код", service("code = \"courses\"\nprefix = \"П\"")},
		{"код дважды", service("code = \"docs\"\nprefix = \"П\"")},
		{"та же буква", service("code = \"x\"\nprefix = \"A\"")},
		{"те же номера без буквы", strings.Replace(service("code = \"x\"\nnumbers = \"400-600\""), "prefix = \"А\"", "numbers = \"1-500\"", 1)},
		{"буква похожа на цифру", change(`prefix = "А"`, `prefix = "З"`)},
		{"номера наоборот", change("requires", "numbers = \"999-1\"\nrequires")},
		{"номера не помещаются", change("requires", "digits = 2\nnumbers = \"1-500\"\nrequires")},
		{"адрес без https", change("requires", "online = \"gosuslugi\"\nrequires")},
		{"нет такой компетенции", change(`requires = ["sps"]`, `requires = ["spz"]`)},
		{"услугу никто не вызывает", book + "[[service]]\ncode = \"x\"\ntitle = \"Икс\"\nprefix = \"П\"\n"},
		{"никто не умеет", change(`competencies = ["sps"]`, "competencies = []")},
		{"умеет другая категория", change(`competencies = ["sps"]`, `category = "intake"`)},
		{"окно дважды", book + "[[window]]\nnumber = 1\nserves = [\"docs\"]\ncompetencies = [\"sps\"]\n"},
		{"окно без номера", change("number = 1\n", "")},
		{"нет такой услуги у окна", change(`serves = ["docs"]`, `serves = ["docs", "dosc"]`)},
		{"некуда перенаправлять", change("serves", "transfer_to = \"esia\"\nserves")},
		{"перенаправляет в себя", change("serves", "transfer_to = \"docs\"\nserves")},
		{"переход в никуда", change("serves", "switch_to = [7]\nserves")},
		{"переход в себя", change("serves", "switch_to = [1]\nserves")},
		{"переход текстом", change("serves", "switch_to = [\"2\"]\nserves")},
		{"переход без компетенции", book + "[[window]]\nnumber = 2\nserves = [\"x\"]\nswitch_to = [1]\n[[service]]\ncode = \"x\"\ntitle = \"Икс\"\nprefix = \"П\"\n"},
		{"нет такой категории", change("serves", "category = \"boss\"\nserves")},
		{"часы окна наоборот", change("serves", "hours = \"18:00-09:00\"\nserves")},
		{"имя вместо номера", change(`alias = "s1"`, `alias = "Иванова А. П."`)},
		{"имя латиницей", change(`alias = "s1"`, `alias = "ivanova"`)},
		{"сотрудник дважды", book + "[[staff]]\nalias = \"s1\"\ncategory = \"intake\"\n"},
		{"сотрудник без категории", change("category = \"universal\"", "category = \"доктор\"")},
		{"компетенция без даты", change("alias", "confirmed = { sps = true }\nalias")},
		{"дата компетенции", change("alias", "confirmed = { sps = \"вчера\" }\nalias")},
		{"чужая компетенция", change("alias", "confirmed = { piano = \"2026-01-01\" }\nalias")},
		{"дата ознакомления", change("alias", "familiar = \"2026-13-01\"\nalias")},
		{"компетенция без пункта", book + "[[competency]]\ncode = \"sps\"\ntitle = \"помогает\"\n[[category]]\ncode = \"universal\"\ntitle = \"все\"\ncompetencies = [\"sps\"]\n"},
		{"консультант умеет меньше приёма", book + "[[category]]\ncode = \"intake\"\ntitle = \"приём\"\ncompetencies = [\"legal_acts\"]\n[[category]]\ncode = \"consult\"\ntitle = \"консультант\"\ncompetencies = [\"sps\"]\n[[category]]\ncode = \"universal\"\ntitle = \"все\"\n"},
		{"категории по кругу", book + "[[category]]\ncode = \"universal\"\ntitle = \"все\"\nincludes = [\"b\"]\n[[category]]\ncode = \"b\"\ntitle = \"б\"\nincludes = [\"universal\"]\n"},
		{"группа без услуг", book + "[[group]]\ncode = \"g\"\ntitle = \"Г\"\n"},
		{"группа с чужой услугой", book + "[[group]]\ncode = \"g\"\ntitle = \"Г\"\nservices = [\"docs\", \"esia\"]\n"},
		{"услуга в двух группах", book + "[[group]]\ncode = \"g\"\ntitle = \"Г\"\nservices = [\"docs\"]\n[[group]]\ncode = \"h\"\ntitle = \"Х\"\nservices = [\"docs\"]\n"},
		{"семь групп", sevenGroups()},
		{"нет результата порядка", book + "[[outcome]]\ncode = \"solved\"\ntitle = \"решено\"\n"},
		{"свой ресурс", book + "[[resource]]\ncode = \"epgu\"\ntitle = \"А\"\n[[resource]]\ncode = \"agency\"\ntitle = \"Б\"\n[[resource]]\ncode = \"other\"\ntitle = \"В\"\n[[resource]]\ncode = \"vk\"\ntitle = \"ВК\"\n"},
		{"цель дважды", book + "[[purpose]]\ncode = \"p\"\ntitle = \"П\"\n[[purpose]]\ncode = \"p\"\ntitle = \"П\"\n"},
		{"курс без темы", book + "[[course]]\ncode = \"c\"\ntitle = \"Курс\"\n"},
		{"курс без времени", book + "[[course]]\ncode = \"c\"\ntitle = \"Курс\"\ntopic = \"internet\"\ndates = [\"2026-12-01\"]\n"},
		{"пустая памятка", book + "[[memo]]\ncode = \"m\"\ntitle = \"М\"\n"},
		{"пустая строка памятки", book + "[[memo]]\ncode = \"m\"\ntitle = \"М\"\nnotes = [\"\"]\n"},
		{"свой повод вне очереди", book + "[queue]\nout_of_turn = [\"friend\"]\n"},
		{"конец дня", book + "[queue]\nday_end = \"walkout\"\n"},
		{"часы приёма", book + "[hours]\nmonday = \"8-18\"\n"},
		{"праздник по-русски", book + "[hours]\nholidays = [\"01.01.2027\"]\n"},
		{"не UTF-8", "version = \"\xcc\xd4\xd6\"\n"},
	}
}

// sevenGroups is a catalogue with one choice too many.
func sevenGroups() string {
	text := strings.Replace(book, `serves = ["docs"]`, "", 1)
	for i := range 7 {
		text += fmt.Sprintf("[[service]]\ncode = \"s%d\"\ntitle = \"С\"\nnumbers = \"%d-%d\"\n[[group]]\ncode = \"g%d\"\ntitle = \"Г\"\nservices = [\"s%d\"]\n",
			i, 100*i+1, 100*i+100, i, i)
	}
	return text
}

// TestCatalogMistakes holds every message against the file in which a person has read them.
func TestCatalogMistakes(t *testing.T) {
	if _, err := ParseCatalog([]byte(book)); err != nil {
		t.Fatalf("the catalogue that is broken below: %v", err)
	}
	var got strings.Builder
	for _, m := range catalogMistakes() {
		_, err := ParseCatalog([]byte(m[1]))
		if wrong := (*Error)(nil); !errors.As(err, &wrong) {
			t.Errorf("%s: got %v, want an *Error", m[0], err)
			continue
		}
		fmt.Fprintf(&got, "# %s\n%v\n\n", m[0], err)
	}
	path := filepath.Join("testdata", "catalog-mistakes.txt")
	if *update {
		if err := os.WriteFile(path, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	gotParts, wantParts := strings.Split(got.String(), "\n\n"), strings.Split(string(want), "\n\n")
	for i := range max(len(gotParts), len(wantParts)) {
		switch {
		case i >= len(gotParts) || i >= len(wantParts):
			t.Fatalf("got %d messages, want %d", len(gotParts), len(wantParts))
		case gotParts[i] != wantParts[i]:
			t.Errorf("got\n%s\nwant\n%s", gotParts[i], wantParts[i])
		}
	}
}

// TestCatalogMistakesHaveALine: a message without its line sends whoever reads it through the file.
func TestCatalogMistakesHaveALine(t *testing.T) {
	for _, m := range catalogMistakes()[1:] {
		_, err := ParseCatalog([]byte(m[1]))
		var wrong *Error
		if !errors.As(err, &wrong) {
			continue // the test above says so
		}
		for _, p := range wrong.Problems {
			absent := strings.HasPrefix(p.Text, "не хватает ключа") || strings.HasPrefix(p.Text, "нет кода")
			if p.File != CatalogName || p.Line == 0 && !absent && p.Key != "version" {
				t.Errorf("%s: got %q, want file and line", m[0], p)
			}
		}
	}
}

// TestBuiltInCatalogue is the procedure of decree № 84: its sector is called by competent places alone, and
// there is nothing to warn of.
func TestBuiltInCatalogue(t *testing.T) {
	c := BuiltIn().Catalog
	if c.Act != "Постановление № 84 от 21.02.2023" || c.Version != "decree84.1" {
		t.Errorf("got %q by %q, want the decree (A6)", c.Version, c.Act)
	}
	today := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	if w := c.Warnings(today); len(w) != 0 {
		t.Errorf("got warnings %+v, want none", w)
	}
	if !c.Stale(today.AddDate(1, 0, 0)) {
		t.Error("got fresh a year later, want stale (B6)")
	}
	for service, want := range map[string][]int{"sps": {4}, "feedback": {4}, "esia_register": {3}, "esia_confirm": {3},
		"esia_recover": {3}, "esia": {3}, "docs": {1, 2, 3}} {
		var got []int
		for _, w := range c.Windows {
			if slices.Contains(c.Calls(w), service) {
				got = append(got, w.Number)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s is called by %v, want %v (A7, B8–B10)", service, got, want)
		}
	}
	if len(c.Groups) > catalog.MostGroups || len(c.Courses) != 3 {
		t.Errorf("got %d groups and %d courses, want at most six choices and three topics (B18)", len(c.Groups), len(c.Courses))
	}
	for _, k := range c.Competencies {
		if k.Clause == "" {
			t.Errorf("%s cites no clause (B14)", k.Code)
		}
	}
	intake := c.Of(catalog.Intake)
	for _, code := range intake {
		if !slices.Contains(c.Of(catalog.Consult), code) {
			t.Errorf("consult lacks %s of intake (B7)", code)
		}
	}
}

// TestEveryKeyOfTheCatalogueIsExplained: whoever edits the file learns there what each key means.
func TestEveryKeyOfTheCatalogueIsExplained(t *testing.T) {
	explained, section := map[string]bool{}, ""
	comment := false
	for line := range strings.Lines(string(CatalogReference)) {
		line = strings.TrimSpace(line)
		body := strings.TrimPrefix(line, "# ")
		key, _, isKey := strings.Cut(body, " = ")
		switch {
		case strings.HasPrefix(body, "["):
			section = strings.Trim(body, "[]")
			comment = false
		case isKey && !strings.Contains(key, " "):
			explained[section+"."+key] = explained[section+"."+key] || comment
			comment = false
		default:
			comment = strings.HasPrefix(line, "#")
		}
	}
	for _, head := range []string{"", "[queue]", "[texts]", "[[group]]", "[[service]]", "[[window]]", "[[competency]]",
		"[[category]]", "[[staff]]", "[[purpose]]", "[[resource]]", "[[outcome]]", "[[course]]", "[[memo]]"} {
		_, err := ParseCatalog([]byte(head + "\nzzzzzzzz = 1\n"))
		_, list, _ := strings.Cut(err.Error(), "zzzzzzzz: такого ключа нет. Здесь бывают: ")
		list, _, _ = strings.Cut(list, "\n")
		section := strings.Trim(head, "[]")
		for _, key := range strings.Split(list, ", ") {
			isSection := section == "" && bytes.Contains(CatalogReference, []byte("["+key+"]"))
			if !isSection && !explained[section+"."+key] {
				t.Errorf("%s.%s has no comment in catalog.toml", section, key)
			}
		}
	}
}

// TestWhatEditorsDoToACatalogue: Notepad's mark, line ends and UTF-16 are read as the plain file is.
func TestWhatEditorsDoToACatalogue(t *testing.T) {
	crlf := strings.ReplaceAll(book, "\n", "\r\n")
	wide := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(crlf)) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	for name, data := range map[string][]byte{"plain": []byte(book), "CRLF": []byte(crlf), "BOM": []byte("\xef\xbb\xbf" + crlf), "UTF-16": wide} {
		b, err := ParseCatalog(data)
		if err != nil || b.Catalog.Version != "test.1" || b.Catalog.Services[0].Prefix != "А" {
			t.Errorf("%s: got %+v, %v, want version test.1", name, b.Catalog, err)
		}
	}
	if b, err := ParseCatalog([]byte(strings.Replace(book, `"А"`, `"A"`, 1))); err != nil || b.Catalog.Services[0].Prefix != "А" {
		t.Errorf("a Latin A: got %v, want the Cyrillic one", err)
	}
}

// TestReadTogether: both files are checked, each message says which file it is about, and without a
// catalogue the built-in one holds.
func TestReadTogether(t *testing.T) {
	read := func(files map[string]string) (Settings, error) {
		dir := t.TempDir()
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return Read(filepath.Join(dir, "kiosk.txt"))
	}
	if s, err := read(map[string]string{"kiosk.txt": small}); err != nil || s.Catalog.Version != "decree84.1" {
		t.Errorf("no catalogue: got %q, %v, want the built-in one", s.Catalog.Version, err)
	}
	for _, name := range []string{"catalog.toml", "CATALOG.TOML", "catalog.toml.txt"} {
		if s, err := read(map[string]string{"kiosk.txt": small, name: book}); err != nil || s.Catalog.Version != "test.1" {
			t.Errorf("%s: got %q, %v, want test.1", name, s.Catalog.Version, err)
		}
	}
	for name, c := range map[string]struct{ device, book, want string }{
		"both wrong": {"[site]\nname = 5\n", "version = 5\n", "строка 2, site.name: здесь нужно: текст в кавычках, а написано: число 5"},
		"catalogue":  {small, "version = 5\n", "catalog.toml, строка 1, version: здесь нужно: текст в кавычках, а написано: число 5"},
		"together":   {strings.Replace(small, `"docs"`, `"ready"`, 1), book, `строка 4, service.code: в каталоге test.1 нет услуги "ready". Есть: "docs"`},
	} {
		_, err := read(map[string]string{"kiosk.txt": c.device, "catalog.toml": c.book})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q in it", name, err, c.want)
		}
		var wrong *Error
		if errors.As(err, &wrong) && name == "catalogue" && wrong.Codes()[0] != "CFG" {
			t.Errorf("codes for a fault of the catalogue: got %q, want no line of kiosk.txt", wrong.Codes())
		}
	}
	_, err := read(map[string]string{"kiosk.txt": small, "catalog.toml": book, "catalog.toml.txt": book})
	if err == nil || !strings.Contains(err.Error(), "Оставьте один") {
		t.Errorf("two catalogues: got %v, want them refused", err)
	}
}

// TestJoinKnown: while a catalogue is in force that does not know what was wired since, the rest serves.
func TestJoinKnown(t *testing.T) {
	device, err := ParseDevice([]byte(small + "[[service]]\ncode = \"tax\"\nbutton = 27\n[[window]]\nnumber = 9\nbutton = 5\n"))
	if err != nil {
		t.Fatal(err)
	}
	s := device.JoinKnown(BuiltIn())
	if _, known := s.Service("tax"); known || s.Services[0].Code != "docs" || s.Services[0].Button != "GPIO17" {
		t.Errorf("got %+v, want docs on its button and no tax", s.Services[0])
	}
	if _, known := s.Window(9); known || len(s.Windows) != 4 || s.Windows[0].Button != "GPIO4" {
		t.Errorf("got %+v, want window 1 on its handset and no window 9", s.Windows)
	}
}

func FuzzParseCatalog(f *testing.F) {
	f.Add(CatalogReference)
	for _, m := range catalogMistakes() {
		f.Add([]byte(m[1]))
	}
	f.Add([]byte("[[staff]]\nconfirmed = 1\n[[service]]\nrequires = [[]]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := ParseCatalog(data)
		var wrong *Error
		if err != nil && !errors.As(err, &wrong) {
			t.Fatalf("got %v, want an *Error", err)
		}
		if err == nil {
			b.Warn(b.Catalog.Warnings(time.Now()))
			DefaultDevice().JoinKnown(b)
			return
		}
		for _, p := range wrong.Problems {
			if p.Line > bytes.Count(data, []byte("\n"))+1 || p.Text == "" || p.File != CatalogName {
				t.Fatalf("got %+v for a file of %d lines", p, bytes.Count(data, []byte("\n"))+1)
			}
		}
	})
}
