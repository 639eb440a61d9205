package bench

import (
	"fmt"

	"sps-kiosk/hal/bench/scanner"
	"sps-kiosk/hal/bench/scanner/sheet"
	"sps-kiosk/hal/bench/virtusb"
)

// scannerPort is the socket of the scanner's cable.
const scannerPort = "1-1.3"

// slowly is how many bytes per second a slow scanner gives.
const slowly = 40_000

// ScannerFault is what happened to the scanner.
type ScannerFault struct {
	Unplugged bool // the USB cable
	Jam       bool // the next sheet fed jams; false again = somebody took it out
	CutPage   bool // files end halfway, with every sign of success
	Slow      bool // files come at 40 kB/s
	LidOpen   bool
	HatchOpen bool // the feeder's cover
}

// ScannerView is the scanner as it looks; nothing of it is in a snapshot of a machine without one.
type ScannerView struct {
	Model     string `json:"model"`
	Glass     string `json:"glass"` // mark of the sheet on the glass
	OnGlass   bool   `json:"onGlass"`
	Tray      int    `json:"tray"` // sheets waiting in the feeder
	Out       int    `json:"out"`  // sheets that came out
	Scanning  bool   `json:"scanning"`
	Jammed    bool   `json:"jammed"`
	Unplugged bool   `json:"unplugged"`
	CutPage   bool   `json:"cutPage"`
	Slow      bool   `json:"slow"`
	LidOpen   bool   `json:"lidOpen"`
	HatchOpen bool   `json:"hatchOpen"`

	Stick *StickView `json:"stick,omitempty"` // the citizen's
}

// scanning is the machine's part with a scanner in it; dev is nil without one.
type scanning struct {
	dev   *scanner.Scanner
	fault ScannerFault // guarded by the machine's mu
	stick stick        // guarded by it, too
}

func (m *Machine) addScanner(model *scanner.Model) {
	if model != nil {
		m.scan.dev = scanner.New(*model, scanner.Hooks{Changed: m.touch, Page: func() { m.note("Страница ушла со сканера") }})
	}
}

// Scanner returns the scanner for what a person does to it and for single traps, nil if the machine
// has none. Power and cable are the machine's.
func (m *Machine) Scanner() *scanner.Scanner { return m.scan.dev }

// ScannerDevice returns the scanner's USB side, for transports to a real kernel; nil if the machine
// has no scanner.
func (m *Machine) ScannerDevice() *virtusb.Device {
	if m.scan.dev == nil {
		return nil
	}
	return m.scan.dev.Device()
}

// PutOnGlass lays a sheet on the scanner's glass; nil takes away what is there.
func (m *Machine) PutOnGlass(p *sheet.Sheet) {
	if m.scan.dev == nil {
		return
	}
	m.scan.dev.PutOnGlass(p)
	m.tell(p == nil, p != nil, "На стекло положили лист", "Со стекла убрали лист")
}

// LoadFeeder puts sheets into the scanner's feeder and returns how many went in.
func (m *Machine) LoadFeeder(sheets ...*sheet.Sheet) int {
	if m.scan.dev == nil {
		return 0
	}
	n := m.scan.dev.Load(sheets...)
	m.note(fmt.Sprintf("Листов вложено в податчик: %d", n))
	return n
}

// TakeSheets takes all paper out of the feeder and returns it.
func (m *Machine) TakeSheets() []*sheet.Sheet {
	if m.scan.dev == nil {
		return nil
	}
	sheets := m.scan.dev.Take()
	m.note(fmt.Sprintf("Листов забрали из податчика: %d", len(sheets)))
	return sheets
}

// SetScanner changes the scanner's condition; the journal tells what changed.
func (m *Machine) SetScanner(f ScannerFault) {
	if m.scan.dev == nil {
		return
	}
	m.hands.Lock()
	defer m.hands.Unlock()
	m.mu.Lock()
	was, power := m.scan.fault, m.power
	m.scan.fault = f
	m.mu.Unlock()
	m.tell(was.Unplugged, f.Unplugged, "Кабель сканера вынут", "Кабель сканера вставлен")
	m.tell(was.Jam, f.Jam, "Лист в податчике застрянет", "Застрявший лист вынут")
	m.tell(was.CutPage, f.CutPage, "Сканер обрывает страницы", "Сканер отдаёт страницы целиком")
	m.tell(was.Slow, f.Slow, "Сканер отдаёт страницы медленно", "Сканер отдаёт страницы быстро")
	m.tell(was.LidOpen, f.LidOpen, "Крышка сканера открыта", "Крышка сканера закрыта")
	m.tell(was.HatchOpen, f.HatchOpen, "Крышка податчика открыта", "Крышка податчика закрыта")
	m.jam(was, f)
	m.scan.dev.OpenLid(f.LidOpen)
	m.scan.dev.Set(f.traps()...)
	switch {
	case f.Unplugged && !was.Unplugged:
		m.pullScanner()
	case !f.Unplugged && was.Unplugged && power:
		m.bus.Plug(scannerPort, m.scan.dev.Device())
	}
	m.touch()
}

// jam moves the feeder's cover and what is stuck under it.
func (m *Machine) jam(was, is ScannerFault) {
	switch {
	case is.Jam && !was.Jam:
		m.scan.dev.JamAt(1)
	case was.Jam && !is.Jam:
		m.scan.dev.JamAt(0)
		m.scan.dev.OpenHatch(true)
	}
	m.scan.dev.OpenHatch(is.HatchOpen)
}

func (f ScannerFault) traps() (list []scanner.Trap) {
	if f.Slow {
		list = append(list, scanner.Slow(slowly))
	}
	if f.CutPage {
		cut := scanner.CutPage(1, -1, scanner.Finish)
		cut.Times = 0
		list = append(list, cut)
	}
	return list
}

// startScanner gives it power and, if its cable is in, the bus.
func (m *Machine) startScanner() {
	if m.scan.dev == nil {
		return
	}
	m.mu.Lock()
	f := m.scan.fault
	m.mu.Unlock()
	m.scan.dev.PowerOn()
	m.scan.dev.Set(f.traps()...)
	if !f.Unplugged {
		m.bus.Plug(scannerPort, m.scan.dev.Device())
	}
}

// pullScanner takes its cable or its power away.
func (m *Machine) pullScanner() {
	if m.scan.dev != nil {
		m.bus.Unplug(scannerPort)
		m.scan.dev.Disconnect()
	}
}

// scannerView is the snapshot's part; it must not be called with the lock.
func (m *Machine) scannerView() *ScannerView {
	if m.scan.dev == nil {
		return nil
	}
	st, drive := m.scan.dev.State(), m.StickView()
	m.mu.Lock()
	defer m.mu.Unlock()
	f := m.scan.fault
	return &ScannerView{
		Model: m.scan.dev.Model().Name, Glass: st.Glass, OnGlass: st.OnGlass, Tray: st.Tray, Out: st.Out,
		Scanning: st.Scanning, Jammed: st.Jammed, Unplugged: f.Unplugged, CutPage: f.CutPage, Slow: f.Slow,
		LidOpen: st.LidOpen, HatchOpen: st.Hatch, Stick: drive,
	}
}
