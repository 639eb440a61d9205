package appliance

import (
	"sps-kiosk/drivers/sounder"
	"sps-kiosk/kiosk"
)

// sounds returns what plays a sound: nothing where no buzzer is wired or its line cannot be opened,
// because every call is seen as well.
func (w *wiring) sounds() func(kiosk.Sound) {
	silent := func(kiosk.Sound) {}
	if w.settings.Sounder.Line == "" {
		return silent
	}
	pin, err := w.line(w.settings.Sounder.Line)
	if err != nil {
		w.log.Warn("open sounder", "device", "sounder", "err", err)
		return silent
	}
	s, err := sounder.New(pin)
	if err != nil {
		w.log.Warn("open sounder", "device", "sounder", "err", err)
		return silent
	}
	w.tasks.edge("sounder", s.Run)
	patterns := map[kiosk.Sound]sounder.Pattern{
		kiosk.Chime: sounder.Call(), kiosk.Taken: sounder.Taken(), kiosk.Mistake: sounder.Mistake()}
	return func(sound kiosk.Sound) {
		if err := s.Play(patterns[sound]); err != nil {
			w.log.Warn("play", "device", "sounder", "err", err)
		}
	}
}
