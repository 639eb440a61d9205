package event

import "time"

// Stream is a run of events that leaves the device under one name and with places of its own, from
// 1. One begins with every boot: a card that lies about its flush forgets its last events and gives
// their numbers again, and under the same name the new ones would be taken for the old.
type Stream struct {
	Number  uint32   `cbor:"1,keyasint"` // rises with every stream of this card, from 1
	ID      [16]byte `cbor:"2,keyasint"` // drawn at random; says nothing of the device
	Boot    uint32   `cbor:"3,keyasint"`
	First   uint64   `cbor:"4,keyasint"`           // number of the event in place 1
	Acked   uint64   `cbor:"5,keyasint,omitempty"` // place up to which the district has it, by its last word
	Anchors []Anchor `cbor:"6,keyasint,omitempty"` // what is known of the wall time in this boot
}

// Anchor bounds the wall time of one moment of a boot. What it means is known to those who date.
type Anchor struct {
	Up time.Duration `cbor:"1,keyasint"`           // CLOCK_BOOTTIME
	Lo int64         `cbor:"2,keyasint,omitempty"` // Unix ms, not earlier
	Hi int64         `cbor:"3,keyasint,omitempty"` // Unix ms, not later
	By uint8         `cbor:"4,keyasint"`           // whose word it is
}

// Extent tells which events there are, by their numbers.
type Extent struct {
	First uint64 // the oldest that is kept
	Acked uint64 // the district had this one and all before it; 0 for none
	Last  uint64 // the newest that was written
}
