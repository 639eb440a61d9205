package tm1637

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"periph.io/x/conn/v3/gpio"
	"pgregory.net/rapid"
)

// half is half a bit of the host in these tests.
const half = 5 * time.Microsecond

// host types frames by hand: the figures of pages 3 and 4, edge by edge.
type host struct {
	chip *Chip
	at   time.Duration
}

func (h *host) do(w Wire, d Drive) {
	h.at += half
	h.chip.Drive(h.at, w, d)
}

// play runs steps: c C clock low and let go, d D data low and let go.
func (h *host) play(steps string) {
	for _, s := range steps {
		switch s {
		case 'c':
			h.do(CLK, Low)
		case 'C':
			h.do(CLK, Released)
		case 'd':
			h.do(DIO, Low)
		case 'D':
			h.do(DIO, Released)
		}
	}
}

// eight clocks out a byte, lowest bit first.
func (h *host) eight(value byte) {
	for range 8 {
		if value&1 == 0 {
			h.play("dCc")
		} else {
			h.play("DCc")
		}
		value >>= 1
	}
}

// frame sends bytes and returns the level of DIO in the middle of every ninth clock.
func (h *host) frame(data ...byte) (answers []bool) {
	h.play("dc")
	for _, b := range data {
		h.eight(b)
		h.play("DC")
		answers = append(answers, h.chip.Level(DIO))
		h.play("c")
	}
	h.play("dCD")
	return answers
}

// A012- on four digits: 77 3F 06 5B 40 in the order of page 3.
func TestNumberAppearsWhenSwitchedOn(t *testing.T) {
	h := &host{chip: New()}
	if got := h.chip.Segments(); h.chip.On() || !bytes.Equal(got, make([]byte, 6)) {
		t.Errorf("power-up: got % x, on %t, want dark", got, h.chip.On())
	}
	answers := h.frame(0x40)
	answers = append(answers, h.frame(0xC0, 0x77, 0x3F, 0x06, 0x5B, 0x40, 0x80)...)
	if got := h.chip.Segments(); !bytes.Equal(got, make([]byte, 6)) {
		t.Errorf("before display control: got % x, want dark", got)
	}
	answers = append(answers, h.frame(0x8A)...)
	for i, level := range answers {
		if level {
			t.Errorf("byte %d: got no acknowledge", i)
		}
	}
	if got, want := h.chip.Segments(), []byte{0x77, 0x3F, 0x06, 0x5B, 0x40, 0x80}; !bytes.Equal(got, want) {
		t.Errorf("got % x, want % x", got, want)
	}
	if got, want := h.chip.Digits(2, 1, 0, 5), []byte{0x30, 0x7e, 0x77, 0x80}; !bytes.Equal(got, want) {
		t.Errorf("digits: got % x, want % x", got, want)
	}
	if !h.chip.On() || h.chip.Intensity() != 2 {
		t.Errorf("got on %t, intensity %d, want true, 2", h.chip.On(), h.chip.Intensity())
	}
	if got, want := fmt.Sprintf("%X", h.chip.Frames()), "[40 C0773F065B4080 8A]"; got != want {
		t.Errorf("got frames %s, want %s", got, want)
	}
	if got := h.chip.Violations(); got != (Violations{}) {
		t.Errorf("got %+v, want none", got)
	}
	h.frame(0x80)
	if h.chip.On() {
		t.Error("80: got on, want off")
	}
}

// The figure on page 3: DIO is pulled low at the falling edge of the eighth clock, released at the
// end of the ninth.
func TestAcknowledgeIsOneClockLong(t *testing.T) {
	h := &host{chip: New()}
	h.play("dc")
	h.eight(0xC0) // its last bit leaves DIO let go
	if h.chip.Level(DIO) {
		t.Error("after the eighth falling edge: got high, want low")
	}
	h.play("C")
	if h.chip.Level(DIO) {
		t.Error("in the ninth clock: got high, want low")
	}
	h.play("c")
	if !h.chip.Level(DIO) {
		t.Error("after the ninth clock: got low, want high")
	}
}

func TestFixedAddress(t *testing.T) {
	h := &host{chip: New()}
	h.frame(0x40)
	h.frame(0xC0, 0, 0, 0, 0, 0, 0)
	h.frame(0x44) // page 4, figure 3
	h.frame(0xC4, 0x3F)
	h.frame(0xC1, 0x06, 0x5B)
	h.frame(0x8F)
	if got, want := h.chip.Segments(), []byte{0, 0x5B, 0, 0, 0x3F, 0}; !bytes.Equal(got, want) {
		t.Errorf("got % x, want % x", got, want)
	}
}

// "command or data transferred before remain effective" (page 4): the byte cut short is not.
func TestStopInAByte(t *testing.T) {
	h := &host{chip: New()}
	h.frame(0x40)
	h.frame(0xC0, 1, 2, 3, 4, 5, 6)
	h.frame(0x88)
	h.play("dc")
	h.eight(0xC0)
	h.play("DCc")
	h.eight(0x7F)
	h.play("DCc" + "dCc" + "DCc" + "dCc" + "dCD") // three bits of the next one
	if got, want := h.chip.Segments(), []byte{0x7F, 2, 3, 4, 5, 6}; !bytes.Equal(got, want) {
		t.Errorf("got % x, want % x", got, want)
	}
	if got := h.chip.Violations(); got != (Violations{Broken: 1}) {
		t.Errorf("got %+v, want one broken byte", got)
	}
}

func TestViolations(t *testing.T) {
	for name, c := range map[string]struct {
		act  func(*host)
		want Violations
	}{
		"clocks in the idle state": {func(h *host) { h.play("cCcC") }, Violations{Unframed: 2}},
		"START without STOP":       {func(h *host) { h.play("dcDCdc") }, Violations{Broken: 1}},
		"no ninth clock, no STOP":  {func(h *host) { h.play("dc"); h.eight(0x40); h.play("dCD") }, Violations{}},
		"unknown commands":         {func(h *host) { h.frame(0x00); h.frame(0x48); h.frame(0xC6); h.frame(0x41) }, Violations{Unknown: 4}},
		"a seventh digit":          {func(h *host) { h.frame(0xC5, 1, 2) }, Violations{Unknown: 1}},
		"data behind a command":    {func(h *host) { h.frame(0x8F, 0x3F) }, Violations{Unknown: 1}},
		"push-pull":                {func(h *host) { h.do(CLK, High); h.do(DIO, High); h.do(DIO, High) }, Violations{Driven: 2}},
		"600 kHz": {func(h *host) {
			h.play("dc")
			for i := range time.Duration(3) {
				h.chip.Drive(h.at+i*1600+400, CLK, Released)
				h.chip.Drive(h.at+i*1600+1200, CLK, Low)
			}
		}, Violations{TooFast: 2}},
	} {
		h := &host{chip: New()}
		if c.act(h); h.chip.Violations() != c.want {
			t.Errorf("%s: got %+v, want %+v", name, h.chip.Violations(), c.want)
		}
	}
}

func TestReadingKeys(t *testing.T) {
	h := &host{chip: New()}
	h.frame(0x8B)
	h.play("dc")
	h.eight(0x42) // page 3, reading key data
	h.play("DCc")
	for i := range 9 {
		if h.play("C"); !h.chip.Level(DIO) {
			t.Errorf("clock %d: got low, want high: no key is pressed", i+1)
		}
		h.play("c")
	}
	h.play("dCD")
	if got := h.chip.Violations(); got != (Violations{}) || !h.chip.On() {
		t.Errorf("got %+v, on %t, want no violation, on", got, h.chip.On())
	}
}

func TestAbsentChip(t *testing.T) {
	h := &host{chip: New()}
	h.chip.Absent(true)
	if answers := h.frame(0x40, 0x40); !answers[0] || !answers[1] {
		t.Errorf("got acknowledges %v from an absent chip", answers)
	}
	h.do(DIO, Floating)
	if h.chip.Level(DIO) {
		t.Error("a wire that nobody pulls: got high, want low")
	}
	h.chip.Absent(false)
	if !h.chip.Level(DIO) || h.chip.On() {
		t.Error("plugged in: want the module's pull-up and a dark display")
	}
	if answers := h.frame(0x8F); answers[0] {
		t.Error("plugged in: got no acknowledge")
	}
	if h.chip.Segments()[0] != junk {
		t.Errorf("got % x, want what the registers held at power-up", h.chip.Segments())
	}
	h.chip.PowerUp()
	if h.chip.On() {
		t.Error("brown-out: got on, want off")
	}
}

func TestPins(t *testing.T) {
	chip := New()
	clk, dio := chip.Pins()
	for _, err := range []error{
		dio.Out(gpio.Low), clk.Out(gpio.Low), clk.In(gpio.PullUp, gpio.NoEdge), dio.In(gpio.PullUp, gpio.NoEdge),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	if got := chip.Frames(); len(got) != 1 || clk.Read() != gpio.High || dio.Pull() != gpio.PullUp {
		t.Errorf("got frames %v, CLK %v, pull %v, want one empty frame on idle wires", got, clk.Read(), dio.Pull())
	}
	if err := dio.In(gpio.Float, gpio.BothEdges); err == nil {
		t.Error("edges: got nil, want an error")
	}
	if dio.In(gpio.PullDown, gpio.NoEdge); dio.Read() != gpio.High || dio.Pull() != gpio.Float {
		t.Errorf("got %v, %v, want the module's pull-up to win", dio.Read(), dio.Pull())
	}
	if dio.Out(gpio.High); dio.Read() != gpio.High || chip.Violations().Driven != 1 {
		t.Errorf("got %v, %+v, want high, driven once", dio.Read(), chip.Violations())
	}
	if dio.Out(gpio.Low); dio.Read() != gpio.Low {
		t.Errorf("got %v, want low", dio.Read())
	}
}

// Whatever noise was on the wires before: after a STOP a whole update is understood.
func TestNoiseThenAnUpdate(t *testing.T) {
	step := rapid.Map(rapid.IntRange(0, 7), func(n int) [2]uint8 { return [2]uint8{uint8(n % 2), uint8(n / 2)} })
	rapid.Check(t, func(t *rapid.T) {
		h := &host{chip: New()}
		for _, s := range rapid.SliceOfN(step, 0, 200).Draw(t, "noise") {
			h.do(Wire(s[0]), Drive(s[1]))
			if s[1] == uint8(Low) && h.chip.Level(Wire(s[0])) {
				t.Fatal("a wire driven low is high")
			}
		}
		h.play("CDcCcCcCcCcCcCcCcCcC" + "DCcdCD") // let go, clear, STOP
		h.frame(0x40)
		h.frame(0xC0, 1, 2, 3, 4, 5, 6)
		h.frame(0x8F)
		if got, want := h.chip.Segments(), []byte{1, 2, 3, 4, 5, 6}; !bytes.Equal(got, want) {
			t.Fatalf("got % x, want % x", got, want)
		}
	})
}
