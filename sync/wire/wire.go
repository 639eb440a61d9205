// Package wire is the format in which statistics leave the device: the contract of what may.
//
// It owns the document that goes to the district (Batch: one Head and its events, newline-delimited
// JSON under gzip), the document that comes back (Answer), their limits and their checks. A batch
// without events is a heartbeat. Golden files in testdata are the privacy contract: what is not in
// them does not leave (A8, A13, A35), and a test walks the types.
//
// It refuses free text: every word of an event is from a list in this package when it is written,
// and of a shape no sentence, name in Cyrillic or phone number has when it is read. It does no
// I/O, keeps no clock and knows no identity: sync/ident signs the bytes.
package wire

import "errors"

// Version is the version of the format this program writes, and the newest it reads.
const Version = 1

// Limits that hold on both sides. A decoder refuses what is beyond them before it spends memory on
// it. What the numbers of events, anchors and devices allow together fits into the bytes.
const (
	MaxBody    = 1 << 20  // bytes of a batch as sent
	MaxPlain   = 4 << 20  // bytes of a batch after decompression
	MaxHead    = 16 << 10 // bytes of the first line, and of an Answer
	MaxLine    = 512      // bytes of an event's line
	MaxEvents  = 5000     // events in a batch
	MaxAnchors = 64       // anchors in a head
	MaxDevices = 64       // devices in a heartbeat
	MaxWant    = 64       // marks in an answer
	maxWord    = 40       // bytes of a word: "button." and a service code of 24, with room
	maxSeq     = 1 << 53  // what every JSON reader keeps exact
	maxMillis  = 1 << 50  // ms: 35 thousand years
	maxCount   = 1_000_000_000
)

// What a caller acts on.
var (
	// ErrVersion means a batch of a newer program: the server must be renewed first, the device
	// keeps everything and tries again.
	ErrVersion = errors.New("version of the format is not known")
	// ErrTooLarge means that a limit was crossed: the device halves its batch (HTTP 413).
	ErrTooLarge = errors.New("beyond the limits")
	// ErrMalformed means a batch whose head or frame cannot be read: cut off, not gzip, not JSON,
	// fewer or more lines than announced (HTTP 400). A single line that cannot be read is not this
	// error: it is in Batch.Bad.
	ErrMalformed = errors.New("malformed")
	// ErrInvalid means that an encoder was handed something that must not be written.
	ErrInvalid = errors.New("not allowed on the wire")
)
