package store

import (
	"encoding/binary"

	"sps-kiosk/kiosk/event"
)

// Keys. Numbers in them are big-endian and of fixed width, so that Badger's order is theirs.
const (
	keySchema = "m/schema" // uint32, layout of the whole database
	keyBoot   = "m/boot"   // bootRecord
	keySeq    = "c/seq"    // uint64, last event
	keyDay    = "c/day"    // queue.Day
	keyAck    = "x/ack"    // uint64, last event the district has
	keyFirst  = "x/first"  // uint64, first event that is kept; absent = 1

	prefixCounter = "c/t/" // + service: counter
	prefixTicket  = "t/"   // + day BE32 "/" service "/" number BE32: queue.Ticket
	prefixWindow  = "w/"   // + number BE32: queue.Window
	prefixPace    = "p/"   // + service: queue.Pace
	prefixEvent   = "e/"   // + seq BE64: event.Event
	prefixHole    = "h/"   // + first missing seq BE64: hole
	prefixOutbox  = "o/"   // + seq BE64: of earlier programs, means nothing now and is dropped
	prefixStream  = "s/"   // + number BE32: event.Stream
)

func counterKey(service string) []byte { return []byte(prefixCounter + service) }
func paceKey(service string) []byte    { return []byte(prefixPace + service) }

func ticketKey(id event.TicketID) []byte {
	k := binary.BigEndian.AppendUint32([]byte(prefixTicket), id.Day)
	k = append(k, '/')
	k = append(k, id.Service...)
	k = append(k, '/')
	return binary.BigEndian.AppendUint32(k, uint32(id.Number))
}

func windowKey(number int) []byte {
	return binary.BigEndian.AppendUint32([]byte(prefixWindow), uint32(number))
}

func eventKey(seq uint64) []byte { return binary.BigEndian.AppendUint64([]byte(prefixEvent), seq) }

func holeKey(seq uint64) []byte { return binary.BigEndian.AppendUint64([]byte(prefixHole), seq) }

func streamKey(number uint32) []byte {
	return binary.BigEndian.AppendUint32([]byte(prefixStream), number)
}

// seqOf reads the sequence number back from a key of an event.
func seqOf(key []byte) uint64 { return binary.BigEndian.Uint64(key[len(key)-8:]) }
