// Package candle shows text on RS-485 queue boards of seven-segment digits that speak the protocol
// of candle.in.ua, or a similar one given as templates of frames.
//
// It owns the frames, the characters that a board can show without their being taken for others,
// and the pause between frames. It refuses to draw a substitute, to know tickets and windows, and
// to claim more than it knows: the board answers nothing, so success means "sent", and a board
// without power looks the same. The caller calls Refresh every 1–2 s for a board that comes back.
//
// Source: «Протокол обмена» of the Candle board, 2012, as recorded in the project's facts about
// displays. No real board was tried; tested with recorded writes and a virtual board.
package candle

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// Forever makes Flash flash until the next text.
const Forever = -1

// MaxFlashes is the largest count that a frame can carry: 7F.
const MaxFlashes = 0x7F - blinkForever

// MaxIntensity is the brightest setting.
const MaxIntensity = 3

// Codes of the protocol: blink 20 steady, 21 for ever, 22…7F that many times more than 21;
// brightness 20 full to 23 least.
const (
	blinkNone    = 0x20
	blinkForever = 0x21
	fullBright   = 0x20
)

// flash is how long one flash lasts: half a second on, half a second off.
const flash = time.Second

// ErrUnsupported says that the board's templates have no such frame or field.
var ErrUnsupported = errors.New("not supported by this board")

// AnyAddress is the address that every board obeys when it is told a new one.
const AnyAddress byte = 0xFF

// Options describe one board on the bus.
type Options struct {
	// Frames are the board's; the zero value is Candle's.
	Frames Frames
	// Address of the board; Candle's are 0x20…0x7F.
	Address byte
	// Width is how many characters the board has, 1…32.
	Width int
	// Pause is the least time between two frames, measured from the end of a write; 0 = 250 ms, and
	// at least 200 ms.
	Pause time.Duration
}

// leastPause is what boards need between frames. The usual one is longer: an adapter on USB may
// still hold bytes when it says that they have left.
const (
	leastPause = 200 * time.Millisecond
	usualPause = 250 * time.Millisecond
)

// Display is one board. It is not safe for use by several goroutines, and boards on one bus must
// be used one after the other.
type Display struct {
	out    io.Writer
	o      Options
	text   []byte // characters of the board, as many as it has
	blink  byte
	steady time.Time // when counted flashes are over
	level  int       // brightness sent last, -1 = never
	ready  time.Time // when the bus may carry the next frame
}

// New sends a blank text to the board, so that no number of yesterday stays. out is a serial port,
// 8N1 at 57600 or, by the board's jumper, 19200 baud; it stays the caller's.
func New(out io.Writer, o Options) (*Display, error) {
	if o.Pause == 0 {
		o.Pause = usualPause
	}
	if o.Frames.text == nil {
		o.Frames = Candle()
		if o.Address < 0x20 || o.Address > 0x7F {
			return nil, fmt.Errorf("candle: address %#x is not 0x20…0x7f", o.Address)
		}
	}
	if o.Width < 1 || o.Width > 32 || o.Pause < leastPause {
		return nil, fmt.Errorf("candle: impossible options: width %d, pause %v", o.Width, o.Pause)
	}
	d := &Display{out: out, o: o, level: -1}
	if err := d.Show(""); err != nil {
		return nil, err
	}
	return d, nil
}

// Show sends text, steady, and blanks for the rest of the board. A text with a character that the
// board cannot show, or longer than the board, is refused before anything is sent. nil means sent.
func (d *Display) Show(text string) error { return d.show(text, blinkNone, 0) }

// Flash sends text that flashes times times, half a second on and off, or Forever, by the board's
// own clock. A board without that is ErrUnsupported.
func (d *Display) Flash(text string, times int) error {
	switch {
	case !d.o.Frames.text.has(blink):
		return fmt.Errorf("candle: flash %q: %w", text, ErrUnsupported)
	case times == Forever:
		return d.show(text, blinkForever, 0)
	case times < 1 || times > MaxFlashes:
		return fmt.Errorf("candle: flash %q: %d times is not 1…%d", text, times, MaxFlashes)
	}
	return d.show(text, byte(blinkForever+times), time.Duration(times)*flash)
}

func (d *Display) show(text string, code byte, flashes time.Duration) error {
	characters, err := encode(text, d.o.Width)
	if err != nil {
		return fmt.Errorf("candle: %w", err)
	}
	d.text, d.blink, d.steady = characters, code, time.Time{}
	if err := d.send(); err != nil {
		return fmt.Errorf("candle: show %q: %w", text, err)
	}
	d.steady = time.Now().Add(flashes)
	return nil
}

// Refresh sends the text again. While counted flashes last it sends nothing, because it would cut
// them short; after them the text is steady.
func (d *Display) Refresh() error {
	if time.Now().Before(d.steady) {
		return nil
	}
	if d.blink > blinkForever {
		d.blink = blinkNone
	}
	if err := d.send(); err != nil {
		return fmt.Errorf("candle: refresh: %w", err)
	}
	return nil
}

// Off darkens the board until the next Show; Refresh keeps it dark.
func (d *Display) Off() error { return d.Show("") }

// Intensity sets the brightness, 0 (least) to MaxIntensity. The board stores it in a memory that
// wears, so the level sent last is not sent again and Refresh does not send it.
func (d *Display) Intensity(level int) error {
	if level < 0 || level > MaxIntensity {
		return fmt.Errorf("candle: intensity %d is not 0…%d", level, MaxIntensity)
	}
	if level == d.level {
		return nil
	}
	v := values{address: d.o.Address, level: byte(fullBright + MaxIntensity - level)}
	if err := d.transmit(d.o.Frames.brightness, v); err != nil {
		return fmt.Errorf("candle: intensity: %w", err)
	}
	d.level = level
	return nil
}

// SetAddress tells the board at from, or with AnyAddress every board on the bus, its new address,
// which the board stores. The display goes on with the new one if it was told. Only a technician
// does this, with one board on the bus.
func (d *Display) SetAddress(from, to byte) error {
	if to < 0x20 || to > 0x7F {
		return fmt.Errorf("candle: address %#x is not 0x20…0x7f", to)
	}
	if err := d.transmit(d.o.Frames.readdress, values{address: from, to: to}); err != nil {
		return fmt.Errorf("candle: set address: %w", err)
	}
	if from == d.o.Address || from == AnyAddress {
		d.o.Address = to
	}
	return nil
}

func (d *Display) send() error {
	return d.transmit(d.o.Frames.text, values{address: d.o.Address, text: d.text, blink: d.blink})
}

// transmit waits until the bus is ready and writes one frame.
func (d *Display) transmit(t template, v values) error {
	if t == nil {
		return ErrUnsupported
	}
	time.Sleep(time.Until(d.ready))
	_, err := d.out.Write(t.frame(v))
	d.ready = time.Now().Add(d.o.Pause)
	return err
}
