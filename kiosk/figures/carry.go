package figures

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"sps-kiosk/kiosk/event"
)

// ErrCarry is the error of a carry that this program did not write. Whoever meets it counts the
// device from its first unit on.
var ErrCarry = errors.New("not what a fold carries on")

// carryForm is the version of a carry: raise it with every change of a figure's definition, so that
// all units are counted anew.
const carryForm = 2

// carry is what goes on from unit to unit: who waits and is served, which windows are open, what
// does not work. It holds nothing that a ticket does not.
type carry struct {
	Form    int             `json:"form"`
	Tickets []*ticket       `json:"tickets,omitempty"`
	Windows map[int]*window `json:"windows,omitempty"`
	Down    []string        `json:"down,omitempty"`
	Bare    []string        `json:"bare,omitempty"`
	Opens   opening         `json:"opens,omitzero"`
	Hours   hours           `json:"hours,omitzero"`
	Last    event.Time      `json:"last"`
	Began   event.Time      `json:"began"`
	Ended   event.Time      `json:"ended"`
	Dawn    bool            `json:"dawn,omitempty"`
}

// Carry returns what the fold of the next unit needs to know, some hundred bytes per live ticket.
// The same state has the same bytes.
func (f *Fold) Carry() []byte {
	data, err := json.Marshal(carry{Form: carryForm, Tickets: f.live(), Windows: f.windows, Last: f.last,
		Began: f.began, Ended: f.ended, Dawn: f.dawn, Opens: f.opens, Hours: f.hours,
		Down: slices.Sorted(maps.Keys(f.down)), Bare: slices.Sorted(maps.Keys(f.bare))})
	if err != nil {
		panic(err) // numbers and words only
	}
	return data
}

// Resume returns a fold that goes on where another one was, with no rows of its own. An empty carry
// is New. The error is ErrCarry.
func Resume(o Options, data []byte) (*Fold, error) {
	f := New(o)
	if len(data) == 0 {
		return f, nil
	}
	var c carry
	if err := json.Unmarshal(data, &c); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCarry, err)
	}
	if c.Form != carryForm {
		return nil, fmt.Errorf("%w: form %d", ErrCarry, c.Form)
	}
	f.last, f.began, f.ended, f.dawn = c.Last, c.Began, c.Ended, c.Dawn
	if f.opens, f.hours = c.Opens, c.Hours; !f.hours.sound() {
		return nil, fmt.Errorf("%w: hours", ErrCarry)
	}
	for _, t := range c.Tickets {
		if t == nil || !t.sound() {
			return nil, fmt.Errorf("%w: ticket", ErrCarry)
		}
		f.tickets[t.ID] = t
		f.attend(t.ID)
	}
	for number, w := range c.Windows {
		if w == nil {
			return nil, fmt.Errorf("%w: window", ErrCarry)
		}
		f.windows[number] = w
	}
	for _, part := range c.Down {
		f.down[part] = true
	}
	for _, queue := range c.Bare {
		f.bare[queue] = true
	}
	return f, nil
}

// sound reports whether a ticket read from a carry can be worked with.
func (t *ticket) sound() bool {
	return t.Mark >= 0 && t.Mark <= len(t.Given) && !slices.ContainsFunc(t.Given, func(x entry) bool { return x.Counter >= counters })
}
