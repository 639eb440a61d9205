package history

import (
	"math"
	"time"

	"sps-kiosk/kiosk/event"
)

// visit calls somebody to a window and serves them. Who is sent on to another queue comes back.
func (d *day) visit(v visitor, w int, at, closes time.Duration) (again visitor, is bool) {
	say := func(at time.Duration, e event.Event) {
		e.Ticket, e.Queue, e.Window, e.Leg = v.id, v.queue, w, v.leg
		d.note(at, e)
	}
	if d.Float64() < 0.015 {
		say(at, event.Event{Kind: event.Granted, Code: "privilege"})
	}
	say(at, event.Event{Kind: event.Called})
	if d.Float64() < 0.05 {
		at += 40 * time.Second
		say(at, event.Event{Kind: event.Recalled})
	}
	if d.Float64() < 0.03 {
		at += 90 * time.Second
		say(at, event.Event{Kind: event.NoShow})
		d.free[w] = at
		return again, false
	}
	at += time.Duration(15+d.IntN(40)) * time.Second
	say(at, event.Event{Kind: event.Started})
	if v.leg == 0 && v.queue != "consult" && d.Float64() < 0.03 {
		at += 3 * time.Minute
		d.free[w] = at
		v.leg, v.queue, v.since = 1, "consult", at
		d.note(at, event.Event{Kind: event.Transferred, Ticket: v.id, Queue: v.queue, Window: w, Leg: v.leg})
		return v, true
	}
	end := at + d.length(v.queue)
	if v.queue == "sps" || v.queue == "esia" {
		d.procedure(at, end, say)
	}
	say(end, event.Event{Kind: event.Finished})
	d.free[w] = end + time.Duration(10+d.IntN(50))*time.Second
	if d.Float64() < 0.04 {
		d.free[w] += time.Duration(5+d.IntN(15)) * time.Minute // a cup of tea
	}
	return again, false
}

// length draws how long a service takes: most are short, a few are very long.
func (d *day) length(queue string) time.Duration {
	for _, s := range shares() {
		if s.queue == queue {
			x := s.minutes * math.Exp(0.55*d.NormFloat64()-0.15)
			return time.Duration(min(max(x, 0.7), 75) * float64(time.Minute)).Truncate(time.Second)
		}
	}
	return 5 * time.Minute
}

// pick draws one of words by their parts of a hundred; "" for the rest.
func (d *day) pick(words []string, parts ...float64) string {
	x := d.Float64() * 100
	for i, p := range parts {
		if x -= p; x < 0 {
			return words[i]
		}
	}
	return ""
}

// procedure lets a specialist go through the steps of the sheet (A21–A31); some are not asked.
func (d *day) procedure(from, to time.Duration, say func(time.Duration, event.Event)) {
	steps := []struct{ step, answer string }{
		{"account", d.pick([]string{"confirmed", "unconfirmed", "none"}, 62, 18, 14)},
		{"purpose", d.pick([]string{"benefits", "pension", "passport", "medicine", "family", "transport", "taxes", "property", "certificate", "other"}, 18, 12, 11, 14, 11, 6, 6, 5, 9, 5)},
		{"support", d.pick([]string{"consult", "tech", "both", "none"}, 45, 18, 20, 9)},
		{"resource", d.pick([]string{"epgu", "agency", "other"}, 80, 9, 4)},
		{"reached", d.pick([]string{"service_found", "account_open", "signed_in"}, 66, 12, 7)},
		{"equipment", d.pick([]string{"scanner", "print", "computer", "stick"}, 16, 12, 9, 4)},
		{"feedback", d.pick([]string{"told", "helped"}, 22, 5)},
		{"reminders", d.pick([]string{"both", "sign_out", "files"}, 58, 22, 6)},
		{"outcome", d.pick([]string{"solved", "consulted", "redirected", "return_visit", "unsolved"}, 61, 20, 5, 7, 4)},
	}
	if a := steps[0].answer; a == "unconfirmed" || a == "none" {
		steps = append(steps, struct{ step, answer string }{"offer", d.pick([]string{"accepted", "declined", "offered"}, 55, 25, 15)})
	}
	n := 0
	for _, s := range steps {
		if s.answer != "" {
			n++
			say(from+(to-from)*time.Duration(n)/time.Duration(len(steps)+1), event.Event{Kind: event.Stepped, Code: s.step, State: s.answer})
		}
	}
	if d.Float64() < 0.3 {
		say(to-time.Second, event.Event{Kind: event.Memoed, Code: d.pick([]string{"portals", "three_steps", "feedback"}, 60, 25, 15)})
	}
	if d.Float64() < 0.04 {
		say(to-time.Second, event.Event{Kind: event.Enrolled, Code: "computer", Count: 1 + d.IntN(15)})
	}
}

// scans lets people scan their papers by themselves (A5, A29).
func (d *day) scans(opens, closes int) {
	for range d.poisson(float64(d.site.visits) * crowd(d.date) * 0.07) {
		at := time.Duration(opens)*time.Minute + time.Duration(d.Int64N(int64(closes-opens-20)))*time.Minute
		pages := 1 + d.IntN(9)
		d.note(at, event.Event{Kind: event.ScanBegan})
		end := at + time.Duration(90+25*pages)*time.Second
		why := d.pick([]string{"cancelled", "timed_out"}, 9, 6)
		if why == "" {
			why = "done"
			d.note(end-20*time.Second, event.Event{Kind: event.ScanSaved, Code: "pdf", Count: pages})
		} else if d.Float64() < 0.4 {
			d.note(end-30*time.Second, event.Event{Kind: event.Misused, Code: d.pick([]string{"no_stick", "stick_pulled", "jam", "scan_failed"}, 50, 20, 15, 15)})
		}
		d.note(end, event.Event{Kind: event.ScanWiped, Code: why, State: "exited", Count: pages})
		d.note(end+time.Second, event.Event{Kind: event.Reminded, Code: "screen"})
	}
}

// troubles are what does not work, who calls for help, and hours without anybody competent (A33).
func (d *day) troubles(opens, closes int) {
	at := func() time.Duration {
		return time.Duration(opens)*time.Minute + time.Duration(d.Int64N(int64(closes-opens-90)))*time.Minute
	}
	often := 0.03
	if d.site.paper {
		often = 0.25
	}
	if d.Float64() < often {
		t := at()
		d.note(t, event.Event{Kind: event.Device, Code: "printer", State: "paper_low"})
		if d.Float64() < 0.6 {
			d.note(t+20*time.Minute, event.Event{Kind: event.Device, Code: "printer", State: d.pick([]string{"paper_out", "cover_open", "jam"}, 70, 15, 15)})
		}
		d.note(t+time.Duration(25+d.IntN(30))*time.Minute, event.Event{Kind: event.Device, Code: "printer", State: "ok"})
	}
	for range d.poisson(0.5) {
		t := at()
		d.note(t, event.Event{Kind: event.Help})
		d.note(t+time.Duration(20+d.IntN(200))*time.Second, event.Event{Kind: event.HelpAnswered, Code: d.pick([]string{"handset", "console", "expired"}, 60, 30, 10)})
	}
	if d.Float64() < 0.07 {
		t := at()
		d.note(t, event.Event{Kind: event.Uncovered, Queue: "esia"})
		d.note(t+time.Duration(20+d.IntN(65))*time.Minute, event.Event{Kind: event.Covered, Queue: "esia"})
	}
	if d.date.Day() <= 7 && d.date.Weekday() == time.Wednesday {
		d.note(time.Duration(opens+180)*time.Minute, event.Event{Kind: event.Attended, Code: "computer", Count: 3 + d.IntN(9)})
	}
	for range d.poisson(0.4) {
		d.note(time.Duration(closes-10)*time.Minute+time.Duration(d.IntN(500))*time.Second, event.Event{Kind: event.Refused, Queue: "docs", Code: "after_last_call"})
	}
}
