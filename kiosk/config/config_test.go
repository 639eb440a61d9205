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
title = "Подать документы"
prefix = "А"
button = 17
[[window]]
number = 1
serves = ["docs"]
button = 4
`

func TestReferenceIsTheDecreesSector(t *testing.T) {
	s := Default()
	if len(s.Services) != 5 || len(s.Windows) != 4 {
		t.Fatalf("got %d services and %d windows, want 5 and 4: three windows and one seat", len(s.Services), len(s.Windows))
	}
	if got := s.Windows[3]; got.Title != "место СПС" || got.TransferTo != "docs" {
		t.Errorf("the seat: got %+v, want «место СПС» that redirects to documents (A23)", got)
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
	for _, head := range []string{"[site]", "[hours]", "[[service]]", "[[window]]", "[display]", "[printer]", "[queue]", "[help]", "[sounder]", "[scan]", "[storage]",
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
	s, err := Parse([]byte(strings.Replace(small, "button = 4", "capacity = 3\nreturn_after = true\n"+
		"buttons = { next = 4, done = 5, transfer = 6, park = 3 }", 1) +
		"[queue]\nday_end = \"carry_over\"\nout_of_turn = [\"children\"]\n[help]\nbutton = 2\n[sounder]\nline = 15\n"))
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
		`skip_numbers = "0"`: {64 << 20, -1}, `skip_numbers = "200"`: {64 << 20, 200},
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

func TestLatinLettersOfAKeyboardAreTaken(t *testing.T) {
	s, err := Parse([]byte(strings.Replace(small, `prefix = "А"`, `prefix = "A"`, 1)))
	if err != nil || s.Services[0].Prefix != "А" {
		t.Errorf("got %q, %v, want the Cyrillic А", s.Services[0].Prefix, err)
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
		"unknown key":       {change("title", "tittle"), 5, "service.tittle", "Может быть, title?"},
		"unknown section":   {small + "[dispaly]\n", 12, "dispaly", "Может быть, display?"},
		"wrong type":        {change("button = 17", `button = "17"`), 7, "service.button", "номер контакта без кавычек"},
		"pin of the SPI":    {change("button = 17", "button = 9"), 7, "service.button", "занят табло"},
		"pin off the board": {change("button = 17", "button = 40"), 7, "service.button", "от 2 до 27"},
		"pin twice":         {change("button = 4", "button = 17"), 11, "window.button", "кнопка «Подать документы»"},
		"illegible prefix":  {change(`prefix = "А"`, `prefix = "З"`), 6, "service.prefix", "3"},
		"key twice":         {change("[[service]]", "name = \"Другой\"\n[[service]]"), 3, "site.name", "в строке 2"},
		"section twice":     {small + "[site]\n", 12, "site", "в строке 1"},
		"no grammar":        {change(`name = "МФЦ"`, `name = МФЦ`), 2, "", "ключ = "},
		"open quote":        {change(`name = "МФЦ"`, `name = "МФЦ`), 2, "", "прямых кавычках"},
		"missing code":      {change("code = \"docs\"\n", ""), 3, "service.code", "не хватает ключа code"},
		"empty title":       {change("Подать документы", ""), 5, "service.title", "пусто"},
		"bad code":          {change(`"docs"`, `"Документы"`), 4, "service.code", "латинские"},
		"no such service":   {change(`["docs"]`, `["docs", "dosc"]`), 10, "window.serves", `Есть: "docs"`},
		"nobody serves":     {small + "[[service]]\ncode = \"x\"\ntitle = \"Х\"\nprefix = \"П\"\nbutton = 27\n", 13, "service.code", "не вызывает ни одно окно"},
		"window twice":      {small + "[[window]]\nnumber = 1\nserves = [\"docs\"]\nbutton = 5\n", 13, "window.number", "уже есть"},
		"lamp lights alone": {change("button = 4", "button = 4\nlamp = 5"), 12, "window.lamp", "от 12 до 27"},
		"no handset":        {change("button = 4\n", ""), 8, "window.button", "у окна нет пульта"},
		"two handsets":      {change("button = 4", "button = 4\nbuttons = { next = 5, done = 6, transfer = 12, park = 13 }"), 12, "window.buttons", "Оставьте одну"},
		"three buttons":     {change("button = 4", "buttons = { next = 5, done = 6, transfer = 12 }"), 11, "window.buttons.park", "нужен контакт GPIO"},
		"fifth button":      {change("button = 4", "buttons = { next = 5, done = 6, transfer = 12, park = 13, stop = 19 }"), 11, "window.buttons.stop", "такого ключа нет"},
		"button of four":    {change("button = 4", "buttons = { next = 17, done = 6, transfer = 12, park = 13 }"), 11, "window.buttons.next", "кнопка «Подать документы»"},
		"no table":          {change("button = 4", "buttons = 4"), 11, "window.buttons", "раздел"},
		"no capacity":       {change("button = 4", "button = 4\ncapacity = 0"), 12, "window.capacity", "от 1 до 20"},
		"day end":           {small + "[queue]\nday_end = \"walkout\"\n", 13, "queue.day_end", `"carry_over"`},
		"unknown privilege": {small + "[queue]\nout_of_turn = [\"friend\"]\n", 13, "queue.out_of_turn", `"veteran"`},
		"help twice":        {small + "[help]\nbutton = 4\n", 13, "help.button", "пульт: окно 1"},
		"loud boot":         {small + "[sounder]\nline = 5\n", 13, "sounder.line", "от 12 до 27"},
		"pin of a chip":     {change("button = 4", "button = \"MCP23017@0x28/GPA3\""), 11, "window.button", "MCP23017@0x20/GPA3"},
		"output only":       {change("button = 4", "button = \"MCP23017@0x20/GPB7\""), 11, "window.button", "только для ламп"},
		"lines of the I²C":  {change("button = 4", "button = 3\nlamp = \"MCP23017@0x20/GPB7\""), 11, "window.button", "расширитель"},
		"chip's line twice": {change("button = 4", "button = \"MCP23017@0x20/GPB1\"\nlamp = \"MCP23017@0x20/GPB1\""), 12, "window.lamp", "пульт"},
		"bad hours":         {small + "[hours]\nmonday = \"8-18\"\n", 13, "hours.monday", "08:00-18:00"},
		"hours backwards":   {small + "[hours]\nmonday = \"18:00-08:00\"\n", 13, "hours.monday", "08:00-18:00"},
		"bad date":          {small + "[hours]\nholidays = [\"01.01.2027\"]\n", 13, "hours.holidays", "2027-01-01"},
		"bad zone":          {change(`name = "МФЦ"`, "name = \"МФЦ\"\ntimezone = \"Самара\""), 3, "site.timezone", "Europe/Samara"},
		"large reserve":     {small + "[storage]\nreserve_mb = 4096\n", 13, "storage.reserve_mb", "от 16 до 1024"},
		"negative skip":     {small + "[storage]\nskip_numbers = \"-1\"\n", 13, "storage.skip_numbers", "auto"},
		"half a scanner":    {small + "[scan]\nbutton = 14\n", 12, "scan.done", "только вместе"},
		"bad scanner":       {small + "[scan]\nscanner = \"genesys\"\n", 13, "scan.scanner", `"auto", "escl"`},
		"no backend":        {small + "[scan]\nscanner = \"sane\"\n", 12, "scan.sane_backend", `sane_backend = "genesys"`},
		"bad backend":       {small + "[scan]\nsane_backend = \"net:x\"\n", 13, "scan.sane_backend", "genesys"},
		"network scanner":   {small + "[scan]\nsane_backend = \"airscan\"\n", 13, "scan.sane_backend", "по USB"},
		"bad scanner port":  {small + "[scan]\nscanner_port = \"usb1\"\n", 13, "scan.scanner_port", "1-1.2"},
		"bad printer":       {small + "[printer]\nusb = \"Epson\"\n", 13, "printer.usb", "0416:5011"},
		"bad numbers":       {change("button = 17", "numbers = \"999-1\"\nbutton = 17"), 7, "service.numbers", "1-999"},
		"single brackets":   {strings.Replace(small, "[[service]]", "[service]", 1), 3, "service", "двойные скобки"},
		"same letter":       {small + "[[service]]\ncode = \"x\"\ntitle = \"Х\"\nprefix = \"A\"\nbutton = 27\n[[window]]\nnumber = 2\nserves = [\"x\"]\nbutton = 5\n", 15, "service.prefix", "А"},
		"cp1251":            {"[site]\nname = \"\xcc\xd4\xd6\"\n", 2, "", "UTF-8"},
		"bad address":       {change("button = 17", "online = \"gosuslugi\"\nbutton = 17"), 7, "service.online", "https://"},
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
