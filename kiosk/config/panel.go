package config

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Panel is the pages the kiosk serves: on its own screen, and in the network of the centre.
type Panel struct {
	Screen int    // port on the loopback for the kiosk's own screen and a board beside it, 0 = off
	LAN    int    // port of HTTPS in the network of the centre, 0 = off
	Pins   []Pass // who may work at a paired browser
	Card   string // a word; another one prints a card with a pairing code once more; "" = never
}

// Pass is a PIN and the place it opens.
type Pass struct {
	Window int    // number of the window, 0 where Role is set
	Role   string // Administrator or Technician, "" for a window
	Pin    string // four to eight digits; a technician's has six or more
}

// Roles of a Pass that are no window.
const (
	Administrator = "administrator"
	Technician    = "technician"
)

// Voice is who speaks the calls.
type Voice struct {
	Kind   string // "off", "espeak", "recorded"
	Folder string // of recorded words
	Device string // ALSA's name of the sound card: "default", "plughw:CARD=Headphones"
	Volume int    // percent
}

var pinShape = regexp.MustCompile(`^[0-9]{4,8}$`)

// pagesOf reads [panel].
func pagesOf(t *table) Panel {
	p := Panel{Screen: t.number("screen_port", 0, 0, 65535), LAN: t.number("lan_port", 0, 0, 65535), Card: t.text("card", "", 40)}
	words, _ := t.texts("pins")
	for _, word := range words {
		pass, problem := passOf(word)
		for _, other := range p.Pins {
			if other.Pin == pass.Pin || other.Window == pass.Window && other.Role == pass.Role {
				problem = "такое место или такой ПИН-код в списке уже есть"
			}
		}
		if problem != "" {
			t.out.add(t.at("pins"), "%q не подходит: %s", strings.SplitN(word, ":", 2)[0], problem)
			continue
		}
		p.Pins = append(p.Pins, pass)
	}
	if p.Screen != 0 && p.Screen == p.LAN {
		t.out.add(t.at("lan_port"), "порт %d занят экраном киоска: у lan_port и screen_port они должны быть разными", p.LAN)
	}
	t.finish()
	return p
}

// passOf reads "2:4821". The PIN itself is in no message.
func passOf(word string) (Pass, string) {
	place, pin, _ := strings.Cut(word, ":")
	pass := Pass{Pin: strings.TrimSpace(pin)}
	switch place = strings.TrimSpace(place); place {
	case Administrator, Technician:
		pass.Role = place
	default:
		n, err := strconv.Atoi(place)
		if err != nil || n < 1 {
			return pass, fmt.Sprintf("нужно «место:ПИН-код», место — номер окна, %s или %s", Administrator, Technician)
		}
		pass.Window = n
	}
	switch {
	case !pinShape.MatchString(pass.Pin):
		return pass, "ПИН-код — от четырёх до восьми цифр"
	case pass.Role == Technician && len(pass.Pin) < 6:
		return pass, "у техника в ПИН-коде не меньше шести цифр"
	case simple(pass.Pin):
		return pass, "ПИН-код слишком простой: цифры одинаковые или идут подряд"
	}
	return pass, ""
}

// simple reports whether every step from digit to digit is the same, and none is more than one.
func simple(pin string) bool {
	step := int(pin[1]) - int(pin[0])
	for i := 1; i < len(pin); i++ {
		if int(pin[i])-int(pin[i-1]) != step {
			return false
		}
	}
	return step >= -1 && step <= 1
}

// voiceOf reads [voice].
func voiceOf(t *table) Voice {
	v := Voice{Kind: t.oneOf("kind", "off", "off", "espeak", "recorded"), Folder: t.text("folder", "", 200),
		Device: t.text("device", "default", 80), Volume: t.number("volume", 80, 1, 100)}
	if v.Kind == "recorded" && v.Folder == "" {
		t.out.add(t.at("folder"), "для записанных слов нужна папка с файлами WAV, например: folder = \"/data/voice\"")
	}
	t.finish()
	return v
}
