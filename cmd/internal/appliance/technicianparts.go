package appliance

import (
	"fmt"
	"path/filepath"
	"strings"

	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/ipc"
	"sps-kiosk/kiosk/panel/technician"
)

// Lamps tells which lamps are wired.
func (d *technicianDevice) Lamps() (list []technician.Lamp) {
	if d.lights == nil {
		return nil
	}
	for _, name := range d.lights.Lamps() {
		list = append(list, technician.Lamp{Name: name, Title: lampName(d.settings, name)})
	}
	return list
}

// TryLamp flashes a lamp for a moment.
func (d *technicianDevice) TryLamp(name string) bool { return d.lights != nil && d.lights.Try(name) }

// lampName says which lamp it is.
func lampName(settings config.Settings, lamp string) string {
	kind, which, _ := strings.Cut(lamp, ".")
	switch kind {
	case "service":
		if service, known := settings.Service(which); known {
			return "«" + service.Title + "»"
		}
	case "window":
		return "Пульт " + which
	}
	if title := map[string]string{"help": "Кнопка помощи", "scan": "«Сканировать»", "done": "«Готово»", "stick": "Разъём для флешки"}[kind]; title != "" {
		return title
	}
	return lamp
}

// Settings reads kiosk.txt as it is on the card now, without its secrets.
func (d *technicianDevice) Settings() (config.Shown, []config.Problem, error) {
	folder := d.path
	if folder != "" && !isFolder(folder) {
		folder = filepath.Dir(folder)
	}
	return config.Show(folder)
}

// Update tells which firmware runs and which the district offers.
func (d *technicianDevice) Update() []technician.Fact {
	facts := []technician.Fact{{Name: "Работает версия", Value: release()}, {Name: "Каталог услуг", Value: d.machine.View().Catalog.Version}}
	if o := d.link.offer.Load(); o != nil {
		facts = append(facts, technician.Fact{Name: "Район предлагает", Value: o.Version + ", " + bytesOf(uint64(o.Size)), State: technician.Soon,
			Advice: "Как установить, сказано в руководстве техника, раздел «Обновление»"})
		return facts
	}
	return append(facts, technician.Fact{Name: "Район предлагает", Value: "ничего новее"})
}

// scanner tells what the scanner can do, as it said itself when somebody scanned last: between sessions nobody asks
// it anything, because it belongs to whoever scans, and from here nobody scans (A34).
func (d *technicianDevice) scanner() technician.Fact {
	f := technician.Fact{Name: "Сканер умеет", Value: "скажет при первом сканировании после включения"}
	s := d.machine.face.scanner.Load()
	if s == nil {
		return f
	}
	f.Value = map[ipc.ScannerState]string{ipc.ScannerReady: "готов", ipc.ScannerAbsent: "не отвечал", ipc.ScannerBusy: "прогревался",
		ipc.ScannerFails: "отвечал, но не работал"}[s.State]
	if s.State == ipc.ScannerReady {
		f.Value = "при последнем сканировании: " + abilities(*s)
	} else {
		f.State, f.Value, f.Advice = technician.Soon, "при последнем сканировании "+f.Value, "Проверьте питание и кабель сканера, отсканируйте лист кнопкой «Сканировать»"
	}
	return f
}

// abilities are what a scanner offers.
func abilities(s ipc.Scanner) string {
	words := []string{"стекло"}
	if s.Feeder {
		words = append(words, "податчик")
	}
	if s.Duplex {
		words = append(words, "обе стороны")
	}
	if s.Color {
		words = append(words, "цвет")
	}
	if s.MaxDPI > 0 {
		words = append(words, fmt.Sprintf("до %d точек на дюйм", s.MaxDPI))
	}
	return strings.Join(words, ", ")
}
