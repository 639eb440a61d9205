package hal

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"periph.io/x/conn/v3/spi"
	"periph.io/x/host/v3/sysfs"
)

// SPI opens a port by its name, "SPI0.1" for bus 0, chip select 1. The caller closes it.
//
// The port is opened directly and periph's driver initialisation (host.Init) is never run: with a
// second node for one GPIO controller, as Raspberry Pi OS has on a Pi 5, gpioioctl in host v3.8.5
// closes file descriptor 0 there, and whatever is opened next becomes standard input.
func (b *Board) SPI(name string) (spi.PortCloser, error) {
	bus, selected, err := spiNumbers(name)
	if err != nil {
		return nil, err
	}
	node := fmt.Sprintf("/dev/spidev%d.%d", bus, selected)
	if _, err := os.Stat(node); errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s: нет %s: включите SPI (dtparam=spi=on в config.txt): %w", name, node, err)
	}
	port, err := sysfs.NewSPI(bus, selected)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	return port, nil
}

// spiNumbers parses "SPI0.1".
func spiNumbers(name string) (bus, selected int, err error) {
	numbers, ok := strings.CutPrefix(name, "SPI")
	left, right, dot := strings.Cut(numbers, ".")
	bus, err1 := strconv.Atoi(left)
	selected, err2 := strconv.Atoi(right)
	if !ok || !dot || errors.Join(err1, err2) != nil || fmt.Sprintf("SPI%d.%d", bus, selected) != name || bus < 0 || selected < 0 {
		return 0, 0, fmt.Errorf("SPI port %q: want a name like SPI0.0", name)
	}
	return bus, selected, nil
}
