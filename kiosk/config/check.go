package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sps-kiosk/kiosk/catalog"
)

// Device is a checked kiosk.txt: what is wired where, without the catalogue.
type Device struct {
	settings Settings
	zone     *time.Location
	panel    []Service // with code, button and lamp alone
	places   []Window  // with number, handset and lamp alone
	lines    lineIndex
	text     []byte
}

// Text returns the bytes of the kiosk.txt that the device was read from.
func (d Device) Text() []byte { return slices.Clone(d.text) }

// Settings returns what the device says without a catalogue: buttons and handsets with their codes and
// numbers alone.
func (d Device) Settings() Settings {
	s := d.settings
	s.Hours.Zone = d.zone
	s.Services, s.Windows = slices.Clone(d.panel), slices.Clone(d.places)
	return s
}

// Join joins the device with a catalogue. Buttons and handsets of what the catalogue does not know are
// problems, of kiosk.txt.
func (d Device) Join(book Book) (Settings, error) {
	s := d.join(book.Catalog)
	out := &list{lines: d.lines}
	d.checkWiring(book.Catalog, out)
	checkDisplays(s, out)
	checkLines(s, out)
	if err := out.err(); err != nil {
		err.(*Error).Displays = s.Displays()
		return Settings{}, err
	}
	return s, nil
}

// JoinKnown joins the device with a catalogue that came into force before kiosk.txt was altered: buttons
// and handsets of what it does not know are dead until the next one is in force.
func (d Device) JoinKnown(book Book) Settings {
	known := d
	known.panel = slices.DeleteFunc(slices.Clone(d.panel), func(s Service) bool { _, ok := book.Catalog.Service(s.Code); return !ok })
	known.places = slices.DeleteFunc(slices.Clone(d.places), func(w Window) bool { _, ok := book.Catalog.Window(w.Number); return !ok })
	return known.join(book.Catalog)
}

// join puts the catalogue's entries to what is wired, and those that are not wired behind them.
func (d Device) join(c catalog.Catalog) Settings {
	s := d.settings
	s.Catalog, s.Hours = c, c.Hours
	s.Hours.Zone = d.zone
	s.Queue = Queue{CarryOver: c.CarryOver, Privileges: c.Privileges}
	for _, v := range d.panel {
		v.Service, _ = c.Service(v.Code)
		s.Services = append(s.Services, v)
	}
	for _, v := range c.Services {
		if !slices.ContainsFunc(d.panel, func(wired Service) bool { return wired.Code == v.Code }) {
			s.Services = append(s.Services, Service{Service: v})
		}
	}
	for _, w := range d.places {
		w.Window, _ = c.Window(w.Number)
		s.Windows = append(s.Windows, w)
	}
	for _, w := range c.Windows {
		if !slices.ContainsFunc(d.places, func(wired Window) bool { return wired.Number == w.Number }) {
			s.Windows = append(s.Windows, Window{Window: w})
		}
	}
	for i := range s.Windows {
		s.Windows[i].Serves = c.Calls(s.Windows[i].Window)
	}
	return s
}

// checkWiring looks for buttons and handsets that come twice, and for services and windows that the
// catalogue does not have.
func (d Device) checkWiring(c catalog.Catalog, out *list) {
	var codes, numbers []string
	for _, s := range c.Services {
		codes = append(codes, s.Code)
	}
	for _, w := range c.Windows {
		numbers = append(numbers, fmt.Sprint(w.Number))
	}
	for i, s := range d.panel {
		key := fmt.Sprintf("service[%d].code", i)
		if slices.ContainsFunc(d.panel[:i], func(o Service) bool { return o.Code == s.Code }) {
			out.add(key, "кнопка услуги %q уже есть. Оставьте одну из двух", s.Code)
		}
		if !slices.Contains(codes, s.Code) {
			out.add(key, "в каталоге %s нет услуги %q. Есть: %s", c.Version, s.Code, quoted(codes))
		}
	}
	for i, w := range d.places {
		key := fmt.Sprintf("window[%d].number", i)
		if slices.ContainsFunc(d.places[:i], func(o Window) bool { return o.Number == w.Number }) {
			out.add(key, "окно %d уже есть", w.Number)
		}
		if !slices.Contains(numbers, fmt.Sprint(w.Number)) {
			out.add(key, "в каталоге %s нет окна %d. Есть: %s", c.Version, w.Number, strings.Join(numbers, ", "))
		}
	}
}
