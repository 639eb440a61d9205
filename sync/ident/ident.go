// Package ident is who speaks: the device's key, the district's key, and signatures both ways.
//
// It owns the Ed25519 key made on the device, the signature of every request, the district's
// signature over its answer to that very request, the one-time file enroll.json and the approval
// by a number without it, rotation, revocation and the clone alarm. It trusts no certificate and
// no proxy: whoever terminates TLS on the way can drop a request or an answer, never forge one.
// No clock is needed for any of it on the device (B13).
//
// It refuses to be a certificate authority (a district keeps one row per key) and to do network
// calls. State that must survive is returned to the caller, or written by Save in one piece.
package ident

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
)

// Errors a caller acts on.
var (
	// ErrSignature means that a request or an answer is not by whom it claims: on the device, no
	// link; in the district, HTTP 401.
	ErrSignature = errors.New("signature does not hold")
	// ErrStrangerKey means an answer under a key that is not the district's this device belongs to.
	ErrStrangerKey = errors.New("answer under an unknown key")
	// ErrKeyDamaged means a key file that holds no key. It is not replaced by itself: the caller
	// moves it aside, and the device is enrolled again.
	ErrKeyDamaged = errors.New("key file is damaged")
)

// Public is an Ed25519 public key. Its text form is 43 characters of unpadded base64url.
type Public [ed25519.PublicKeySize]byte

// ID is the short name of a key: the first 16 bytes of its SHA-256, 22 characters as text.
// It names a device to the district; finding another key of the same name costs 2¹²⁸ tries.
type ID [16]byte

// ID returns the key's name.
func (p Public) ID() (id ID) {
	sum := sha256.Sum256(p[:])
	copy(id[:], sum[:])
	return id
}

// IsZero reports whether there is no key.
func (p Public) IsZero() bool { return p == Public{} }

// String returns the text form.
func (p Public) String() string { return encode(p[:]) }

// MarshalText returns String.
func (p Public) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads the text form.
func (p *Public) UnmarshalText(text []byte) error { return decode(p[:], text) }

// String returns the text form.
func (id ID) String() string { return encode(id[:]) }

// MarshalText returns String.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads the text form.
func (id *ID) UnmarshalText(text []byte) error { return decode(id[:], text) }

// Key is a private key: of a device, or of the district.
type Key struct{ private ed25519.PrivateKey }

// NewKey draws a key.
func NewKey() *Key {
	seed := make([]byte, ed25519.SeedSize)
	rand.Read(seed) // never fails: it ends the program instead
	return &Key{ed25519.NewKeyFromSeed(seed)}
}

// Public returns the public half.
func (k *Key) Public() (p Public) {
	copy(p[:], k.private[ed25519.SeedSize:])
	return p
}

// ID returns the name of the public half.
func (k *Key) ID() ID { return k.Public().ID() }

// sign signs a message of one purpose; no signature of one purpose holds for another.
func (k *Key) sign(purpose string, parts ...[]byte) Signature {
	d := digest(purpose, parts...)
	return Signature(ed25519.Sign(k.private, d[:]))
}

// verify reports whether a signature of one purpose holds.
func (p Public) verify(s Signature, purpose string, parts ...[]byte) bool {
	d := digest(purpose, parts...)
	return ed25519.Verify(p[:], d[:], s[:])
}

// digest is the SHA-256 of a purpose and its parts. A digest of each part keeps their borders.
func digest(purpose string, parts ...[]byte) Digest {
	all := []byte("sps-sync/1 " + purpose + "\n")
	for _, part := range parts {
		sum := sha256.Sum256(part)
		all = append(all, sum[:]...)
	}
	return sha256.Sum256(all)
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// decode reads text of exactly the length of into, in its one spelling.
func decode(into, text []byte) error {
	if len(text) != base64.RawURLEncoding.EncodedLen(len(into)) {
		return fmt.Errorf("%d characters, want %d", len(text), base64.RawURLEncoding.EncodedLen(len(into)))
	}
	n, err := base64.RawURLEncoding.Strict().Decode(into, text)
	if err != nil {
		return fmt.Errorf("base64url: %w", err)
	}
	if n != len(into) { // the decoder skips line feeds
		return fmt.Errorf("%d bytes, want %d", n, len(into))
	}
	return nil
}
