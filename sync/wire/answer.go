package wire

import (
	"encoding/json"
	"fmt"
)

// Answer is what the district says to a batch. The device believes it only under the district's
// signature (sync/ident), sets its mark of the stream to Ack, up or down, and sends on from there.
type Answer struct {
	Version int      `json:"v"`
	Stream  StreamID `json:"stream"`
	Ack     uint64   `json:"ack"`            // last event of the stream that is on disk, with all before it
	Now     int64    `json:"now"`            // Unix ms when the answer was made: the device's anchor
	Error   int64    `json:"err,omitempty"`  // bound of the error of Now, ms
	Next    int      `json:"next"`           // seconds until the next batch is expected
	Most    int      `json:"most,omitempty"` // events the next batch may have; 0 leaves it to the device
	Bad     int      `json:"bad,omitempty"`  // lines of this batch that went into quarantine
	Status  string   `json:"status"`         // word of sync/ident: active, pending …
	Want    []Mark   `json:"want,omitempty"` // other streams that the district lacks the ends of: send them again
	NextKey string   `json:"next_key,omitempty"`
	Offer   *Offer   `json:"offer,omitempty"` // a newer firmware for this device
	Renew   string   `json:"renew,omitempty"` // name of the device's key that it is to put a new one in the place of
}

// Mark is how far the district has a stream.
type Mark struct {
	Stream StreamID `json:"stream"`
	Ack    uint64   `json:"ack"`
}

// Encode returns the answer as JSON with its Version filled in; the error is ErrInvalid.
func (a Answer) Encode() ([]byte, error) {
	a.Version = Version
	if err := a.check(); err != nil {
		return nil, encoding(err)
	}
	return json.Marshal(a)
}

// ParseAnswer reads an answer. Errors are ErrVersion, ErrTooLarge and ErrMalformed.
func ParseAnswer(body []byte) (a Answer, err error) {
	if len(body) > MaxHead {
		return a, fmt.Errorf("%w: answer of %d bytes", ErrTooLarge, len(body))
	}
	if err := json.Unmarshal(body, &a); err != nil {
		return Answer{}, fmt.Errorf("%w: answer: %w", ErrMalformed, err)
	}
	if err := a.check(); err != nil {
		return Answer{}, err
	}
	return a, nil
}

// check says what is wrong with an answer, for both directions.
func (a *Answer) check() error {
	switch {
	case a.Version != Version:
		return unknownVersion(a.Version)
	case len(a.Want) > MaxWant:
		return fmt.Errorf("%w: %d marks", ErrTooLarge, len(a.Want))
	case a.Ack > maxSeq || !millis(a.Now) || !millis(a.Error) || !shaped(a.Status) || len(a.NextKey) > 64 || len(a.Renew) > 64:
		return fmt.Errorf("%w: answer out of range", ErrMalformed)
	case a.Next < 0 || a.Next > 7*24*3600 || a.Most < 0 || a.Most > MaxEvents || a.Bad < 0 || a.Bad > MaxEvents:
		return fmt.Errorf("%w: answer out of range", ErrMalformed)
	case a.Offer != nil && !a.Offer.valid():
		return fmt.Errorf("%w: offer of an update", ErrMalformed)
	}
	for _, m := range a.Want {
		if m.Stream.IsZero() || m.Ack > maxSeq {
			return fmt.Errorf("%w: mark of a stream", ErrMalformed)
		}
	}
	return nil
}
