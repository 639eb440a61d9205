package scan

import "sps-kiosk/kiosk/ipc"

// Input is something that happened: a citizen's hand, the porter, the worker, time. There is no other
// kind, so nobody else can start, see or copy a scan (A34).
type Input interface{ input() }

// ScanPressed is the SCAN button.
type ScanPressed struct{}

// Enter is «Сканировать» on the screen: a session begins, and no page is taken yet.
type Enter struct{}

// Unhurried says that the citizen needs larger letters and more time: whatever waits for a touch waits twice
// as long, until the session ends.
type Unhurried struct{ On bool }

// DonePressed is the DONE button: save, or end.
type DonePressed struct{}

// DoneHeld is DONE held for two seconds: end at once and delete.
type DoneHeld struct{}

// Stay is «Я здесь, продолжить».
type Stay struct{}

// More is «Нужно ещё 5 минут».
type More struct{}

// Cancel is «Закончить и удалить страницы».
type Cancel struct{}

// Redo scans a page again in its place.
type Redo struct{ Page uint32 }

// Remove throws a page away.
type Remove struct{ Page uint32 }

// Turn turns a page by a quarter clockwise.
type Turn struct{ Page uint32 }

// Move puts a page before the one that is in that place, from 0.
type Move struct {
	Page uint32
	To   int
}

// Choose sets what the next save makes.
type Choose struct{ Format ipc.Format }

// Heard is a message of the porter.
type Heard struct{ Message ipc.Message }

// Reported is a message of the worker of a session.
type Reported struct {
	Session ipc.Session
	Message ipc.Message
}

// WorkerGone means that the connection to the worker of a session has ended: its process has, or is
// about to.
type WorkerGone struct{ Session ipc.Session }

// PorterGone means that the connection to the porter has ended.
type PorterGone struct{}

// Tick comes once a second.
type Tick struct{}

func (ScanPressed) input() {}
func (Enter) input()       {}
func (Unhurried) input()   {}
func (DonePressed) input() {}
func (DoneHeld) input()    {}
func (Stay) input()        {}
func (More) input()        {}
func (Cancel) input()      {}
func (Redo) input()        {}
func (Remove) input()      {}
func (Turn) input()        {}
func (Move) input()        {}
func (Choose) input()      {}
func (Heard) input()       {}
func (Reported) input()    {}
func (WorkerGone) input()  {}
func (PorterGone) input()  {}
func (Tick) input()        {}

// Order is something to be done outside.
type Order interface{ order() }

// ToPorter is a message for the porter.
type ToPorter struct{ Message ipc.Message }

// ToWorker is a message for the worker.
type ToWorker struct{ Message ipc.Message }

// Show is a text for the citizen on the LED: "Р-03". Then, if set, takes turns with it.
type Show struct {
	Text, Then string
	Flash      bool
}

// Note is a fact for the store. Kind is one of event.ScanBegan … event.Reminded.
type Note struct {
	Kind  NoteKind
	Code  string
	State string
	Count int
}

// NoteKind is what a Note tells.
type NoteKind uint8

// Facts of a session.
const (
	Began NoteKind = iota + 1
	SavedPages
	Wiped
	Misused
)

// Reconnect asks for a new connection to the porter: it does not do what it must. The end of the old
// one is its order to kill and wipe.
type Reconnect struct{}

// CallHelp asks for staff as the help button does: hints have not helped (A28).
type CallHelp struct{}

// Mistake is the sound of a press that gave nothing.
type Mistake struct{}

// Removable is the sound of «Можно вынимать флешку», the only one of a session.
type Removable struct{}

// EndSlip prints what the session came to (A29, A30).
type EndSlip struct{ Result Result }

func (ToPorter) order()  {}
func (ToWorker) order()  {}
func (Show) order()      {}
func (Note) order()      {}
func (Reconnect) order() {}
func (CallHelp) order()  {}
func (Mistake) order()   {}
func (Removable) order() {}
func (EndSlip) order()   {}
