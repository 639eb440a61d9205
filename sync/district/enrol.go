package district

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"sps-kiosk/sync/ident"
)

// parse reads the body of a call of ident; what it does not know is refused.
func parse(q *request, into any) bool { return json.Unmarshal(q.body, into) == nil }

// enrol binds a device to the kiosk that its enroll.json was made for.
func (s *Server) enrol(ctx context.Context, q *request) reply {
	var e ident.Enrol
	if !parse(q, &e) {
		return status(http.StatusBadRequest, ident.Malformed)
	}
	if !s.verified(q, e.Key) {
		return status(http.StatusUnauthorized, ident.Unknown)
	}
	var got ident.Status
	var held, bound bool
	var kiosk Kiosk
	err := s.store.Redeem(ctx, e.Token.Digest(), func(i *ident.Invitation, k *Kiosk) error {
		before := *i
		*i, got = i.Redeem(q.at, e.Key.ID())
		held = i.Held && !before.Held
		bound = got == ident.Active && before.Used == ident.ID{}
		got = settle(k, e.Key, got, bound, held)
		kiosk = *k
		return nil
	})
	switch {
	case errors.Is(err, ErrNoSuch):
		return status(http.StatusUnauthorized, ident.Unknown)
	case err != nil:
		return s.unavailable(q, err)
	case held:
		s.count.clones.Inc()
		s.record(ctx, kioskName(kiosk.ID), "kiosk.held", "с одним файлом enroll.json пришли два киоска: "+kiosk.Name)
	case bound:
		s.record(ctx, kioskName(kiosk.ID), "kiosk.enrolled", kiosk.Name)
	}
	code := http.StatusOK
	if !got.Taken() {
		code = refusal(got)
	}
	return status(code, got)
}

// settle does to a kiosk what became of its invitation, and returns what the device is told. A
// device that comes again learns how the kiosk stands now: it may have been revoked since, or an
// administrator may have chosen between two.
func settle(k *Kiosk, key ident.Public, got ident.Status, bound, held bool) ident.Status {
	switch {
	case bound:
		bind(k, key)
	case held:
		k.Status = ident.Held
	case got == ident.Active || got == ident.Held:
		if k.Ring.Current == key {
			return k.Status
		}
		return ident.Held
	}
	return got
}

// bind makes a device the kiosk's one.
func bind(k *Kiosk, key ident.Public) {
	if k.Ring.Current != key {
		k.Card++
	}
	k.Ring, k.Status, k.Watch, k.Cloned = ident.Ring{Current: key}, ident.Active, ident.Watch{}, false
}

// ask opens an approval for a device that came without a file. It is signed for no district yet.
func (s *Server) ask(ctx context.Context, q *request) reply {
	var a ident.Ask
	if !parse(q, &a) {
		return status(http.StatusBadRequest, ident.Malformed)
	}
	if q.Verify(a.Key, ident.ID{}, q.name, q.body) != nil {
		return status(http.StatusUnauthorized, ident.Unknown)
	}
	var opened ident.Approval
	err := s.store.Approve(ctx, a.Key.ID(), q.at, ident.ApprovalsOpen, func(open *Approval) error {
		if open.Commit != a.Commit || q.at.Sub(open.Began) > ident.ApprovalLife {
			if !open.Began.IsZero() && q.at.Sub(open.Began) < ident.AskEvery/2 {
				return ErrFull
			}
			*open = Approval{Approval: ident.OpenApproval(q.at, a)}
		}
		opened = open.Approval
		return nil
	})
	switch {
	case errors.Is(err, ErrFull):
		q.retry = ident.AskEvery
		return status(http.StatusServiceUnavailable, busy)
	case err != nil:
		return s.unavailable(q, err)
	}
	return reply{http.StatusOK, opened.Offer(s.Key.Public())}
}

// reveal takes the secret that the number hangs on.
func (s *Server) reveal(ctx context.Context, q *request) reply {
	var r ident.Reveal
	if !parse(q, &r) {
		return status(http.StatusBadRequest, ident.Malformed)
	}
	var public ident.Public
	switch k, a := q.caller.Kiosk, q.caller.Approval; {
	case k != nil:
		public, _ = k.Ring.Find(q.at, q.Key)
	case a != nil:
		public = a.Key
	}
	if !s.verified(q, public) {
		return status(http.StatusUnauthorized, ident.Unknown)
	}
	err := s.store.Approve(ctx, q.Key, q.at, 0, func(a *Approval) (err error) {
		if !a.Closed { // typed in the meantime: the answer to an earlier call got lost
			a.Approval, err = a.Reveal(s.Key.Public(), r)
		}
		return err
	})
	switch {
	case errors.Is(err, ident.ErrSignature), errors.Is(err, ErrNoSuch):
		return status(http.StatusUnauthorized, ident.Unknown)
	case err != nil:
		return s.unavailable(q, err)
	}
	return status(http.StatusOK, ident.Pending)
}

// rotate puts a new key in the place of a kiosk's present one.
func (s *Server) rotate(ctx context.Context, q *request) reply {
	var r ident.Rotation
	if !parse(q, &r) {
		return status(http.StatusBadRequest, ident.Malformed)
	}
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
	moved := false
	err := s.store.ChangeKiosk(ctx, k.ID, func(k *Kiosk) error {
		ring, err := k.Ring.Rotate(q.at, q.Key, r)
		moved = ring != k.Ring
		k.Ring = ring
		return err
	})
	switch {
	case errors.Is(err, ident.ErrSignature):
		return status(http.StatusForbidden, ident.Malformed)
	case err != nil:
		return s.unavailable(q, err)
	case moved:
		s.record(ctx, kioskName(k.ID), "kiosk.key", "новый ключ: "+k.Name)
	}
	return status(http.StatusOK, ident.Active)
}

// Type takes a number that an administrator typed for a kiosk, and lets the device in if it is
// right. The error is ErrNoSuch where nobody asks under the key, or there is no such kiosk.
func (s *Server) Type(ctx context.Context, who string, key ident.ID, kiosk int64, number string) (v ident.Verdict, err error) {
	now := timeNow()
	probe := errors.New("only looking")
	if err := s.store.ChangeKiosk(ctx, kiosk, func(*Kiosk) error { return probe }); !errors.Is(err, probe) {
		return v, fmt.Errorf("kiosk %d: %w", kiosk, err) // before the number counts as typed
	}
	var public ident.Public
	err = s.store.Approve(ctx, key, now, 0, func(a *Approval) error {
		a.Approval, v = a.Try(now, number)
		if v == ident.Approved {
			public, a.Kiosk = a.Key, kiosk
		}
		return nil
	})
	if err != nil || v != ident.Approved {
		return v, err
	}
	err = s.store.ChangeKiosk(ctx, kiosk, func(k *Kiosk) error { bind(k, public); return nil })
	if err != nil {
		return v, fmt.Errorf("let kiosk %d in: %w", kiosk, err)
	}
	s.record(ctx, who, "kiosk.approved", fmt.Sprintf("%s, ключ %s", kioskName(kiosk), key))
	return v, nil
}
