// Package health knows what works, since when, and what a technician should do about the rest.
//
// It owns the closed list of devices' states and the table of what holds now. It refuses to look
// at devices: workers tell it. A missing device degrades the service, it never stops it (A11).
package health

import (
	"slices"
	"strings"

	"sps-kiosk/kiosk/event"
)

// State is how a device is: a word of a closed list, stored in events and sent as statistics.
type State string

// The states (A4). Unknown holds until a device was first looked at.
const (
	Unknown   State = ""
	OK        State = "ok"
	PaperLow  State = "paper_low"
	PaperOut  State = "paper_out"
	CoverOpen State = "cover_open"
	Jam       State = "jam"
	Offline   State = "offline"
	Absent    State = "absent"
	Stuck     State = "stuck"
	Slow      State = "slow"
	Wrong     State = "wrong"
	// Unfamiliar is a printer that nobody knows: it prints in a way that every printer can.
	Unfamiliar State = "unfamiliar"
	// SpaceLow is a card that has less room than is good; Full is one that takes no new tickets.
	SpaceLow State = "space_low"
	Full     State = "full"
	// NoLink is a district that has not been reached for a while; Unregistered is one that takes
	// nothing of this kiosk. Both are of the device "uplink", and the service goes on.
	NoLink       State = "no_link"
	Unregistered State = "unregistered"
)

// Advice says in Russian what the state is and what to do.
func (s State) Advice() string {
	switch s {
	case OK:
		return "исправно"
	case PaperLow:
		return "бумага кончается: приготовьте новый рулон"
	case PaperOut:
		return "нет бумаги: поставьте новый рулон"
	case CoverOpen:
		return "открыта крышка: закройте её до щелчка"
	case Jam:
		return "бумага застряла: откройте крышку и выньте её"
	case Offline:
		return "не готов: нажмите кнопку на принтере или выключите и включите его"
	case Absent:
		return "не найден: проверьте кабель и питание"
	case Stuck:
		return "кнопка зажата дольше 30 секунд: освободите её"
	case Slow:
		return "отвечает медленно: проверьте карту памяти"
	case Unfamiliar:
		return "принтер незнакомый: печатаем в простом режиме"
	case NoLink:
		return "нет связи с районом: проверьте кабель и роутер, статистика копится"
	case Unregistered:
		return "район не принимает данные этого киоска: позвоните в район, статистика копится"
	case Wrong:
		return "ведёт себя не как ожидалось: проверьте настройки"
	case SpaceLow:
		return "почти кончилось: удалите лишние файлы или поставьте карту большего объёма"
	case Full:
		return "кончилось, новые талоны не выдаются: удалите лишние файлы или поставьте карту большего объёма"
	}
	return "ещё не проверено"
}

// Works reports whether the device does its work in this state.
func (s State) Works() bool {
	return s == OK || s == PaperLow || s == Unknown || s == Slow || s == Unfamiliar || s == SpaceLow
}

// Entry is one line of the table.
type Entry struct {
	Device string // "printer", "display", "button.docs", "handset.2", "store"
	State  State
	Since  event.Time
}

// Board is the table of what works. It belongs to one goroutine.
type Board struct{ entries []Entry }

// Set notes a device's state and reports whether it changed.
func (b *Board) Set(now event.Time, device string, s State) bool {
	i, found := slices.BinarySearchFunc(b.entries, device, func(e Entry, d string) int {
		return strings.Compare(e.Device, d)
	})
	if found && b.entries[i].State == s {
		return false
	}
	if !found {
		b.entries = slices.Insert(b.entries, i, Entry{})
	}
	b.entries[i] = Entry{Device: device, State: s, Since: now}
	return true
}

// Of returns the state of a device.
func (b *Board) Of(device string) State {
	for _, e := range b.entries {
		if e.Device == device {
			return e.State
		}
	}
	return Unknown
}

// Entries returns a copy of the table, sorted by device.
func (b *Board) Entries() []Entry { return slices.Clone(b.entries) }
