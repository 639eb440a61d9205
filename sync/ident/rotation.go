package ident

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// RotationLife is how long the key before the present one is still accepted.
const RotationLife = 30 * 24 * time.Hour

// Rotation is the body of the call "key": a new key and its own proof that the device has it. The
// request is signed with the old one.
type Rotation struct {
	Key   Public `json:"key"`
	Proof Proof  `json:"proof"`
}

// Proof is a signature in JSON, 86 characters.
type Proof Signature

// MarshalText returns unpadded base64url.
func (p Proof) MarshalText() ([]byte, error) { return []byte(encode(p[:])), nil }

// UnmarshalText reads unpadded base64url.
func (p *Proof) UnmarshalText(text []byte) error { return decode(p[:], text) }

// Rotate returns the request to put next in the place of k. The device saves next beside the old
// key first, asks, and calls Promote when the answer says Active. Where the power went in between,
// it asks again; where the district calls the old key Unknown by then, it promotes at once.
func (k *Key) Rotate(next *Key) Rotation {
	old, key := k.ID(), next.Public()
	return Rotation{key, Proof(next.sign("rotate", old[:], key[:]))}
}

// Promote puts the key file next in the place of path, in one piece.
func Promote(next, path string) error {
	if err := os.Rename(next, path); err != nil {
		return fmt.Errorf("promote key: %w", err)
	}
	return flushDir(filepath.Dir(path))
}

// Ring is the keys of one device in the district.
type Ring struct {
	Current  Public
	Previous Public
	Until    time.Time // when Previous ends; zero where there is none
}

// Find returns the key of a name if requests under it are accepted now.
func (r Ring) Find(now time.Time, id ID) (Public, bool) {
	switch {
	case r.Current.ID() == id:
		return r.Current, true
	case r.Previous.ID() == id && now.Before(r.Until):
		return r.Previous, true
	}
	return Public{}, false
}

// Rotate takes a rotation whose request was verified under the key signed. Only the present key
// may be replaced: a stolen older one must not. A repetition changes nothing. The error is
// ErrSignature.
func (r Ring) Rotate(now time.Time, signed ID, n Rotation) (Ring, error) {
	if n.Key == r.Current {
		return r, nil
	}
	current := r.Current.ID()
	if signed != current || n.Key == r.Previous || !n.Key.verify(Signature(n.Proof), "rotate", current[:], n.Key[:]) {
		return r, fmt.Errorf("%w: rotation of %s", ErrSignature, signed)
	}
	return Ring{Current: n.Key, Previous: r.Current, Until: now.Add(RotationLife)}, nil
}
