package scan

import (
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/ipc"
)

// tick watches over everything that waits: nothing waits for ever.
func (s *Sessions) tick(now event.Time) {
	if s.until != 0 && now.Up >= s.until {
		s.until, s.result = 0, Result{}
	}
	if s.phase < opening {
		return
	}
	if s.porter && s.phase != wiping && now.Up-s.alive >= aliveEvery {
		s.alive = now.Up
		s.order(ToPorter{&ipc.Alive{Session: s.id, Within: aliveFor}})
	}
	waited := now.Up - s.since
	switch s.phase {
	case opening:
		if waited >= openTime {
			s.end(now, WorkerLost)
		}
	case ready, saved:
		s.idleness(now)
	case scanning:
		s.slow(now, waited, scanTime)
	case saving:
		s.slow(now, waited, saveTime)
	case leaving:
		if waited >= leaveTime {
			s.end(now, Done)
		}
	case wiping:
		s.wipeSlow(now, waited)
	}
}

// wipeSlow kills a worker that does not wipe, and leaves a porter that does not kill.
func (s *Sessions) wipeSlow(now event.Time, waited time.Duration) {
	switch {
	case !s.porter:
	case waited >= killTime:
		s.since = now.Up
		s.order(Reconnect{})
	case waited >= wipeTime && !s.stopping:
		s.stopping = true
		s.order(ToPorter{&ipc.End{Session: s.id}})
	}
}

// slow stops what is silent too long, and ends the session if even that is not answered.
func (s *Sessions) slow(now event.Time, waited, limit time.Duration) {
	switch {
	case s.stopping && waited >= stopTime:
		s.end(now, WorkerLost)
	case !s.stopping && waited >= limit:
		s.stop(now)
	}
}

// idleness ends a session that nobody touches. After a save that is no loss.
func (s *Sessions) idleness(now event.Time) {
	switch left := s.leftOver(now); {
	case left > s.pause(warning):
	case left > 0 && s.phase == ready:
		s.order(Show{Text: code2("d", int(left/time.Second))})
	case left > 0:
	case s.phase == saved:
		s.end(now, Done)
	default:
		s.end(now, TimedOut)
	}
}

// leftOver is how long until the session ends by idleness.
func (s *Sessions) leftOver(now event.Time) time.Duration {
	return max(s.touched+s.pause(s.rules.Idle), s.extended) - now.Up
}

// pause is how long something waits for a touch: twice as long for whoever asked for more time.
func (s *Sessions) pause(d time.Duration) time.Duration {
	if s.unhurried {
		return 2 * d
	}
	return d
}
