// Command usbfloor is the least that a ticket can take: in the guest it waits for a button on the
// real board and writes to a printer through the real libusb, without a service in between.
//
//	usbfloor IN PORT
//
// prints READY when line IN is watched and the printer at PORT ("1-2") is claimed; every press sends
// one piece of 4096 bytes.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"periph.io/x/conn/v3/gpio"

	"sps-kiosk/hal"
	"sps-kiosk/hal/usb"
	"sps-kiosk/hal/usb/libusb"
)

// edger is a line that keeps the level after its last edge; those of hal do.
type edger interface {
	LastEdge() (gpio.Level, time.Duration)
}

func main() {
	if err := serve(os.Args[1], os.Args[2]); err != nil {
		fmt.Println("ERROR", err)
		os.Exit(1)
	}
}

func serve(in, port string) error {
	b, err := hal.Open(hal.Options{})
	if err != nil {
		return err
	}
	defer b.Close()
	button, err := b.Line(in)
	if err != nil {
		return err
	}
	match := usb.Printer()
	match.Port = port
	pipe, err := usb.NewLink(libusb.Bus{}, match).Wait(context.Background())
	if err != nil {
		return err
	}
	defer pipe.Close()
	if err := button.In(gpio.PullUp, gpio.BothEdges); err != nil {
		return err
	}
	fmt.Println("READY")
	for piece := make([]byte, 4096); button.WaitForEdge(-1); {
		// The edge's own level: whoever comes late would read that the contact is open again.
		if level, _ := button.(edger).LastEdge(); level == gpio.High {
			continue
		}
		if _, err := pipe.Write(context.Background(), piece); err != nil {
			return err
		}
	}
	return nil
}
