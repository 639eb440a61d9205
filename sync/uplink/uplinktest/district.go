// Package uplinktest is a small district in memory, to hold uplinks against.
//
// It owns the protocol of sync/README.md as the device sees it, written apart from sync/district. It
// refuses to be one: it keeps everything it was told, forever, in maps.
package uplinktest

import (
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"time"

	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// District is an http.Handler. Its fields may be set before it serves, its methods called any time.
type District struct {
	Key   *ident.Key
	Now   func() time.Time
	Next  int                   // seconds between rounds
	Most  int                   // events in a batch, 0 = unlimited
	Room  int                   // events that are taken at once, more are answered 413; 0 = unlimited
	Offer *wire.Offer           // in every answer to a heartbeat, nil = none
	Renew ident.ID              // the key that is asked to be replaced; zero = none
	Fails func(wire.Event) bool // an event that makes its batch unreadable, nil = none

	mu        sync.Mutex
	next      *ident.Key // announced
	busy      int        // HTTP status of every answer, 0 = serves
	kept      kept
	invited   map[ident.Digest]ident.Invitation
	approvals map[ident.ID]ident.Approval
	calls     []Call
}

// Call is a request that was answered.
type Call struct {
	Name   string
	Status int
	Head   wire.Head
	Bytes  int
}

// kept is what a backup holds.
type kept struct {
	devices map[ident.ID]*device
	streams map[wire.StreamID]*Stream
}

type device struct {
	ring   ident.Ring
	status ident.Status
}

// Stream is what the district has of a stream.
type Stream struct {
	Mark      uint64
	Events    map[uint64]wire.Event
	Holes     map[uint64]wire.Why // place → why it is missing
	Anchors   []wire.Anchor
	Boot      uint32
	Prev      *wire.Prev
	Conflicts int // places that came twice with different events: that must never be
}

// New returns a district that knows nobody.
func New() *District {
	return &District{Key: ident.NewKey(), Now: time.Now, Next: 300, invited: map[ident.Digest]ident.Invitation{},
		approvals: map[ident.ID]ident.Approval{},
		kept:      kept{devices: map[ident.ID]*device{}, streams: map[wire.StreamID]*Stream{}}}
}

// Invite returns the text of an enroll.json.
func (d *District) Invite(address string) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	inv, token := ident.Invite(d.Now())
	d.invited[token.Digest()] = inv
	text, _ := json.Marshal(ident.Enrolment{Address: address, Server: d.Key.Public(), Token: token}) // cannot fail
	return text
}

// Set changes the status of every device.
func (d *District) Set(s ident.Status) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, v := range d.kept.devices {
		v.status = s
	}
}

// Approve types a number for every device that waits, and tells the verdict of the last.
func (d *District) Approve(number string) (v ident.Verdict) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for id, a := range d.approvals {
		if d.approvals[id], v = a.Try(d.Now(), number); v == ident.Approved {
			d.kept.devices[id].status = ident.Active
		}
	}
	return v
}

// Announce begins to tell the devices of a next key; Turn signs with it from then on.
func (d *District) Announce() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.next = ident.NewKey()
}

// Turn signs with the announced key.
func (d *District) Turn() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.Key, d.next = d.next, nil
}

// Busy answers everything with an HTTP status, signed; 0 ends that.
func (d *District) Busy(status int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.busy = status
}

// Backup returns a function that takes the district back to now.
func (d *District) Backup() (restore func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	old := d.kept.copy()
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.kept = old.copy()
	}
}

func (k kept) copy() kept {
	out := kept{map[ident.ID]*device{}, map[wire.StreamID]*Stream{}}
	for id, v := range k.devices {
		c := *v
		out.devices[id] = &c
	}
	for id, s := range k.streams {
		c := *s
		c.Events, c.Holes, c.Anchors = maps.Clone(s.Events), maps.Clone(s.Holes), slices.Clone(s.Anchors)
		out.streams[id] = &c
	}
	return out
}

// Streams returns a copy of all that is kept.
func (d *District) Streams() map[wire.StreamID]*Stream {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.kept.copy().streams
}

// Calls returns what was answered so far.
func (d *District) Calls() []Call {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.calls)
}
