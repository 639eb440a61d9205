package store

import (
	"errors"
	"fmt"
	"hash/crc32"
	"os"

	"golang.org/x/sys/unix"
)

// Limits of opening. Badger panics in goroutines of its own where a table is damaged, and nothing
// can recover that: only the next start can know that the last one died, and at which door.
const (
	mostDeaths     = 2 // in one boot of the device: the next start opens a new database
	mostDeathsEver = 6 // over boots, where a flickering supply is a likelier reason
)

// attempts is the file that counts starts which died between opening the database and finding it
// whole. It has one block that is overwritten in place, so a full card cannot stop the counting.
type attempts struct {
	f    *os.File
	boot string
	here int // deaths in this boot
	ever int // deaths since the last good opening
}

const attemptSize = 512

// openAttempts opens or makes the file. What cannot be read counts as no death.
func openAttempts(name, boot string) (*attempts, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	a := &attempts{f: f, boot: boot}
	b := make([]byte, attemptSize)
	n, _ := f.ReadAt(b, 0)
	var of string
	var sum uint32
	if _, err := fmt.Sscanf(string(b[:n]), "%d %d %q %d\n", &a.here, &a.ever, &of, &sum); err != nil || sum != a.sum(of) {
		a.here, a.ever = 0, 0
	}
	if of != boot {
		a.here = 0
	}
	return a, nil
}

// sum guards the counts: a spoilt file must not condemn a sound database.
func (a *attempts) sum(boot string) uint32 {
	return crc32.ChecksumIEEE(fmt.Appendf(nil, "%d %d %q", a.here, a.ever, boot))
}

// condemned reports whether opening has killed the process too often to try again.
func (a *attempts) condemned() bool { return a.here >= mostDeaths || a.ever >= mostDeathsEver }

// begin counts a death that clear takes back when the start survives. It is on the card first.
func (a *attempts) begin() error {
	a.here++
	a.ever++
	return a.write()
}

// clear forgets every death.
func (a *attempts) clear() error {
	a.here, a.ever = 0, 0
	return a.write()
}

func (a *attempts) write() error {
	b := make([]byte, attemptSize)
	text := fmt.Appendf(nil, "%d %d %q %d\n", a.here, a.ever, a.boot, a.sum(a.boot))
	if len(text) > len(b) {
		return errors.New("boot id is too long")
	}
	copy(b, text)
	if _, err := a.f.WriteAt(b, 0); err != nil {
		return err
	}
	return unix.Fdatasync(int(a.f.Fd()))
}

func (a *attempts) close() error { return a.f.Close() }
