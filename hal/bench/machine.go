// Package bench is the kiosk's hardware, virtual: one machine with buttons, lamps, an LED display
// and a printer, written from data sheets.
//
// It owns what the parts do: levels and edges, frames and segments, bytes and paper, power and
// clock, and the faults a person can cause. The program under test sees it through the same
// interfaces as a real board; a person (the page, a test) presses, tears and unplugs. It refuses
// to import drivers or the kiosk, so that both cannot share one misunderstanding.
package bench

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"sync"
	"time"

	"sps-kiosk/hal/bench/display"
	"sps-kiosk/hal/bench/printer"
	"sps-kiosk/hal/bench/virtusb"
	"sps-kiosk/hal/usb"
)

// printerPort is the socket of the printer's cable.
const printerPort = "1-1.2"

// bootDelay is how long the virtual board has been up when the program can start.
const bootDelay = 8 * time.Second

// clockError is the stated error of a trusted clock.
const clockError = 50 * time.Millisecond

// Machine is the virtual kiosk. It is safe for use by several goroutines; its lock guards plain
// state and is never held while a device model or a callback runs. OnPower's callback is free to
// wait and to call the machine.
type Machine struct {
	layout  Layout
	chain   *display.Chain
	extra   extra
	printer *printer.Printer
	scan    scanning
	bus     virtusb.Bus

	hands sync.Mutex // one person moves plugs and covers at a time

	mu      sync.Mutex
	lines   map[string]*line
	contact Contact
	power   bool
	onPower func(on bool)
	boot    string
	on      time.Time // the board's clock began
	shift   time.Duration
	trusted bool
	program string
	absent  bool // the display's cable is out
	fault   PrinterFault
	caption []Caption
	journal []Entry
	seq     uint64
	changed chan struct{}
}

// New makes a machine, powered on, with paper in the printer and a trusted clock.
func New(l Layout) *Machine {
	m := &Machine{
		layout: l, chain: display.New(l.Display.Digits), lines: map[string]*line{},
		contact: WornContact(), trusted: true, program: "stopped", seq: 1, changed: make(chan struct{}),
	}
	for _, b := range l.Buttons {
		m.addInput(b.Line, b.name())
		m.addOutput(b.Lamp)
	}
	for _, h := range l.Handsets {
		m.addInput(h.Line, h.name())
		m.addOutput(h.Lamp)
	}
	m.addOutput(l.Sounder)
	m.extra = newExtra(l, m.touch)
	m.printer = printer.New(l.Printer, printer.Hooks{Changed: m.touch, Cut: func() { m.note("Бумага отрезана") }})
	m.addScanner(l.Scanner)
	m.powerUp()
	return m
}

// USB returns the host's bus with the printer on it.
func (m *Machine) USB() usb.Bus { return &m.bus }

// Bus returns the same bus from the devices' side, to plug further devices.
func (m *Machine) Bus() *virtusb.Bus { return &m.bus }

// PrinterDevice returns the printer's USB side, for transports to a real kernel and for faults of
// single transfers.
func (m *Machine) PrinterDevice() *virtusb.Device { return m.printer.Device() }

// Frame gives the display one SPI frame (CS low to CS high), for transports to a real kernel.
func (m *Machine) Frame(w []byte) {
	m.mu.Lock()
	reach := m.power && !m.absent
	m.mu.Unlock()
	if !reach {
		return
	}
	before := m.look()
	m.chain.Frame(w)
	if m.look() != before { // programs refresh all registers every second
		m.touch()
	}
}

// look is the display in a comparable form.
func (m *Machine) look() string {
	return fmt.Sprintf("%x %d", m.chain.Segments(), m.chain.Intensity())
}

// Boot names the present run of the board; it changes at every power-on.
func (m *Machine) Boot() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.boot
}

// Now returns the time since the board's power-on, the wall clock, and how far it may be off; a
// negative error means that the clock cannot be trusted.
func (m *Machine) Now() (up time.Duration, wall time.Time, err time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.up(), m.wall(), m.clockError()
}

// Clock is all that Now and Boot depend on, for those who carry them elsewhere: the board's clock
// began On, the wall clock is time.Now moved by Shift.
type Clock struct {
	Boot  string
	On    time.Time
	Shift time.Duration
	Error time.Duration // negative = untrusted
}

// Clock returns the state of the clock.
func (m *Machine) Clock() Clock {
	m.mu.Lock()
	defer m.mu.Unlock()
	return Clock{Boot: m.boot, On: m.on, Shift: m.shift, Error: m.clockError()}
}

func (m *Machine) up() time.Duration { return time.Since(m.on) }

func (m *Machine) wall() time.Time {
	now := time.Now().Add(m.shift)
	if m.layout.Zone == nil {
		return now
	}
	return now.In(m.layout.Zone)
}

func (m *Machine) clockError() time.Duration {
	if !m.trusted {
		return -1
	}
	return clockError
}

// Close ends the machine: waiting for edges returns, pipes are unplugged.
func (m *Machine) Close() error {
	m.bus.Unplug(printerPort)
	m.printer.Close()
	m.pullScanner()
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range m.lines {
		l.close()
	}
	return nil
}

// Power puts the plug in or pulls it. Without power the lamps and digits are dark, USB is gone and
// outputs are forgotten; with it a new boot begins. What is half on paper stays there.
func (m *Machine) Power(on bool) {
	tell, changed := m.plug(on)
	if changed && tell != nil {
		tell(on)
	}
}

func (m *Machine) plug(on bool) (tell func(on bool), changed bool) {
	m.hands.Lock()
	defer m.hands.Unlock()
	m.mu.Lock()
	was, tell := m.power, m.onPower
	m.mu.Unlock()
	switch {
	case was == on:
		return nil, false
	case on:
		m.note("Вилка вставлена")
		m.powerUp()
	default:
		m.powerDown()
		m.note("Вилка выдернута")
	}
	return tell, true
}

// OnPower sets what is told when the plug was pulled or put in: the supervisor of the program.
func (m *Machine) OnPower(f func(on bool)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.onPower = f
}

func (m *Machine) powerUp() {
	id := make([]byte, 16)
	rand.Read(id)
	m.chain.PowerUp()
	m.extra.power(true)
	m.mu.Lock()
	m.power, m.boot, m.on = true, hex.EncodeToString(id), time.Now().Add(-bootDelay)
	plugged := !m.fault.Unplugged
	m.mu.Unlock()
	if plugged {
		m.bus.Plug(printerPort, m.printer.Device())
	}
	m.startScanner()
	m.touch()
}

func (m *Machine) powerDown() {
	m.mu.Lock()
	m.power = false
	for _, l := range m.lines {
		l.powerDown()
	}
	m.mu.Unlock()
	m.bus.Unplug(printerPort)
	m.printer.Disconnect()
	m.pullScanner()
	m.chain.PowerUp()
	m.extra.power(false)
}

func (m *Machine) lineNamed(name string) (*line, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.lines[name]
	if l == nil {
		return nil, fmt.Errorf("line %q: nothing is connected", name)
	}
	return l, nil
}
