package uplink

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"sps-kiosk/sync/ident"
)

// Rotate asks for a new key of the device. The old one is used until the district has taken the
// new one, and that holds over reboots.
func (u *Uplink) Rotate() { u.turn.Store(true) }

// drawNext makes the next key and puts it on the card before anybody hears of it.
func (u *Uplink) drawNext() error {
	next, _, err := ident.LoadOrMakeKey(u.file(nextFile))
	if err != nil {
		return fmt.Errorf("make next key: %w", err)
	}
	u.next = next
	return nil
}

// rotate asks the district to put the next key in the place of the present one.
func (u *Uplink) rotate(ctx context.Context) time.Duration {
	body, err := json.Marshal(u.key.Rotate(u.next))
	if err != nil {
		return u.stuck(fmt.Errorf("encode rotation: %w", err))
	}
	r, a, err := u.ask(ctx, &u.binding, ident.CallKey, body)
	if err != nil {
		return u.failed(err)
	}
	u.hear(r, a)
	if status := ident.Status(a.Status); !status.Taken() && status != ident.Unknown {
		u.complain("rotation", fmt.Errorf("answer %d: %s", r.code, status))
		return u.pause(r.retry)
	}
	if err := ident.Promote(u.file(nextFile), u.file(keyFile)); err != nil {
		return u.stuck(err)
	}
	u.Log.Info("device key replaced", "key", u.next.ID())
	u.key, u.next = u.next, nil
	return 0
}
