package config

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"sps-kiosk/kiosk/queue"
)

var portShape = regexp.MustCompile(`^[0-9]+-[0-9]+(\.[0-9]+)*$`)

// siteOf reads [site].
func siteOf(t *table) (Site, *time.Location) {
	s := Site{Name: t.required("name", 60), Kiosk: t.number("kiosk", 1, 1, 99)}
	zone := zoneOf(t)
	t.finish()
	return s, zone
}

// panelOf reads one [[service]] of kiosk.txt: the button of a service of the catalogue.
func panelOf(t *table) Service {
	t.moved("[[service]] с тем же code", "title", "prefix", "numbers", "digits", "typical_minutes", "sla_minutes",
		"duty", "remind", "online")
	s := Service{Button: t.line("button", firstButton, true), Lamp: t.line("lamp", firstLamp, false)}
	s.Code = t.required("code", 24)
	t.finish()
	return s
}

// numbers reads "1-999". Without the key it is 1 to the largest number of that width.
func (t *table) numbers(key string, digits int) (first, last int) {
	largest := 1
	for range digits {
		largest *= 10
	}
	v := t.text(key, "", 12)
	if v == "" {
		return 1, largest - 1
	}
	a, b, _ := strings.Cut(v, "-")
	first, errA := strconv.Atoi(strings.TrimSpace(a))
	last, errB := strconv.Atoi(strings.TrimSpace(b))
	if errA != nil || errB != nil || first < 1 || last < first || last > 9999 {
		t.out.add(t.at(key), "%q не подходит: нужны первый и последний номер, например \"1-999\", не больше 9999", v)
		return 1, largest - 1
	}
	return first, last
}

// placeOf reads one [[window]] of kiosk.txt: the handset of a window of the catalogue.
func placeOf(t *table) Window {
	t.moved("[[window]] с тем же number", "title", "serves", "transfer_to", "return_after", "capacity")
	w := Window{Lamp: t.line("lamp", firstLamp, false)}
	w.Number = t.windowNumber()
	w.Button, w.Buttons = handsetOf(t)
	t.finish()
	return w
}

// windowNumber reads the number of a window, which must be there.
func (t *table) windowNumber() int {
	n := t.number("number", 0, 1, 99)
	if _, present := t.values["number"]; !present {
		t.out.add(t.at("number"), "не хватает номера окна. Добавьте строку: number = 1")
	}
	return n
}

// handsetOf reads the one button of a window, or its four: one of the two there must be.
func handsetOf(t *table) (one Pin, four Buttons) {
	_, single := t.values["button"]
	_, several := t.values["buttons"]
	t.asked = append(t.asked, "button", "buttons")
	switch {
	case single && several:
		t.out.add(t.at("buttons"), "у пульта или одна кнопка (button), или четыре (buttons). Оставьте одну из двух строк")
	case several:
		b := t.section("buttons")
		if b.values == nil { // of another type, which is noted
			return "", Buttons{}
		}
		four = Buttons{Next: b.line("next", firstButton, true), Done: b.line("done", firstButton, true),
			Transfer: b.line("transfer", firstButton, true), Park: b.line("park", firstButton, true)}
		b.finish()
	case single:
		one = t.line("button", firstButton, true)
	default:
		t.out.add(t.at("button"), "у окна нет пульта. Добавьте button = 4 или buttons = { next = 4, done = 5, transfer = 6, park = 3 }")
	}
	return one, four
}

// queueOf reads [queue].
func queueOf(t *table) Queue {
	q := Queue{CarryOver: t.oneOf("day_end", "close", "close", "carry_over") == "carry_over"}
	known := make([]string, 0, len(queue.Privileges()))
	for _, p := range queue.Privileges() {
		known = append(known, string(p))
	}
	words, _ := t.texts("out_of_turn")
	for _, w := range words {
		if !slices.Contains(known, w) {
			t.out.add(t.at("out_of_turn"), "%q не подходит. Здесь бывает: %s", w, quoted(known))
			continue
		}
		q.Privileges = append(q.Privileges, queue.Privilege(w))
	}
	t.finish()
	return q
}

// helpOf reads [help].
func helpOf(t *table) Help {
	h := Help{Button: t.line("button", firstButton, false), Lamp: t.line("lamp", firstLamp, false)}
	t.finish()
	return h
}

// sounderOf reads [sounder].
func sounderOf(t *table) Sounder {
	s := Sounder{Line: t.line("line", firstLamp, false)}
	t.finish()
	return s
}

// Auto stands for the printer's own word about its model.
const Auto = "auto"

// Profiles returns the words for kinds of printers, Auto first.
func Profiles() []string {
	return []string{Auto, "generic58", "generic80", "xprinter80", "rongta80", "atol80", "citizen", "epson_t20", "epson_t88",
		"custom_vkp80ii", "custom_vkp80iii"}
}

// printerOf reads [printer].
func printerOf(t *table) Printer {
	p := Printer{
		Profile: t.oneOf("profile", Auto, Profiles()...),
		Text:    t.oneOf("text", "off", "off", "cp866", "cp1251"),
		Left:    t.oneOf("left_ticket", "retract", "retract", "eject", "hold"),
		LeftFor: time.Duration(t.number("left_seconds", 30, 5, 255)) * time.Second,
	}
	if v := t.text("usb", "auto", 12); v != "auto" {
		vendor, product, _ := strings.Cut(v, ":")
		a, errA := strconv.ParseUint(vendor, 16, 16)
		b, errB := strconv.ParseUint(product, 16, 16)
		if errA != nil || errB != nil {
			t.out.add(t.at("usb"), "%q не подходит: нужно auto или код вида 0416:5011", v)
		}
		p.Vendor, p.Product = uint16(a), uint16(b)
	}
	p.Port = t.text("port", "", 24)
	if p.Port != "" && !portShape.MatchString(p.Port) {
		t.out.add(t.at("port"), "%q не подходит: нужен разъём вида 1-1.2 или пустые кавычки", p.Port)
	}
	t.finish()
	return p
}

// quoted joins words for a message: "a", "b".
func quoted(words []string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = strconv.Quote(w)
	}
	return strings.Join(out, ", ")
}
