package kiosk

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

const (
	readyWidth  = 7                // dashes when nobody is called
	callFlashes = 3                // half a second on, half off: one a second
	noticeTime  = 20 * time.Second // a number without paper, the hour of opening
)

// display decides what one LED display shows: a call until the next, unless a notice to the citizen
// at the front panel goes before it for a while. Calls come one after the other, each for its least
// time; a notice waits for that too. Only a display for every call shows notices.
type display struct {
	name    string
	place   config.Display
	called  Show             // the last call that still holds, or ready
	ticket  event.TicketID   // of that call
	window  int              // of that call, 0 = ready
	since   time.Duration    // Up when the call came on; its boot is this one
	line    []event.TicketID // calls to come, oldest first; each ticket once, so no longer than the windows seat
	notice  Show
	until   time.Duration // Up at which the notice ends, 0 = none is on
	pending bool          // a notice waits
	shown   Show
	again   bool // show even what is shown: a repeated call flashes again
	level   int  // brightness asked for last
}

// newDisplays returns the displays of the settings, the main one first.
func newDisplays(s config.Settings) (all []*display) {
	for i, d := range s.Displays() {
		all = append(all, &display{name: config.DisplayName(i), place: d, level: d.Bright})
	}
	return all
}

// call lets a ticket be called at its window; a call ends the notice that is on, and
// spares one about the same number. A call that is on flashes again, at once if nobody waits behind it.
func (d *display) call(now event.Time, t queue.Ticket) {
	if !d.mine(t) {
		return
	}
	d.until, d.pending = 0, d.pending && d.notice.Text != t.Label
	switch {
	case len(d.line) == 0 && d.ticket == t.ID && d.window == t.Window:
		d.put(now, t)
	case !slices.Contains(d.line, t.ID):
		d.line = append(d.line, t.ID)
	}
}

// mine says whether a ticket's calls are for this display.
func (d *display) mine(t queue.Ticket) bool {
	return t.Window != 0 && (d.place.Window == 0 || d.place.Window == t.Window)
}

// tell shows a notice to the citizen for noticeTime. What does not fit is left to the larger display.
func (d *display) tell(text string, flashes int) {
	if d.place.Window == 0 && utf8.RuneCountInString(text) <= d.place.Digits {
		d.notice, d.pending = Show{Display: d.name, Text: text, Flashes: flashes}, true
	}
}

// put lets a call come on, flashing.
func (d *display) put(now event.Time, t queue.Ticket) {
	d.called, d.ticket, d.window = d.callOf(t), t.ID, t.Window
	d.called.Flashes, d.since, d.again = callFlashes, now.Up, true
}

// callOf lays a call out: "А012-05" where it fits, "А012" and "-05-" one after the other where it
// does not, and the number alone over the window itself.
func (d *display) callOf(t queue.Ticket) Show {
	s := Show{Display: d.name, Text: fmt.Sprintf("%s-%02d", t.Label, t.Window)}
	over := d.place.Window != 0 && !d.place.WithWindow
	if over || utf8.RuneCountInString(s.Text) > d.place.Digits {
		s.Text = t.Label
		if !over {
			s.Then = fmt.Sprintf("-%02d-", t.Window)
		}
	}
	return s
}

// settle lets the next call come on when it may. While nobody waits in line, a call stays until its
// visitor has been served, sent elsewhere or given up; then the latest call that still holds comes
// back, steady, or ready.
func (d *display) settle(q *queue.Queue, now event.Time, least time.Duration) {
	d.line = slices.DeleteFunc(d.line, func(id event.TicketID) bool {
		t, live := q.Ticket(id)
		return !live || t.Phase != queue.Called || !d.mine(t)
	})
	if now.Up >= d.until {
		d.until = 0
	}
	t, live := q.Ticket(d.ticket)
	ended := d.window == 0 || !live || t.Window != d.window
	rested := ended || t.Phase != queue.Called || now.Up-d.since >= least // who has come need not look
	switch {
	case d.until == 0 && rested && len(d.line) > 0:
		next, _ := q.Ticket(d.line[0])
		d.line = d.line[1:]
		d.put(now, next)
	case ended:
		d.fallBack(q)
	}
	if d.pending && (d.until != 0 || d.window == 0 || now.Up-d.since >= least) { // nobody is in line then
		d.pending, d.again, d.until = false, true, now.Up+noticeTime
	}
}

// fallBack takes the latest call that holds, which has had its time, or ready.
func (d *display) fallBack(q *queue.Queue) {
	var latest queue.Ticket
	for _, t := range q.Tickets() {
		if d.mine(t) && (latest.Window == 0 || later(t.CalledAt, latest.CalledAt)) {
			latest = t
		}
	}
	d.ticket, d.window, d.since = latest.ID, latest.Window, -time.Hour
	d.called = Show{Display: d.name, Text: strings.Repeat("-", min(readyWidth, d.place.Digits))}
	if latest.Window != 0 {
		d.called = d.callOf(latest)
	}
}

// later orders two moments of this device.
func later(a, b event.Time) bool { return a.Boot > b.Boot || a.Boot == b.Boot && a.Up > b.Up }

// next returns what to show now, and whether that is news.
func (d *display) next() (Show, bool) {
	want := d.called
	if d.until != 0 {
		want = d.notice
	} else {
		d.called.Flashes = 0 // it flashes once, then stays
	}
	news := d.again || want.Text != d.shown.Text || want.Then != d.shown.Then
	d.again, d.shown = false, want
	return want, news
}

// call gives a call to every display it is for, and to who speaks it.
func (m *Machine) call(now event.Time, t queue.Ticket) {
	m.announce(now, t)
	for _, d := range m.displays {
		d.call(now, t)
	}
}

// tell gives a notice to every display that the citizen at the panel can see.
func (m *Machine) tell(text string, flashes int) {
	for _, d := range m.displays {
		d.tell(text, flashes)
	}
}

// redisplay returns what displays have to show, and how brightly. Without a trusted clock there is
// no night.
func (m *Machine) redisplay(now event.Time) (actions []Action) {
	night := now.Trusted() && m.settings.Showing.NightAt(now.In(m.settings.Hours.Zone))
	for _, d := range m.displays {
		level := d.place.Bright
		if night {
			level = d.place.NightLight
		}
		if level != d.level {
			d.level = level
			actions = append(actions, Dim{d.name, level})
		}
		d.settle(m.queue, now, m.settings.Showing.Least)
		if show, news := d.next(); news {
			actions = append(actions, show)
		}
	}
	return actions
}
