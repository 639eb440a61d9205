// Package wire carries a bench machine's kiosk side over a unix socket.
//
// With it the real kiosk process can be killed while the machine stands. It owns the protocol and
// both its ends: Serve beside the machine, Dial in the kiosk. It refuses the person's side of the
// machine, which stays in the machine's process, and to be a format for anything else: both ends
// are always of one build.
//
// The protocol is two gob streams. A request with an identity gets one answer; answers come in any
// order. A request to cancel has the identity of the one it cancels.
package wire

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/usb"
)

// errGone means that the machine's process is gone; to a driver it is an unplugged device.
var errGone = fmt.Errorf("bench machine is gone: %w", usb.ErrUnplugged)

// op names what is asked for.
type op uint8

const (
	opCancel op = iota + 1
	opLine
	opIn
	opOut
	opRead
	opHalt
	opEdge
	opSPI
	opConnect
	opFrames
	opDevices
	opOpen
	opPipeWrite
	opPipeRead
	opPipeControl
	opPipeClear
	opPipeClose
	opSerial
	opSerialWrite
	opSerialClose
	opCaption
	opJournal
)

// operations are those that a real machine could fail, with their names.
var operations = map[op]string{
	opIn: "gpio in", opOut: "gpio out", opEdge: "gpio edge", opSPI: "spi open", opConnect: "spi connect", opFrames: "spi transfer",
	opDevices: "usb list", opOpen: "usb open", opPipeWrite: "usb write", opPipeRead: "usb read", opPipeControl: "usb control",
	opPipeClear: "usb clear", opSerial: "serial open", opSerialWrite: "serial write",
}

// request is one message to the machine. Which fields matter depends on the op.
type request struct {
	ID       uint64 // 0 = no answer wanted
	Op       op
	Name     string // of a line or port; the journal's text
	Handle   int    // of a pipe, SPI connection or serial port
	A, B, C  int64
	On       bool
	Data     []byte
	Frames   [][]byte
	Device   usb.Device
	Setup    usb.Setup
	Captions []bench.Caption
}

// answer is one message from the machine; with ID 0 it is news of the clock.
type answer struct {
	ID      uint64
	Code    code
	Text    string // of the error
	N       int
	On      bool
	Took    time.Duration
	Data    []byte
	Devices []usb.Device
	Edges   []edge // all there are, oldest first
	Clock   clock
}

// edge is one change of a line's level, by the machine's clock.
type edge struct {
	High bool
	At   time.Duration
}

// clock is the machine's clock in terms of the host's CLOCK_BOOTTIME, which both ends can read.
type clock struct {
	Boot   string
	Origin time.Duration // CLOCK_BOOTTIME at the machine's power-on
	Shift  time.Duration
	Error  time.Duration
}

// code says which error it was; the two ends know the same ones.
type code uint8

// codes has the sentinels in the order of their codes; 0 is no error and 255 any other.
var codes = [...]error{
	nil, usb.ErrUnplugged, usb.ErrStalled, usb.ErrNotFound, usb.ErrNoEndpoint,
	context.Canceled, context.DeadlineExceeded,
}

const otherError code = 255

// fail puts an error into an answer.
func (a *answer) fail(err error) {
	if err == nil {
		return
	}
	a.Code, a.Text = otherError, err.Error()
	for i, sentinel := range codes {
		if sentinel != nil && errors.Is(err, sentinel) {
			a.Code = code(i)
		}
	}
}

// err takes the error out again.
func (a *answer) err() error {
	switch {
	case a.Code == 0:
		return nil
	case int(a.Code) < len(codes):
		return &remote{a.Text, codes[a.Code]}
	}
	return &remote{a.Text, nil}
}

// remote is an error of the other end.
type remote struct {
	text string
	is   error
}

func (r *remote) Error() string { return r.text }
func (r *remote) Unwrap() error { return r.is }
