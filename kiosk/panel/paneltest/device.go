package paneltest

import (
	"sync"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/panel/technician"
)

// Device is what the stand tells a technician: nothing is wrong but the power.
type Device struct {
	kiosk *Kiosk

	mu    sync.Mutex
	until time.Time
}

// Facts returns a few facts.
func (d *Device) Facts() []technician.Fact {
	return []technician.Fact{{Name: "Часы", Value: "точные, ошибка не больше 1 с", State: technician.Well},
		{Name: "Питание", Value: "просадки", State: technician.Soon, Advice: "Проверьте блок питания и кабель, нужно 5,1 В и 3 А"}}
}

// Log returns two lines.
func (d *Device) Log() []string {
	return []string{"10:00:02 printer: печать 1,4 с", "10:00:00 serving"}
}

// Watch begins or ends the watch of buttons.
func (d *Device) Watch(w time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.until = time.Now().Add(w)
}

// Buttons returns three contacts.
func (d *Device) Buttons() ([]technician.Button, time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return []technician.Button{{Title: "А", Down: true, Count: 2}, {Title: "П"}, {Title: "Н", Stuck: true}}, max(0, time.Until(d.until))
}

// Each calls fn with every event.
func (d *Device) Each(fn func(event.Event) error) error {
	d.kiosk.mu.Lock()
	all := append([]event.Event(nil), d.kiosk.events...)
	d.kiosk.mu.Unlock()
	for _, e := range all {
		if err := fn(e); err != nil {
			return err
		}
	}
	return nil
}

// Named names a device by its code.
func (d *Device) Named(device string) string {
	if title := map[string]string{"printer": "Принтер", "button.docs": "Кнопка «Подать документы»"}[device]; title != "" {
		return title
	}
	return device
}

// Advice is the state's own.
func (d *Device) Advice(_ string, s health.State) string { return s.Advice() }
