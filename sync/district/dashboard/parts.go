package dashboard

import (
	"slices"
	"strings"

	"sps-kiosk/sync/wire"
)

// state is a device's word; "" where nothing is wrong, known is false where nobody knows.
func (m machine) state(name string) (word string, known bool) {
	if m.Beat == nil {
		return "", false
	}
	i := slices.IndexFunc(m.Beat.Devices, func(d wire.Device) bool { return d.Name == name })
	if i < 0 {
		return "", true
	}
	return m.Beat.Devices[i].State, true
}

// part grades a device: "ok", "warn", "bad", "" for not known.
func (m machine) part(name string) string {
	word, known := m.state(name)
	switch {
	case !known:
		return ""
	case word == "" || word == "ok":
		return "ok"
	case word == "paper_low" || word == "slow" || word == "unfamiliar" || word == "space_low":
		return "warn"
	}
	return "bad"
}

// troubles counts the devices that need somebody.
func (m machine) troubles() (n int) {
	if m.Beat == nil {
		return 0
	}
	for _, d := range m.Beat.Devices {
		if d.State != "" && d.State != "ok" && d.State != "unfamiliar" {
			n++
		}
	}
	return n
}

// stateText says a device's word.
func stateText(word string) string {
	switch word {
	case "", "ok":
		return "исправно"
	case "paper_low":
		return "бумага кончается"
	case "paper_out":
		return "нет бумаги"
	case "cover_open":
		return "открыта крышка"
	case "jam":
		return "замятие"
	case "offline":
		return "не готов"
	case "absent":
		return "не найден"
	case "stuck":
		return "кнопка зажата"
	case "slow":
		return "медленно"
	case "wrong":
		return "неисправен"
	case "unfamiliar":
		return "незнакомая модель"
	case "space_low":
		return "мало места"
	case "full":
		return "нет места"
	case "no_link":
		return "нет связи"
	case "unregistered":
		return "не зарегистрирован"
	}
	return word
}

// deviceTitle is a device's name for people: «Пульт окна 2».
func deviceTitle(name string) string {
	for _, d := range devices() {
		if d.Name == name {
			return d.Title
		}
	}
	base := strings.TrimSuffix(name, ".gestures")
	if n, is := strings.CutPrefix(base, "handset."); is {
		return "Пульт окна " + n
	}
	if n, is := strings.CutPrefix(base, "button."); is {
		return "Кнопка " + n
	}
	return name
}
