// Package uplink sends the statistics of a kiosk to its district until they are acknowledged.
//
// It owns the device's network: one request at a time over HTTPS, its pace, what is believed of an
// answer, enrolment and approval, and the sentence that tells a technician how the link is. What is
// not signed by the district did not happen, whatever a proxy, a portal or a forger says.
//
// It refuses to choose events (sync/outbox), to know their form (sync/wire), to ask the time of
// day, which the device may not have (B13), and to give up: everything waits until it is taken.
package uplink

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/outbox"
	"sps-kiosk/sync/wire"
)

// Options are what an uplink works with. Box, Dir, Now and Client must be set.
type Options struct {
	Box     *outbox.Box
	Dir     string            // keeps the device's key and its district; made if there is none
	Enrol   string            // folder that may hold enroll.json; "" = none
	NewKey  string            // the technician's word: another one than the last makes the device's key be renewed once; "" = never
	Address string            // district to ask for an approval by number; "" = only a file enrols
	Now     func() event.Time // Boot and Up count, the wall time does not
	Client  *http.Client      // NewClient makes one
	Updater Updater           // is told of newer firmware; nil = nobody
	Beat    func() wire.Beat  // how the device is; Up and Backlog are filled in. nil = nothing to tell
	Tell    func(State)       // is told how the link is after every request; it must not wait. nil = nobody
	Every   time.Duration     // shortest pause between two exchanges; 0 = what the district says
	First   time.Duration     // the first request comes at random within this time; 0 = a minute
	Rand    *rand.Rand        // nil = one of its own
	Log     *slog.Logger      // nil = silent
}

// Updater takes offers of newer firmware: the appliance's update handler.
type Updater interface {
	// Offered tells of a firmware that the district offers under its signature, every time it does, and
	// where to fetch the bundle. It must not wait. How it ended goes into the next heartbeat.
	Offered(o wire.Offer, from string)
}

// Uplink is the device's end of the link. One goroutine uses it.
type Uplink struct {
	Options
	key      *ident.Key
	next     *ident.Key // what key is to be replaced with, nil for none
	binding  ident.Binding
	bound    bool      // binding is on disk
	enrol    *pending  // the file that is to be redeemed
	redeemed bool      // in this boot
	asking   *approval // without a file

	encoder wire.Encoder
	pace    pace
	greeted bool          // the present round began with a heartbeat
	beatAt  time.Duration // of the last heartbeat that was answered
	short   bool          // what is between forgets open connections: none is kept over a pause
	state   State
	said    complaint
}

// Files in Options.Dir.
const (
	keyFile     = "device.key"
	nextFile    = "device.next"
	bindingFile = "district.json"
)

// New returns an uplink. It reads, or makes, the device's key; a damaged file is put aside, and the
// device must be enrolled again.
func New(o Options) (*Uplink, error) {
	if o.Beat == nil {
		o.Beat = func() wire.Beat { return wire.Beat{Firmware: "unknown"} }
	}
	if o.Tell == nil {
		o.Tell = func(State) {}
	}
	if o.First == 0 {
		o.First = time.Minute
	}
	if o.Rand == nil {
		o.Rand = rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	u := &Uplink{Options: o, pace: newPace(o.Rand)}
	u.state.Last = never
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make folder of the device's key: %w", err)
	}
	if err := u.load(); err != nil {
		return nil, err
	}
	u.seek()
	return u, nil
}

func (u *Uplink) file(name string) string { return filepath.Join(u.Dir, name) }

// load reads the device's key and the district it belongs to.
func (u *Uplink) load() (err error) {
	key, made, err := ident.LoadOrMakeKey(u.file(keyFile))
	if errors.Is(err, ident.ErrKeyDamaged) {
		u.Log.Error("device key damaged, put aside; the kiosk must be enrolled again", "err", err)
		if err := os.Rename(u.file(keyFile), u.file(keyFile+".bad")); err != nil {
			return fmt.Errorf("put damaged key aside: %w", err)
		}
		key, made, err = ident.LoadOrMakeKey(u.file(keyFile))
	}
	if err != nil {
		return err
	}
	u.key = key
	if made {
		u.Log.Info("made the device's key", "key", key.ID())
	}
	if next, err := ident.LoadKey(u.file(nextFile)); err == nil {
		u.next = next
	}
	u.binding, err = ident.LoadBinding(u.file(bindingFile))
	if u.bound = err == nil; !u.bound && !errors.Is(err, os.ErrNotExist) {
		u.Log.Error("file of the district is damaged; the kiosk must be enrolled again", "err", err)
	}
	return nil
}

// Run speaks with the district until ctx ends. It waits out whatever goes wrong.
func (u *Uplink) Run(ctx context.Context) error {
	wait := time.Duration(u.Rand.Int64N(int64(u.First) + 1))
	for {
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
		wait = u.Exchange(ctx)
	}
}

// Exchange makes one request, takes its answer, and returns how long to wait before the next one:
// nothing while events wait to be sent. Run is a loop of it; a simulation has its own.
func (u *Uplink) Exchange(ctx context.Context) time.Duration {
	wait := u.step(ctx)
	if n, err := u.Box.Backlog(); err == nil {
		u.state.Backlog = n
	}
	u.Tell(u.state)
	return wait
}

// step does what is due: a file to redeem, an approval to ask for, a key to replace, or a batch.
func (u *Uplink) step(ctx context.Context) time.Duration {
	if !u.greeted && (!u.bound || u.binding.Status != ident.Active) {
		u.seek()
	}
	switch {
	case u.enrol != nil:
		return u.redeem(ctx)
	case !u.bound && u.Address == "":
		u.state.Link = Unbound
		return idle
	case !u.bound && !u.asking.revealed():
		return u.approve(ctx)
	}
	if err := u.heed(); err != nil {
		u.complain("key", err) // the statistics go on under the present one
	} else if u.next != nil && u.bound && u.binding.Status == ident.Active {
		return u.rotate(ctx)
	}
	return u.batch(ctx)
}

// idle is how often a kiosk without a district looks for a file.
const idle = time.Minute

// district returns whom to speak to: the district of the device, or the one that is being asked.
func (u *Uplink) district() ident.Binding {
	d := u.binding
	if !u.bound {
		d = u.asking.trial
	}
	d.Keys = slices.Clone(d.Keys)
	return d
}
