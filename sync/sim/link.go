package sim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"

	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// errLink is why an exchange did not happen: the kiosk cannot tell one cause from another.
var errLink = errors.New("no link")

// link is a bad way to the district. A worker has one; its kiosks share what comes late.
type link struct {
	client   *http.Client
	address  string
	district []ident.Public
	faults   Faults
	tally    *tally
	late     []*http.Request
}

// exchange sends a signed body, suffers what chance has for it, and returns the district's answer
// if it arrives and is the district's.
func (l *link) exchange(ctx context.Context, chance *rand.Rand, signed ident.Signed, body []byte) (wire.Answer, error) {
	l.overtaken(chance)
	f := l.faults
	switch x := chance.Float64(); {
	case x < f.RequestLost:
		l.tally.requestsLost.Add(1)
		return wire.Answer{}, errLink
	case x < f.RequestLost+f.ReplyLost:
		l.tally.repliesLost.Add(1)
		l.post(ctx, signed, body)
		return wire.Answer{}, errLink
	case x < f.RequestLost+f.ReplyLost+f.CutShort:
		l.tally.cutShort.Add(1)
		l.post(ctx, signed, body[:chance.IntN(len(body))])
		return wire.Answer{}, errLink
	}
	if chance.Float64() < f.Doubled {
		l.tally.doubled.Add(1)
		again := make(chan struct{})
		copied := bytes.Clone(body)
		go func() {
			defer close(again)
			l.post(ctx, signed, copied)
		}()
		defer func() { <-again }()
	}
	if chance.Float64() < f.Late && len(l.late) < 64 {
		l.late = append(l.late, l.request(context.WithoutCancel(ctx), signed, bytes.Clone(body)))
	}
	return l.answer(ctx, signed, body)
}

// overtaken lets a request arrive that later ones have overtaken.
func (l *link) overtaken(chance *rand.Rand) {
	if len(l.late) == 0 || chance.IntN(4) > 0 {
		return
	}
	r := l.late[0]
	l.late = l.late[1:]
	l.tally.late.Add(1)
	if resp, err := l.client.Do(r); err == nil {
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
}

// request returns a request as the uplink makes it.
func (l *link) request(ctx context.Context, signed ident.Signed, body []byte) *http.Request {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, l.address+"/v1/"+ident.CallBatch, bytes.NewReader(body))
	if err != nil {
		panic(fmt.Sprintf("address of the district: %v", err)) // checked by New
	}
	r.Header.Set(ident.HeaderRequest, signed.Header)
	r.Header.Set("Content-Type", "application/x-ndjson")
	r.Header.Set("Content-Encoding", "gzip")
	return r
}

// post sends a body whose answer nobody hears.
func (l *link) post(ctx context.Context, signed ident.Signed, body []byte) {
	l.sent(body)
	resp, err := l.client.Do(l.request(ctx, signed, body))
	if err != nil {
		return
	}
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
}

// answer sends a body and returns what the district says.
func (l *link) answer(ctx context.Context, signed ident.Signed, body []byte) (wire.Answer, error) {
	l.sent(body)
	resp, err := l.client.Do(l.request(ctx, signed, body))
	if err != nil {
		return wire.Answer{}, errLink
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(io.LimitReader(resp.Body, wire.MaxHead))
	if err != nil {
		return wire.Answer{}, errLink
	}
	if signed.VerifyAnswer(resp.Header.Get(ident.HeaderAnswer), l.district, resp.StatusCode, said) != nil {
		l.tally.unsigned.Add(1)
		return wire.Answer{}, errLink
	}
	a, err := wire.ParseAnswer(said)
	if err != nil || !ident.Status(a.Status).Taken() {
		l.tally.refused.Add(1)
		return wire.Answer{}, errLink
	}
	return a, nil
}

// sent counts a body that goes out.
func (l *link) sent(body []byte) {
	l.tally.posts.Add(1)
	l.tally.bytes.Add(int64(len(body)))
}
