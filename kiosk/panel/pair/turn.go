package pair

import (
	"crypto/sha256"
	"crypto/subtle"
	"slices"
	"time"
)

// SignIn opens a place at a paired browser. It fails with ErrGone, ErrPin, and ErrLocked after pinTries
// wrong ones; after mostWrong in a row the browser is no longer paired.
func (d *Desk) SignIn(number int, pin string) (Place, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := d.index(number)
	switch {
	case i < 0:
		return Place{}, ErrGone
	case time.Now().Before(d.locked[number]):
		return Place{}, ErrLocked
	}
	place, right := d.place(pin)
	all := slices.Clone(d.browsers)
	if !right {
		return Place{}, d.wrong(all, i)
	}
	if all[i].Wrong > 0 {
		all[i].Wrong = 0
		if err := d.save(all, d.last); err != nil {
			return Place{}, err
		}
	}
	d.turns[number] = turn{place, time.Now(), time.Now()}
	return place, nil
}

// wrong counts a wrong PIN on the card, so that pulling the plug gives no further tries.
func (d *Desk) wrong(all []Browser, i int) error {
	number := all[i].Number
	all[i].Wrong++
	count := all[i].Wrong
	if count >= mostWrong {
		all = slices.Delete(all, i, i+1)
		delete(d.turns, number)
	}
	if err := d.save(all, d.last); err != nil {
		return err
	}
	if count >= mostWrong {
		return ErrGone
	}
	if count%pinTries == 0 {
		d.locked[number] = time.Now().Add(lockTime)
		return ErrLocked
	}
	return ErrPin
}

// place returns what a PIN opens. Every PIN is compared, so that the time tells nothing.
func (d *Desk) place(pin string) (place Place, right bool) {
	got := sha256.Sum256([]byte(pin))
	for _, p := range d.passes {
		want := sha256.Sum256([]byte(p.Pin))
		if subtle.ConstantTimeCompare(got[:], want[:]) == 1 {
			place, right = p.Place, true
		}
	}
	return place, right
}

// Works returns the place that is open at a browser. An act keeps it open; a look does not.
func (d *Desk) Works(number int, act bool) (Place, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t, open := d.turns[number]
	if !open || d.index(number) < 0 || time.Since(t.used) > idleOut || time.Since(t.began) > longestTurn {
		delete(d.turns, number)
		return Place{}, false
	}
	if act {
		t.used = time.Now()
		d.turns[number] = t
	}
	return t.place, true
}

// Move opens another place at a browser that is at one: its specialist went there (A19).
func (d *Desk) Move(number int, to Place) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	t, open := d.turns[number]
	if open {
		t.place, t.used = to, time.Now()
		d.turns[number] = t
	}
	return open
}

// SignOut closes the place at a browser.
func (d *Desk) SignOut(number int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.turns, number)
}
