package bench

import (
	"time"

	"sps-kiosk/hal/bench/printer"
)

// PrinterFault is what a person did to the printer.
type PrinterFault struct {
	PaperOut, PaperLow, CoverOpen bool
	Unplugged                     bool // the USB cable
	Jam, Cutter                   bool // paper in the way of the motor, of the knife
	Hot                           bool // the head
}

// SetPrinter changes the printer's condition; the journal tells what changed.
func (m *Machine) SetPrinter(f PrinterFault) {
	m.hands.Lock()
	defer m.hands.Unlock()
	m.mu.Lock()
	was, power := m.fault, m.power
	m.fault = f
	m.mu.Unlock()
	m.tell(was.PaperOut, f.PaperOut, "Кончилась бумага", "Вставлена бумага")
	m.tell(was.PaperLow, f.PaperLow, "Бумага скоро кончится", "Бумаги достаточно")
	m.tell(was.CoverOpen, f.CoverOpen, "Крышка принтера открыта", "Крышка принтера закрыта")
	m.tell(was.Jam, f.Jam, "Бумага в принтере застряла", "Застрявшая бумага вынута")
	m.tell(was.Cutter, f.Cutter, "Нож принтера застрял", "Нож принтера свободен")
	m.tell(was.Hot, f.Hot, "Головка принтера перегрелась", "Головка принтера остыла")
	m.tell(was.Unplugged, f.Unplugged, "Кабель принтера вынут", "Кабель принтера вставлен")
	m.printer.SetFault(printer.Fault{PaperOut: f.PaperOut, PaperLow: f.PaperLow, CoverOpen: f.CoverOpen,
		Jam: f.Jam, Cutter: f.Cutter, Hot: f.Hot})
	switch {
	case f.Unplugged && !was.Unplugged:
		m.bus.Unplug(printerPort)
		m.printer.Disconnect()
	case !f.Unplugged && was.Unplugged && power:
		m.bus.Plug(printerPort, m.printer.Device())
	}
	m.touch()
}

// DipPrinter is a dip of the printer's supply that the bus does not notice.
func (m *Machine) DipPrinter() {
	m.printer.Restart()
	m.note("Просадка питания принтера")
}

// Tear takes the slips hanging in the slot; if none was cut, it tears off what is printed so far.
func (m *Machine) Tear() {
	if m.printer.Tear() {
		m.note("Талон забрали")
	}
}

// SetDisplay takes the display's cable out (true) or puts it back: the chips start dark then.
func (m *Machine) SetDisplay(absent bool) {
	m.mu.Lock()
	was := m.absent
	m.absent = absent
	m.mu.Unlock()
	if was == absent {
		return
	}
	m.chain.PowerUp()
	m.tell(was, absent, "Кабель табло вынут", "Кабель табло вставлен")
}

// BrownOut resets the display's chips behind the back of the program, as a dip of its supply does.
func (m *Machine) BrownOut() {
	m.chain.PowerUp()
	m.note("Просадка питания табло")
}

// Shift moves the wall clock; the time since power-on does not notice.
func (m *Machine) Shift(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.shift += d
	m.enter("Часы переведены на "+inWords(d), 0)
}

// SetClockTrusted tells whether the board knows the time.
func (m *Machine) SetClockTrusted(trusted bool) {
	m.mu.Lock()
	was := m.trusted
	m.trusted = trusted
	m.mu.Unlock()
	m.tell(!was, !trusted, "Время не установлено", "Время установлено")
}

// Program notes the state of the program under test: "running", "starting", "stopped". Its
// supervisor calls it.
func (m *Machine) Program(state string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.program != state {
		m.program = state
		m.bump()
	}
}

// tell enters what became of a condition, if it changed.
func (m *Machine) tell(was, is bool, bad, good string) {
	switch {
	case is && !was:
		m.note(bad)
	case was && !is:
		m.note(good)
	}
}
