package district

import (
	"context"
	"time"

	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// Office is a branch of the public-service centre.
type Office struct {
	ID       int64
	Name     string
	District string
	Zone     string // IANA name: decides the hour and the day of all its events
}

// Kiosk is one device's place in an office. It never changes offices: a kiosk that moves is a new
// row, so that figures stay where they were earned.
type Kiosk struct {
	ID     int64
	Office int64
	Name   string
	Status ident.Status // ident.Unknown until a device came
	Ring   ident.Ring
	Card   int // how many devices were bound to this row, from 1; business days of one card are one series
	Cloned bool
	Watch  ident.Watch
	Renew  ident.ID // the key that an administrator asked it to replace; another one than the present has been

	Seen     time.Time // the last delivery that verified; zero for never
	Complete time.Time // everything before is here: the last time its present stream came with no backlog
	Boot     uint32    // of its present stream
	Beat     *wire.Beat
}

// Approval is a device that asks without a file.
type Approval struct {
	ident.Approval
	Kiosk int64 // 0 until a number was typed right
}

// Caller is who a key belongs to.
type Caller struct {
	Kiosk    *Kiosk    // nil for a stranger
	Approval *Approval // of a stranger that asks
}

// Registry keeps offices, kiosks and how they came in. The functions handed in run within one
// transaction with the row locked; an error of theirs undoes everything and is returned.
type Registry interface {
	AddOffice(ctx context.Context, o Office) (int64, error)
	ChangeOffice(ctx context.Context, id int64, f func(*Office) error) error
	Offices(ctx context.Context) ([]Office, error)

	AddKiosk(ctx context.Context, office int64, name string) (int64, error)
	ChangeKiosk(ctx context.Context, id int64, f func(*Kiosk) error) error
	Kiosks(ctx context.Context) ([]Kiosk, error)
	// Caller finds a key among kiosks (present and former keys) and open approvals. Watch and Beat are
	// not filled in.
	Caller(ctx context.Context, key ident.ID) (Caller, error)

	// Invite adds an invitation for a kiosk; earlier ones of the kiosk that nobody used end.
	Invite(ctx context.Context, kiosk int64, i ident.Invitation) error
	// Redeem lets f decide about an invitation and its kiosk. ErrNoSuch for a token never given out.
	Redeem(ctx context.Context, token ident.Digest, f func(*ident.Invitation, *Kiosk) error) error

	// Approve lets f decide about the approval of a key, made new (zero Began) where there is none
	// and fewer than most are open at now; else ErrFull. most 0 makes none: ErrNoSuch.
	Approve(ctx context.Context, key ident.ID, now time.Time, most int, f func(*Approval) error) error
	Approvals(ctx context.Context, now time.Time) ([]Approval, error)
}
