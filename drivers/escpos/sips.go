package escpos

import (
	"context"
	"time"
)

// sipBytes is the size of a band for a printer that must never be full: two of them, what asks
// after them and a command to clear leave room in the smallest usual buffer, 4 KB (facts §1.9).
const sipBytes = 1536

// sip sends a job's body so that at most two of its bands wait in the printer. A full buffer takes
// no command, not even the one that clears it, and a printer of vendor class has no other way in. A
// printer that tells nothing gets the rest at once, like any other.
func (s *session) sip(ctx context.Context, j job) error {
	from := 0
	for _, to := range j.stops {
		heard, err := s.processed(ctx, 1)
		if err != nil {
			return err
		}
		if !heard {
			break
		}
		if err := s.send(ctx, j.body[from:to]); err != nil {
			return err
		}
		s.unsaid++
		from = to
	}
	return s.send(ctx, j.body[from:])
}

// processed waits until the printer still owes at most so many answers to GS r. False: it is ready
// and does not answer.
func (s *session) processed(ctx context.Context, owing int) (heard bool, err error) {
	wait := patience{quiet: unheardIn, since: time.Now()}
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for s.drain(); s.unsaid > owing; {
		select {
		case a := <-s.answers:
			s.note(a)
		case <-s.ended:
			return false, s.lost()
		case <-tick.C:
			if err := wait.spent(s.obstacle(ctx), errSilent); err == errSilent {
				return false, nil
			} else if err != nil {
				return false, err
			}
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
	return true, nil
}
