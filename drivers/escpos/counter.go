package escpos

import (
	"context"
	"errors"
	"time"
)

// ErrRestarted means that the printer was off in the middle of a job without leaving the bus.
var ErrRestarted = errors.New("printer restarted during the job")

// pauseAfter ends the answer to a counter: it is plain text whose end nobody states.
const pauseAfter = 60 * time.Millisecond

// powerUps asks Custom's GS E5h how often the printer was switched on. It is answered in order, so
// only an idle printer is asked. "" = no answer; it is not asked again in this session.
func (s *session) powerUps(ctx context.Context) (count string) {
	if !s.profile.PowerUps || s.countless || s.simplex() {
		return ""
	}
	s.drain()
	s.counting.Store(true)
	defer s.counting.Store(false)
	if s.put(ctx, []byte{gs, 0xe5}) != nil {
		return ""
	}
	for limit := time.After(answerLimit); ; {
		select {
		case a := <-s.answers:
			if s.note(a); a.kind == counter {
				count += string(a.data)
				limit = time.After(pauseAfter)
			}
		case <-limit:
			s.countless = count == ""
			return count
		case <-s.ended:
			return count
		case <-ctx.Done():
			return ""
		}
	}
}
