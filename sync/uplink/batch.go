package uplink

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"sps-kiosk/sync/clock"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/outbox"
	"sps-kiosk/sync/wire"
)

// beatEvery is how often a long drain is interrupted by a heartbeat.
const beatEvery = 5 * time.Minute

// fewEvents go with the heartbeat; more of them wait until it has been heard.
const fewEvents = 50

// batch sends one parcel and takes its answer.
func (u *Uplink) batch(ctx context.Context) time.Duration {
	p, err := u.parcel()
	if err != nil {
		return u.stuck(err)
	}
	body, err := u.encoder.Encode(p.Head, p.Events)
	switch {
	case errors.Is(err, wire.ErrTooLarge) && p.Count > 1:
		u.pace.halve(p.Count)
		return 0
	case errors.Is(err, wire.ErrInvalid) && p.Count > 0:
		return u.poison(p)
	case err != nil:
		return u.stuck(err)
	}
	d := u.district()
	r, a, err := u.ask(ctx, &d, ident.CallBatch, body)
	if err == nil && a.Stream != p.Stream && ident.Status(a.Status).Taken() {
		err = fmt.Errorf("%w: answer about another stream", wire.ErrMalformed)
	}
	if err != nil {
		return u.failed(err)
	}
	return u.answered(d, p, r, a)
}

// parcel returns what to send now. A round begins with how the device is; it goes alone where
// there is much to send. A district that does not take anything hears heartbeats only.
func (u *Uplink) parcel() (outbox.Parcel, error) {
	now := u.Now().Up
	greet := !u.greeted || now-u.beatAt >= beatEvery
	if u.district().Status != ident.Active {
		p, err := u.Box.Heartbeat()
		return u.withBeat(p, now), err
	}
	p, err := u.Box.Next(u.pace.most())
	if err != nil || !greet {
		return p, err
	}
	if !p.Present || p.Count > fewEvents {
		if p, err = u.Box.Heartbeat(); err != nil {
			return p, err
		}
	}
	return u.withBeat(p, now), nil
}

// withBeat adds the heartbeat.
func (u *Uplink) withBeat(p outbox.Parcel, now time.Duration) outbox.Parcel {
	beat := u.Beat()
	beat.Up, beat.Backlog = now.Milliseconds(), p.Backlog
	p.Beat = &beat
	return p
}

// answered takes a signed answer: the time it tells, the district's next key, and what became of
// the parcel.
func (u *Uplink) answered(d ident.Binding, p outbox.Parcel, r reply, a wire.Answer) time.Duration {
	u.hear(r, a)
	status := ident.Status(a.Status)
	switch {
	case r.code == http.StatusTooManyRequests:
		u.state.Link, u.state.Why = NoLink, busyDistrict
		return u.pace.held(r.retry) // too quick; the batch is not too large
	case r.code >= 500 || !decides(status):
		u.state.Link, u.state.Why = NoLink, busyDistrict
		u.complain("busy", fmt.Errorf("answer %d", r.code))
		return u.pause(r.retry)
	case status == ident.Malformed:
		return u.malformed(p)
	}
	if err := u.stand(d, r, a, status); err != nil {
		return u.stuck(err)
	}
	if !status.Taken() {
		return u.rejected(a, status)
	}
	return u.taken(p, r, a)
}

// decides reports whether a status says something of the device. Any other word, such as that of a
// district that is busy, changes nothing.
func decides(s ident.Status) bool {
	return slices.Contains([]ident.Status{ident.Active, ident.Pending, ident.Held, ident.Revoked, ident.Unknown, ident.Malformed}, s)
}

// hear takes what every signed answer tells: the time. A district that nobody has approved yet tells
// none.
func (u *Uplink) hear(r reply, a wire.Answer) {
	if u.state.Last = r.received; !u.bound && u.enrol == nil {
		return
	}
	boot := uint64(u.Now().Boot)
	reading, err := clock.FromAnswer(boot, r.sent, r.received, a.Now, time.Duration(a.Error)*time.Millisecond)
	if err != nil {
		return // such a clock says nothing
	}
	if _, err := u.Box.Learn(reading); err != nil {
		u.complain("calendar", err)
	}
}

// stand keeps what the district says of the device and of its own keys.
func (u *Uplink) stand(d ident.Binding, r reply, a wire.Answer, status ident.Status) error {
	changed := false
	var next ident.Public
	if a.NextKey != "" && next.UnmarshalText([]byte(a.NextKey)) == nil {
		d, changed = d.Announce(r.by, next)
	}
	if d.Status != status {
		d.Status, changed = status, true
	}
	changed = changed || !slices.Equal(d.Keys, u.binding.Keys)
	u.state.Status = status
	if !u.bound {
		u.asking.trial = d
		if status != ident.Active {
			return nil // nothing is kept of a district that nobody has approved
		}
	}
	if changed || !u.bound {
		if err := d.Save(u.file(bindingFile)); err != nil {
			return err
		}
		u.Log.Info("district", "status", status, "address", d.Address)
	}
	u.binding, u.bound, u.asking, u.state.Number = d, true, nil, ""
	return nil
}

// rejected goes on collecting: the district hears of the device, and may change its mind.
func (u *Uplink) rejected(a wire.Answer, status ident.Status) time.Duration {
	u.state.Link, u.state.Why = Rejected, status.Text()
	if status == ident.Pending {
		u.state.Link = Waiting
	}
	u.complain("district says "+string(status), errors.New(status.Text()))
	u.greeted, u.pace.failures = false, 0
	if !u.bound {
		return u.expired(status)
	}
	return max(u.nextRound(a), time.Minute)
}

// taken moves the mark. What did not move it forward is no success, or a district that forgets could
// keep the line busy for ever.
func (u *Uplink) taken(p outbox.Parcel, r reply, a wire.Answer) time.Duration {
	m, err := u.Box.Take(p, a.Ack)
	if err != nil {
		return u.stuck(err)
	}
	wanted, err := u.Box.Want(p, a.Want)
	if err != nil {
		return u.stuck(err)
	}
	u.pace.limit = a.Most
	u.state.Link, u.state.Why = Linked, ""
	u.offered(p, a)
	u.renew(a)
	if m.Forgot > 0 {
		u.state.Forgot += m.Forgot
		u.Log.Error("district has events this card does not know: it forgets, or was copied", "events", m.Forgot)
	}
	if p.Beat != nil {
		u.greeted, u.beatAt = true, u.Now().Up
	}
	switch sent := p.Count > 0 || p.Lost != nil; {
	case m.Down+wanted.Down > 0:
		if u.pace.rewinds++; u.pace.rewinds > mostRewinds {
			u.complain("rewind", errors.New("district keeps going back"))
			return u.pause(0)
		}
	case sent && m.Up == 0 && a.Ack < p.End():
		u.complain("no progress", fmt.Errorf("acknowledged %d of %d", a.Ack, p.End()))
		return u.pause(0)
	default:
		u.pace.worked(p.Count, r.received-r.sent)
	}
	u.recovered()
	if n, err := u.Box.Backlog(); err == nil && n > 0 {
		return 0
	}
	u.greeted = false
	if u.short {
		u.Client.CloseIdleConnections()
	}
	return u.nextRound(a)
}

// renew makes the next key where an administrator asks for one in the place of the present key: the next exchange
// puts it there. The wish names the key, so that it is fulfilled once, whatever is repeated or restored.
func (u *Uplink) renew(a wire.Answer) {
	if u.next != nil || a.Renew == "" || a.Renew != u.key.ID().String() {
		return
	}
	if err := u.makeNext(); err != nil {
		u.complain("key", err) // the statistics go on under the present one
	}
}

// offered hands an offer on. Versions only rise: an older firmware is offered by a district that was
// restored, and is not taken.
func (u *Uplink) offered(p outbox.Parcel, a wire.Answer) {
	if u.Updater == nil || a.Offer == nil || p.Beat == nil || !wire.Newer(a.Offer.Version, p.Beat.Firmware) {
		return
	}
	u.Updater.Offered(*a.Offer, u.binding.Address+"/v1/bundle/"+a.Offer.SHA256)
}

// nextRound returns the pause until the next heartbeat.
func (u *Uplink) nextRound(a wire.Answer) time.Duration {
	pause := time.Duration(a.Next) * time.Second
	if pause == 0 {
		pause = usualPause
	}
	return u.pace.spread(max(pause, u.Every))
}

// malformed halves a batch that the district could not read, down to the one event it is.
func (u *Uplink) malformed(p outbox.Parcel) time.Duration {
	switch {
	case p.Count > 1:
		u.pace.halve(p.Count)
		return u.pace.within(time.Second)
	case p.Count == 1:
		return u.poison(p)
	}
	u.state.Link, u.state.Status, u.state.Why = NoLink, ident.Malformed, ident.Malformed.Text()
	u.complain("malformed heartbeat", errors.New("district cannot read a batch without events"))
	return u.pause(0)
}

// poison declares the first event of a parcel as refused.
func (u *Uplink) poison(p outbox.Parcel) time.Duration {
	u.Log.Error("event cannot be told to the district, declared as lost", "place", p.First)
	u.Box.Refuse(p)
	u.pace.size = firstBatch
	return u.pace.within(time.Second)
}

// stuck waits out a card that does not read or write: nothing is lost, everything is sent again.
func (u *Uplink) stuck(err error) time.Duration {
	u.state.Why = badCard
	u.complain("card", err)
	return u.pause(0)
}
