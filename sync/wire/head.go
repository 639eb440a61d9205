package wire

import (
	"fmt"
	"slices"
)

// Head is the first line of a batch: which events of which stream follow, and what the district
// needs to date them. It names no office, no address and no device: the signature does the last.
type Head struct {
	Version int      `json:"v"`
	Stream  StreamID `json:"stream"`
	Boot    uint32   `json:"boot"`              // count of boots of the device, from 1
	First   uint64   `json:"first"`             // place of the first event; without events, of the next
	Count   int      `json:"n"`                 // events that follow; 0 is a heartbeat
	Lost    *Lost    `json:"lost,omitempty"`    // what the device cannot send, just before First
	Prev    *Prev    `json:"prev,omitempty"`    // the stream before this one, nil on a new card
	Anchors []Anchor `json:"anchors,omitempty"` // of this stream, oldest first; repeating one is harmless
	Beat    *Beat    `json:"beat,omitempty"`    // how the device is now; only in its present stream
}

// Lost declares a hole: events From … First-1 of the stream exist no more. The district stores the
// hole and takes it as acknowledged, so that a loss is seen and holds nothing up.
type Lost struct {
	From uint64 `json:"from"`
	Why  Why    `json:"why"`
}

// Why says how events were lost.
type Why string

// The ways to lose events.
const (
	Purged     Why = "purged"     // acknowledged once, kept its days, asked for again later
	Dropped    Why = "dropped"    // never acknowledged: the device had no more room to keep it
	Unreadable Why = "unreadable" // the card does not give them back
	Refused    Why = "refused"    // the district answered ErrMalformed to a batch of this one event
)

// Prev links a stream to the one before it, so that a missing tail is seen, a forked chain raises
// an alarm, and the two bound each other's time: what is named here happened before this boot.
type Prev struct {
	Stream StreamID `json:"stream"`
	Last   uint64   `json:"last"` // the last event the device remembers of it, 0 for none
	Up     int64    `json:"up"`   // CLOCK_BOOTTIME of that boot, ms, at a moment surely reached
}

// Anchor bounds the wall time of one moment of the stream's boot; sync/clock makes and reads it.
type Anchor struct {
	Up     int64  `json:"up"`           // CLOCK_BOOTTIME, ms
	Lo     int64  `json:"lo,omitempty"` // Unix ms, not earlier; 0 = not bounded
	Hi     int64  `json:"hi,omitempty"` // Unix ms, not later; 0 = not bounded
	Source string `json:"src"`          // clock.Source's word
}

// Beat is how the device is. Devices lists those that are not in order, and may list more.
type Beat struct {
	Up       int64    `json:"up"` // CLOCK_BOOTTIME when the batch was made, ms
	Firmware string   `json:"fw"`
	Backlog  uint64   `json:"backlog"`        // events not acknowledged, all streams
	Disk     int      `json:"disk"`           // free part of the data partition, percent
	Heat     int      `json:"heat,omitempty"` // of the processor, °C; 0 = not known
	Devices  []Device `json:"dev,omitempty"`
	Catalog  string   `json:"cat,omitempty"`     // version of the catalogue in force (A6), "decree84.1"
	Overdue  int      `json:"overdue,omitempty"` // familiarisations overdue (B16); whose never leaves
	Update   *Update  `json:"upd,omitempty"`     // how the last update ended; nil = there was none
}

// Device is one line of the table of what works.
type Device struct {
	Name  string `json:"n"`
	State string `json:"s"` // a word of kiosk/health
}

// NewDevice returns a line whose words are from the lists of this package: what is on none leaves
// as "other".
func NewDevice(name, health string) Device { return Device{Name: device(name), State: state(health)} }

// Start returns the place of the first event the batch accounts for, lost ones included. The
// district accepts a batch with events or a hole if Start is at most one more than its mark.
func (h *Head) Start() uint64 {
	if h.Lost != nil {
		return h.Lost.From
	}
	return h.First
}

// End returns the place of the last event the batch accounts for; the mark after it is stored.
func (h *Head) End() uint64 { return h.First + uint64(h.Count) - 1 }

// check says what is wrong with a head, for both directions.
func (h *Head) check() error {
	switch {
	case h.Version != Version:
		return unknownVersion(h.Version)
	case h.Count > MaxEvents || len(h.Anchors) > MaxAnchors || h.Beat != nil && len(h.Beat.Devices) > MaxDevices:
		return fmt.Errorf("%w: %d events, %d anchors", ErrTooLarge, h.Count, len(h.Anchors))
	case h.Stream.IsZero() || h.Boot == 0:
		return fmt.Errorf("%w: no stream or no boot", ErrMalformed)
	case h.First < 1 || h.First > maxSeq || h.Count < 0:
		return fmt.Errorf("%w: events %d + %d", ErrMalformed, h.First, h.Count)
	case h.Lost != nil && !h.Lost.valid(h.First):
		return fmt.Errorf("%w: hole from %d to %d", ErrMalformed, h.Lost.From, h.First)
	case h.Prev != nil && (h.Prev.Stream.IsZero() || h.Prev.Stream == h.Stream || h.Prev.Last > maxSeq || !millis(h.Prev.Up)):
		return fmt.Errorf("%w: link to the stream before", ErrMalformed)
	case h.Beat != nil && !h.Beat.valid():
		return fmt.Errorf("%w: heartbeat", ErrMalformed)
	}
	for _, a := range h.Anchors {
		if !a.valid() {
			return fmt.Errorf("%w: anchor at %d", ErrMalformed, a.Up)
		}
	}
	return nil
}

// unknownVersion says what is wrong with a version: it is newer, or there is none.
func unknownVersion(v int) error {
	if v > Version {
		return fmt.Errorf("%w: %d, this program knows %d", ErrVersion, v, Version)
	}
	return fmt.Errorf("%w: no version", ErrMalformed)
}

// leaves reports whether the words of a head are on the lists of this package.
func (h *Head) leaves() bool {
	if h.Lost != nil && !slices.Contains([]Why{Purged, Dropped, Unreadable, Refused}, h.Lost.Why) {
		return false
	}
	if b := h.Beat; b != nil && b.Update != nil && *b.Update != *NewUpdate(b.Update.Version, b.Update.End) {
		return false
	}
	return h.Beat == nil || !slices.ContainsFunc(h.Beat.Devices, func(d Device) bool { return d != NewDevice(d.Name, d.State) })
}

func (l *Lost) valid(first uint64) bool {
	return l.From >= 1 && l.From < first && shaped(string(l.Why))
}

func (a *Anchor) valid() bool {
	return millis(a.Up) && millis(a.Lo) && millis(a.Hi) && (a.Hi == 0 || a.Lo <= a.Hi) && shaped(a.Source)
}

func (b *Beat) valid() bool {
	for _, d := range b.Devices {
		if !shaped(d.Name) || d.State != "" && !shaped(d.State) {
			return false
		}
	}
	return millis(b.Up) && release(b.Firmware) && b.Backlog <= maxSeq &&
		b.Disk >= 0 && b.Disk <= 100 && b.Heat >= -60 && b.Heat <= 200 &&
		(b.Catalog == "" || shaped(b.Catalog) && len(b.Catalog) <= maxVersion) && b.Overdue >= 0 && b.Overdue <= maxCount &&
		(b.Update == nil || release(b.Update.Version) && shaped(b.Update.End))
}

func millis(n int64) bool { return n >= 0 && n <= maxMillis }

// release reports whether s could be the name of a release: "1.4.2", "v1.5-rc1", "b7ff180-dirty".
func release(s string) bool {
	if s == "" || len(s) > maxWord {
		return false
	}
	for i := range len(s) {
		c := s[i] | 0x20
		if (c < 'a' || c > 'z') && (s[i] < '0' || s[i] > '9') && s[i] != '.' && s[i] != '-' && s[i] != '_' && s[i] != '+' {
			return false
		}
	}
	return true
}
