// Command boardprobe uses the real board, package hal, inside the guest and tells what it sees: one
// line per event. It decides nothing; the test outside compares with what it did and recorded.
//
//	boardprobe IN LAMP SPI
//
// waits for edges of line IN, shows each level on LAMP and as a frame on the SPI port, and prints
//
//	FD0 <what file descriptor 0 is before the board is opened>
//	FD0 <… and after everything is open>
//	READY <level of IN>
//	EDGE <level> <kernel time stamp, ns>
package main

import (
	"fmt"
	"os"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"

	"sps-kiosk/hal"
)

// edger is the pin of a board that knows when its edges happened.
type edger interface {
	LastEdge() (gpio.Level, time.Duration)
}

func main() {
	if err := probe(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Println("ERROR", err)
		os.Exit(1)
	}
}

func probe(in, lamp, port string) error {
	fd0()
	b, err := hal.Open(hal.Options{})
	if err != nil {
		return err
	}
	defer b.Close()
	button, err := b.Line(in)
	if err != nil {
		return err
	}
	light, err := b.Line(lamp)
	if err != nil {
		return err
	}
	p, err := b.SPI(port)
	if err != nil {
		return err
	}
	c, err := p.Connect(physic.MegaHertz, spi.Mode0, 8)
	if err != nil {
		return err
	}
	if err := button.In(gpio.PullUp, gpio.BothEdges); err != nil {
		return err
	}
	fd0()
	fmt.Println("READY", button.Read())
	return follow(button, light, c)
}

func follow(button, light gpio.PinIO, c spi.Conn) error {
	for button.WaitForEdge(-1) {
		level, at := button.(edger).LastEdge()
		if err := light.Out(!level); err != nil {
			return err
		}
		frame := []byte{1, 0}
		if !level {
			frame[1] = 0x7e
		}
		if err := c.Tx(frame, nil); err != nil {
			return err
		}
		fmt.Println("EDGE", level, at.Nanoseconds())
	}
	return nil
}

func fd0() {
	to, err := os.Readlink("/proc/self/fd/0")
	fmt.Println("FD0", to, err)
}
