package escpos

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sps-kiosk/hal/usb"
)

const (
	watchEvery = time.Second             // how often a write that hangs is looked after
	stuckLimit = 10 * time.Second        // without progress and without a reason
	paperLimit = 60 * time.Second        // without progress while the reason is known: somebody may be coming
	confirmIn  = 10 * time.Second        // from the last byte to the printer's word
	unheardIn  = 3 * time.Second         // the same for a printer that never answered anything
	simplexIn  = 1500 * time.Millisecond // after which a printer that cannot answer has had its chance
	pollEvery  = 500 * time.Millisecond  // while waiting for the printer's word
)

// patience measures how long a state has lasted and when to give up on it.
type patience struct {
	quiet  time.Duration // limit while no obstacle is known
	since  time.Time     // begin of the present state; the first one is set by the caller
	reason error
}

// spent takes the present obstacle (nil = none known) and returns why to give up, or nil. One
// obstacle may take the place of another: who changes a roll opens the cover.
func (p *patience) spent(reason, otherwise error) error {
	now := time.Now()
	if (reason == nil) != (p.reason == nil) {
		p.since = now
	}
	p.reason = reason
	switch lasted := now.Sub(p.since); {
	case reason != nil && lasted >= paperLimit:
		return reason
	case reason == nil && lasted >= p.quiet:
		return otherwise
	}
	return nil
}

// send writes data in chunks. A printer that stops taking bytes is no error but a state: the
// write stays where it is until the obstacle is gone, because the count of a cancelled write cannot
// be trusted. Short writes and stalls go on at the exact offset.
func (s *session) send(ctx context.Context, data []byte) error {
	for off, stalls := 0, 0; off < len(data); {
		n, err := s.write(ctx, data[off:min(off+maxChunk, len(data))])
		off += n
		switch {
		case err == nil && n > 0:
			continue
		case err == nil: // a device that takes nothing, again and again
			err = ErrOffline
		case errors.Is(err, usb.ErrStalled):
			if clear := s.pipe.ClearHalt(false); clear != nil {
				return fmt.Errorf("byte %d of %d: %w", off, len(data), clear)
			}
		default:
			return fmt.Errorf("byte %d of %d: %w", off, len(data), err)
		}
		if stalls++; stalls == stallLimit {
			return fmt.Errorf("byte %d of %d: %w", off, len(data), err)
		}
	}
	return nil
}

// write carries one chunk and watches it.
func (s *session) write(ctx context.Context, chunk []byte) (int, error) {
	writing, cancel := context.WithCancel(ctx)
	defer cancel()
	type result struct {
		n   int
		err error
	}
	done := make(chan result, 1)
	go func() {
		n, err := s.pipe.Write(writing, chunk)
		done <- result{n, err}
	}()
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	wait := patience{quiet: stuckLimit, since: time.Now()}
	for {
		select {
		case r := <-done:
			return r.n, r.err
		case <-tick.C:
			give := wait.spent(s.obstacle(ctx), ErrOffline)
			if give == nil {
				continue
			}
			cancel()
			if r := <-done; r.err == nil {
				return r.n, nil
			}
			return 0, give
		}
	}
}

// obstacle tells what may keep the printer from taking data, without using the data pipe: a
// question in the middle of a raster would become pixels.
func (s *session) obstacle(ctx context.Context) error {
	s.drain()
	if s.auto != nil {
		s.seen.Store(s.auto)
		return s.auto.Ready()
	}
	st, err := s.port(ctx)
	if err != nil || !st.Known {
		return nil // if it is the device's loss, the write itself will tell
	}
	s.seen.Store(&st)
	return st.Ready()
}

// confirm waits for the printer's word that the job is done.
func (s *session) confirm(ctx context.Context) error {
	wait := patience{quiet: unheardIn, since: time.Now()}
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	ended := s.ended
	for !s.want.seen {
		select {
		case a := <-s.answers:
			s.note(a)
		case <-ended:
			ended = nil
			s.drain()
			if err := s.lost(); err != nil && !s.want.seen {
				return err
			}
			wait.quiet = simplexIn
		case <-tick.C:
			if err := s.check(ctx, &wait); err != nil && !s.want.seen {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// check looks at the printer once while its word is awaited.
func (s *session) check(ctx context.Context, wait *patience) error {
	st, err := s.status(ctx)
	if err != nil {
		return err
	}
	if s.heard && s.unsure < 2 { // a printer that answers, but not this, is not waited for long
		wait.quiet = confirmIn
	}
	return wait.spent(st.Ready(), ErrUnconfirmed)
}
