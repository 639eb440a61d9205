package district

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// decoders keeps readers of batches with their buffers.
type decoders struct{ pool *sync.Pool }

func newDecoders() decoders { return decoders{&sync.Pool{New: func() any { return &wire.Decoder{} }}} }

// decode reads a batch.
func (d decoders) decode(body []byte) (wire.Batch, error) {
	c := d.pool.Get().(*wire.Decoder)
	defer d.pool.Put(c)
	return c.Decode(body)
}

// batch takes events and heartbeats. It answers after they are on disk.
func (s *Server) batch(ctx context.Context, q *request) reply {
	k := q.caller.Kiosk
	if k == nil {
		return s.stranger(q)
	}
	public, is := k.Ring.Find(q.at, q.Key)
	if !is || !s.verified(q, public) {
		return status(http.StatusUnauthorized, ident.Unknown)
	}
	if !k.Status.Taken() {
		return status(refusal(k.Status), k.Status)
	}
	b, err := s.decoders.decode(q.body)
	switch {
	case errors.Is(err, wire.ErrVersion):
		s.logs.complain("version", fmt.Errorf("kiosk %d: %w: renew the district", k.ID, err))
		q.retry = time.Hour
		return status(http.StatusServiceUnavailable, busy)
	case errors.Is(err, wire.ErrTooLarge):
		return status(http.StatusRequestEntityTooLarge, ident.Malformed)
	case err != nil:
		s.logs.complain("malformed", fmt.Errorf("kiosk %d: %w", k.ID, err))
		return status(http.StatusBadRequest, ident.Malformed)
	}
	began := time.Now()
	got, err := s.store.Append(ctx, Delivery{Kiosk: k.ID, At: q.at, Batch: b})
	s.count.stored(got, began)
	switch {
	case errors.Is(err, ErrNoSuch):
		return status(http.StatusUnauthorized, ident.Unknown)
	case err != nil:
		return s.unavailable(q, err)
	}
	s.alarm(ctx, k, got)
	var offer *wire.Offer
	if b.Beat != nil && got.Status.Taken() {
		offer = s.offer(ctx, k.ID, *b.Beat)
	}
	renew := ""
	if k.Renewing() {
		renew = k.Renew.String()
	}
	return acknowledged(b.Stream, got, offer, renew)
}

// acknowledged is the answer to a batch that was taken, or that begins beyond the mark.
func acknowledged(stream wire.StreamID, got Receipt, offer *wire.Offer, renew string) reply {
	a := wire.Answer{Stream: stream, Ack: got.Ack, Bad: got.Bad, Status: string(got.Status), Want: got.Want, Offer: offer, Renew: renew}
	switch {
	case !got.Status.Taken():
		return reply{refusal(got.Status), a}
	case got.Gap:
		return reply{http.StatusConflict, a}
	}
	return reply{http.StatusOK, a}
}

// refusal is the code of a status in which nothing is taken.
func refusal(s ident.Status) int {
	switch s {
	case ident.Revoked:
		return http.StatusGone
	case ident.Unknown:
		return http.StatusUnauthorized
	}
	return http.StatusForbidden
}

// stranger answers a key that no kiosk has: it may be waiting for the number to be typed.
func (s *Server) stranger(q *request) reply {
	a := q.caller.Approval
	if a == nil || a.Closed || q.at.Sub(a.Began) > ident.ApprovalLife || !s.verified(q, a.Key) {
		return status(http.StatusUnauthorized, ident.Unknown)
	}
	return status(http.StatusForbidden, ident.Pending)
}

// alarm tells people what a delivery showed.
func (s *Server) alarm(ctx context.Context, k *Kiosk, got Receipt) {
	if got.Cloned {
		s.count.clones.Inc()
		s.record(ctx, kioskName(k.ID), "kiosk.cloned", "с одним ключом говорят два киоска: "+k.Name)
	}
	if got.Forked {
		s.record(ctx, kioskName(k.ID), "kiosk.forked", "карта забыла то, что уже передала: "+k.Name)
	}
}

// kioskName is a kiosk in the audit log.
func kioskName(id int64) string { return fmt.Sprintf("kiosk:%d", id) }

// Record writes a line of the audit log: who did what, with a note in Russian that names no person.
func (s *Server) Record(ctx context.Context, who, what, note string) { s.record(ctx, who, what, note) }

// record writes a line of the audit log. Where the database does not take it, the program's log has
// it.
func (s *Server) record(ctx context.Context, who, what, note string) {
	s.Log.Info("audit", "who", who, "what", what, "note", note)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.Wait)
	defer cancel()
	if err := s.store.Audit(ctx, Entry{At: time.Now(), Who: who, What: what, Note: note}); err != nil {
		s.logs.complain("audit", err)
	}
}
