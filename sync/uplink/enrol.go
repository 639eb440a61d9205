package uplink

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sps-kiosk/sync/ident"
)

// pending is a file that was found and is to be redeemed.
type pending struct {
	binding ident.Binding
	token   ident.Token
}

// seek looks for a file that was not dealt with: a new one, or one whose redemption was not
// answered, or which the district has forgotten since.
func (u *Uplink) seek() {
	if u.Enrol == "" || u.enrol != nil {
		return
	}
	e, found, err := ident.ReadEnrolment(u.Enrol)
	if err != nil {
		u.state.Why = err.Error()
		u.complain("enrolment file", err)
		return
	}
	if !found {
		if !u.bound {
			u.state.Why = ""
		}
		return
	}
	// A district that was restored from a backup may have forgotten the device, but not the file:
	// that is tried once in a boot.
	open := u.binding.Status == ident.Pending || u.binding.Status == ident.Unknown && !u.redeemed
	if u.bound && u.binding.Stems(e) && !open {
		return
	}
	u.enrol = &pending{binding: ident.Bind(e), token: e.Token}
}

// redeem sends the token of a file with the device's key. A repetition is harmless.
func (u *Uplink) redeem(ctx context.Context) time.Duration {
	body, err := json.Marshal(ident.Enrol{Key: u.key.Public(), Token: u.enrol.token})
	if err != nil {
		return u.stuck(fmt.Errorf("encode enrolment: %w", err))
	}
	r, a, err := u.ask(ctx, &u.enrol.binding, ident.CallEnrol, body)
	if err != nil {
		return u.failed(err)
	}
	status := ident.Status(a.Status)
	if r.code >= 500 || r.code == 429 || !decides(status) || status == ident.Malformed {
		u.state.Link, u.state.Why = NoLink, busyDistrict
		return u.pause(r.retry)
	}
	u.hear(r, a)
	u.redeemed = true
	u.enrol.binding.Asked = u.asked()
	u.bound, u.binding = true, u.enrol.binding
	u.binding.Status = "" // so that what the district says is kept
	if err := u.stand(u.binding, r, a, status); err != nil {
		u.bound = false
		return u.stuck(err)
	}
	u.enrol, u.asking = nil, nil
	if !status.Taken() {
		return u.rejected(a, status)
	}
	u.state.Link, u.state.Why = Linked, ""
	return 0
}

// approval is the way without a file: the district draws, both compute a number, a person compares.
type approval struct {
	asking *ident.Asking
	trial  ident.Binding // the district that offered
	reveal ident.Reveal
	began  time.Duration
	shown  bool // the district has the secret: the number may be typed
}

func (a *approval) revealed() bool { return a != nil && a.shown }

// approve goes one message further.
func (u *Uplink) approve(ctx context.Context) time.Duration {
	if u.asking != nil && u.asking.trial.Address != "" {
		return u.revealTo(ctx)
	}
	u.asking = &approval{asking: ident.NewAsking(u.key.Public()), began: u.Now().Up}
	body, err := json.Marshal(u.asking.asking.Ask())
	if err != nil {
		return u.stuck(fmt.Errorf("encode request for approval: %w", err))
	}
	var offer ident.Offer
	r, err := u.call(ctx, u.Address, ident.CallAsk, ident.ID{}, body, func(text []byte) []ident.Public {
		if json.Unmarshal(text, &offer) != nil {
			return nil
		}
		return []ident.Public{offer.Server}
	})
	if err != nil || r.code != 200 {
		u.asking = nil
		return max(u.failed(errors.Join(err, errPost)), ident.AskEvery)
	}
	reveal, number, err := u.asking.asking.Take(offer)
	if err != nil {
		return u.stuck(err)
	}
	u.asking.reveal = reveal
	u.asking.trial = ident.Binding{Address: u.Address, Keys: []ident.Public{offer.Server}, Status: ident.Pending, Asked: u.asked()}
	u.state.Link, u.state.Status, u.state.Number, u.state.Why = Waiting, ident.Pending, number, ""
	return u.revealTo(ctx)
}

// revealTo sends the secret, again until it is answered.
func (u *Uplink) revealTo(ctx context.Context) time.Duration {
	body, err := json.Marshal(u.asking.reveal)
	if err != nil {
		return u.stuck(fmt.Errorf("encode secret: %w", err))
	}
	r, a, err := u.ask(ctx, &u.asking.trial, ident.CallReveal, body)
	if err != nil {
		wait := u.expired(ident.Pending)
		return max(wait, u.failed(err))
	}
	u.hear(r, a)
	u.asking.shown = true
	return pollEvery
}

// pollEvery is how often a device whose number is shown asks whether it was typed.
const pollEvery = 10 * time.Second

// expired ends an approval that nobody answered in time: the next one has a new number.
func (u *Uplink) expired(status ident.Status) time.Duration {
	u.state.Why = ""
	if u.Now().Up-u.asking.began < ident.ApprovalLife && status != ident.Unknown && status != ident.Revoked {
		return pollEvery
	}
	u.asking, u.state.Number = nil, ""
	return ident.AskEvery
}
