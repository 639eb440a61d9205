package bench

import (
	"context"
	"encoding/json"
	"image"
	"slices"
	"time"

	"sps-kiosk/hal/bench/printer"
)

// Snapshot is how the machine looks, for the page. Seq grows with every change.
type Snapshot struct {
	Seq      uint64        `json:"seq"`
	Site     string        `json:"site"`
	Power    bool          `json:"power"`
	Program  string        `json:"program"`
	Wall     time.Time     `json:"wall"`
	Trusted  bool          `json:"trusted"`
	Buttons  []ButtonView  `json:"buttons"`
	Handsets []HandsetView `json:"handsets"`
	Display  DisplayView   `json:"display"`
	Boards   []BoardView   `json:"boards"` // further displays
	Printer  PrinterView   `json:"printer"`
	Scanner  *ScannerView  `json:"scanner,omitempty"`
	Captions []Caption     `json:"captions"`
	Journal  []Entry       `json:"journal"` // oldest first
}

// ButtonView is a button as it looks: Pressed is the finger, Stuck the jammed contact.
type ButtonView struct {
	Button
	Pressed bool `json:"pressed"`
	Lit     bool `json:"lit"`
	Stuck   bool `json:"stuck"`
}

// HandsetView is a handset as it looks.
type HandsetView struct {
	Handset
	Pressed bool `json:"pressed"`
	Lit     bool `json:"lit"`
	Stuck   bool `json:"stuck"`
}

// DisplayView is what glows: leftmost digit first, bits 7..0 are DP A B C D E F G.
type DisplayView struct {
	Digits    Segments `json:"digits"`
	Dark      bool     `json:"dark"`
	Intensity int      `json:"intensity"` // 0..15
	Absent    bool     `json:"absent"`
}

// Segments is one byte per digit; in JSON an array of numbers, not the text of a byte string.
type Segments []uint8

// MarshalJSON implements json.Marshaler.
func (s Segments) MarshalJSON() ([]byte, error) {
	numbers := make([]int, len(s))
	for i, v := range s {
		numbers[i] = int(v)
	}
	return json.Marshal(numbers)
}

// PrinterView is the printer as it looks.
type PrinterView struct {
	Papers    []PaperView `json:"papers"` // hanging in the slot, oldest first
	PaperOut  bool        `json:"paperOut"`
	PaperLow  bool        `json:"paperLow"`
	CoverOpen bool        `json:"coverOpen"`
	Unplugged bool        `json:"unplugged"`
	Presented bool        `json:"presented"` // a ticket sticks out of the presenter
	Retracted int         `json:"retracted"` // tickets it took back in
	Ejected   int         `json:"ejected"`   // tickets it let fall
	Pushed    int         `json:"pushed"`    // tickets that the next one pushed out
	Printing  bool        `json:"printing"`
}

// PaperView is one piece of paper; 8 dots are 1 mm. Uncut paper still grows.
type PaperView struct {
	ID     int  `json:"id"`
	Width  int  `json:"width"`
	Height int  `json:"height"`
	Cut    bool `json:"cut"`
}

// Snapshot returns how the machine looks now.
func (m *Machine) Snapshot() Snapshot {
	st := m.printer.State()
	scan := m.scannerView()
	digits, dark, intensity := m.chain.Segments(), m.chain.Dark(), m.chain.Intensity()
	m.mu.Lock()
	defer m.mu.Unlock()
	s := Snapshot{
		Seq: m.seq, Site: m.layout.Site, Power: m.power, Program: m.program,
		Wall: m.wall(), Trusted: m.trusted,
		Buttons: []ButtonView{}, Handsets: []HandsetView{},
		Captions: append([]Caption{}, m.caption...), Journal: append([]Entry{}, m.journal...),
		Printer: m.printerView(st), Scanner: scan, Boards: m.extra.views(m.layout, m.power),
		Display: DisplayView{Dark: dark || !m.power || m.absent, Intensity: intensity, Absent: m.absent},
	}
	if s.Display.Digits = digits; s.Display.Dark {
		clear(s.Display.Digits)
	}
	for _, b := range m.layout.Buttons {
		l := m.lines[b.Line]
		s.Buttons = append(s.Buttons, ButtonView{Button: b, Pressed: l.finger, Stuck: l.stuck, Lit: m.lit(b.Lamp)})
	}
	for _, h := range m.layout.Handsets {
		l := m.lines[h.Line]
		s.Handsets = append(s.Handsets, HandsetView{Handset: h, Pressed: l.finger, Stuck: l.stuck, Lit: m.lit(h.Lamp)})
	}
	return s
}

func (m *Machine) printerView(st printer.State) PrinterView {
	v := PrinterView{
		Papers: []PaperView{}, PaperOut: m.fault.PaperOut, PaperLow: m.fault.PaperLow,
		CoverOpen: m.fault.CoverOpen, Unplugged: m.fault.Unplugged, Printing: st.Printing,
		Presented: st.Presented, Retracted: st.Retracted, Ejected: st.Ejected, Pushed: st.Pushed,
	}
	for _, p := range st.Papers {
		v.Papers = append(v.Papers, PaperView(p))
	}
	return v
}

func (m *Machine) lit(lamp string) bool {
	l := m.lines[lamp]
	return l != nil && l.output && bool(l.level)
}

// Paper returns a piece of paper as it looks now, nil if it is long gone. A torn slip stays for a
// while.
func (m *Machine) Paper(id int) image.Image { return m.printer.Image(id) }

// Changed waits until the machine looks different from the snapshot of that sequence number, and
// returns the new one.
func (m *Machine) Changed(ctx context.Context, seq uint64) (Snapshot, error) {
	if _, err := m.Newer(ctx, seq); err != nil {
		return Snapshot{}, err
	}
	return m.Snapshot(), nil
}

// Newer waits like Changed, and returns the new sequence number alone.
func (m *Machine) Newer(ctx context.Context, seq uint64) (uint64, error) {
	for {
		m.mu.Lock()
		now, changed := m.seq, m.changed
		m.mu.Unlock()
		if now > seq {
			return now, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// bump makes a new sequence number; the lock is held.
func (m *Machine) bump() {
	m.seq++
	close(m.changed)
	m.changed = make(chan struct{})
}

// touch is bump for those without the lock.
func (m *Machine) touch() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.bump()
}

// Caption sets what the program says about its windows, for the page.
func (m *Machine) Caption(c []Caption) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.caption = slices.Clone(c)
	m.bump()
}
