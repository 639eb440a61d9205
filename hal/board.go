// Package hal is the real board: GPIO lines, SPI ports, USB and the clocks of a Raspberry Pi.
//
// It owns finding the board, naming its lines and buses, and handing them out as conn interfaces
// and usb.Bus. It refuses to know what is wired to them. Its counterpart without hardware is
// hal/bench; the appliance alone chooses.
package hal

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/warthog618/go-gpiocdev"
	"periph.io/x/conn/v3/gpio"

	"sps-kiosk/hal/usb"
)

// DefaultDebounce suits gold contacts behind the input filter of the wiring plan.
const DefaultDebounce = 10 * time.Millisecond

// Options say how to open the board.
type Options struct {
	// USB opens the bus of real devices, hal/usb/libusb. It is called on first use and, after a
	// failure, again on the next one: a board without USB still serves the queue.
	USB func() (usb.Bus, error)
	// Debounce is the kernel's debounce of lines that wait for edges; 0 = DefaultDebounce.
	Debounce time.Duration
}

// Board is one Raspberry Pi. Its methods may be called from several goroutines.
type Board struct {
	opts Options
	chip *gpiocdev.Chip
	boot string
	usb  *lazyBus

	expanders expanders

	mu    sync.Mutex
	lines map[string]*line
}

// Open finds the board by the label of its GPIO controller. The error is in Russian where the
// technician can do something about it.
func Open(o Options) (*Board, error) {
	if o.Debounce <= 0 {
		o.Debounce = DefaultDebounce
	}
	boot, err := bootID("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return nil, err
	}
	chip, err := openChip()
	if err != nil {
		return nil, err
	}
	return &Board{
		opts: o, chip: chip, boot: boot, usb: &lazyBus{open: o.USB}, lines: map[string]*line{},
	}, nil
}

// Line returns the line with a BCM name, "GPIO0" to "GPIO27", or a line of an MCP23017 on the header's
// I²C bus, "MCP23017@0x20/GPA3"; the same pin for the same name.
// Nothing is requested from the kernel before In or Out. Besides conn's methods the pin has
//
//	LastEdge() (gpio.Level, time.Duration)
//
// with the level and the kernel's CLOCK_MONOTONIC stamp of the edge that WaitForEdge reported last.
func (b *Board) Line(name string) (gpio.PinIO, error) {
	if strings.HasPrefix(name, expanderPrefix) {
		l, err := b.expanders.line(name)
		if err != nil {
			return nil, err // not a typed nil
		}
		return l, nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if l, ok := b.lines[name]; ok {
		return l, nil
	}
	number, err := bcmNumber(name)
	if err != nil {
		return nil, err
	}
	offset, err := b.chip.FindLine(name)
	if err != nil {
		offset = number // older device trees leave lines nameless; offsets are BCM numbers
	}
	if offset >= b.chip.Lines() {
		return nil, fmt.Errorf("line %s: controller %s has %d lines", name, b.chip.Label, b.chip.Lines())
	}
	l := &line{name: name, number: number, debounce: b.opts.Debounce, request: b.requester(offset)}
	b.lines[name] = l
	return l, nil
}

// USB returns the bus of real devices.
func (b *Board) USB() usb.Bus { return b.usb }

// Boot returns the kernel's identity of this boot: a UUID that is new after every start.
func (b *Board) Boot() string { return b.boot }

// Close releases every line and the USB bus. Waiting edges end; ports from SPI are their owners'.
func (b *Board) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	errs := []error{b.usb.Close(), b.expanders.close()}
	for _, l := range b.lines {
		errs = append(errs, l.release())
	}
	clear(b.lines)
	return errors.Join(append(errs, b.chip.Close())...)
}

func bootID(path string) (string, error) {
	text, err := os.ReadFile(path)
	id := strings.TrimSpace(string(text))
	if err == nil && id == "" {
		err = errors.New("empty")
	}
	if err != nil {
		return "", fmt.Errorf("read boot id %s: %w", path, err)
	}
	return id, nil
}
