package uplink

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"sps-kiosk/sync/ident"
)

// heed makes the next key if the technician's word is another one than the last time, and puts it on
// the card before anybody hears of it. The old key is used until the district has taken the new one,
// and that holds over reboots. The word is noted after the key, and before the key is sent: a power cut
// in between neither forgets the wish nor fulfils it twice.
func (u *Uplink) heed() error {
	if !u.bound || u.NewKey == "" || u.NewKey == u.binding.Asked {
		return nil
	}
	if err := u.makeNext(); err != nil {
		return err
	}
	noted := u.binding
	noted.Asked = u.NewKey
	if err := noted.Save(u.file(bindingFile)); err != nil {
		return err
	}
	u.binding = noted
	return nil
}

// makeNext puts a key for after the present one on the card, where there is none.
func (u *Uplink) makeNext() error {
	if u.next != nil {
		return nil
	}
	next, _, err := ident.LoadOrMakeKey(u.file(nextFile))
	if err != nil {
		return fmt.Errorf("make next key: %w", err)
	}
	u.next = next
	return nil
}

// asked is the word of a device that is bound: a kiosk.txt that came with a word does not renew the
// key that was just made.
func (u *Uplink) asked() string {
	if u.bound {
		return u.binding.Asked
	}
	return u.NewKey
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
