package dashboard

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"sps-kiosk/sync/ident"
)

// link says whether a kiosk is heard.
func (s *Site) link(m machine) cell {
	switch {
	case m.Status == ident.Revoked:
		return is("off", "снят с учёта")
	case m.Seen.IsZero():
		return is("off", "ещё не подключался")
	case m.Cloned:
		return is("bad", "два устройства под одним ключом")
	case m.Status != ident.Active:
		return is("bad", m.Status.Text())
	case m.silent > s.mute():
		return is("bad", "молчит "+ago(m.silent))
	case m.silent > s.quiet():
		return is("warn", "молчит "+ago(m.silent))
	}
	if m.silent < time.Minute {
		return is("ok", "только что")
	}
	return is("ok", ago(m.silent)+" назад")
}

// reported is a cell of what the kiosk told when it was last heard; it is old, and said to be, where the
// kiosk is silent.
func (s *Site) reported(m machine, text string) cell {
	switch {
	case m.Beat == nil || m.silent > s.mute():
		return is("off", "не знаем")
	}
	return say(text)
}

// device is the cell of a device.
func (s *Site) device(m machine, name, well string) cell {
	word, known := m.state(name)
	if !known || m.silent > s.mute() {
		return is("off", "не знаем")
	}
	if kind := m.part(name); kind != "ok" {
		return is(kind, stateText(word))
	}
	return say(well)
}

// paper and cover are two sides of what a printer tells.
func (s *Site) paper(m machine) cell {
	if word, _ := m.state("printer"); word == "cover_open" {
		return is("off", "не знаем")
	}
	return s.device(m, "printer", "есть")
}

func (s *Site) cover(m machine) cell {
	switch word, known := m.state("printer"); {
	case !known || m.silent > s.mute() || word == "absent" || word == "offline":
		return is("off", "не знаем")
	case word == "cover_open":
		return is("bad", "открыта")
	}
	return say("закрыта")
}

// disk is the free part of a card.
func (s *Site) disk(m machine) cell {
	if m.Beat == nil || m.silent > s.mute() {
		return is("off", "не знаем")
	}
	text := strconv.Itoa(m.Beat.Disk) + nbsp + "%"
	switch {
	case m.Beat.Disk < diskBad:
		return is("bad", text)
	case m.Beat.Disk < diskWarn:
		return is("warn", text)
	}
	return say(text)
}

// catalogue is the version in force, held against that of the others (A6).
func (s *Site) catalogue(m machine) cell {
	switch {
	case m.Beat == nil || m.Beat.Catalog == "":
		return is("off", "не знаем")
	case m.Beat.Catalog != m.catalog:
		return is("warn", m.Beat.Catalog+", у других "+m.catalog)
	}
	return say(m.Beat.Catalog)
}

// clock is how well the kiosk's time is known.
func (s *Site) clock(m machine, clocks map[int64]time.Duration) cell {
	bound, known := clocks[m.ID]
	switch {
	case m.reach.Undated > 0 && !known:
		return is("warn", "время не установлено")
	case !known:
		return is("off", "не знаем")
	case bound >= time.Minute:
		return is("warn", "±"+nbsp+ago(bound))
	}
	return say("±" + nbsp + decimal(bound.Seconds()) + nbsp + "с")
}

// others names the devices that are in trouble, but for the printer, which has columns of its own.
func (s *Site) others(m machine) cell {
	if m.Beat == nil || m.silent > s.mute() {
		return is("off", "не знаем")
	}
	var said []string
	for _, d := range m.Beat.Devices {
		if d.Name == "printer" || d.State == "" || d.State == "ok" {
			continue
		}
		said = append(said, deviceTitle(d.Name)+": "+stateText(d.State))
	}
	if len(said) == 0 {
		return say("исправны")
	}
	return is("warn", strings.Join(said, "; "))
}

// class colours a row by how bad it is; the words and shapes in it say the same.
func (m machine) class() string {
	switch m.grade {
	case 2:
		return "is-bad"
	case 1:
		return "is-warn"
	}
	return ""
}

// machineCells is the line of a kiosk.
func (s *Site) machineCells(a ask, m machine, clocks map[int64]time.Duration, cuts map[int64]int) []cell {
	heat, version := "не знаем", ""
	backlog := is("off", "не знаем")
	if m.Beat != nil {
		version = Version(m.Beat.Firmware)
		if m.silent <= s.mute() {
			backlog = put(Figure{Name: "backlog@kiosk." + strconv.FormatInt(m.ID, 10), Known: true, Raw: strconv.FormatUint(m.Beat.Backlog, 10), Text: count(int64(m.Beat.Backlog))})
		}
		if m.Beat.Heat != 0 {
			heat = fmt.Sprintf("%d"+nbsp+"°C", m.Beat.Heat)
		}
	}
	if version == "" {
		version = "не знаем"
	}
	boots, cut := is("off", "не знаем"), is("off", "не знаем")
	if m.Boot > 0 {
		id := strconv.FormatInt(m.ID, 10)
		boots = put(Figure{Name: "boot@kiosk." + id, Known: true, Raw: strconv.Itoa(int(m.Boot)), Text: count(int64(m.Boot))})
		cut = put(Figure{Name: "cuts@kiosk." + id, Known: true, Raw: strconv.Itoa(cuts[m.ID]), Text: count(int64(cuts[m.ID]))})
	}
	return []cell{say(m.Name), say(m.office), s.link(m), s.reach(a, m), s.paper(m), s.cover(m), s.others(m), s.clock(m, clocks), say(version), s.catalogue(m), backlog, s.disk(m), s.reported(m, heat), boots, cut}
}

// reach is how far the data of a kiosk go.
func (s *Site) reach(a ask, m machine) cell {
	switch {
	case m.reach.Complete.IsZero():
		return is("off", "данных нет")
	case m.reach.Missing > 0:
		return is("warn", "передано не всё")
	}
	t := m.reach.Complete.In(a.Zone)
	if t.YearDay() == a.Now.YearDay() && t.Year() == a.Now.Year() {
		return say("до " + t.Format("15:04"))
	}
	return say("до " + moment(t))
}
