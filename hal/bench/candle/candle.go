// Package candle is a queue board of seven-segment digits on RS-485, as candle.in.ua builds them.
//
// It owns what the board makes of the bytes on the line, and what a person then reads. It refuses
// to be lenient: a frame that comes too soon after another is lost, bytes at another speed are
// noise, and letters that look like digits are read as digits. It never answers; neither does the board.
//
// Source: the board's «Протокол обмена», 2012, as recorded in the project's facts about displays.
// What it does not say is assumed for the worst: characters that were not sent keep what they
// showed, and a frame within the pause is ignored whole.
package candle

import (
	"io"
	"strings"
	"sync"
	"time"
)

// Forever is the Flashes of a text that flashes until the next one.
const Forever = -1

// pause is what the board needs between two frames.
const pause = 200 * time.Millisecond

// flash is half a second lit and half a second dark.
const flash = time.Second

// Options say which board it is.
type Options struct {
	Address byte // 0x20…0x7F; 0 = 0x20
	Width   int  // characters; 0 = 7
	Baud    int  // by the jumper, 57600 or 19200; 0 = 57600
	// Untimed takes frames however soon they come: behind a transport that brings bytes in heaps.
	Untimed bool
}

// Board is one board with its power on. It is safe for use by several goroutines.
type Board struct {
	mu      sync.Mutex
	untimed bool
	baud    int
	address byte
	dim     int // 0 full … 3 least
	text    []byte
	blink   byte
	since   time.Time // of the text

	frame  []byte // bytes of a frame that has begun
	early  bool   // it came too soon
	last   time.Time
	counts Counts
}

// Counts say what arrived on the line.
type Counts struct {
	Frames  int // obeyed
	Foreign int // whole frames for other addresses
	Early   int // whole frames within the pause after another, lost
	Noise   int // bytes that belong to no frame
}

// View is the board as a person sees it.
type View struct {
	Text      string // what is read, without blanks at the end; '?' for what is no sign
	Flashes   int    // how often the text was to flash, Forever, or 0 for steady
	Lit       bool   // not in the dark half of a flash
	Intensity int    // 0 least … 3 full
}

// New makes a board.
func New(o Options) *Board {
	if o.Address == 0 {
		o.Address = 0x20
	}
	if o.Width == 0 {
		o.Width = 7
	}
	if o.Baud == 0 {
		o.Baud = 57600
	}
	b := &Board{untimed: o.Untimed, baud: o.Baud, address: o.Address, text: make([]byte, o.Width)}
	b.PowerUp()
	return b
}

// PowerUp darkens the board. Address and brightness are stored and stay.
func (b *Board) PowerUp() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.text {
		b.text[i] = ' '
	}
	b.blink, b.frame, b.early, b.last = blinkNone, nil, false, time.Time{}
}

// At returns what a person sees at a moment.
func (b *Board) At(now time.Time) View {
	b.mu.Lock()
	defer b.mu.Unlock()
	v := View{Lit: true, Intensity: 3 - b.dim}
	var text strings.Builder
	for _, c := range b.text {
		text.WriteRune(read(c))
	}
	v.Text = strings.TrimRight(text.String(), " ")
	if v.Flashes = int(b.blink) - blinkForever; v.Flashes == 0 {
		v.Flashes = Forever
	} else if v.Flashes < 0 {
		v.Flashes = 0
	}
	flashed := now.Sub(b.since)
	if v.Flashes == Forever || flashed < time.Duration(v.Flashes)*flash {
		v.Lit = flashed%flash < flash/2
	}
	return v
}

// Since returns when the text came, from which its flashes count.
func (b *Board) Since() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.since
}

// Address returns the board's address; frames can change it.
func (b *Board) Address() byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.address
}

// Counts returns what arrived since the beginning.
func (b *Board) Counts() Counts {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.counts
}

// Port returns the line as a host's serial port at a speed. At another than the board's every byte
// is noise.
func (b *Board) Port(baud int) io.WriteCloser { return &port{board: b, baud: baud} }

type port struct {
	board *Board
	baud  int
}

// Write implements io.Writer; the bytes arrive now.
func (p *port) Write(bytes []byte) (int, error) {
	if p.baud != p.board.baud {
		p.board.mu.Lock()
		defer p.board.mu.Unlock()
		p.board.counts.Noise += len(bytes)
		return len(bytes), nil
	}
	p.board.Receive(time.Now(), bytes)
	return len(bytes), nil
}

// Close implements io.Closer.
func (p *port) Close() error { return nil }
