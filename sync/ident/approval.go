package ident

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Approval without a file, in three messages. A fingerprint of six digits would not do: somebody
// between device and district makes keys until the digits of one match, in seconds. So the number
// is random, is fixed only after the district has the key, and hangs on both keys:
//
//	device   → district  Ask: key, and a commitment to a secret
//	district → device    Offer: its key, and a random of its own
//	device   → district  Reveal: the secret
//
// Both compute the number; the device shows it, the administrator reads it there and types it in
// the district. Who sits in between with other keys has chosen everything of his own before he
// learns what fixes either number: one chance in a million for each number typed.

// Limits of an approval.
const (
	ApprovalLife  = 10 * time.Minute // from Ask to the number typed
	ApprovalTries = 3                // numbers typed
	ApprovalsOpen = 8                // at once in a district: the caller refuses more
	AskEvery      = time.Minute      // a device asks again no sooner
)

// Secret is 128 random bits of one approval.
type Secret [16]byte

// MarshalText returns 22 characters of unpadded base64url.
func (s Secret) MarshalText() ([]byte, error) { return []byte(encode(s[:])), nil }

// UnmarshalText reads them.
func (s *Secret) UnmarshalText(text []byte) error { return decode(s[:], text) }

// Ask is the body of the call "ask", signed for the zero ID: the device knows no district yet.
type Ask struct {
	Key    Public `json:"key"`
	Commit Digest `json:"commit"`
}

// Offer is the answer to Ask, signed with the key in it.
type Offer struct {
	Server Public `json:"server_key"`
	Random Secret `json:"random"`
}

// Reveal is the body of the call "reveal". Calls after it are ordinary batches: the Status of their
// answers tells how the administrator decided.
type Reveal struct {
	Secret Secret `json:"secret"`
}

// Asking is the device's side of one approval.
type Asking struct {
	key     Public
	secret  Secret
	offered bool
}

// NewAsking begins an approval of a key.
func NewAsking(key Public) *Asking {
	a := &Asking{key: key}
	rand.Read(a.secret[:])
	return a
}

// Ask returns the first message.
func (a *Asking) Ask() Ask { return Ask{a.key, commitment(a.key, a.secret)} }

// ErrOffered means a second offer to one Ask: whoever made it may know the secret by now.
var ErrOffered = errors.New("offer was taken already")

// Take takes the one offer and returns the third message and the number to show, "042917".
func (a *Asking) Take(o Offer) (Reveal, string, error) {
	if a.offered {
		return Reveal{}, "", ErrOffered
	}
	a.offered = true
	return Reveal{a.secret}, number(a.key, o.Server, a.secret, o.Random), nil
}

// Approval is the district's side of one approval; the caller stores it.
type Approval struct {
	Key    Public
	Commit Digest
	Random Secret
	Began  time.Time
	Number string // empty before Reveal
	Tries  int    // numbers typed so far
	Closed bool   // decided, one way or the other
}

// OpenApproval draws the district's random for a device that asks.
func OpenApproval(now time.Time, ask Ask) Approval {
	a := Approval{Key: ask.Key, Commit: ask.Commit, Began: now}
	rand.Read(a.Random[:])
	return a
}

// Offer returns the second message.
func (a Approval) Offer(server Public) Offer { return Offer{server, a.Random} }

// Reveal takes the third message. A repetition changes nothing; the error is ErrSignature.
func (a Approval) Reveal(server Public, r Reveal) (Approval, error) {
	if commitment(a.Key, r.Secret) != a.Commit {
		return a, fmt.Errorf("%w: secret is not the one committed to", ErrSignature)
	}
	a.Number = number(a.Key, server, r.Secret, a.Random)
	return a, nil
}

// Verdict is what came of a typed number.
type Verdict uint8

// The verdicts.
const (
	Wrong    Verdict = iota // another number; tries are left
	Approved                // the key is the device's: its Status becomes Active
	TooOften                // wrong for the third time, or closed before
	TooLate                 // ten minutes are over
	NotYet                  // the device has not shown a number yet
)

// Text says it to the administrator, in Russian.
func (v Verdict) Text() string {
	switch v {
	case Approved:
		return "Киоск подключён"
	case TooOften:
		return "Три раза не тот номер. Начните подключение на киоске заново"
	case TooLate:
		return "Прошло больше 10 минут. Начните подключение на киоске заново"
	case NotYet:
		return "Киоск ещё не показал номер. Подождите минуту"
	}
	return "Номер не тот. Сверьте его с номером на табло киоска"
}

// Try decides about a number that the administrator typed, blanks and a hyphen allowed.
func (a Approval) Try(now time.Time, typed string) (Approval, Verdict) {
	switch age := now.Sub(a.Began); {
	case a.Closed:
		return a, TooOften
	case age < 0 || age > ApprovalLife:
		a.Closed = true
		return a, TooLate
	case a.Number == "":
		return a, NotYet
	}
	a.Tries++
	typed = strings.NewReplacer(" ", "", "\u00a0", "", "-", "").Replace(typed)
	if subtle.ConstantTimeCompare([]byte(typed), []byte(a.Number)) == 1 {
		a.Closed = true
		return a, Approved
	}
	if a.Tries >= ApprovalTries {
		a.Closed = true
		return a, TooOften
	}
	return a, Wrong
}

// commitment fixes a secret without telling it.
func commitment(key Public, s Secret) Digest { return digest("commit", key[:], s[:]) }

// number returns the six digits of an approval.
func number(device, server Public, secret, random Secret) string {
	d := digest("number", device[:], server[:], secret[:], random[:])
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(d[:])%1_000_000)
}
