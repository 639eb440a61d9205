package escpos

import (
	"context"
	"errors"
	"time"

	"sps-kiosk/hal/usb"
)

// remains is what the last job may have left in the printer.
type remains uint8

const (
	nothing remains = iota
	doubt           // all was sent, no answer came: if a packet was lost, pixels are awaited
	uncut           // the buffers are empty, but paper may hang out
	torso           // the job ended within its data: pixels are awaited, and paper is uncut
)

const (
	clearLimit   = time.Second      // for the printer's word that it cleared its buffers
	recoverEvery = 10 * time.Second // between attempts to end an error: each moves the cutter
)

// abandon gives up a job that an obstacle holds: what the printer has swallowed must not come out
// when the obstacle is gone and its owner is, too.
func (p *Printer) abandon(ctx context.Context, why error) {
	for _, obstacle := range []error{ErrPaperOut, ErrCoverOpen, ErrFault, ErrOffline} {
		if errors.Is(why, obstacle) && p.live != nil {
			p.left = torso // even when all was sent, the cut may still be in the buffer
			if !p.clear(ctx) {
				p.live.softReset(ctx)
			}
			return
		}
	}
}

// clear empties the buffers by DLE DC4 8, which works in any state and is answered. False: the
// printer cannot, or did not say so, and the ladder goes on.
func (p *Printer) clear(ctx context.Context) bool {
	if p.left == nothing || p.left == uncut || !p.live.profile.Clear || !p.live.clear(ctx) {
		return false
	}
	if p.left == torso {
		p.left = uncut
	} else {
		p.left = nothing
	}
	return true
}

// clear sends DLE DC4 fn 8 with the seven bytes that guard it; nothing else may be sent before the
// answer (Epson, "DLE DC4 (fn = 8)").
func (s *session) clear(ctx context.Context) bool {
	return s.hears(ctx, []byte{dle, dc4, 8, 1, 3, 20, 1, 6, 2, 8}, wanted{id: []byte{0x37, 0x25, 0}}, clearLimit)
}

// done waits until the printer has done everything sent so far, as far as it says so.
func (s *session) done(ctx context.Context) bool {
	s.unsaid = 1
	return s.hears(ctx, []byte{gs, 'r', 1}, wanted{}, mouthLimit)
}

// hears sends a question and reports whether the answer came in time.
func (s *session) hears(ctx context.Context, question []byte, answer wanted, in time.Duration) bool {
	s.drain()
	s.want = &answer
	defer func() { s.want = nil }()
	if s.simplex() || s.put(ctx, question) != nil {
		return false
	}
	for limit := time.After(in); !s.want.seen; {
		select {
		case a := <-s.answers:
			s.note(a)
		case <-limit:
			return false
		case <-s.ended:
			return false
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// softReset asks for empty buffers on endpoint 0, the way that is open when the data pipe is
// blocked. Version 1.1 of the class sends the request to the interface, 1.0 sent it to "other". No
// printer says what it did, so nothing is believed.
func (s *session) softReset(ctx context.Context) {
	for _, kind := range []uint8{0x21, 0x23} {
		if _, err := s.pipe.Control(ctx, usb.Setup{RequestType: kind, Request: 2, Index: s.number}, nil); err == nil {
			return
		}
	}
}

// mend ends an error whose cause a person may have removed: Epson's printers stay off-line after a
// jam until they are told to go on. It reports whether it is worth asking again.
func (p *Printer) mend(ctx context.Context, st Status) bool {
	if !p.live.profile.Recover || st.Fault&(Mechanical|Cutter) == 0 || time.Since(p.mended) < recoverEvery {
		return false
	}
	p.mended = time.Now()
	return p.live.put(ctx, []byte{dle, enq, 2}) == nil
}
