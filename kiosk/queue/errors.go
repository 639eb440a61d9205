package queue

import "errors"

// What a caller acts on. Errors returned by commands wrap one of these.
var (
	// ErrClosed means that no ticket is given at this hour; the error is a *ClosedError.
	ErrClosed = errors.New("closed")
	// ErrExhausted means that every number of the service was given out in this business day.
	ErrExhausted = errors.New("numbers are used up")
	// ErrPaused means that the window takes no visitors until it is opened.
	ErrPaused = errors.New("window is paused")
	// ErrBusyWindow means that the window has a called visitor, or serves as many as it can.
	ErrBusyWindow = errors.New("window is busy")
	// ErrNoTicket means that the window has no ticket in the phase the command needs.
	ErrNoTicket = errors.New("no such ticket at the window")
	// ErrUnknownService means a service code that is not in the settings.
	ErrUnknownService = errors.New("unknown service")
	// ErrUnknownWindow means a window number that is not in the settings.
	ErrUnknownWindow = errors.New("unknown window")
	// ErrTooLate means that there is no no-show of the last TakeBackTime to take back.
	ErrTooLate = errors.New("too late to take back")
	// ErrUnknownPrivilege means a ground for priority that the site does not know.
	ErrUnknownPrivilege = errors.New("unknown privilege")
	// ErrCircle means that a visitor has been sent from window to window MostLegs times.
	ErrCircle = errors.New("sent on too often")
	// ErrNoTransferTarget means that there is no other queue, called by any window, to send to.
	ErrNoTransferTarget = errors.New("nowhere to transfer to")
)

// MostLegs is how often a visitor is sent on. Nobody's business has so many stations: whoever has been
// sent further goes in a circle.
const MostLegs = 12
