package scan

import (
	"encoding/binary"
	"slices"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/ipc"
)

// Step takes one input at one moment and returns what to do, in order.
func (s *Sessions) Step(now event.Time, in Input) []Order {
	switch in := in.(type) {
	case ScanPressed, Enter, Unhurried, DonePressed, DoneHeld, Stay, More, Cancel, Redo, Remove, Turn, Move, Choose:
		s.touched, s.until = now.Up, 0
		s.citizen(now, in)
	case Heard:
		s.hear(now, in.Message)
	case Reported:
		if in.Session == s.id && s.phase >= opening && s.worker {
			s.report(now, in.Message)
		}
	case WorkerGone:
		if in.Session == s.id && s.phase >= opening && s.worker {
			s.workerGone(now)
		}
	case PorterGone:
		s.porterGone(now)
	case Tick:
		s.tick(now)
	}
	orders := s.orders
	s.orders = nil
	return orders
}

func (s *Sessions) order(o Order)                   { s.orders = append(s.orders, o) }
func (s *Sessions) tell(m ipc.Message)              { s.order(ToWorker{m}) }
func (s *Sessions) enter(p phase, at time.Duration) { s.phase, s.since, s.stopping = p, at, false }

// running reports whether there is a session whose end has not begun.
func (s *Sessions) running() bool { return s.phase >= opening && s.phase < wiping }

// begin starts a session.
func (s *Sessions) begin(now event.Time) {
	s.number++
	s.session = session{format: s.rules.Format, touched: now.Up, alive: now.Up}
	binary.BigEndian.PutUint64(s.id[8:], s.number)
	s.until = 0
	s.enter(opening, now.Up)
	s.order(Note{Kind: Began})
	s.order(ToPorter{&ipc.Begin{Session: s.id, Within: aliveFor}})
}

// end ends the session: the worker is asked to wipe, and killed if it does not.
func (s *Sessions) end(now event.Time, why Why) {
	if !s.running() {
		return
	}
	s.why = why
	s.enter(wiping, now.Up)
	if s.worker {
		s.tell(&ipc.Finish{})
	} else if s.porter {
		s.order(ToPorter{&ipc.End{Session: s.id}})
		s.stopping = true
	}
}

// over writes the journal and forgets the session: its process has ended.
func (s *Sessions) over(now event.Time, how How) {
	if s.how == "" {
		s.how = how
	}
	s.result = Result{Why: s.why, How: s.how, Scanned: len(s.pages), Saved: s.written, At: now}
	s.order(Note{Kind: Wiped, Code: string(s.why), State: string(s.how), Count: len(s.pages)})
	if s.why == Done {
		s.order(EndSlip{s.result})
	}
	switch {
	case s.why == WorkerLost || s.why == PorterLost:
		s.order(Show{Text: code(codeWorker), Flash: true})
	case s.stick.State != ipc.StickReady && s.stick.State != ipc.StickStays:
		s.order(Show{Text: "donE"}) // what is in the port may be taken out
	}
	s.until = now.Up + afterTime
	s.session = session{}
	s.enter(idle, now.Up)
	if !s.porter {
		s.phase = off
	}
}

// misused gives a hint and counts it; the third calls for help (A28).
func (s *Sessions) misused(what, led string) {
	s.problem = what
	s.order(Note{Kind: Misused, Code: what})
	s.order(Show{Text: led, Flash: true})
	s.trouble()
}

// trouble counts what did not work for the citizen.
func (s *Sessions) trouble() {
	if s.troubles++; s.troubles >= mostTroubles && !s.helped {
		s.helped = true
		s.order(CallHelp{})
	}
}

// place returns the index of a page, -1 if there is none of that number.
func (s *Sessions) place(number uint32) int {
	return slices.IndexFunc(s.pages, func(p page) bool { return p.Page.Page == number })
}

// bytes is how much the pages are together.
func (s *Sessions) bytes() (sum int64) {
	for _, p := range s.pages {
		sum += p.Bytes
	}
	return sum
}

// typical is the size of a page of this session.
func (s *Sessions) typical() int64 {
	if len(s.pages) == 0 {
		return typicalPage
	}
	return max(1, s.bytes()/int64(len(s.pages)))
}

// room is how many more pages go into the vault; many until the worker has told.
func (s *Sessions) room() int {
	most := ipc.MaxPages - len(s.pages)
	if s.left == 0 && len(s.pages) == 0 {
		return most
	}
	return int(min(int64(most), s.left/s.typical()))
}
