package paneltest

import (
	"context"
	"sync"
	"time"

	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/panel/technician"
)

// Device is what the stand tells a technician: nothing is wrong but the power.
type Device struct {
	Folder string // of kiosk.txt, "" = the built-in one
	kiosk  *Kiosk

	mu    sync.Mutex
	until time.Time
	tried []string
	stick int
}

// Facts returns a few facts.
func (d *Device) Facts() []technician.Fact {
	return []technician.Fact{{Name: "Часы", Value: "точные, ошибка не больше 1 с", State: technician.Well},
		{Name: "Питание", Value: "просадки", State: technician.Soon, Advice: "Проверьте блок питания и кабель, нужно 5,1 В и 3 А"},
		{Name: "Сканер умеет", Value: "стекло, податчик, до 600 точек на дюйм"}}
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

// Lamps returns two lamps.
func (d *Device) Lamps() []technician.Lamp {
	return []technician.Lamp{{Name: "service.docs", Title: "Подать документы"}, {Name: "window.1", Title: "Пульт 1"}}
}

// TryLamp keeps the name of a lamp that there is.
func (d *Device) TryLamp(name string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, l := range d.Lamps() {
		if l.Name == name {
			d.tried = append(d.tried, name)
			return true
		}
	}
	return false
}

// Tried returns the lamps that were tried, in order.
func (d *Device) Tried() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string(nil), d.tried...)
}

// TakeFromStick counts.
func (d *Device) TakeFromStick(context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stick++
	return nil
}

// Sticks returns how often a stick was to be taken from.
func (d *Device) Sticks() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.stick
}

// Settings reads the Folder.
func (d *Device) Settings() (config.Shown, []config.Problem, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return config.Show(d.Folder)
}

// Update tells of a version that waits.
func (d *Device) Update() []technician.Fact {
	return []technician.Fact{{Name: "Работает версия", Value: "1.4.2"},
		{Name: "Район предлагает", Value: "1.5.0, 109 МБ", State: technician.Soon, Advice: "Киоск загрузит её сам"}}
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
