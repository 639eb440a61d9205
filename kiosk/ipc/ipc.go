// Package ipc is how the kiosk, the porter and the scan worker talk: three processes that must not
// trust each other's memory (ARCHITECTURE §3).
//
// It owns the messages, their bounds, the frame and the passing of descriptors. It refuses to start,
// kill or mount anything, and to carry a byte of a page or a name a citizen gave: no message has a
// field for one. It refuses, too, whatever it does not know: another version, another message for this
// direction, a field too many, a number out of range, a descriptor nobody asked for.
//
// The socket is AF_UNIX SOCK_SEQPACKET: a packet is a frame, and descriptors belong to their packet.
package ipc

import (
	"errors"
	"fmt"
	"time"
)

// Version of the messages. All three processes are one binary, so another version is another build.
const Version = 1

// Bounds of what a message may say.
const (
	MaxFrame = 8 << 10 // bytes, head included: a Save of MaxPages fits
	MaxPages = 500     // in one session
	MaxBytes = 1 << 50 // of anything that is counted in bytes
	maxIdle  = time.Hour
)

// Errors of Receive. After any of them the connection is of no use: close it.
var (
	// ErrFrame means that the bytes are no frame, or a message that is not spelt as we spell it.
	ErrFrame = errors.New("not a message")
	// ErrVersion means that the other end is of another build.
	ErrVersion = errors.New("message of another version")
	// ErrDirection means that the message is none for this direction.
	ErrDirection = errors.New("message not meant for this end")
	// ErrRange means that a field is out of its range.
	ErrRange = errors.New("message out of range")
	// ErrFiles means that a message came with more or fewer descriptors than it takes.
	ErrFiles = errors.New("message with wrong descriptors")
)

// Message is one of this package's messages.
type Message interface {
	kind() kind
	check() error
}

// kind numbers the messages on the wire: append, never renumber.
type kind uint8

const (
	kindBegin    kind = 1
	kindAlive    kind = 2
	kindEnd      kind = 3
	kindEject    kind = 4
	kindSwept    kind = 5
	kindStick    kind = 6
	kindBegun    kind = 7
	kindEnded    kind = 8
	kindScan     kind = 9
	kindStop     kind = 10
	kindDrop     kind = 11
	kindSave     kind = 12
	kindFinish   kind = 13
	kindReady    kind = 14
	kindScanner  kind = 15
	kindPage     kind = 16
	kindScanned  kind = 17
	kindProgress kind = 18
	kindSaved    kind = 19
	kindUnsaved  kind = 20
	kindWiped    kind = 21
	kindVolume   kind = 22
	kindLeave    kind = 23
	kindLeft     kind = 24
)

// empty returns a new message of a kind, nil for a number that is none.
func empty(k kind) Message {
	all := [...]Message{kindBegin: &Begin{}, kindAlive: &Alive{}, kindEnd: &End{}, kindEject: &Eject{}, kindSwept: &Swept{},
		kindStick: &Stick{}, kindBegun: &Begun{}, kindEnded: &Ended{}, kindScan: &Scan{}, kindStop: &Stop{}, kindDrop: &Drop{},
		kindSave: &Save{}, kindFinish: &Finish{}, kindReady: &Ready{}, kindScanner: &Scanner{}, kindPage: &Page{},
		kindScanned: &Scanned{}, kindProgress: &Progress{}, kindSaved: &Saved{}, kindUnsaved: &Unsaved{}, kindWiped: &Wiped{},
		kindVolume: &Volume{}, kindLeave: &Leave{}, kindLeft: &Left{}}
	if int(k) >= len(all) {
		return nil
	}
	return all[k]
}

// Direction says which messages an end takes.
type Direction uint8

// Directions, by who sends.
const (
	KioskToPorter  Direction = 1
	PorterToKiosk  Direction = 2
	KioskToWorker  Direction = 3
	WorkerToKiosk  Direction = 4
	PorterToWorker Direction = 5
	WorkerToPorter Direction = 6
)

// takes reports whether messages of a kind go that way. There is no way for anybody else.
func (d Direction) takes(k kind) bool {
	switch k {
	case kindBegin, kindAlive, kindEnd, kindEject:
		return d == KioskToPorter
	case kindSwept, kindStick, kindBegun, kindEnded:
		return d == PorterToKiosk
	case kindScan, kindStop, kindDrop, kindSave, kindFinish:
		return d == KioskToWorker
	case kindReady, kindScanner, kindPage, kindScanned, kindProgress, kindSaved, kindUnsaved, kindWiped:
		return d == WorkerToKiosk
	case kindVolume, kindLeave:
		return d == PorterToWorker
	case kindLeft:
		return d == WorkerToPorter
	}
	return false
}

// files is how many descriptors a message brings.
func (k kind) files() int {
	if k == kindBegun || k == kindVolume {
		return 1
	}
	return 0
}

// within is nil if v is in its range.
func within[T int | int64 | uint8 | uint32 | time.Duration](what string, v, low, high T) error {
	if v < low || v > high {
		return fmt.Errorf("%w: %s is %v, allowed %v to %v", ErrRange, what, v, low, high)
	}
	return nil
}
