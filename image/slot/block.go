package slot

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
)

// Shape of the block on the card: two copies of copySize bytes, spacing apart, so that they do not share an
// erase block of the card (4 MiB at most on the cards we know).
const (
	copySize  = 0x4000
	spacing   = 4 << 20
	BlockSize = 2 * spacing // bytes of the partition
)

// offsets are where the copies begin.
var offsets = [2]int64{0, spacing}

// ErrLost says that neither copy of the block can be believed; Fresh holds then.
var ErrLost = errors.New("both copies of the state block are damaged")

// copyOf is one copy: a state and its turn. Turns go 0, 1, 2, 0 …: of two neighbours it is always clear which is
// newer, and the boot loader can tell without arithmetic, which U-Boot on x86 lacks.
type copyOf struct {
	state State
	turn  int
}

// after tells whether turn a is the one after b.
func after(a, b int) bool { return a == (b+1)%3 }

// encode is one copy as U-Boot's `env import -c` takes it.
func (c copyOf) encode() []byte {
	b := make([]byte, copySize)
	copy(b[4:], fmt.Sprintf("GOOD=%s\x00LEFT=%d\x00TRY=%s\x00TURN=%d\x00", c.state.Good, c.state.Left, c.state.Try, c.turn))
	binary.LittleEndian.PutUint32(b, crc32.ChecksumIEEE(b[4:]))
	return b
}

// decode reads one copy; anything but what encode or the boot loader writes is an error.
func decode(b []byte) (copyOf, error) {
	if len(b) != copySize {
		return copyOf{}, fmt.Errorf("state of %d bytes, want %d", len(b), copySize)
	}
	if got, want := crc32.ChecksumIEEE(b[4:]), binary.LittleEndian.Uint32(b); got != want {
		return copyOf{}, fmt.Errorf("checksum %08x, want %08x", got, want)
	}
	text, rest, found := bytes.Cut(b[4:], []byte{0, 0})
	if !found || len(bytes.Trim(rest, "\x00")) != 0 {
		return copyOf{}, errors.New("state has no end")
	}
	var c copyOf
	seen := map[string]bool{}
	for _, word := range strings.Split(string(text), "\x00") {
		name, value, _ := strings.Cut(word, "=")
		if seen[name] {
			return copyOf{}, fmt.Errorf("state has two %q", name)
		}
		seen[name] = true
		if err := c.set(name, value); err != nil {
			return copyOf{}, err
		}
	}
	if len(seen) != 4 {
		return copyOf{}, fmt.Errorf("state has %d words, want 4", len(seen))
	}
	return c, c.state.Check()
}

// set takes one word of a copy.
func (c *copyOf) set(name, value string) error {
	digit := func(most byte) (int, error) {
		if len(value) != 1 || value[0] < '0' || value[0] > '0'+most {
			return 0, fmt.Errorf("state has %s=%q", name, value)
		}
		return int(value[0] - '0'), nil
	}
	var err error
	switch name {
	case "GOOD":
		c.state.Good = Name(value)
	case "TRY":
		c.state.Try = Name(value)
	case "LEFT":
		c.state.Left, err = digit(Tries)
	case "TURN":
		c.turn, err = digit(2)
	default:
		err = fmt.Errorf("state has a word %q", name)
	}
	return err
}

// Format returns a new block of BlockSize bytes that holds s twice.
func Format(s State) []byte {
	b := make([]byte, BlockSize)
	for _, at := range offsets {
		copy(b[at:], copyOf{state: s}.encode())
	}
	return b
}

// Read returns the state that holds: the newer of the copies that can be believed. Without one it is Fresh and
// ErrLost; another error is the device's.
func Read(r io.ReaderAt) (State, error) {
	c, _, err := newest(r)
	return c.state, err
}

// newest returns the copy that holds and which of the two it is.
func newest(r io.ReaderAt) (copyOf, int, error) {
	var copies [2]copyOf
	var bad [2]bool
	for i, at := range offsets {
		b := make([]byte, copySize)
		if _, err := r.ReadAt(b, at); err != nil {
			return copyOf{state: Fresh()}, 0, fmt.Errorf("read state block: %w", err)
		}
		var err error
		copies[i], err = decode(b)
		bad[i] = err != nil
	}
	switch {
	case bad[0] && bad[1]:
		return copyOf{state: Fresh()}, 0, ErrLost
	case bad[0], !bad[1] && after(copies[1].turn, copies[0].turn):
		return copies[1], 1, nil
	}
	return copies[0], 0, nil
}

// Device is what holds the block: the raw partition.
type Device interface {
	io.ReaderAt
	io.WriterAt
	Sync() error
}

// Write makes s the state: first into the copy that does not hold, and when that is on the card into the other one.
// A power cut at any moment leaves the old state or s, and afterwards both copies say the same, so that one that
// rots later brings no old state back.
func Write(d Device, s State) error {
	if err := s.Check(); err != nil {
		return fmt.Errorf("write state block: %w", err)
	}
	held, at, err := newest(d)
	if err != nil && !errors.Is(err, ErrLost) {
		return err
	}
	next := copyOf{state: s, turn: (held.turn + 1) % 3}.encode()
	for _, i := range []int{1 - at, at} {
		if _, err := d.WriteAt(next, offsets[i]); err != nil {
			return fmt.Errorf("write state block: %w", err)
		}
		if err := d.Sync(); err != nil {
			return fmt.Errorf("write state block: %w", err)
		}
	}
	return nil
}
