package wire

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
)

// StreamID names a stream: the events of one boot of one device, in order, numbered from 1. It is
// drawn at random at every boot. A number per device would not do: a card that lied about its
// flush forgets its last events, their numbers are given again, and the server would take the new
// events for old ones. It says nothing of the device or of a person.
type StreamID [16]byte

// NewStreamID draws a stream's name.
func NewStreamID() StreamID {
	var id StreamID
	rand.Read(id[:]) // never fails: it ends the program instead
	return id
}

// String returns the name as on the wire: 22 characters of unpadded base64url.
func (id StreamID) String() string { return base64.RawURLEncoding.EncodeToString(id[:]) }

// IsZero reports whether there is no stream.
func (id StreamID) IsZero() bool { return id == StreamID{} }

// MarshalText returns String.
func (id StreamID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what String returns and nothing else: one stream has one spelling.
func (id *StreamID) UnmarshalText(text []byte) error {
	var out StreamID
	if len(text) != base64.RawURLEncoding.EncodedLen(len(out)) {
		return fmt.Errorf("stream of %d characters", len(text))
	}
	n, err := base64.RawURLEncoding.Strict().Decode(out[:], text)
	if err != nil {
		return fmt.Errorf("stream: %w", err)
	}
	if n != len(out) { // the decoder skips line feeds
		return fmt.Errorf("stream of %d bytes", n)
	}
	*id = out
	return nil
}

// ParseStreamID reads what String returns.
func ParseStreamID(s string) (id StreamID, err error) {
	err = id.UnmarshalText([]byte(s))
	return id, err
}
