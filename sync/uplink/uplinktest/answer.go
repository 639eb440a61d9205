package uplinktest

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// ServeHTTP answers one request.
func (d *District) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	body, err := io.ReadAll(io.LimitReader(q.Body, wire.MaxBody+1))
	r, parsed := ident.ParseRequest(q.Header.Get(ident.HeaderRequest))
	if err != nil || parsed != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	name := q.URL.Path[strings.LastIndex(q.URL.Path, "/")+1:]
	call := Call{Name: name, Bytes: len(body)}
	answer, status := d.answer(r, name, body, &call)
	text, err := json.Marshal(answer)
	if err != nil {
		status = http.StatusInternalServerError
	}
	w.Header().Set(ident.HeaderAnswer, d.Key.SignAnswer(r, status, text))
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.Header()["Date"] = nil
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "7")
	}
	w.WriteHeader(status)
	w.Write(text)
	call.Status = status
	d.calls = append(d.calls, call)
}

// answer decides about one request.
func (d *District) answer(r ident.Request, name string, body []byte, call *Call) (any, int) {
	a := wire.Answer{Version: wire.Version, Now: d.Now().UnixMilli(), Error: 50, Next: d.Next, Most: d.Most, Status: string(ident.Unknown)}
	if d.next != nil {
		a.NextKey = d.next.Public().String()
	}
	if d.busy != 0 {
		a.Status = string(ident.Pending)
		return a, d.busy
	}
	if name == ident.CallAsk {
		return d.offer(r, body)
	}
	if name == ident.CallEnrol {
		return d.enrolled(r, body, a)
	}
	dev := d.kept.devices[r.Key]
	if dev == nil {
		dev = d.rotated(r)
	}
	if dev == nil {
		return a, http.StatusUnauthorized
	}
	key, _ := dev.ring.Find(d.Now(), r.Key)
	if r.Verify(key, d.Key.ID(), name, body) != nil {
		return a, http.StatusUnauthorized
	}
	a.Status = string(dev.status)
	switch name {
	case ident.CallReveal:
		return d.revealed(r, body, a)
	case ident.CallKey:
		var n ident.Rotation
		if json.Unmarshal(body, &n) != nil {
			return a, http.StatusBadRequest
		}
		ring, err := dev.ring.Rotate(d.Now(), r.Key, n)
		if err != nil {
			return a, http.StatusUnauthorized
		}
		dev.ring = ring
		return a, http.StatusOK
	}
	if dev.status == ident.Revoked {
		return a, http.StatusGone
	}
	return d.batch(dev, body, a, call)
}

// rotated finds a device by the key before or after its present one.
func (d *District) rotated(r ident.Request) *device {
	for _, v := range d.kept.devices {
		if _, ok := v.ring.Find(d.Now(), r.Key); ok {
			return v
		}
	}
	return nil
}

func (d *District) offer(r ident.Request, body []byte) (any, int) {
	var ask ident.Ask
	if json.Unmarshal(body, &ask) != nil || r.Verify(ask.Key, ident.ID{}, ident.CallAsk, body) != nil {
		return nil, http.StatusBadRequest
	}
	a := ident.OpenApproval(d.Now(), ask)
	d.approvals[r.Key] = a
	d.kept.devices[r.Key] = &device{ident.Ring{Current: ask.Key}, ident.Pending}
	return a.Offer(d.Key.Public()), http.StatusOK
}

func (d *District) revealed(r ident.Request, body []byte, a wire.Answer) (any, int) {
	var reveal ident.Reveal
	if json.Unmarshal(body, &reveal) != nil {
		return a, http.StatusBadRequest
	}
	approval, err := d.approvals[r.Key].Reveal(d.Key.Public(), reveal)
	if err != nil {
		return a, http.StatusUnauthorized
	}
	d.approvals[r.Key] = approval
	return a, http.StatusOK
}

func (d *District) enrolled(r ident.Request, body []byte, a wire.Answer) (any, int) {
	var e ident.Enrol
	if json.Unmarshal(body, &e) != nil || r.Verify(e.Key, d.Key.ID(), ident.CallEnrol, body) != nil {
		return a, http.StatusUnauthorized
	}
	inv, known := d.invited[e.Token.Digest()]
	if !known {
		return a, http.StatusUnauthorized
	}
	inv, status := inv.Redeem(d.Now(), r.Key)
	d.invited[e.Token.Digest()] = inv
	if status == ident.Active {
		d.kept.devices[r.Key] = &device{ident.Ring{Current: e.Key}, ident.Active}
	}
	a.Status = string(status)
	return a, http.StatusOK
}

// batch takes what is beyond the mark of its stream.
func (d *District) batch(dev *device, body []byte, a wire.Answer, call *Call) (any, int) {
	var dec wire.Decoder
	b, err := dec.Decode(body)
	call.Head = b.Head
	poisoned := d.Fails != nil && slices.ContainsFunc(b.Events, d.Fails)
	switch {
	case errors.Is(err, wire.ErrTooLarge), d.Room > 0 && len(b.Events) > d.Room:
		a.Status = string(ident.Malformed)
		return a, http.StatusRequestEntityTooLarge
	case err != nil || poisoned:
		a.Status = string(ident.Malformed)
		return a, http.StatusBadRequest
	}
	s := d.kept.streams[b.Stream]
	if s == nil {
		s = &Stream{Events: map[uint64]wire.Event{}, Holes: map[uint64]wire.Why{}}
	}
	a.Stream, a.Ack = b.Stream, s.Mark
	if dev.status != ident.Active {
		return a, http.StatusOK
	}
	d.kept.streams[b.Stream] = s
	s.Boot, s.Prev = b.Boot, b.Prev
	s.anchor(b.Anchors)
	if (b.Count > 0 || b.Lost != nil) && b.Start() > s.Mark+1 {
		return a, http.StatusConflict
	}
	s.take(b)
	a.Ack, a.Want = s.Mark, d.wanted(b.Prev)
	if b.Beat != nil {
		a.Offer = d.Offer
		if d.Renew != (ident.ID{}) {
			a.Renew = d.Renew.String()
		}
	}
	return a, http.StatusOK
}

// wanted returns the streams whose ends are missing: of every link that was ever told, because a
// backup may be of a moment when a later stream was complete and an earlier one was not.
func (d *District) wanted(link *wire.Prev) (out []wire.Mark) {
	links := []*wire.Prev{link}
	for _, s := range d.kept.streams {
		links = append(links, s.Prev)
	}
	for _, p := range links {
		if p == nil {
			continue
		}
		var have uint64
		if before := d.kept.streams[p.Stream]; before != nil {
			have = before.Mark
		}
		if have < p.Last && len(out) < wire.MaxWant {
			out = append(out, wire.Mark{Stream: p.Stream, Ack: have})
		}
	}
	return out
}

func (s *Stream) anchor(all []wire.Anchor) {
	for _, a := range all {
		if !slices.Contains(s.Anchors, a) {
			s.Anchors = append(s.Anchors, a)
		}
	}
}

func (s *Stream) take(b wire.Batch) {
	if b.Lost != nil {
		for place := max(b.Lost.From, s.Mark+1); place < b.First; place++ {
			s.Holes[place] = b.Lost.Why
			s.Mark = place
		}
	}
	for _, e := range b.Events {
		if held, known := s.Events[e.Seq]; known && held != e {
			s.Conflicts++
		}
		if e.Seq == s.Mark+1 {
			s.Events[e.Seq], s.Mark = e, e.Seq
		}
	}
}
