package max7219

import (
	"bytes"
	"errors"
	"testing"

	"periph.io/x/conn/v3"
	"periph.io/x/conn/v3/conntest"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"
	"periph.io/x/conn/v3/spi/spitest"
)

// The bytes below are typed from the data sheet: address in the first byte (table 2), then data.
// A display of one chip with DIG7 on the left shows its first character by register 8.
var powerUp = [][]byte{
	{0x0C, 0x00}, // shutdown while the rest is written
	{0x0F, 0x00}, // no display test (table 10)
	{0x0B, 0x07}, // scan all eight digits (table 8)
	{0x09, 0x00}, // no decoding (table 4)
	{0x0A, 0x04}, // 9/32 (table 7)
	{0x01, 0x00}, {0x02, 0x00}, {0x03, 0x00}, {0x04, 0x00}, {0x05, 0x00}, {0x06, 0x00}, {0x07, 0x00}, {0x08, 0x00},
	{0x0C, 0x01}, // normal operation (table 3)
}

// showA042 is "А042": 77 7E 33 6D from the left.
var showA042 = [][]byte{
	{0x0C, 0x00},
	{0x01, 0x00}, {0x02, 0x00}, {0x03, 0x00}, {0x04, 0x00}, {0x05, 0x6D}, {0x06, 0x33}, {0x07, 0x7E}, {0x08, 0x77},
	{0x0C, 0x01},
}

func playback(frames ...[][]byte) *spitest.Playback {
	p := &spitest.Playback{Playback: conntest.Playback{D: conn.Full, DontPanic: true}}
	for _, some := range frames {
		for _, f := range some {
			p.Ops = append(p.Ops, conntest.IO{W: f})
		}
	}
	return p
}

func closed(t *testing.T, p *spitest.Playback) {
	t.Helper()
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

func try(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestPowerUpShowRefresh(t *testing.T) {
	p := playback(powerUp, showA042, [][]byte{
		{0x0F, 0x00}, {0x0B, 0x07}, {0x09, 0x00}, {0x0A, 0x04},
		{0x01, 0x00}, {0x02, 0x00}, {0x03, 0x00}, {0x04, 0x00}, {0x05, 0x6D}, {0x06, 0x33}, {0x07, 0x7E}, {0x08, 0x77},
		{0x0C, 0x01},
	})
	defer closed(t, p)
	d, err := New(p, Options{Intensity: 4})
	try(t, err)
	try(t, d.Show("А042"))
	try(t, d.Show("А042")) // already there: no flicker
	try(t, d.Refresh())
}

func TestOffStaysOffThroughRefresh(t *testing.T) {
	off := append([][]byte{{0x0C, 0x00}}, powerUp[1:len(powerUp)-1]...)
	p := playback(powerUp, off, [][]byte{{0x0C, 0x00}, {0x0A, 0x0F}}, showA042)
	defer closed(t, p)
	d, err := New(p, Options{Intensity: 4})
	try(t, err)
	try(t, d.Off())
	try(t, d.Refresh())
	try(t, d.Intensity(15))
	try(t, d.Show("А042"))
}

func TestChainSendsTheFarthestFirst(t *testing.T) {
	rec := &spitest.Record{}
	d, err := New(rec, Options{Chips: 2, LeftIsDigit0: true})
	try(t, err)
	rec.Ops = nil
	try(t, d.Show("1234567890-"))
	got := rec.Ops[1:4]
	// the near chip holds 12345678, the far one "90-"
	for i, want := range [][]byte{{0x01, 0x7B, 0x01, 0x30}, {0x02, 0x7E, 0x02, 0x6D}, {0x03, 0x01, 0x03, 0x79}} {
		if !bytes.Equal(got[i].W, want) {
			t.Errorf("frame %d: got % X, want % X", i+1, got[i].W, want)
		}
	}
	if got, want := rec.Ops[0].W, []byte{0x0C, 0, 0x0C, 0}; !bytes.Equal(got, want) {
		t.Errorf("got % X first, want % X", got, want)
	}
}

func TestUndrawableIsRefusedBeforeAnyTraffic(t *testing.T) {
	rec := &spitest.Record{}
	d, err := New(rec, Options{})
	try(t, err)
	rec.Ops = nil
	for _, text := range []string{"Б042", "В1", "З", "О12", "Ч", "C-042!", "123456789", ".1", "1..2", "\xff", "а042"} {
		if err := d.Show(text); err == nil {
			t.Errorf("%q: got nil, want an error", text)
		}
	}
	for _, level := range []int{-1, 16} {
		if err := d.Intensity(level); err == nil {
			t.Errorf("intensity %d: got nil, want an error", level)
		}
	}
	if len(rec.Ops) > 0 {
		t.Errorf("got traffic %v, want none", rec.Ops)
	}
}

func TestNewRefusesImpossibleOptions(t *testing.T) {
	for _, o := range []Options{{Chips: -1}, {Intensity: 16}, {Intensity: -1}, {Speed: 11 * physic.MegaHertz}} {
		p := playback()
		if _, err := New(p, o); err == nil {
			t.Errorf("%+v: got nil, want an error", o)
		}
		closed(t, p)
	}
}

// board is a port over one modelled chip; it fails the n-th transfer and remembers the registers.
type board struct {
	spitest.Record
	speed physic.Frequency
	mode  spi.Mode
	bits  int
	regs  [16]byte
	fails int // how many transfers until one fails; negative = never
}

var errCable = errors.New("cable")

func (b *board) Connect(f physic.Frequency, mode spi.Mode, bits int) (spi.Conn, error) {
	b.speed, b.mode, b.bits = f, mode, bits
	return b, nil
}

func (b *board) Duplex() conn.Duplex            { return conn.Full }
func (b *board) TxPackets(p []spi.Packet) error { return errors.New("not used") }

func (b *board) Tx(w, _ []byte) error {
	if b.fails--; b.fails == -1 {
		return errCable
	}
	b.regs[w[0]] = w[1]
	return nil
}

func TestConnectsInModeZeroAtOneMegahertz(t *testing.T) {
	b := &board{fails: -1}
	if _, err := New(b, Options{}); err != nil {
		t.Fatal(err)
	}
	if b.speed != physic.MegaHertz || b.mode != spi.Mode0 || b.bits != 8 {
		t.Errorf("got %v, mode %v, %d bits, want 1MHz, mode 0, 8 bits", b.speed, b.mode, b.bits)
	}
}

// Whatever transfer fails, the chip never shows a mixture of two numbers, and one Refresh later it
// shows the new one.
func TestHalfWrittenNumberIsNeverLit(t *testing.T) {
	digits := func(text string) [8]byte {
		s, err := order.Layout(text, 8)
		try(t, err)
		var regs [8]byte
		for i, g := range s {
			regs[7-i] = g
		}
		return regs
	}
	before, after := digits("А042"), digits("П137")
	for n := range 10 {
		b := &board{fails: -1}
		d, err := New(b, Options{})
		try(t, err)
		try(t, d.Show("А042"))
		b.fails = n
		if err := d.Show("П137"); !errors.Is(err, errCable) {
			t.Errorf("transfer %d fails: got %v, want the cable's error", n, err)
		}
		if got := [8]byte(b.regs[1:9]); b.regs[regShutdown] == 1 && got != before {
			t.Errorf("transfer %d fails: got % X lit, want dark or % X", n, got, before)
		}
		b.fails = 5
		if err := d.Refresh(); !errors.Is(err, errCable) {
			t.Errorf("refresh fails: got %v, want the cable's error", err)
		}
		if b.regs[regShutdown] == 1 {
			t.Error("got a lit display after a broken refresh of a broken show, want dark")
		}
		b.fails = -1
		try(t, d.Refresh())
		if got := [8]byte(b.regs[1:9]); b.regs[regShutdown] != 1 || got != after {
			t.Errorf("refreshed: got % X, shutdown register %d, want % X, 1", got, b.regs[regShutdown], after)
		}
	}
}

func TestNewReportsEveryBrokenTransfer(t *testing.T) {
	for n := range len(powerUp) {
		if _, err := New(&board{fails: n}, Options{}); !errors.Is(err, errCable) {
			t.Errorf("transfer %d: got %v, want the cable's error", n, err)
		}
	}
}
