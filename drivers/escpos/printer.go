package escpos

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"sps-kiosk/hal/usb"
)

// Opener opens the printer if it is attached: *usb.Link.
type Opener interface {
	Open(ctx context.Context) (usb.Pipe, error)
}

// Printer is one printer, present or not. It is opened when it is needed and again after it was
// unplugged. Its methods may be called from any goroutine.
type Printer struct {
	link    Opener
	options Options
	turn    chan struct{} // holds one token while somebody uses the fields below

	live *session // nil = not open
	jobs uint32
	left remains

	shown  time.Time // since when a ticket is in the mouth; zero = none is
	mended time.Time // last attempt to end an error

	busy atomic.Bool            // a job is being printed
	last atomic.Pointer[Status] // what was learnt last
}

// New returns the printer at the end of link. It opens nothing yet.
func New(link Opener, o Options) *Printer {
	// Process IDs start anywhere, so that an answer to another run of the program is not ours.
	return &Printer{link: link, options: o, turn: make(chan struct{}, 1), jobs: rand.Uint32()}
}

// Suspect says that the printer may hold the torso of a job that another run of the program began:
// it is cleared before the next one. Call it before the first Print.
func (p *Printer) Suspect() { p.left = torso }

// Page makes what is printed, once it is known for which printer.
type Page interface {
	// Image draws it at most so many dots wide; pixels darker than half are black.
	Image(dots int) (image.Image, error)
	// Lines writes it in lines of so many columns; a letter of size 2 takes two.
	Lines(columns int) ([]Line, error)
}

// Print prints and cuts one page: a picture, or text if the options and the profile say so.
//
// NotStarted comes with the reason (ErrPaperOut, ErrCoverOpen, ErrFault, ErrOffline, ErrForeign,
// ErrNotTaken, usb.ErrNotFound when the printer is absent, ErrBadImage, what the page says): nothing was sent, and printing again
// later is safe. Confirmed comes with nil. Everything else is Uncertain: usb.ErrUnplugged and the
// reasons above when it ended in the middle, ErrUnconfirmed when every byte was taken and nothing
// speaks against success but the printer did not answer either, as a printer without IN endpoint
// (class 7/1/1) never can. Such a slip is probably there; it is still not Confirmed, because the
// same is true of a printer that swallowed a small slip into its buffer and then lost power.
//
// A job that meets an empty roll waits up to a minute for paper and goes on where it was. The end
// of ctx ends the wait. There is no retry after the first byte.
func (p *Printer) Print(ctx context.Context, page Page) (Outcome, error) {
	if err := p.take(ctx); err != nil {
		return NotStarted, fmt.Errorf("print: %w", err)
	}
	defer p.give()
	p.busy.Store(true)
	defer p.busy.Store(false)
	p.jobs++
	var j job
	err := p.prepare(ctx)
	if err == nil {
		j, err = p.live.profile.job(page, processID(p.jobs))
	}
	if err != nil {
		return NotStarted, fmt.Errorf("print: %w", err)
	}
	if err := p.run(ctx, j); err != nil {
		p.abandon(ctx, err)
		p.settle(err)
		return Uncertain, fmt.Errorf("print: %w", err)
	}
	return Confirmed, nil
}

// Status asks the printer how it is. While a job is being printed it returns at once what the job
// learnt last. usb.ErrNotFound means that the printer is absent.
func (p *Printer) Status(ctx context.Context) (Status, error) {
	if st := p.last.Load(); st != nil && p.busy.Load() {
		return *st, nil
	}
	if err := p.take(ctx); err != nil {
		return Status{}, fmt.Errorf("printer status: %w", err)
	}
	defer p.give()
	st, err := p.status(ctx)
	if err == nil {
		err = p.expire(ctx, st)
	}
	if err != nil {
		return Status{}, fmt.Errorf("printer status: %w", err)
	}
	return st, nil
}

// Close gives the printer back. It may be used again.
func (p *Printer) Close() error {
	p.turn <- struct{}{}
	defer p.give()
	return p.drop()
}

func (p *Printer) take(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case p.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *Printer) give() { <-p.turn }

// status opens the printer if need be. A session that turns out to be dead is replaced once: the
// printer may have been unplugged and plugged in again since.
func (p *Printer) status(ctx context.Context) (Status, error) {
	for {
		old := p.live != nil
		if !old {
			s, err := open(ctx, p.link, p.options, &p.last)
			if err != nil {
				return Status{}, err
			}
			p.live = s
		}
		st, err := p.live.status(ctx)
		if err == nil && p.mend(ctx, st) {
			st, err = p.live.status(ctx)
		}
		if err == nil {
			return st, nil
		}
		p.settle(err)
		if !old || p.live != nil {
			return Status{}, err
		}
	}
}

// prepare makes sure that a slip may be sent now: the status is fresh, the printer is ready and
// nothing of an earlier job is left in it.
func (p *Printer) prepare(ctx context.Context) error {
	st, err := p.status(ctx)
	if err != nil {
		return err
	}
	p.clear(ctx) // not only a printer that is ready: with new paper it would print the rest
	if err = st.Ready(); err == nil && p.left != nothing {
		st, err = p.rescue(ctx)
	}
	if err == nil {
		err = p.freeMouth(ctx, st)
	}
	return err
}

// rescue leads the printer out of an unfinished job and returns how it is then.
func (p *Printer) rescue(ctx context.Context) (Status, error) {
	if err := p.live.send(ctx, p.live.profile.rescue(p.left)); err != nil {
		p.settle(err)
		return Status{}, fmt.Errorf("clear the printer: %w", err)
	}
	p.left = nothing
	if p.live.profile.Presenter != nil {
		p.live.done(ctx) // only then it is known whether something sticks out of the mouth
	}
	st, err := p.status(ctx)
	if err == nil {
		err = st.Ready()
	}
	return st, err
}

// run sends a job and waits for the printer's word.
func (p *Printer) run(ctx context.Context, j job) error {
	s := p.live
	ups := s.powerUps(ctx)
	p.left = torso
	s.unsaid = 0
	if err := s.sip(ctx, j); err != nil {
		return err
	}
	s.drain()
	s.want = &wanted{}
	if s.profile.ProcessID {
		s.want.id = append(append([]byte{0x37, 0x22}, j.id[:]...), 0)
	} else {
		s.unsaid++
	}
	defer func() { s.want = nil }()
	if err := s.send(ctx, j.tail); err != nil {
		return err
	}
	p.left = doubt
	err := s.confirm(ctx)
	s.unsure++
	switch {
	case err == nil:
		s.unsure, p.left = 0, nothing
	case !s.heard && errors.Is(err, ErrUnconfirmed):
		p.left = nothing // it never says anything: silence gives no reason to doubt
	}
	if err == nil && ups != "" && s.powerUps(ctx) != ups {
		p.left = torso
		return ErrRestarted
	}
	return err
}

// settle drops the session unless err leaves it usable: a new one begins with a clean pipe.
func (p *Printer) settle(err error) {
	for _, harmless := range []error{ErrUnconfirmed, ErrRestarted, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, harmless) {
			return
		}
	}
	p.drop() // its error is about a handle nobody uses any more
}

func (p *Printer) drop() error {
	if p.live == nil {
		return nil
	}
	err := p.live.close()
	p.live = nil
	return err
}
