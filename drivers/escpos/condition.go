package escpos

import (
	"context"
	"errors"
	"time"

	"sps-kiosk/hal/usb"
)

// status finds out how the printer is, by the best way it has. Its error means that the session
// is over, or ctx.
func (s *session) status(ctx context.Context) (Status, error) {
	if s.profile.Foreign { // even a question would be text to it
		return Status{Foreign: true, At: time.Now()}, s.lost()
	}
	st, err := s.bestStatus(ctx)
	if err == nil {
		st.Unfamiliar = s.profile.Unfamiliar
		s.seen.Store(&st)
	}
	return st, err
}

// bestStatus asks by DLE EOT, and where that is not answered by the latest ASB or the port status.
func (s *session) bestStatus(ctx context.Context) (Status, error) {
	st, err := s.questions(ctx)
	switch {
	case err == nil || errors.Is(err, errSilent) && st.Ready() != nil:
		return st, nil
	case errors.Is(err, errSilent) && s.auto != nil:
		return *s.auto, nil
	case errors.Is(err, errSilent):
		return s.port(ctx)
	case errors.Is(err, errBusy):
		return s.busy(ctx)
	}
	return Status{}, err
}

func (s *session) questions(ctx context.Context) (Status, error) {
	st := Status{Known: true, At: time.Now()}
	if s.profile.FullStatus {
		b, err := s.ask(ctx, 0x14)
		if err == nil && len(b) == 6 {
			st = full(b)
		}
		return st, err
	}
	for _, n := range []byte{1, 2, 4, 3} {
		if n == 3 && st.Fault == 0 {
			break
		}
		b, err := s.ask(ctx, n)
		if err != nil {
			return st, err
		}
		st.realTime(n, b[0])
	}
	return st, nil
}

// busy is the state of a printer that does not even take a question: its buffer is full.
func (s *session) busy(ctx context.Context) (Status, error) {
	st, err := s.port(ctx)
	if st.Known = true; st.Ready() == nil {
		st.Offline = true
	}
	return st, err
}

// port asks by a class request, which works while the data pipe is blocked. Many printers always
// say 18h, some refuse: then nothing is known.
func (s *session) port(ctx context.Context) (Status, error) {
	if s.portDumb {
		return Status{At: time.Now()}, s.lost()
	}
	b := []byte{0}
	n, err := s.pipe.Control(ctx, usb.Setup{RequestType: 0xa1, Request: 1, Index: s.number}, b)
	switch {
	case err == nil && n == 1:
		return port(b[0]), nil
	case errors.Is(err, usb.ErrUnplugged) || ctx.Err() != nil:
		return Status{}, errors.Join(err, ctx.Err())
	}
	s.portDumb = true
	return Status{At: time.Now()}, s.lost()
}
