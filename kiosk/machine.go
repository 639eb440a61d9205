// Package kiosk is the service: what the kiosk does when somebody presses something.
//
// It owns the pure Machine (Step decides, without any I/O), the Loop that owns the machine and
// commits before it acts, and the workers that carry out actions over 1–3-method ports. It refuses
// to know chips, buses and protocols: cmd/internal/appliance plugs those in.
package kiosk

import (
	"maps"
	"slices"

	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/queue"
	"sps-kiosk/kiosk/scan"
)

// Machine is the kiosk as rules: settings, queue, health and what the display has to show. It
// belongs to one goroutine.
type Machine struct {
	settings config.Settings
	queue    *queue.Queue
	health   health.Board
	presses  map[contact]*gesture.Tracker // which press of a button has been used up
	unsaid   []unprinted                  // tickets whose printing did not start
	mended   event.Time                   // when the printer came to work, until something was printed again for it
	busy     map[string]event.TicketID
	displays []*display // the main one first
	help     help
	sessions *scan.Sessions
	last     issued // the newest ticket on paper
	today    *today // the figures of the day
	told     string // date and catalogue whose hours were told in this run
	cover    cover  // who is at work for which queue
	next     *Adopt // a catalogue that waits for the end of the day
	invited  calls  // who was invited lately
	face     face   // what the citizen's screen was answered
	todo     []Action
	lamps    map[string]Mode // as last asked for
	notes    []event.Event   // facts that are not the queue's: health, printing
}

// NewMachine returns a machine over the settings and what the store has kept.
func NewMachine(settings config.Settings, saved queue.State) (*Machine, error) {
	q, err := queue.New(settings.Rules(), saved)
	if err != nil {
		return nil, err
	}
	m := &Machine{settings: settings, queue: q, presses: trackers(settings), cover: newCover(),
		busy: map[string]event.TicketID{}, lamps: map[string]Mode{}, displays: newDisplays(settings), today: newToday(settings)}
	m.sessions = newSessions(m)
	return m, nil
}

// trackers returns one for each button of each handset.
func trackers(settings config.Settings) map[contact]*gesture.Tracker {
	all := map[contact]*gesture.Tracker{}
	for _, w := range settings.Windows {
		for _, b := range buttons(w) {
			all[contact{w.Number, b}] = &gesture.Tracker{}
		}
	}
	return all
}

// Loss is what the store had promised and no longer holds: a card that lies.
type Loss struct {
	Events  int            // facts missing from the log
	Numbers map[string]int // numbers jumped over, per service code
	Cause   string         // "quarantine": the database was put aside and begun anew; "" = found short
}

// Start is the machine's first step: it notes that the program came up, and what the store found
// missing, and asks for the display and every lamp.
func (m *Machine) Start(now event.Time, lost Loss) (queue.Change, []Action) {
	m.note(event.Event{Kind: event.Booted, At: now})
	if lost.Events > 0 || lost.Cause != "" {
		m.note(event.Event{Kind: event.Lost, At: now, Count: lost.Events, Code: lost.Cause})
	}
	for _, service := range slices.Sorted(maps.Keys(lost.Numbers)) {
		m.note(event.Event{Kind: event.Lost, At: now, Queue: service, Count: lost.Numbers[service]})
	}
	m.queue.Tick(now)
	m.announceHours(now)
	return m.finish(now, nil)
}

// Stop is the machine's last step: it notes that the program was stopped in good order, so that whoever reads the
// log can tell that from a power cut.
func (m *Machine) Stop(now event.Time) queue.Change {
	m.queue.Note(event.Event{Kind: event.Stopped, At: now})
	return m.queue.Take()
}

// Answer is what may be done before anything is decided or written: the button that was pressed
// answers by its own lamp.
func (m *Machine) Answer(in Input) []Action {
	if press, ok := in.(ServicePressed); ok {
		return m.light("service."+press.Service, Off)
	}
	return nil
}

// Step takes one input at one moment and returns what to write and, after that, what to do.
func (m *Machine) Step(now event.Time, in Input) (queue.Change, []Action) {
	var actions []Action
	switch in := in.(type) {
	case ServicePressed:
		m.press(now, in)
	case Gestured:
		m.gesture(now, in)
	case Ordered:
		m.ordered(now, in)
	case HelpPressed:
		m.callHelp(now)
	case HelpHeld:
		m.helpHeld(now)
	case PrintEnded:
		actions = m.printed(now, in)
	case PrintStalled:
		m.stalled(now, in)
	case DeviceSeen:
		actions = m.seen(now, in)
	case Tried:
		m.try(in.Part)
	case PaperOrdered:
		m.do(PrintMemo(in))
	case Scanning:
		m.scanning(now, in.Input)
	case Marked:
		m.face.marked = in.Number
	case CourseTaken:
		m.takeCourse(now, in)
	case ScreenReminded:
		m.screenReminded(now)
	case Adopt:
		m.next = &in
		m.queue.Tick(now)
		m.adopt(now)
	case Tick:
		m.queue.Tick(now)
		m.adopt(now)
		m.announceHours(now)
		m.expireHelp(now)
		m.scanning(now, scan.Tick{})
		m.holdNotice(now)
	}
	return m.finish(now, actions)
}

// finish gathers the change and everything that follows from the new state.
func (m *Machine) finish(now event.Time, actions []Action) (queue.Change, []Action) {
	m.watchCover(now)
	for _, e := range m.notes {
		m.queue.Note(e)
	}
	actions, m.notes, m.todo = append(actions, m.todo...), nil, nil
	actions = append(actions, m.redisplay(now)...)
	change := m.queue.Take()
	for _, e := range change.Events {
		m.today.add(e, m.settings)
	}
	return change, append(actions, m.relight(now)...)
}

// do keeps an action for after the commit.
func (m *Machine) do(a Action) { m.todo = append(m.todo, a) }

// note keeps a fact until finish gives it to the change.
func (m *Machine) note(e event.Event) { m.notes = append(m.notes, e) }

// seen takes a device's health. Paper that is back prints what could not begin (A11).
func (m *Machine) seen(now event.Time, in DeviceSeen) []Action {
	if !m.health.Set(now, in.Device, in.State) {
		return nil
	}
	m.note(event.Event{Kind: event.Device, At: now, Code: in.Device, State: string(in.State)})
	if in.Device == "printer" && in.State.Works() {
		m.mended = now
		return m.reprint(now)
	}
	return nil
}
