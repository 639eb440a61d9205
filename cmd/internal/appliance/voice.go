package appliance

import (
	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/voice"
)

// voice returns what speaks a call; without one every call is seen, and heard from the buzzer.
func (w *wiring) voice() func(kiosk.Announce) {
	v := w.settings.Voice
	options := voice.Options{Device: v.Device, Volume: v.Volume, Folder: v.Folder}
	var speaker voice.Speaker
	switch v.Kind {
	case "espeak":
		speaker = voice.Espeak(options)
	case "recorded":
		speaker = voice.Recorded(options)
	default:
		return func(kiosk.Announce) {}
	}
	worker := voice.NewWorker(speaker, func(works bool) {
		state := health.OK
		if !works {
			state = health.Absent
		}
		w.give(w.tasks.ctx, kiosk.DeviceSeen{Device: "voice", State: state})
	}, w.log)
	w.tasks.edge("voice", worker.Run)
	if v.Kind == "espeak" { // recorded words are the calls' own
		w.say = func(text string) { worker.Say(voice.Call{Text: text}) }
	}
	return func(a kiosk.Announce) { worker.Say(voice.Call{Label: a.Label, Place: a.Place, Trial: a.Trial}) }
}
