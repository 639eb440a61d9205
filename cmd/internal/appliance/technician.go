package appliance

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/panel/technician"
	"sps-kiosk/kiosk/store"
)

// technicianDevice is what a technician is told of this device beside the machine's view.
type technicianDevice struct {
	settings config.Settings
	data     *store.Store
	folder   string
	link     *link
	watch    *watch
	log      *lines
	machine  *screens
	lights   *kiosk.LightWorker
	power    *powerWatch
	touch    func()
	path     string // of the settings, as the program was called
	proc     string // "/proc", "/sys" hang below; "" = those of this computer
}

// newTechnicianDevice returns the technician's view of this device. The lines that are logged from now on
// are kept for the page; o.Log is replaced by a log that does so.
func newTechnicianDevice(o *Options, settings config.Settings, data *store.Store) *technicianDevice {
	kept := &lines{}
	o.Log = slog.New(&tee{o.Log.Handler(), kept.handler(settings)})
	d := &technicianDevice{settings: settings, data: data, folder: o.Data, watch: &watch{}, log: kept, path: o.Config, touch: func() {}}
	d.power = &powerWatch{find: d.voltage}
	d.watch.touch = func() { d.touch() }
	return d
}

// Log returns the last lines, newest first.
func (d *technicianDevice) Log() []string { return d.log.newest() }

// Watch turns presses away from the queue for a while.
func (d *technicianDevice) Watch(w time.Duration) { d.watch.begin(w) }

// Buttons tells which contacts there are.
func (d *technicianDevice) Buttons() ([]technician.Button, time.Duration) {
	all, left := d.watch.contacts()
	stuck := map[string]bool{}
	for _, e := range d.machine.View().Health {
		stuck[e.Device] = e.State == health.Stuck
	}
	var list []technician.Button
	for _, c := range all {
		list = append(list, technician.Button{Title: deviceName(d.settings, c.name), Down: c.down, Count: c.count, Stuck: stuck[c.name]})
	}
	return list, left
}

// Each calls fn with every event on the card.
func (d *technicianDevice) Each(fn func(event.Event) error) error { return d.data.Events(0, fn) }

// Named names a device for people.
func (d *technicianDevice) Named(device string) string { return deviceName(d.settings, device) }

// Advice tells what to do about a device's state.
func (d *technicianDevice) Advice(device string, s health.State) string { return advice(device, s) }

// Facts are measured now.
func (d *technicianDevice) Facts() []technician.Fact {
	facts := []technician.Fact{d.clock(), d.district(), d.room(), d.warmth(), d.power.fact(), d.scanner()}
	return append(facts, d.catalog(), d.access(),
		technician.Fact{Name: "Версия программы", Value: release() + ", " + runtime.GOARCH},
		technician.Fact{Name: "Работает", Value: uptime(d.link.now().Up)})
}

// catalog tells which catalogue is in force, and what is out of date in it (A6, B6, B16).
func (d *technicianDevice) catalog() technician.Fact {
	c := d.machine.View().Catalog
	f := technician.Fact{Name: "Каталог услуг", Value: c.Version, Advice: c.Act + ", сведения на " + c.AsOf}
	switch {
	case c.Next != "":
		f.Value += fmt.Sprintf(", после закрытия вступит в силу %s", c.Next)
	case c.Stale:
		f.State, f.Advice = technician.Soon, "Этапы и каналы услуг давно не проверяли. Проверьте и поставьте новую дату as_of в catalog.toml"
	case c.Overdue > 0:
		f.State, f.Advice = technician.Soon, fmt.Sprintf("Просрочено ознакомлений с материалами: %d. Проведите их и поставьте даты в catalog.toml", c.Overdue)
	}
	return f
}

// clock tells how well the time is known.
func (d *technicianDevice) clock() technician.Fact {
	f := technician.Fact{Name: "Часы"}
	switch now := d.link.now(); {
	case now.Error < 0:
		f.State, f.Value, f.Advice = technician.Soon, "время не установлено", "Подключите сеть: время придёт от района. Талоны печатаются без времени"
	case !now.Trusted():
		f.State, f.Value, f.Advice = technician.Soon, "ошибка до "+seconds(now.Error), "Подключите сеть: время уточнится само"
	default:
		f.Value = "точные, ошибка не больше " + seconds(now.Error)
	}
	return f
}

// district tells how the link is, in the link's own words.
func (d *technicianDevice) district() technician.Fact {
	text, backlog := d.link.last()
	f := technician.Fact{Name: "Передача в район", Value: text}
	if backlog > 0 {
		f.Value += fmt.Sprintf(", ждут передачи: %d", backlog)
	}
	return f
}

// room tells what is free on the card.
func (d *technicianDevice) room() technician.Fact {
	var st unix.Statfs_t
	if err := unix.Statfs(d.folder, &st); err != nil {
		return technician.Fact{Name: "Карта памяти", Value: "не измерить", State: technician.Soon}
	}
	free := st.Bavail * uint64(st.Bsize)
	return technician.Fact{Name: "Место на карте", Value: fmt.Sprintf("свободно %s из %s", bytesOf(free), bytesOf(st.Blocks*uint64(st.Bsize)))}
}

// hot is when a board of this kind begins to slow itself down minus a margin, millidegrees (Raspberry Pi:
// 80 °C).
const hot = 75000

// warmth tells how warm the processor is.
func (d *technicianDevice) warmth() technician.Fact {
	f := technician.Fact{Name: "Температура"}
	t, err := number(filepath.Join(d.proc, "/sys/class/thermal/thermal_zone0/temp"))
	if err != nil {
		f.Value = "эта плата не измеряет"
		return f
	}
	f.Value = fmt.Sprintf("%d °C", t/1000)
	if t >= hot {
		f.State, f.Advice = technician.Soon, "Освободите отверстия корпуса и уберите киоск от батареи и солнца"
	}
	return f
}

// number reads a file with one whole number.
func number(path string) (int, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}

func seconds(d time.Duration) string {
	if d < time.Second {
		return "1 с"
	}
	return fmt.Sprintf("%d с", int(d.Seconds()+0.5))
}

func bytesOf(n uint64) string {
	if n < 1<<30 {
		return fmt.Sprintf("%d МБ", n>>20)
	}
	return strings.Replace(fmt.Sprintf("%.1f ГБ", float64(n)/(1<<30)), ".", ",", 1)
}

func uptime(d time.Duration) string {
	if days := int(d / (24 * time.Hour)); days > 0 {
		return fmt.Sprintf("%d сут %d ч", days, int(d.Hours())%24)
	}
	return fmt.Sprintf("%d ч %02d мин", int(d.Hours()), int(d.Minutes())%60)
}
