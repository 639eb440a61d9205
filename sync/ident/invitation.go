package ident

import (
	"crypto/rand"
	"crypto/sha256"
	"time"
)

// Digest is a SHA-256, 43 characters as text.
type Digest [sha256.Size]byte

// MarshalText returns unpadded base64url.
func (d Digest) MarshalText() ([]byte, error) { return []byte(encode(d[:])), nil }

// UnmarshalText reads unpadded base64url.
func (d *Digest) UnmarshalText(text []byte) error { return decode(d[:], text) }

// Digest returns what the district stores of a token: a stolen database enrols nobody.
func (t Token) Digest() Digest { return sha256.Sum256(t[:]) }

// InvitationLife is how long a file may lie before it is first used.
const InvitationLife = 14 * 24 * time.Hour

// Invitation is the district's half of one enroll.json.
type Invitation struct {
	Token   Digest
	Expires time.Time
	Used    ID   // the device that came first; zero before
	Held    bool // a second device came: a copied card
}

// Invite draws the token of a new invitation. The token is shown once, in the file.
func Invite(now time.Time) (Invitation, Token) {
	var t Token
	rand.Read(t[:])
	return Invitation{Token: t.Digest(), Expires: now.Add(InvitationLife)}, t
}

// Enrol is the body of the call "enrol"; its signature proves that the sender has the key.
type Enrol struct {
	Key   Public `json:"key"`
	Token Token  `json:"token"`
}

// Redeem decides about a device that came with the token: Active the first time and, because
// answers get lost, every time it comes again; Unknown too late; Held, for both devices, when
// another one comes: the caller sets the first to Held as well and raises the alarm.
func (i Invitation) Redeem(now time.Time, by ID) (Invitation, Status) {
	switch {
	case i.Used == ID{}:
		if !now.Before(i.Expires) {
			return i, Unknown
		}
		i.Used = by
	case i.Used != by:
		i.Held = true
	}
	if i.Held {
		return i, Held
	}
	return i, Active
}
