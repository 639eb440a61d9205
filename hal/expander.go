package hal

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/i2c"
	"periph.io/x/host/v3/sysfs"
)

// expanderPrefix begins the name of a line of an I²C expander: "MCP23017@0x20/GPA3".
const expanderPrefix = "MCP23017@"

// Registers of an MCP23017 with IOCON.BANK = 0, the state after power-on: A, then B at the next
// address, and the address counts up by itself (DS20001952, table 3-3).
const (
	regIODIR = 0x00 // 1 = input; 0xFF after power-on
	regIPOL  = 0x02
	regIOCON = 0x0A // at 0x0A and 0x0B, one register
	regGPPU  = 0x0C // 1 = pull-up of 100 kΩ
	regGPIO  = 0x12
	regOLAT  = 0x14
)

const (
	// pollEvery is how often a waiting line looks: far below a press of 50 ms.
	pollEvery = 5 * time.Millisecond
	// sampleAge is how long one reading serves every line of a chip.
	sampleAge = 4 * time.Millisecond
	// checkEvery is how often the chip is asked whether it still knows what it was told: a chip that
	// lost its supply for a moment has all lines as inputs and no pull-ups.
	checkEvery = time.Second
)

// expanders are the chips on the header's I²C bus. The zero value has none yet.
type expanders struct {
	mu    sync.Mutex
	bus   i2c.BusCloser
	chips map[uint16]*expander
	lines map[string]*expanderLine
}

// line returns a line by its name, the same for the same name.
func (e *expanders) line(name string) (*expanderLine, error) {
	address, bit, err := expanderPin(name)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if l, ok := e.lines[name]; ok {
		return l, nil
	}
	if e.bus == nil {
		if e.bus, err = openI2C(); err != nil {
			return nil, fmt.Errorf("line %s: %w", name, err)
		}
		e.chips, e.lines = map[uint16]*expander{}, map[string]*expanderLine{}
	}
	if e.chips[address] == nil {
		e.chips[address] = newExpander(e.bus, address, monotonic)
	}
	l := &expanderLine{chip: e.chips[address], name: name, bit: bit}
	e.lines[name] = l
	return l, nil
}

// close lets every waiting line end, and gives the bus back.
func (e *expanders) close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	var errs []error
	for _, l := range e.lines {
		errs = append(errs, l.Halt())
	}
	if e.bus != nil {
		errs = append(errs, e.bus.Close())
		e.bus = nil
	}
	e.lines, e.chips = nil, nil
	return errors.Join(errs...)
}

// openI2C opens the bus on pins 3 and 5 of the header, GPIO2 and GPIO3.
func openI2C() (i2c.BusCloser, error) {
	const number = 1
	node := fmt.Sprintf("/dev/i2c-%d", number)
	if _, err := os.Stat(node); errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("нет %s: включите I²C (dtparam=i2c_arm=on в config.txt): %w", node, err)
	}
	bus, err := sysfs.NewI2C(number)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", node, err)
	}
	return bus, nil
}

// expanderPin parses "MCP23017@0x20/GPA3": address 0x20 to 0x27 and bit 0 (GPA0) to 15 (GPB7).
func expanderPin(name string) (address uint16, bit int, err error) {
	chip, pin, _ := strings.Cut(strings.TrimPrefix(name, expanderPrefix), "/")
	a, err := strconv.ParseUint(strings.TrimPrefix(chip, "0x"), 16, 16)
	side := strings.Index("AB", strings.TrimPrefix(pin[:max(0, len(pin)-1)], "GP"))
	number := 8
	if len(pin) == 4 {
		number = int(pin[3]) - '0'
	}
	if err != nil || a < 0x20 || a > 0x27 || side < 0 || number < 0 || number > 7 ||
		fmt.Sprintf("%s0x%02x/GP%c%d", expanderPrefix, a, "AB"[max(0, side)], number) != name {
		return 0, 0, fmt.Errorf("line %q: want a name like MCP23017@0x20/GPA3, chips 0x20…0x27, lines GPA0…GPB7", name)
	}
	return uint16(a), side*8 + number, nil
}

// expander is one MCP23017. What it should be told is kept here and written again after a loss.
type expander struct {
	bus     i2c.Bus
	address uint16
	now     func() time.Duration

	mu               sync.Mutex
	dir, pull, latch uint16 // IODIR, GPPU and OLAT as they should be; A is the low byte
	level            uint16 // GPIO as read last
	sampled          time.Duration
	checked          time.Duration
	fresh            bool
}

func newExpander(bus i2c.Bus, address uint16, now func() time.Duration) *expander {
	return &expander{bus: bus, address: address, now: now, dir: 0xFFFF}
}

// set changes one bit of direction, pull-up and latch, and tells the chip.
func (e *expander) set(bit int, input, pullUp, high bool) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for word, on := range map[*uint16]bool{&e.dir: input, &e.pull: pullUp, &e.latch: high} {
		*word &^= 1 << bit
		if on {
			*word |= 1 << bit
		}
	}
	e.fresh = false
	return e.tell()
}

// tell writes every register that matters. The latch goes before the direction, so that a line comes
// up as an output at its level.
func (e *expander) tell() error {
	for _, r := range []struct {
		register byte
		value    uint16
	}{{regIOCON, 0}, {regIPOL, 0}, {regOLAT, e.latch}, {regGPPU, e.pull}, {regIODIR, e.dir}} {
		if err := e.bus.Tx(e.address, []byte{r.register, byte(r.value), byte(r.value >> 8)}, nil); err != nil {
			return fmt.Errorf("expander 0x%02x: write register 0x%02x: %w", e.address, r.register, err)
		}
	}
	e.checked = e.now()
	return nil
}

// read returns a pair of registers.
func (e *expander) read(register byte) (uint16, error) {
	var pair [2]byte
	if err := e.bus.Tx(e.address, []byte{register}, pair[:]); err != nil {
		return 0, fmt.Errorf("expander 0x%02x: read register 0x%02x: %w", e.address, register, err)
	}
	return uint16(pair[0]) | uint16(pair[1])<<8, nil
}

// sample returns a line's level, from a reading that is at most sampleAge old.
func (e *expander) sample(bit int) (gpio.Level, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if now := e.now(); !e.fresh || now-e.sampled >= sampleAge {
		level, err := e.look(now)
		if err != nil {
			e.fresh = false
			return gpio.Low, err
		}
		e.level, e.sampled, e.fresh = level, now, true
	}
	return e.level>>bit&1 == 1, nil
}

// look reads every line. A reading that tells news is believed only of a chip that has its pull-ups:
// without them every button would be pressed.
func (e *expander) look(now time.Duration) (uint16, error) {
	if now-e.checked >= checkEvery {
		if err := e.check(now); err != nil {
			return 0, err
		}
	}
	level, err := e.read(regGPIO)
	if err != nil || level == e.level {
		return level, err
	}
	if err := e.check(now); err != nil {
		return 0, err
	}
	return e.read(regGPIO)
}

// check finds out whether the chip has forgotten its registers, and tells it again.
func (e *expander) check(now time.Duration) error {
	dir, err := e.read(regIODIR)
	if err != nil {
		return err
	}
	pull, err := e.read(regGPPU)
	if err != nil {
		return err
	}
	if dir != e.dir || pull != e.pull {
		return e.tell()
	}
	e.checked = now
	return nil
}
