package district

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// busy is the status of an answer that decides nothing: come again.
const busy ident.Status = "busy"

// call answers one kind of request. Its caller is known, its signature is not checked yet.
type call func(ctx context.Context, q *request) reply

// request is what a kiosk asks.
type request struct {
	ident.Request
	name   string
	body   []byte
	caller Caller
	at     time.Time
	retry  time.Duration // for Retry-After
}

// reply is an answer before it is signed.
type reply struct {
	code int
	body any // wire.Answer or ident.Offer
}

// status makes an answer that is about no stream.
func status(code int, s ident.Status) reply { return reply{code, wire.Answer{Status: string(s)}} }

// answer reads a request, has it answered, and signs what comes of it: a refusal too, because a
// kiosk must be able to believe it.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, name string, f call) {
	began := time.Now()
	parsed, err := ident.ParseRequest(r.Header.Get(ident.HeaderRequest))
	if err != nil { // no kiosk: there is nothing to sign
		s.count.call(name, http.StatusBadRequest, began)
		http.Error(w, "no signature of a kiosk", http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.Wait)
	defer cancel()
	q := &request{Request: parsed, name: name, at: began}
	out := s.respond(ctx, q, w, r, f)
	s.count.call(name, out.code, began)
	s.sign(w, q, out)
}

// respond is answer without the signature.
func (s *Server) respond(ctx context.Context, q *request, w http.ResponseWriter, r *http.Request, f call) reply {
	var err error
	if q.caller, err = s.store.Caller(ctx, q.Key); err != nil {
		return s.unavailable(q, err)
	}
	if k := q.caller.Kiosk; k != nil && !s.pace.allow(k.ID, q.at) {
		q.retry = time.Minute
		return status(http.StatusTooManyRequests, busy)
	}
	room := s.large
	if r.ContentLength >= 0 && r.ContentLength <= smallBody {
		room = s.small
	}
	select {
	case room <- struct{}{}:
		defer func() { <-room }()
	case <-ctx.Done():
		return s.unavailable(q, ctx.Err())
	}
	most := int64(wire.MaxHead)
	if q.name == ident.CallBatch && q.caller.Kiosk != nil {
		most = wire.MaxBody
	}
	q.body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return status(http.StatusRequestEntityTooLarge, ident.Malformed)
	case err != nil:
		return status(http.StatusBadRequest, busy) // cut off on the way: it comes again
	}
	return f(ctx, q)
}

// unavailable answers for a database that is down, full or slow.
func (s *Server) unavailable(q *request, err error) reply {
	s.logs.complain("database", err)
	q.retry = 30 * time.Second
	return status(http.StatusServiceUnavailable, busy)
}

// verified reports whether a request is by the owner of a key and for this district, under its
// present key or the next one.
func (s *Server) verified(q *request, from ident.Public) bool {
	if q.Verify(from, s.Key.ID(), q.name, q.body) == nil {
		return true
	}
	return s.NextKey != nil && q.Verify(from, s.NextKey.ID(), q.name, q.body) == nil
}

// sign writes an answer. The time in it is taken last: it is the kiosk's clock.
func (s *Server) sign(w http.ResponseWriter, q *request, out reply) {
	if a, is := out.body.(wire.Answer); is {
		a.Version, a.Now, a.Error = wire.Version, time.Now().UnixMilli(), s.ClockError.Milliseconds()
		if a.Next == 0 {
			a.Next = int(s.Every / time.Second)
		}
		if s.NextKey != nil {
			a.NextKey = s.NextKey.Public().String()
		}
		out.body = a
	}
	body, err := json.Marshal(out.body)
	if err != nil {
		s.logs.complain("answer", err)
		http.Error(w, "answer", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set(ident.HeaderAnswer, s.Key.SignAnswer(q.Request, out.code, body))
	if q.retry > 0 {
		h.Set("Retry-After", strconv.Itoa(int(q.retry/time.Second)))
	}
	w.WriteHeader(out.code)
	if _, err := w.Write(body); err != nil {
		s.logs.complain("connection", err) // the kiosk asks again
	}
}
