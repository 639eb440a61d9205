package ident

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"
)

// Headers of HTTP. They are the only ones that count: proxies may add, drop or alter all others.
const (
	HeaderRequest = "Kiosk-Auth"    // "1 <key ID> <nonce> <signature>"
	HeaderAnswer  = "District-Auth" // "1 <key ID> <signature>"
)

// Calls, the words a signature is about. A path ends in "/v1/" and one of them.
const (
	CallBatch  = "batch"  // wire batch → wire.Answer
	CallEnrol  = "enrol"  // Enrol → wire.Answer
	CallAsk    = "ask"    // Ask → Offer
	CallReveal = "reveal" // Reveal → wire.Answer
	CallKey    = "key"    // Rotation → wire.Answer
)

// Signature is an Ed25519 signature.
type Signature [ed25519.SignatureSize]byte

// nonce makes two requests with the same body two requests, so that an answer to the first cannot
// be played back for the second.
type nonce [16]byte

// Signed is a request that was signed: the header to send, and what the answer must be over.
type Signed struct {
	Header string
	sig    Signature
}

// Sign signs a request to the district whose key is to. Call names what is asked, such as "batch";
// both ends use the same word whatever path a proxy makes of it. Body is the body as sent.
func (k *Key) Sign(to ID, call string, body []byte) Signed {
	var n nonce
	rand.Read(n[:])
	id := k.ID()
	s := k.sign("request", id[:], to[:], n[:], []byte(call), body)
	return Signed{"1 " + id.String() + " " + encode(n[:]) + " " + encode(s[:]), s}
}

// Request is what a HeaderRequest says; nothing is known to be true before Verify.
type Request struct {
	Key   ID
	nonce nonce
	sig   Signature
}

// ParseRequest reads a HeaderRequest. The error is ErrSignature.
func ParseRequest(header string) (r Request, err error) {
	f := strings.Split(header, " ")
	if len(f) != 4 || f[0] != "1" {
		return r, fmt.Errorf("%w: header of another form", ErrSignature)
	}
	for i, into := range [][]byte{r.Key[:], r.nonce[:], r.sig[:]} {
		if err := decode(into, []byte(f[i+1])); err != nil {
			return Request{}, fmt.Errorf("%w: field %d: %w", ErrSignature, i+1, err)
		}
	}
	return r, nil
}

// Verify checks that the request is by the owner of the key from, for the district to (which may
// have two keys: try the other one), and about this call and body. It keeps out forgeries, not
// repetitions: batches are idempotent by (stream, place), a heartbeat counts only with a later
// Up than the last one of its stream. The error is ErrSignature.
func (r Request) Verify(from Public, to ID, call string, body []byte) error {
	if from.ID() != r.Key || !from.verify(r.sig, "request", r.Key[:], to[:], r.nonce[:], []byte(call), body) {
		return fmt.Errorf("%w: request of %s", ErrSignature, r.Key)
	}
	return nil
}

// SignAnswer returns the HeaderAnswer for an answer to a request, whether that could be verified
// or not: the device must be able to believe a refusal, too. Status is HTTP's, body as sent.
func (k *Key) SignAnswer(to Request, status int, body []byte) string {
	id := k.ID()
	s := k.sign("answer", id[:], to.sig[:], []byte(strconv.Itoa(status)), body)
	return "1 " + id.String() + " " + encode(s[:])
}

// VerifyAnswer checks that an answer to this very request is by one of the district's keys. What
// fails here did not happen: no acknowledgement, no clock, no offer, no Retry-After. Errors are
// ErrSignature (a proxy, a portal, a forger) and ErrStrangerKey (also of a well-meaning district
// that lost its key; only a new enroll.json helps).
func (s Signed) VerifyAnswer(header string, district []Public, status int, body []byte) error {
	f := strings.Split(header, " ")
	var id ID
	var sig Signature
	if len(f) != 3 || f[0] != "1" || decode(id[:], []byte(f[1])) != nil || decode(sig[:], []byte(f[2])) != nil {
		return fmt.Errorf("%w: no answer of a district", ErrSignature)
	}
	for _, p := range district {
		if p.ID() != id {
			continue
		}
		if p.verify(sig, "answer", id[:], s.sig[:], []byte(strconv.Itoa(status)), body) {
			return nil
		}
		return fmt.Errorf("%w: answer of %s", ErrSignature, id)
	}
	return fmt.Errorf("%w: %s", ErrStrangerKey, id)
}
