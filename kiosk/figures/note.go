package figures

import (
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/health"
)

// note counts facts about the machine.
func (f *Fold) note(e event.Event) {
	k := Key{Hour: HourOf(e.At)}
	switch e.Kind {
	case event.Refused:
		k.Queue = e.Queue
		if e.Code == "exhausted" {
			f.row(k).N[RefusedExhausted]++
		} else {
			f.row(k).N[RefusedClosed]++
		}
	case event.Printed:
		f.row(k).N[printed(e.Code)]++
	case event.Copied:
		f.row(k).N[Copies]++
	case event.Help:
		f.row(k).N[HelpSignals]++
	case event.HelpAnswered:
		if e.Code == "expired" {
			f.row(k).N[HelpExpired]++
		} else {
			f.row(k).N[HelpAnswered]++
		}
	case event.Booted:
		f.row(k).N[Boots]++
	case event.Lost:
		f.noteLoss(e, k)
	case event.Device:
		f.device(e, k)
	case event.ScanBegan:
		f.row(k).N[Scans]++
	case event.ScanSaved:
		f.row(k).N[ScansSaved]++
		f.row(k).N[PagesSaved] += int64(e.Count)
	case event.ScanWiped:
		f.row(k).N[Wipes]++
		f.row(k).N[PagesWiped] += int64(e.Count)
	case event.Misused:
		f.row(k).N[Misuses]++
	case event.Reminded:
		f.row(k).N[Reminders]++
	default:
		f.noteProcedure(e, k)
	}
}

// printed is the counter of an outcome of printing.
func printed(outcome string) Counter {
	switch outcome {
	case "confirmed":
		return PrintConfirmed
	case "not_started":
		return PrintNotStarted
	}
	return PrintUncertain
}

// noteLoss counts what a card promised and lost: facts, or numbers of a queue.
func (f *Fold) noteLoss(e event.Event, k Key) {
	if e.Queue != "" {
		k.Queue = e.Queue
		f.row(k).N[LostNumbers] += int64(e.Count)
		return
	}
	r := f.row(k)
	r.N[Losses]++
	r.N[LostEvents] += int64(e.Count)
}

// device counts a part that stops working.
func (f *Fold) device(e event.Event, k Key) {
	if health.State(e.State).Works() {
		delete(f.down, e.Code)
		return
	}
	if !f.down[e.Code] {
		f.down[e.Code] = true
		k.Part = e.Code
		f.row(k).N[Outages]++
	}
}
