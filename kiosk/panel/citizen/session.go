package citizen

import (
	"fmt"

	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/ipc"
	"sps-kiosk/kiosk/scan"
)

// Problem is what is in the way of a session, as a sentence; "" = nothing.
func (l Look) Problem() string {
	v := l.Scan
	key := ""
	switch v.Problem {
	case "stick_refused":
		key = fmt.Sprintf("stick.%d", v.Stick.Why)
	case "jam", "scan":
		key = fmt.Sprintf("fault.%d", v.Fault)
	case "not_saved":
		key = fmt.Sprintf("save.%d", v.Unsaved)
	case "":
		if l.Kind == Insert && v.Stick.State == ipc.StickRefused {
			key = fmt.Sprintf("stick.%d", v.Stick.Why)
		}
	default:
		key = "problem." + v.Problem
	}
	if !l.Has(key) || v.Stick.State == ipc.StickReady && (v.Problem == "no_stick" || v.Problem == "stick_pulled") {
		return ""
	}
	return l.T(key)
}

// Hint is what a session should know before it bites: little room here, or on the stick.
func (l Look) Hint() string {
	v := l.Scan
	switch {
	case v.Stick.State == ipc.StickReady && v.Fits < len(v.Pages)+3 && len(v.Pages) > 0:
		return l.N("fitsfew", max(0, v.Fits-len(v.Pages)))
	case v.RoomLow && v.State == scan.StateReview:
		return l.N("room", v.Room)
	}
	return ""
}

// Again reports whether there is a stick that has to be put in once more.
func (l Look) Again() bool {
	return l.Scan.Stick.State == ipc.StickOut || l.Scan.Stick.State == ipc.StickStays
}

// Sheet is one page as it is drawn.
type Sheet struct {
	Number        uint32
	Place         int // from 1
	Source        string
	Key           string
	Width, Height int // pixels of the picture, turned
	Blank, Chosen bool
}

// Sheets are the pages in their order.
func (l Look) Sheets() (list []Sheet) {
	for i, p := range l.Scan.Pages {
		s := Sheet{Number: p.Page, Place: i + 1, Source: fmt.Sprintf("/citizen/page/%d/%d", l.Scan.Number, p.Page),
			Key: fmt.Sprint(p.Page), Width: p.Width, Height: p.Height, Blank: p.Blank, Chosen: p.Page == l.State.Page}
		if p.Turn != 0 {
			s.Source += fmt.Sprintf("?turn=%d", p.Turn)
		}
		if p.Turn%180 != 0 {
			s.Width, s.Height = p.Height, p.Width
		}
		list = append(list, s)
	}
	return list
}

// Selected is the chosen page's place from 1, 0 = none.
func (l Look) Selected() int { return place(l.Scan, l.State.Page) + 1 }

// Percent is how far a save is.
func (l Look) Percent() int {
	if l.Scan.Progress.Total == 0 {
		return 0
	}
	return int(100 * l.Scan.Progress.Done / l.Scan.Progress.Total)
}

// Bytes tells how much is really on the stick.
func (l Look) Bytes() string {
	p := l.Scan.Progress
	switch {
	case p.Total == 0:
		return l.T("saving.start")
	case p.Check:
		return l.T("saving.read", "done", l.megabytes(p.Done), "total", l.megabytes(p.Total))
	}
	return l.T("saving.bytes", "done", l.megabytes(p.Done), "total", l.megabytes(p.Total))
}

// OnStick is what was saved: «5, всего 3,6 МБ».
func (l Look) OnStick() string {
	return l.T("taking.size", "n", len(l.Scan.Pages), "size", l.megabytes(l.Scan.Saved.Bytes))
}

// Erased tells what was wiped, when, and why if that was not asked for.
func (l Look) Erased() (text string) {
	r := l.State.Result
	switch {
	case r.Scanned == 0:
		text = l.T("wiped.none")
	case r.At.Trusted():
		text = l.T("wiped.text", "pages", l.N("erased", r.Scanned), "at", clock(r.At.In(l.Local.Location())))
	default:
		text = l.T("wiped.undated", "pages", l.N("erased", r.Scanned))
	}
	switch {
	case r.Why == scan.TimedOut:
		return l.T("wiped.timed") + " " + text
	case r.Why != scan.WorkerLost && r.Why != scan.PorterLost:
	case r.Scanned == 0:
		return l.T("wiped.broke")
	default:
		return l.T("wiped.lost") + " " + text
	}
	return text
}

// Slipped reports whether the end slip prints: only after a save, and only with a printer.
func (l Look) Slipped() bool {
	return l.State.Result.Why == scan.Done && l.Printer.Works() && l.Printer != health.Unknown
}

// Dialog is what lies over a session: "idle", "ask", or nothing.
func (l Look) Dialog() string {
	switch {
	case l.Kind != Pages && l.Kind != Insert && l.Kind != First:
		return ""
	case l.Scan.Warn:
		return "idle"
	case l.State.Ask:
		return "ask"
	}
	return ""
}

// Left is how long until a session ends by itself, in whole seconds.
func (l Look) Left() int { return seconds(l.Scan.EndsIn) }

// Arc is the part of the dial that is left, of 327: the length of its circle.
func (l Look) Arc() int {
	if l.Scan.WarnFor == 0 {
		return 0
	}
	return int(327 * l.Scan.EndsIn / l.Scan.WarnFor)
}
