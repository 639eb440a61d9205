package escpos

import (
	"bytes"
	"context"
	"errors"
	"sync/atomic"
	"time"

	"sps-kiosk/hal/usb"
)

const (
	answerLimit = 500 * time.Millisecond // for one answer, and for a question to be taken
	settleTime  = 50 * time.Millisecond  // for stale answers after opening
	muteTime    = 30 * time.Second       // a printer that did not answer is not asked again so long
	readSize    = 1024                   // a multiple of every bulk packet size
	stallLimit  = 3                      // stalls of one job, or of one answer, before giving up
)

var (
	errSilent = errors.New("no answer")
	errBusy   = errors.New("no data taken")
)

// session is one stay of a printer at its port. One goroutine reads the IN pipe all the time, so
// that no answer is ever found late; all else belongs to whoever has the printer's turn.
type session struct {
	pipe    usb.Pipe
	number  uint16 // of the interface, for class requests
	answers chan answer
	ended   chan struct{} // closed when reading ended; then readErr says why
	readErr error
	stop    context.CancelFunc
	profile Profile

	owed     bool      // a question's answer is still to come
	unsaid   int       // answers to GS r that are still to come
	mute     time.Time // no questions until then
	heard    bool      // some question was answered: it is worth waiting
	portDumb bool      // GET_PORT_STATUS does not work
	unsure   int       // jobs in a row that ended without the printer's word
	auto     *Status   // latest ASB
	want     *wanted   // the query under way
	seen     *atomic.Pointer[Status]

	counting  atomic.Bool // what comes is the text of a counter
	countless bool        // counters are not answered
}

// wanted is the answer that confirms a job.
type wanted struct {
	id   []byte // of GS ( H; nil = the byte of GS r
	seen bool
}

// open begins a session; the options choose the profile. What it learns about the printer goes to
// seen.
func open(ctx context.Context, link Opener, o Options, seen *atomic.Pointer[Status]) (*session, error) {
	pipe, err := link.Open(ctx)
	if err != nil {
		return nil, err
	}
	s := &session{pipe: pipe, answers: make(chan answer, 64), ended: make(chan struct{}), seen: seen}
	if a, ok := pipe.(interface{ Interface() usb.Interface }); ok {
		s.number = uint16(a.Interface().Number)
	}
	if o.Profile != nil {
		s.profile = o.apply(*o.Profile)
	} else {
		s.profile = o.apply(ProfileFor(identify(ctx, pipe)))
	}
	s.profile.Sips = s.profile.Sips || s.profile.Clear && vendorClass(pipe)
	var reading context.Context
	reading, s.stop = context.WithCancel(context.Background())
	go s.read(reading)
	select {
	case <-time.After(settleTime):
	case <-s.ended:
	case <-ctx.Done():
	}
	s.drain()
	return s, nil
}

// close ends the reader and gives the interface back.
func (s *session) close() error {
	s.stop()
	err := s.pipe.Close()
	<-s.ended
	return err
}

func (s *session) read(ctx context.Context) {
	defer close(s.ended)
	d := demux{full: s.profile.FullStatus}
	for stalls := 0; ; {
		buf := make([]byte, readSize)
		n, err := s.pipe.Read(ctx, buf)
		if s.counting.Load() {
			s.deliver(answer{counter, buf[:n]})
		} else {
			for _, a := range d.feed(time.Now(), buf[:n]) {
				s.deliver(a)
			}
		}
		switch {
		case err == nil:
			stalls = 0
		case errors.Is(err, usb.ErrStalled) && stalls < stallLimit && s.pipe.ClearHalt(true) == nil:
			stalls++
		default:
			s.readErr = err
			return
		}
	}
}

// deliver never waits: of answers that nobody wants the oldest go.
func (s *session) deliver(a answer) {
	for {
		select {
		case s.answers <- a:
			return
		default:
		}
		select {
		case <-s.answers:
		default:
		}
	}
}

// lost returns why nothing more can come from this session, or nil. A printer without an IN
// endpoint is not lost.
func (s *session) lost() error {
	select {
	case <-s.ended:
		if !errors.Is(s.readErr, usb.ErrNoEndpoint) {
			return s.readErr
		}
	default:
	}
	return nil
}

// simplex reports whether the printer cannot answer at all (class 7/1/1).
func (s *session) simplex() bool {
	select {
	case <-s.ended:
		return errors.Is(s.readErr, usb.ErrNoEndpoint)
	default:
		return false
	}
}

// drain notes everything that has arrived.
func (s *session) drain() {
	for {
		select {
		case a := <-s.answers:
			s.note(a)
		default:
			return
		}
	}
}

// note takes from an answer what is worth keeping whenever it comes.
func (s *session) note(a answer) {
	switch a.kind {
	case realTime, fullStatus:
		s.owed, s.mute, s.heard = false, time.Time{}, true
	case autoStatus:
		now := automatic(a.data)
		s.auto = &now
	case transmitted:
		s.unsaid = max(0, s.unsaid-1)
	}
	if w := s.want; w != nil {
		w.seen = w.seen || w.id == nil && a.kind == transmitted && s.unsaid == 0 ||
			w.id != nil && a.kind == block && bytes.Equal(a.data, w.id)
	}
}

// await returns the next answer to a question.
func (s *session) await(ctx context.Context) ([]byte, error) {
	limit := time.After(answerLimit)
	for {
		select {
		case a := <-s.answers:
			if s.note(a); a.kind == realTime || a.kind == fullStatus {
				return a.data, nil
			}
		case <-limit:
			return nil, errSilent
		case <-s.ended:
			if err := s.lost(); err != nil {
				return nil, err
			}
			return nil, errSilent
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// ask sends DLE EOT n. Answers do not say what they answer, so a question is asked only when no
// other answer can still come: after a silence not before muteTime.
func (s *session) ask(ctx context.Context, n byte) ([]byte, error) {
	s.drain()
	if s.simplex() || time.Now().Before(s.mute) {
		return nil, errSilent
	}
	if s.owed && s.mute.IsZero() { // an earlier question was cut short by its context
		if _, err := s.hear(ctx); err != nil {
			return nil, err
		}
	}
	if err := s.put(ctx, []byte{dle, eot, n}); err != nil {
		return nil, err
	}
	s.owed = true
	return s.hear(ctx)
}

// hear awaits the answer that is owed and falls mute if there is none.
func (s *session) hear(ctx context.Context) ([]byte, error) {
	b, err := s.await(ctx)
	if errors.Is(err, errSilent) {
		s.mute = time.Now().Add(muteTime)
	}
	return b, err
}

// put writes a question, errBusy if the printer does not take it. A halted endpoint, left over from
// whatever was before, is set free once.
func (s *session) put(ctx context.Context, question []byte) error {
	short, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	n, err := s.pipe.Write(short, question)
	if errors.Is(err, usb.ErrStalled) && s.pipe.ClearHalt(false) == nil {
		n, err = s.pipe.Write(short, question)
	}
	switch {
	case err != nil && ctx.Err() == nil && short.Err() != nil:
		return errBusy
	case err == nil && n < len(question):
		return errBusy
	}
	return err
}
