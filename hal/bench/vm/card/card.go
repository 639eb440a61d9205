// Package card is the SD card of a guest: a disk with a volatile write cache.
//
// It owns what a card does to data: a write is safe after the next flush, or at once if it asks for
// that; until then a power cut may keep it, lose it, or tear it between sectors, and in any order.
// It serves QEMU as a network block device (nbd.go), counts what it costs, and can be slow or
// broken. It refuses to know file systems.
//
// QEMU's own image files cannot show this: what they were told to write stays in the page cache of
// the machine that runs QEMU, and survives its death whether the guest asked for a flush or not.
package card

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"sync"
	"time"
)

// Sector is the unit that a card writes whole, bytes.
const Sector = 512

// ErrBroken is what a broken card answers.
var ErrBroken = errors.New("card: input/output error")

// Card is one card. Its content is in memory; it outlives the guest, as a card outlives the board.
type Card struct {
	mu       sync.Mutex
	now      []byte  // what a read sees
	safe     []byte  // what is certain to be there after a power cut
	pending  []write // since the last flush, in the order of their arrival
	counters Counters
	fault    Fault
	left     int           // commands until the supply goes; only with reached
	reached  chan struct{} // nil: the supply stays
	dark     bool
	claims   int64 // size that it tells, bytes
}

type write struct {
	at   int64
	data []byte
	sure bool // it went through the cache
}

// Counters are totals since the card was made.
type Counters struct {
	Writes, Flushes int
	Bytes           int64 // written
}

// Fault is what is wrong with a card.
type Fault struct {
	Write, Flush time.Duration // each takes this much longer: a card that collects garbage
	Broken       bool          // writes and flushes fail: a card that has worn out turns read-only
}

// New makes a card of so many bytes with the content of an image file; the rest is zero.
func New(size int64, image string) (*Card, error) {
	c := &Card{now: make([]byte, size), safe: make([]byte, size), claims: size}
	data, err := os.ReadFile(image)
	if err != nil {
		return nil, fmt.Errorf("fill card: %w", err)
	}
	if int64(len(data)) > size {
		return nil, fmt.Errorf("fill card: image of %d bytes on %d", len(data), size)
	}
	copy(c.now, data)
	copy(c.safe, data)
	return c, nil
}

// NewLiar makes a card of so many bytes that claims more, as cheap ones do: addresses beyond the
// end come round to the beginning, and nothing ever fails. Of the image only the beginning counts.
func NewLiar(size, claims int64, image string) (*Card, error) {
	f, err := os.Open(image)
	if err != nil {
		return nil, fmt.Errorf("fill card: %w", err)
	}
	defer f.Close()
	c := &Card{now: make([]byte, size), claims: claims}
	if _, err := io.ReadFull(f, c.now); err != nil {
		return nil, fmt.Errorf("fill card: %w", err)
	}
	c.safe = bytes.Clone(c.now)
	return c, nil
}

// SetFault breaks or mends the card.
func (c *Card) SetFault(f Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fault = f
}

// Counters tells what was written so far.
func (c *Card) Counters() Counters {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counters
}

// Unsafe tells how many writes a power cut could lose now.
func (c *Card) Unsafe() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, w := range c.pending {
		if !w.sure {
			n++
		}
	}
	return n
}

// Fate says what a power cut does to the writes that were not flushed.
type Fate uint8

// Fates.
const (
	Lose    Fate = iota // all are gone: the least a program may rely on
	Keep                // all got through
	Scatter             // some got through, one is torn, later ones may be there without earlier ones
)

// PowerCut settles what is on the card now; seed decides for Scatter. Call it when nobody is
// connected any more.
func (c *Card) PowerCut(f Fate, seed uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := rand.New(rand.NewPCG(seed, seed))
	for _, w := range c.pending {
		switch {
		case w.sure, f == Keep:
			copy(c.safe[w.at:], w.data)
		case f == Scatter && r.IntN(2) == 0:
			sectors := r.IntN(len(w.data)/Sector + 1) // of this write, from its beginning
			if r.IntN(4) != 0 {
				sectors = len(w.data) / Sector
			}
			copy(c.safe[w.at:], w.data[:sectors*Sector])
		}
	}
	c.pending = nil
	copy(c.now, c.safe)
	c.reached, c.dark = nil, false
}

// CutAfter takes the card's supply away after n more writes and flushes: none of the commands after
// them happens or is answered. What it returns is closed at that moment; PowerCut is still to be
// called, when the guest is off.
func (c *Card) CutAfter(n int) (reached <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left, c.reached = n, make(chan struct{})
	return c.reached
}

// lost reports whether the supply is gone when a command comes; writes and flushes count.
func (c *Card) lost(counts bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reached == nil || !counts {
		return c.dark
	}
	if c.left == 0 && !c.dark {
		c.dark = true
		close(c.reached)
	}
	c.left--
	return c.dark
}

// ReadAt implements io.ReaderAt on what the guest would read now.
func (c *Card) ReadAt(p []byte, at int64) (int, error) {
	if err := c.read(at, p); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (c *Card) read(at int64, p []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.holds(at, len(p)) {
		return ErrBroken
	}
	for n := 0; n < len(p); {
		n += copy(p[n:], c.now[(at+int64(n))%int64(len(c.now)):])
	}
	return nil
}

// write takes data, which stays the card's; sure is a write through the cache (FUA).
func (c *Card) write(at int64, data []byte, sure bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.holds(at, len(data)) || c.fault.Broken {
		return ErrBroken
	}
	c.counters.Writes++
	c.counters.Bytes += int64(len(data))
	for len(data) > 0 { // at the end of a liar's memory the rest goes to the beginning
		at %= int64(len(c.now))
		n := copy(c.now[at:], data)
		c.pending = append(c.pending, write{at, data[:n], sure})
		data, at = data[n:], at+int64(n)
	}
	return nil
}

func (c *Card) flush() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fault.Broken {
		return ErrBroken
	}
	c.counters.Flushes++
	for _, w := range c.pending {
		copy(c.safe[w.at:], w.data)
	}
	c.pending = nil
	return nil
}

func (c *Card) holds(at int64, n int) bool {
	return at >= 0 && n >= 0 && at+int64(n) <= c.claims
}

func (c *Card) size() int64 { return c.claims }

// delay is how long a command takes beyond its own work.
func (c *Card) delay(flush bool) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if flush {
		return c.fault.Flush
	}
	return c.fault.Write
}
