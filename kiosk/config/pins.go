package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Lines of a Raspberry Pi's header that buttons and lamps may use. GPIO7…11 are the display's SPI,
// 0 and 1 belong to the identification of expansion boards. Lines below 9 are pulled up while the
// board starts, so a lamp there would light by itself.
const (
	firstButton = 2
	firstLamp   = 12
	lastLine    = 27
)

// expanderShape is a line of an MCP23017: eight chips of sixteen lines.
var expanderShape = regexp.MustCompile(`^MCP23017@0x2[0-7]/GP[AB]([0-7])$`)

// line reads a line: the BCM number of one of the header, or the name of one of an expander. 0 is none
// where the line is not required.
func (t *table) line(key string, first int, required bool) Pin {
	if text, ok := t.values[key].(string); ok {
		t.asked = append(t.asked, key)
		return t.expanderLine(key, text, first == firstButton)
	}
	n, ok := value[int64](t, key, "номер контакта без кавычек")
	if !ok || n == 0 {
		if _, present := t.values[key]; required && (!present || ok) {
			t.out.add(t.at(key), "нужен контакт GPIO от %d до %d", first, lastLine)
		}
		return ""
	}
	switch {
	case n >= 7 && n <= 11:
		t.out.add(t.at(key), "контакт %d занят табло (SPI: 7–11). Можно %d–%d", n, firstLamp, lastLine)
	case n < int64(first) || n > lastLine:
		t.out.add(t.at(key), "контакт %d не подходит, можно от %d до %d", n, first, lastLine)
	default:
		return header(int(n))
	}
	return ""
}

// expanderLine checks the name of an expander's line. Lines 7 of each side are outputs only.
func (t *table) expanderLine(key, text string, button bool) Pin {
	match := expanderShape.FindStringSubmatch(text)
	switch {
	case match == nil:
		t.out.add(t.at(key), "здесь нужен номер контакта без кавычек или линия расширителя вида "+
			"\"MCP23017@0x20/GPA3\", а написано %q", text)
	case button && match[1] == "7":
		t.out.add(t.at(key), "линии GPA7 и GPB7 расширителя годятся только для ламп")
	default:
		return Pin(text)
	}
	return ""
}

// header names a line of the header.
func header(bcm int) Pin { return Pin(fmt.Sprintf("GPIO%d", bcm)) }

// use is a line of the settings, where it stands and what it is for.
type use struct {
	pin        Pin
	key, owner string
}

// uses lists every line of the settings.
func uses(s Settings) (list []use) {
	add := func(pin Pin, owner, key string, index ...any) {
		if pin != "" {
			list = append(list, use{pin, fmt.Sprintf(key, index...), owner})
		}
	}
	for i, v := range s.Services {
		add(v.Button, "кнопка «"+v.Title+"»", "service[%d].button", i)
		add(v.Lamp, "лампа «"+v.Title+"»", "service[%d].lamp", i)
	}
	for i, w := range s.Windows {
		add(w.Button, "пульт: "+w.Title, "window[%d].button", i)
		add(w.Buttons.Next, "«Следующий»: "+w.Title, "window[%d].buttons.next", i)
		add(w.Buttons.Done, "«Пришёл, готово»: "+w.Title, "window[%d].buttons.done", i)
		add(w.Buttons.Transfer, "«Перенаправить»: "+w.Title, "window[%d].buttons.transfer", i)
		add(w.Buttons.Park, "«Неявка, отложить»: "+w.Title, "window[%d].buttons.park", i)
		add(w.Lamp, "лампа пульта: "+w.Title, "window[%d].lamp", i)
	}
	add(s.Help.Button, "кнопка помощи", "help.button")
	add(s.Help.Lamp, "лампа кнопки помощи", "help.lamp")
	add(s.Scan.Button, "кнопка «Сканировать»", "scan.button")
	add(s.Scan.Lamp, "лампа «Сканировать»", "scan.lamp")
	add(s.Scan.Done, "кнопка «Готово»", "scan.done")
	add(s.Scan.DoneLamp, "лампа «Готово»", "scan.done_lamp")
	add(s.Scan.StickLamp, "лампа у флешки", "scan.stick_lamp")
	for i, d := range s.Displays() {
		add(d.CLK, "табло (CLK)", "%s.clk", displayKey(i))
		add(d.DIO, "табло (DIO)", "%s.dio", displayKey(i))
	}
	add(s.Sounder.Line, "звуковой сигнал", "sounder.line")
	return list
}

// checkLines looks for lines that two things would share. An expander hangs on the header's I²C, which
// takes two lines for itself.
func checkLines(s Settings, out *list) {
	taken, all := map[Pin]string{}, uses(s)
	if slices.ContainsFunc(all, func(u use) bool { return expanderShape.MatchString(string(u.pin)) }) {
		taken[header(2)], taken[header(3)] = "расширитель (I²C)", "расширитель (I²C)"
	}
	for _, u := range all {
		if other := taken[u.pin]; other != "" {
			out.add(u.key, "контакт %s уже занят: %s", strings.TrimPrefix(string(u.pin), "GPIO"), other)
			continue
		}
		taken[u.pin] = u.owner
	}
}
