package ipc

import "time"

// Session names one scan session on a connection of kiosk and porter; elsewhere it means nothing.
type Session [16]byte

// Begin asks the porter for a worker. The answer is Begun, or Ended if none could be started. One
// session at a time: a second Begin is answered by Ended of the second.
type Begin struct {
	Session Session `cbor:"1,keyasint"`
	// Within is how long the worker may live unless Alive or End comes: a monotonic deadline.
	Within time.Duration `cbor:"2,keyasint"`
}

// Alive sets the deadline anew: Within from now.
type Alive struct {
	Session Session       `cbor:"1,keyasint"`
	Within  time.Duration `cbor:"2,keyasint"`
}

// End kills the worker if it still lives, and drops its files: the answer is Ended. The end of the
// kiosk's connection means the same.
type End struct {
	Session Session `cbor:"1,keyasint"`
}

// Eject asks for a clean unmount, so that the stick may be taken out. The answer is a Stick.
type Eject struct{}

// Swept is the porter's first message on every connection: the wipe's function ran, which drops what a
// session before this porter or this kiosk left behind.
type Swept struct {
	Files int `cbor:"1,keyasint"` // dropped: more than 0 only after a loss of power or of a process
}

// StickState is how the citizen's port is.
type StickState uint8

// States of the stick.
const (
	StickAbsent  StickState = 1 // nothing in the port, and nothing was lost
	StickReady   StickState = 2 // mounted, writable
	StickRefused StickState = 3 // something is in the port that is not taken; Why says what
	StickOut     StickState = 4 // cleanly unmounted: it may be taken out
	StickPulled  StickState = 5 // taken out while it was mounted
	StickStays   StickState = 6 // Eject did not succeed: it is still mounted
)

// StickFault is why a stick is refused.
type StickFault uint8

// Reasons. Each has a sentence on the citizen's screen and a number on the LED (package scan).
const (
	FaultNone       StickFault = 0
	FaultNotStorage StickFault = 1 // something beside mass storage: HID, network, a telephone
	FaultChanged    StickFault = 2 // descriptors changed after authorisation
	FaultNTFS       StickFault = 3
	FaultFormat     StickFault = 4 // neither vfat nor exfat, nor any of those below
	FaultProtected  StickFault = 5 // write protection
	FaultFull       StickFault = 6
	FaultBroken     StickFault = 7 // input or output errors, or no medium
	FaultBitLocker  StickFault = 8
	FaultApple      StickFault = 9  // HFS+, APFS
	FaultLinux      StickFault = 10 // ext4 and its like
	FaultISO        StickFault = 11 // an installation disk copied onto it
	FaultFake       StickFault = 12 // what was written is not there: a false capacity, or broken memory
	faultLast                  = FaultFake
)

// Stick tells how the citizen's port is, whenever that changes and at the beginning.
type Stick struct {
	State StickState `cbor:"1,keyasint"`
	Why   StickFault `cbor:"2,keyasint,omitempty"` // of StickRefused
	Free  int64      `cbor:"3,keyasint,omitempty"` // bytes, of StickReady
}

// Begun brings the kiosk's end of its connection to a new worker.
type Begun struct {
	Session Session `cbor:"1,keyasint"`
}

// How is how a worker ended.
type How uint8

// Ways to end.
const (
	HowExited   How = 1 // by itself, after Finish
	HowKilled   How = 2 // by End or by the end of the kiosk's connection
	HowDeadline How = 3 // by the deadline
	HowCrashed  How = 4 // by itself, without being asked
	HowNotBegun How = 5 // it could not be started
)

// Ended tells that the worker is reaped and its files are gone.
type Ended struct {
	Session Session       `cbor:"1,keyasint"`
	How     How           `cbor:"2,keyasint"`
	Files   int           `cbor:"3,keyasint,omitempty"` // dropped after its end, 0 if it dropped them itself
	Took    time.Duration `cbor:"4,keyasint,omitempty"` // from the kill to the last file gone
}

// Volume brings the worker the directory of the mounted stick. The worker works below it alone.
type Volume struct {
	Free    int64 `cbor:"1,keyasint"` // bytes
	MaxFile int64 `cbor:"2,keyasint"` // largest file: 4 GiB less one on FAT32
}

// Leave tells the worker to close every descriptor of the stick. The answer is Left.
type Leave struct{}

// Left tells the porter that the worker holds nothing of the stick.
type Left struct{}

func (*Begin) kind() kind  { return kindBegin }
func (*Alive) kind() kind  { return kindAlive }
func (*End) kind() kind    { return kindEnd }
func (*Eject) kind() kind  { return kindEject }
func (*Swept) kind() kind  { return kindSwept }
func (*Stick) kind() kind  { return kindStick }
func (*Begun) kind() kind  { return kindBegun }
func (*Ended) kind() kind  { return kindEnded }
func (*Volume) kind() kind { return kindVolume }
func (*Leave) kind() kind  { return kindLeave }
func (*Left) kind() kind   { return kindLeft }

func (m *Begin) check() error { return within("within", m.Within, time.Second, maxIdle) }
func (m *Alive) check() error { return within("within", m.Within, time.Second, maxIdle) }
func (*End) check() error     { return nil }
func (*Eject) check() error   { return nil }
func (m *Swept) check() error { return within("files", m.Files, 0, 1<<30) }
func (*Begun) check() error   { return nil }
func (*Leave) check() error   { return nil }
func (*Left) check() error    { return nil }

func (m *Stick) check() error {
	return first(within("state", uint8(m.State), 1, uint8(StickStays)), within("why", uint8(m.Why), 0, uint8(faultLast)),
		within("free", m.Free, 0, MaxBytes))
}

func (m *Ended) check() error {
	return first(within("how", uint8(m.How), 1, uint8(HowNotBegun)), within("files", m.Files, 0, 1<<30),
		within("took", m.Took, 0, maxIdle))
}

func (m *Volume) check() error {
	return first(within("free", m.Free, 0, MaxBytes), within("max file", m.MaxFile, 1, MaxBytes))
}

// first returns the first error.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
