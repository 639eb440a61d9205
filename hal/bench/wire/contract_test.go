package wire

import (
	"errors"
	"testing"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"

	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/virtusb/virtusbtest"
	"sps-kiosk/hal/usb"
	"sps-kiosk/hal/usb/usbtest"
)

// TestBoard runs one body over the machine itself and over the wire.
func TestBoard(t *testing.T) {
	for _, side := range []struct {
		name string
		make func(*testing.T, *bench.Machine) board
	}{
		{"near", func(_ *testing.T, m *bench.Machine) board { return m }},
		{"far", func(t *testing.T, m *bench.Machine) board { return dial(t, serveMachine(t, m)) }},
	} {
		for name, test := range map[string]func(*testing.T, *bench.Machine, board){
			"edges": testEdges, "waiting": testWaiting, "lamp": testLamp, "display": testDisplay, "serial": testSerial,
			"clock": testClock, "page": testPage, "usb": testUSB, "status": testStatus,
		} {
			t.Run(side.name+"/"+name, func(t *testing.T) {
				m := newMachine(t)
				test(t, m, side.make(t, m))
			})
		}
	}
}

func line(t *testing.T, b board, name string) gpio.PinIO {
	t.Helper()
	l, err := b.Line(name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func testEdges(t *testing.T, m *bench.Machine, b board) {
	l := line(t, b, "GPIO17")
	if l.Name() != "GPIO17" || l.Number() != 17 || l.Read() != gpio.High {
		t.Errorf("got %s, %d, %v, want GPIO17, 17, High", l.Name(), l.Number(), l.Read())
	}
	if err := l.In(gpio.PullUp, gpio.BothEdges); err != nil {
		t.Fatal(err)
	}
	before, _, _ := b.Now()
	for range 3 {
		m.Press("GPIO17")
		m.Release("GPIO17")
	}
	after, _, _ := b.Now()
	for i := range 6 {
		if !l.WaitForEdge(time.Second) {
			t.Fatalf("edge %d is lost", i)
		}
		level, at := l.(interface {
			LastEdge() (gpio.Level, time.Duration)
		}).LastEdge()
		if want := gpio.Level(i%2 == 1); level != want || at < before || at > after {
			t.Errorf("edge %d: got %v at %v, want %v between %v and %v", i, level, at, want, before, after)
		}
	}
	if l.WaitForEdge(time.Millisecond) {
		t.Error("got a seventh edge")
	}
	if _, err := b.Line("GPIO99"); err == nil {
		t.Error("unknown line: got no error")
	}
}

func testWaiting(t *testing.T, _ *bench.Machine, b board) {
	l := line(t, b, "GPIO17")
	l.In(gpio.PullUp, gpio.BothEdges)
	got := make(chan bool)
	go func() { got <- l.WaitForEdge(-1) }()
	for ended := false; !ended; { // Halt may come before the wait has begun
		l.Halt()
		select {
		case edge := <-got:
			if ended = true; edge {
				t.Error("halt: got an edge")
			}
		case <-time.After(time.Millisecond):
		}
	}
}

func testLamp(t *testing.T, m *bench.Machine, b board) {
	l := line(t, b, "GPIO22")
	for _, want := range []gpio.Level{gpio.High, gpio.Low, gpio.High} {
		if err := l.Out(want); err != nil || m.Snapshot().Buttons[0].Lit != bool(want) || l.Read() != want {
			t.Errorf("got %v, lit %v, want %v", err, m.Snapshot().Buttons[0].Lit, want)
		}
	}
	if got := l.String() + " " + l.Pull().String(); got != "GPIO22 PullNoChange" {
		t.Errorf("got %q", got)
	}
	if line(t, b, "GPIO17").Out(gpio.High) == nil {
		t.Error("output on a button: got no error")
	}
}

func testDisplay(t *testing.T, m *bench.Machine, b board) {
	p, err := b.SPI("SPI0.0")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Connect(physic.MegaHertz, spi.Mode1, 8); err == nil {
		t.Error("mode 1: got no error")
	}
	c, err := p.Connect(physic.MegaHertz, spi.Mode0, 8)
	if err != nil {
		t.Fatal(err)
	}
	err = c.TxPackets([]spi.Packet{{W: []byte{0x0b, 7}}, {W: []byte{9, 0}}, {W: []byte{8}, KeepCS: true}, {W: []byte{0x77}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Tx([]byte{0x0c, 1}, make([]byte, 2)); err != nil {
		t.Fatal(err)
	}
	if d := m.Snapshot().Display; d.Digits[0] != 0x77 || d.Dark {
		t.Errorf("got %+v, want 77 on the left", d)
	}
	if _, err := b.SPI("SPI1.0"); err == nil {
		t.Error("unknown port: got no error")
	}
}

func testSerial(t *testing.T, m *bench.Machine, b board) {
	p, err := b.Serial("ttyAMA0", 57600)
	if err != nil {
		t.Fatal(err)
	}
	frame := []byte("\x01\x20\x20A042\x07")
	before := m.Snapshot()
	if n, err := p.Write(frame); n != len(frame) || err != nil {
		t.Errorf("got %d, %v, want the whole frame written", n, err)
	}
	look, err := m.Changed(t.Context(), before.Seq)
	if err != nil || look.Boards[0].Text != "А042" || look.Boards[0].Dark || look.Boards[0].Title != "зал" {
		t.Errorf("got %+v, %v, want А042 in the hall", look.Boards, err)
	}
	m.Power(false)
	if _, err := p.Write(frame); err == nil {
		t.Error("without power: got no error")
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if _, err := b.Serial("ttyUSB7", 57600); err == nil {
		t.Error("unknown port: got no error")
	}
}

func testClock(t *testing.T, m *bench.Machine, b board) {
	m.Shift(time.Hour)
	m.SetClockTrusted(false)
	deadline := time.Now().Add(5 * time.Second)
	for _, _, err := b.Now(); err >= 0 && time.Now().Before(deadline); _, _, err = b.Now() {
		time.Sleep(time.Millisecond) // the news is on its way
	}
	near, _, _ := m.Now()
	up, wall, err := b.Now()
	if up < near || up > near+time.Second || wall.Sub(time.Now().Add(time.Hour)).Abs() > time.Second || err >= 0 {
		t.Errorf("got %v, %v, %v, want %v, in an hour, untrusted", up, wall, err, near)
	}
	if b.Boot() != m.Boot() || b.Boot() == "" {
		t.Errorf("boot: got %q, want %q", b.Boot(), m.Boot())
	}
}

func testPage(t *testing.T, m *bench.Machine, b board) {
	b.Caption([]bench.Caption{{Window: 2, Title: "Ждут двое", Lines: []bench.CaptionLine{{Do: "нажать", Means: "вызвать"}}}})
	b.Journal("Талон А001", 3*time.Millisecond)
	b.Line("GPIO17") // answered after what was sent before
	s := m.Snapshot()
	if len(s.Captions) != 1 || s.Captions[0].Lines[0].Means != "вызвать" {
		t.Errorf("captions: got %+v", s.Captions)
	}
	if n := len(s.Journal); n != 1 || s.Journal[0].Text != "Талон А001" || s.Journal[0].TookMs != 3 {
		t.Errorf("journal: got %+v", s.Journal)
	}
}

func testUSB(t *testing.T, m *bench.Machine, b board) {
	m.SetPrinter(bench.PrinterFault{Unplugged: true}) // the contract brings its own device
	s := virtusbtest.NewSocket(m.Bus(), "1-1")
	usbtest.Contract(t, usbtest.Rig{
		Bus: b.USB(), Plug: s.Plug, Simplex: s.Simplex, Unplug: s.Unplug, Stall: s.Stall, Hang: s.Hang,
	})
}

func printerPipe(t *testing.T, b board) usb.Pipe {
	t.Helper()
	ds, err := b.USB().Devices()
	if err != nil || len(ds) != 1 {
		t.Fatalf("got %v, %v, want the printer", ds, err)
	}
	p, err := b.USB().Open(ds[0], 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// testStatus sends a slip and asks for the status, as a driver would.
func testStatus(t *testing.T, m *bench.Machine, b board) {
	p := printerPipe(t, b)
	defer p.Close()
	slip := []byte("\x1b@\x1c.\x1dv0\x00\x01\x00\x01\x00\xff\x1dVB\x00\x1d(H\x06\x0000ABCD")
	if n, err := p.Write(t.Context(), slip); n != len(slip) || err != nil {
		t.Fatalf("write: got %d, %v", n, err)
	}
	buf := make([]byte, 64)
	if n, err := p.Read(t.Context(), buf); string(buf[:n]) != "7\"ABCD\x00" || err != nil {
		t.Errorf("process id: got %q, %v", buf[:n], err)
	}
	if papers := m.Snapshot().Printer.Papers; len(papers) != 1 || !papers[0].Cut || m.Paper(papers[0].ID) == nil {
		t.Errorf("got %+v, want one slip with a picture", papers)
	}
	b.Line("GPIO17")
	if j := m.Snapshot().Journal; len(j) != 1 || j[0].Text != "Бумага отрезана" {
		t.Errorf("journal: got %+v", j)
	}
	if _, err := p.Control(t.Context(), usb.Setup{RequestType: 0xa1, Request: 1}, buf[:1]); err != nil || buf[0] != 0x18 {
		t.Errorf("port status: got %x, %v", buf[0], err)
	}
	m.Power(false)
	if _, err := p.Write(t.Context(), slip); !errors.Is(err, usb.ErrUnplugged) {
		t.Errorf("without power: got %v, want unplugged", err)
	}
}
