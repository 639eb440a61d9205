package config

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"sps-kiosk/kiosk/queue"
)

// small is a file with one of everything, to be broken by the tests.
const small = `[site]
name = "МФЦ"
[[service]]
code = "docs"
button = 17
[[window]]
number = 1
button = 4
`

// book is a catalogue with one of everything, to be broken by the tests.
const book = `version = "test.1"
act = "Приказ № 1"
as_of = "2026-11-01"
[[service]]
code = "docs"
title = "Подать документы"
prefix = "А"
requires = ["sps"]
[[window]]
number = 1
serves = ["docs"]
competencies = ["sps"]
[[staff]]
alias = "s1"
category = "universal"
`

func TestReferenceIsTheDecreesSector(t *testing.T) {
	s := Default()
	wired := 0
	for _, v := range s.Services {
		if v.Button != "" {
			wired++
		}
	}
	if wired != 5 || len(s.Windows) != 4 {
		t.Fatalf("got %d buttons and %d windows, want 5 and 4: three windows and one seat", wired, len(s.Windows))
	}
	if got := s.Windows[3]; got.Title != "место СПС" || got.TransferTo != "esia" {
		t.Errorf("the seat: got %+v, want «место СПС» that redirects to where accounts are made (A23)", got)
	}
	if got := s.Services[0].Label(12); got != "А012" {
		t.Errorf("label: got %q, want А012", got)
	}
}

// Every key a technician may write stands in the reference file with a comment above it.
func TestEveryKeyIsExplained(t *testing.T) {
	lines := strings.Split(string(Reference), "\n")
	explained := map[string]bool{}
	section := ""
	for i, line := range lines {
		if head := strings.TrimPrefix(line, "# "); strings.HasPrefix(head, "[") { // an example counts
			section = strings.Trim(head, "[]")
		}
		key, _, isKey := strings.Cut(strings.TrimPrefix(line, "# "), " = ")
		if isKey && i > 0 && strings.HasPrefix(lines[i-1], "# ") {
			explained[section+"."+key] = true
		}
	}
	for section, keys := range knownKeys(t) {
		for _, key := range keys {
			if !explained[section+"."+key] {
				t.Errorf("%s.%s has no comment in kiosk.txt", section, key)
			}
		}
	}
}

// knownKeys asks the parser: the message about an unknown key lists the known ones.
func knownKeys(t *testing.T) map[string][]string {
	t.Helper()
	known := map[string][]string{}
	for _, head := range []string{"[site]", "[[service]]", "[[window]]", "[display]", "[printer]", "[help]", "[sounder]", "[scan]", "[storage]", "[network]",
		"[[extra_display]]", "[[extra_display]]\nkind = \"tm1637\"", "[[extra_display]]\nkind = \"candle\""} {
		_, err := Parse([]byte(head + "\nzzzzzzzz = 1\n"))
		_, list, found := strings.Cut(err.Error(), "Здесь бывают: ")
		if !found {
			t.Fatalf("%s: got %q, want a list of keys", head, err)
		}
		list, _, _ = strings.Cut(list, "\n")
		head, _, _ = strings.Cut(head, "\n")
		section := strings.Trim(head, "[]")
		known[section] = append(known[section], strings.Split(list, ", ")...)
	}
	return known
}

func TestWhatWindowsEditorsDo(t *testing.T) {
	crlf := strings.ReplaceAll(small, "\n", "\r\n")
	units := utf16.Encode([]rune(crlf))
	wide := []byte{0xff, 0xfe}
	for _, u := range units {
		wide = append(wide, byte(u), byte(u>>8))
	}
	for name, data := range map[string][]byte{
		"plain": []byte(small), "CRLF": []byte(crlf), "BOM": []byte("\xef\xbb\xbf" + crlf), "UTF-16": wide,
	} {
		s, err := Parse(data)
		if err != nil || s.Site.Name != "МФЦ" {
			t.Errorf("%s: got %q, %v, want МФЦ", name, s.Site.Name, err)
		}
	}
}

func TestTheRulesAreTakenFromTheFile(t *testing.T) {
	rulesOfBook, err := ParseCatalog([]byte(strings.Replace(book, "number = 1", "number = 1\ncapacity = 3\nreturn_after = true", 1) +
		"[queue]\nday_end = \"carry_over\"\nout_of_turn = [\"children\"]\n"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := joined(strings.Replace(small, "button = 4", "buttons = { next = 4, done = 5, transfer = 6, park = 3 }", 1)+
		"[help]\nbutton = 2\n[sounder]\nline = 15\n", rulesOfBook)
	if err != nil {
		t.Fatal(err)
	}
	if w := s.Windows[0]; w.Button != "" || w.Buttons != (Buttons{"GPIO4", "GPIO5", "GPIO6", "GPIO3"}) || !w.Buttons.Any() {
		t.Errorf("window: got %+v, want four buttons", w)
	}
	rules := s.Rules()
	if p := rules.Places[0]; p.Capacity != 3 || !p.Return {
		t.Errorf("place: got %+v, want capacity 3 and a return", p)
	}
	if !rules.CarryOver || len(rules.Privileges) != 1 || rules.Privileges[0] != queue.Children {
		t.Errorf("rules: got %+v, want carry over and children first", rules)
	}
	if s.Help.Button != "GPIO2" || s.Help.Lamp != "" || s.Sounder.Line != "GPIO15" {
		t.Errorf("help and sounder: got %+v, %+v", s.Help, s.Sounder)
	}
	if Default().Rules().CarryOver || Default().Windows[0].Buttons.Any() {
		t.Error("the built-in settings carry over or have four buttons")
	}
}

func TestStorage(t *testing.T) {
	for text, want := range map[string]Storage{
		"": {Reserve: 64 << 20}, "reserve_mb = 128": {Reserve: 128 << 20}, `skip_numbers = "auto"`: {Reserve: 64 << 20},
		`skip_numbers = "0"`: {64 << 20, -1, ""}, `skip_numbers = "200"`: {64 << 20, 200, ""},
		`factory_reset = " 22.11.2026 "`: {64 << 20, 0, "22.11.2026"},
	} {
		s, err := Parse([]byte(small + "[storage]\n" + text + "\n"))
		if err != nil || s.Storage != want {
			t.Errorf("%s: got %+v, %v, want %+v", text, s.Storage, err, want)
		}
	}
}

// TestOwnWiringHasNoForeignLines: a file with its own windows is not told about lines it never named.
func TestOwnWiringHasNoForeignLines(t *testing.T) {
	s, err := Parse([]byte(strings.Replace(small, "button = 4", "button = 2\nlamp = 15", 1)))
	if err != nil || s.Help != (Help{}) || s.Sounder != (Sounder{}) {
		t.Errorf("got %+v, %+v, %v, want neither help nor sounder", s.Help, s.Sounder, err)
	}
	if s, err = Parse([]byte("[site]\nname = \"М\"\n")); err != nil || s.Help.Button != "GPIO2" || s.Sounder.Line != "GPIO15" {
		t.Errorf("without wiring: got %+v, %+v, %v, want the built-in ones", s.Help, s.Sounder, err)
	}
}

func TestLinesOfAnExpander(t *testing.T) {
	s, err := Parse([]byte(strings.Replace(small, "button = 4", "lamp = \"MCP23017@0x27/GPB7\"\n"+
		"buttons = { next = \"MCP23017@0x20/GPA0\", done = \"MCP23017@0x20/GPA1\", transfer = 4, park = \"MCP23017@0x21/GPA0\" }", 1)))
	if err != nil {
		t.Fatal(err)
	}
	want := Buttons{"MCP23017@0x20/GPA0", "MCP23017@0x20/GPA1", "GPIO4", "MCP23017@0x21/GPA0"}
	if w := s.Windows[0]; w.Buttons != want || w.Lamp != "MCP23017@0x27/GPB7" {
		t.Errorf("got %+v, want %+v and GPB7 of the chip 0x27", w, want)
	}
}

// Each mistake a hand can make, the line it must be found on, and words the message must have.
func TestMistakes(t *testing.T) {
	change := func(old, new string) string { return strings.Replace(small, old, new, 1) }
	for name, c := range map[string]struct {
		file string
		line int
		key  string
		has  string
	}{
		"unknown key":       {change("code = \"docs\"", "code = \"docs\"\nbuton = 3"), 5, "service.buton", "Может быть, button?"},
		"unknown section":   {small + "[dispaly]\n", 9, "dispaly", "Может быть, display?"},
		"wrong type":        {change("button = 17", `button = "17"`), 5, "service.button", "номер контакта без кавычек"},
		"pin of the SPI":    {change("button = 17", "button = 9"), 5, "service.button", "занят табло"},
		"pin off the board": {change("button = 17", "button = 40"), 5, "service.button", "от 2 до 27"},
		"pin twice":         {change("button = 4", "button = 17"), 8, "window.button", "кнопка «Подать документы»"},
		"key twice":         {change("[[service]]", "name = \"Другой\"\n[[service]]"), 3, "site.name", "в строке 2"},
		"section twice":     {small + "[site]\n", 9, "site", "в строке 1"},
		"no grammar":        {change(`name = "МФЦ"`, `name = МФЦ`), 2, "", "ключ = "},
		"open quote":        {change(`name = "МФЦ"`, `name = "МФЦ`), 2, "", "прямых кавычках"},
		"missing code":      {change("code = \"docs\"\n", ""), 3, "service.code", "не хватает ключа code"},
		"empty code":        {change(`"docs"`, `""`), 4, "service.code", "пусто"},
		"no such service":   {change(`"docs"`, `"dosc"`), 4, "service.code", `нет услуги "dosc". Есть: "docs"`},
		"button twice":      {small + "[[service]]\ncode = \"docs\"\nbutton = 27\n", 10, "service.code", "уже есть"},
		"no such window":    {change("number = 1", "number = 11"), 7, "window.number", "нет окна 11. Есть: 1, 2, 3, 4"},
		"window twice":      {small + "[[window]]\nnumber = 1\nbutton = 5\n", 10, "window.number", "уже есть"},
		"old title":         {change("button = 17", "title = \"Документы\"\nbutton = 17"), 5, "service.title", "это теперь в catalog.toml"},
		"old queues":        {change("button = 4", "serves = [\"docs\"]\nbutton = 4"), 8, "window.serves", "раздел [[window]]"},
		"old hours":         {small + "[hours]\nmonday = \"08:00-18:00\"\n", 9, "hours", "раздел [hours]"},
		"old rules":         {small + "[queue]\nday_end = \"close\"\n", 9, "queue", "раздел [queue]"},
		"lamp lights alone": {change("button = 4", "button = 4\nlamp = 5"), 9, "window.lamp", "от 12 до 27"},
		"no handset":        {change("button = 4\n", ""), 6, "window.button", "у окна нет пульта"},
		"two handsets":      {change("button = 4", "button = 4\nbuttons = { next = 5, done = 6, transfer = 12, park = 13 }"), 9, "window.buttons", "Оставьте одну"},
		"three buttons":     {change("button = 4", "buttons = { next = 5, done = 6, transfer = 12 }"), 8, "window.buttons.park", "нужен контакт GPIO"},
		"fifth button":      {change("button = 4", "buttons = { next = 5, done = 6, transfer = 12, park = 13, stop = 19 }"), 8, "window.buttons.stop", "такого ключа нет"},
		"button of four":    {change("button = 4", "buttons = { next = 17, done = 6, transfer = 12, park = 13 }"), 8, "window.buttons.next", "кнопка «Подать документы»"},
		"no table":          {change("button = 4", "buttons = 4"), 8, "window.buttons", "раздел"},
		"help twice":        {small + "[help]\nbutton = 4\n", 10, "help.button", "пульт: окно 1"},
		"loud boot":         {small + "[sounder]\nline = 5\n", 10, "sounder.line", "от 12 до 27"},
		"pin of a chip":     {change("button = 4", "button = \"MCP23017@0x28/GPA3\""), 8, "window.button", "MCP23017@0x20/GPA3"},
		"output only":       {change("button = 4", "button = \"MCP23017@0x20/GPB7\""), 8, "window.button", "только для ламп"},
		"lines of the I²C":  {change("button = 4", "button = 3\nlamp = \"MCP23017@0x20/GPB7\""), 8, "window.button", "расширитель"},
		"chip's line twice": {change("button = 4", "button = \"MCP23017@0x20/GPB1\"\nlamp = \"MCP23017@0x20/GPB1\""), 9, "window.lamp", "пульт"},
		"bad zone":          {change(`name = "МФЦ"`, "name = \"МФЦ\"\ntimezone = \"Самара\""), 3, "site.timezone", "Europe/Samara"},
		"long reset word":   {small + "[storage]\nfactory_reset = \"" + strings.Repeat("я", 33) + "\"\n", 10, "storage.factory_reset", "можно до 32"},
		"large reserve":     {small + "[storage]\nreserve_mb = 4096\n", 10, "storage.reserve_mb", "от 16 до 1024"},
		"negative skip":     {small + "[storage]\nskip_numbers = \"-1\"\n", 10, "storage.skip_numbers", "auto"},
		"half a scanner":    {small + "[scan]\nbutton = 14\n", 9, "scan.done", "только вместе"},
		"bad scanner":       {small + "[scan]\nscanner = \"genesys\"\n", 10, "scan.scanner", `"auto", "escl"`},
		"no backend":        {small + "[scan]\nscanner = \"sane\"\n", 9, "scan.sane_backend", `sane_backend = "genesys"`},
		"bad backend":       {small + "[scan]\nsane_backend = \"net:x\"\n", 10, "scan.sane_backend", "genesys"},
		"network scanner":   {small + "[scan]\nsane_backend = \"airscan\"\n", 10, "scan.sane_backend", "по USB"},
		"bad stick port":    {small + "[scan]\nstick_port = \"2-1 usb\"\n", 10, "scan.stick_port", "1-1.2"},
		"stick port twice":  {small + "[scan]\nstick_port = \"2-1 2-1\"\n", 10, "scan.stick_port", "разные"},
		"bad scanner port":  {small + "[scan]\nscanner_port = \"usb1\"\n", 10, "scan.scanner_port", "1-1.2"},
		"bad printer":       {small + "[printer]\nusb = \"Epson\"\n", 10, "printer.usb", "0416:5011"},
		"single brackets":   {strings.Replace(small, "[[service]]", "[service]", 1), 3, "service", "двойные скобки"},
		"cp1251":            {"[site]\nname = \"\xcc\xd4\xd6\"\n", 2, "", "UTF-8"},
	} {
		_, err := Parse([]byte(c.file))
		var wrong *Error
		if !errors.As(err, &wrong) {
			t.Errorf("%s: got %v, want an error", name, err)
			continue
		}
		p := wrong.Problems[0]
		if p.Line != c.line || p.Key != c.key || !strings.Contains(p.Text, c.has) {
			t.Errorf("%s: got %q (line %d, key %q), want line %d, key %q, words %q", name, p, p.Line, p.Key, c.line, c.key, c.has)
		}
	}
}

func TestAllProblemsAtOnceFirstLineOnTheDisplay(t *testing.T) {
	_, err := Parse([]byte("[site]\nname = \"М\"\nkiosk = 500\n[printer]\nport = \"x\"\n"))
	var wrong *Error
	if !errors.As(err, &wrong) || len(wrong.Problems) != 2 {
		t.Fatalf("got %v, want two problems", err)
	}
	if got := wrong.Codes(); !slices.Equal(got, []string{"CFG 3", "CFG", "CF 3", "CF"}) {
		t.Errorf("codes: got %q, want CFG 3 first", got)
	}
}

func TestFind(t *testing.T) {
	for name, c := range map[string]struct {
		files []string
		want  string
		err   string
	}{
		"plain":       {[]string{"kiosk.txt", "enroll.json"}, "kiosk.txt", ""},
		"Notepad":     {[]string{"kiosk.txt.txt"}, "kiosk.txt.txt", ""},
		"old name":    {[]string{"kiosk.conf"}, "kiosk.conf", ""},
		"upper case":  {[]string{"KIOSK.TXT"}, "KIOSK.TXT", ""},
		"two of them": {[]string{"kiosk.txt", "kiosk.txt.txt"}, "", "два файла настроек"},
		"none":        {nil, "", fs.ErrNotExist.Error()},
	} {
		dir := t.TempDir()
		for _, f := range c.files {
			if err := os.WriteFile(filepath.Join(dir, f), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		got, err := Find(dir)
		if c.err == "" && (err != nil || filepath.Base(got) != c.want) || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%s: got %q, %v, want %q, error with %q", name, got, err, c.want, c.err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(Reference)
	f.Add([]byte(small))
	f.Add([]byte("\xff\xfe["))
	f.Add([]byte("[[service]]\nservice = 1\n"))
	f.Add([]byte("service = [1, {code = 2}]\n[hours]\nmonday = 1979-05-27\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := Parse(data)
		var wrong *Error
		if err != nil && !errors.As(err, &wrong) {
			t.Fatalf("got %v, want an *Error", err)
		}
		lines := bytes.Count(data, []byte("\n")) + 1
		for wrong != nil && len(wrong.Problems) > 0 {
			if p := wrong.Problems[0]; p.Line > lines || p.Text == "" {
				t.Fatalf("got %+v for a file of %d lines", p, lines)
			}
			wrong.Problems = wrong.Problems[1:]
		}
	})
}
