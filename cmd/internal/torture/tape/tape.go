// Package tape is what a block device was told, in order, and what a power cut leaves of it.
//
// It owns the list of writes, flushes and marks, and the images that follow from a cut: what was
// flushed is there, of the rest any sectors may be. It refuses to know file systems and programs: a
// mark is a text that somebody else reads.
package tape

import (
	"sync"
)

// Sector is what a card writes whole, bytes.
const Sector = 512

// Kind says what happened.
type Kind uint8

// Kinds of an entry.
const (
	Write Kind = iota + 1
	Flush      // all writes before it are confirmed
	Mark       // the world outside has seen something: Text
)

// Entry is one thing that happened.
type Entry struct {
	Kind Kind
	At   int64  // of a write, bytes from the beginning of the device
	Data []byte // of a write
	Text string // of a mark
}

// Tape records. It is safe for use by several goroutines. The zero value is empty.
type Tape struct {
	mu      sync.Mutex
	entries []Entry
	counts  Counts
}

// Counts are totals of a tape.
type Counts struct {
	Writes, Flushes, Marks int
	Bytes                  int64 // written
}

// Write notes a write; data is copied.
func (t *Tape) Write(at int64, data []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.entries = append(t.entries, Entry{Kind: Write, At: at, Data: append([]byte(nil), data...)})
	t.counts.Writes++
	t.counts.Bytes += int64(len(data))
}

// Flush notes that the device was asked to make everything durable.
func (t *Tape) Flush() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.entries = append(t.entries, Entry{Kind: Flush})
	t.counts.Flushes++
}

// Mark notes what somebody outside has seen by now.
func (t *Tape) Mark(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.entries = append(t.entries, Entry{Kind: Mark, Text: text})
	t.counts.Marks++
}

// Entries returns what was recorded so far. The caller must not alter it.
func (t *Tape) Entries() []Entry {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.entries[:len(t.entries):len(t.entries)]
}

// Counts returns the totals.
func (t *Tape) Counts() Counts {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.counts
}
