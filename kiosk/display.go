package kiosk

import (
	"fmt"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

const (
	ready       = "-------"        // nobody is called
	callFlashes = 3                // half a second on, half off: one a second
	noticeTime  = 20 * time.Second // a number without paper, the hour of opening
)

// display decides what the one LED display shows: the last call, unless a notice to the citizen at
// the front panel goes before it for a while.
type display struct {
	called  Show           // the last call that still holds
	ticket  event.TicketID // of that call
	notice  Show
	until   time.Duration // Up at which the notice ends; its boot is this one
	pending bool          // a notice was set and has no end yet
	shown   Show
	again   bool // show even what is shown: a repeated call flashes again
}

// call shows a ticket at its window: "А012-02".
func (d *display) call(t queue.Ticket) {
	d.called, d.ticket = Show{Text: callText(t), Flashes: callFlashes}, t.ID
	d.again, d.until, d.pending = true, 0, false // a call ends a notice
}

// tell shows a notice to the citizen for noticeTime.
func (d *display) tell(text string, flashes int) {
	d.notice, d.pending, d.again = Show{Text: text, Flashes: flashes}, true, true
}

func callText(t queue.Ticket) string { return fmt.Sprintf("%s-%02d", t.Label, t.Window) }

// settle keeps the shown call while it holds, until its visitor has been served, sent elsewhere or
// given up. Then it goes back to the latest call that still holds, steady, or to ready.
func (d *display) settle(q *queue.Queue) {
	if t, live := q.Ticket(d.ticket); live && t.Window != 0 && d.called.Text == callText(t) {
		return
	}
	var latest queue.Ticket
	for _, t := range q.Tickets() {
		if t.Window != 0 && (latest.Window == 0 || later(t.CalledAt, latest.CalledAt)) {
			latest = t
		}
	}
	d.called, d.ticket = Show{Text: ready}, latest.ID
	if latest.Window != 0 {
		d.called.Text = callText(latest)
	}
}

// later orders two moments of this device.
func later(a, b event.Time) bool { return a.Boot > b.Boot || a.Boot == b.Boot && a.Up > b.Up }

// next returns what to show now, and whether that is news.
func (d *display) next(now event.Time) (Show, bool) {
	if d.pending {
		d.pending, d.until = false, now.Up+noticeTime
	}
	want := d.called
	if d.until != 0 && now.Up < d.until {
		want = d.notice
	} else {
		d.until, d.called.Flashes = 0, 0 // it flashes once, then stays
	}
	news := d.again || want.Text != d.shown.Text
	d.again, d.shown = false, want
	return want, news
}
