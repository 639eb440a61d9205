package escpos

import (
	"context"
	"errors"
	"time"
)

// Presenter is a mouth that holds a cut ticket out until somebody takes it (Custom VKP80).
type Presenter struct {
	Retract []byte // takes the ticket back in, where people cannot get it
	Eject   []byte // lets it fall out
	Timer   bool   // the printer itself acts on a ticket left behind, as its FS P says

	discard []byte // cuts what is unfinished and removes it
}

// Leftover is what becomes of a ticket that nobody takes.
type Leftover uint8

// What can become of it. Before the next ticket it always goes: nobody is handed another's.
const (
	Retract Leftover = 0 // back in after a while
	Eject   Leftover = 1 // out after a while: for presenters without room inside
	Hold    Leftover = 2 // it stays until the next ticket, and then goes in; with a Timer as Retract
)

// Options choose how tickets are printed.
type Options struct {
	Profile *Profile      // nil = by what is attached: ProfileFor
	Text    CodePage      // print text in this code page if the profile has it; otherwise pictures
	Left    Leftover      // for presenters
	LeftFor time.Duration // how long a ticket is held out; 0 = 30 s, at most 255 s
}

// ErrNotTaken means that another's ticket is in the mouth and cannot be removed.
var ErrNotTaken = errors.New("another ticket in the presenter")

const (
	leftFor    = 30 * time.Second
	mouthLimit = 5 * time.Second // for the presenter's motor
	outSteps   = 10              // of 5 mm, how far FS P holds a ticket out
)

// apply completes a profile by the options.
func (o Options) apply(p Profile) Profile {
	if p.Pages.of(o.Text) != 0 {
		p.Text = o.Text
	}
	if p.Presenter == nil {
		return p
	}
	mouth := *p.Presenter
	p.Presenter = &mouth
	if mouth.discard = append([]byte{esc, 'i'}, o.remove(mouth)...); mouth.Timer {
		act, seconds := byte('R'), byte(min(o.leftFor(), 255*time.Second)/time.Second)
		if o.Left == Eject {
			act = 'E'
		}
		p.Cut = []byte{fs, 'P', outSteps, 1, act, seconds}
		mouth.discard = []byte{fs, 'P', 1, 0, act, 1}
	}
	return p
}

func (o Options) leftFor() time.Duration {
	if o.LeftFor == 0 {
		return leftFor
	}
	return o.LeftFor
}

// remove returns the command that frees the mouth, nil if there is none.
func (o Options) remove(p Presenter) []byte {
	if o.Left == Eject {
		return p.Eject
	}
	return p.Retract
}

// freeMouth sees to it that the next ticket does not push another's into somebody's hands.
func (p *Printer) freeMouth(ctx context.Context, st Status) error {
	presenter := p.live.profile.Presenter
	if presenter == nil || st.mouth && !st.Presented {
		return nil
	}
	limit, remove := mouthLimit, p.options.remove(*presenter)
	if remove == nil {
		limit += p.options.leftFor() // its own timer is running
	}
	if err := p.live.send(ctx, remove); err != nil || !st.mouth {
		return err // told blindly, it does no harm
	}
	return p.awaitFree(ctx, limit)
}

// awaitFree waits until the mouth is empty.
func (p *Printer) awaitFree(ctx context.Context, limit time.Duration) error {
	for end := time.Now().Add(limit); ; {
		select {
		case <-time.After(pollEvery):
		case <-ctx.Done():
			return ctx.Err()
		}
		st, err := p.status(ctx)
		switch {
		case err != nil:
			return err
		case !st.Presented:
			return st.Ready()
		case !time.Now().Before(end):
			return ErrNotTaken
		}
	}
}

// expire removes a ticket that was held out long enough, where the printer has no timer for that.
func (p *Printer) expire(ctx context.Context, st Status) error {
	presenter := p.live.profile.Presenter
	switch {
	case presenter == nil || !st.Presented:
		p.shown = time.Time{}
		return nil
	case p.shown.IsZero():
		p.shown = st.At
		return nil
	case p.options.Left == Hold || st.At.Sub(p.shown) < p.options.leftFor():
		return nil
	}
	p.shown = time.Time{}
	return p.live.send(ctx, p.options.remove(*presenter))
}
