package appliance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sps-kiosk/cmd/internal/intake"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/ipc"
	"sps-kiosk/kiosk/panel/technician"
	"sps-kiosk/sync/wire"
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

// Update tells which firmware runs, which the district offers, and how the last update ended.
func (d *technicianDevice) Update() []technician.Fact {
	facts := []technician.Fact{{Name: "Работает версия", Value: release()}, {Name: "Каталог услуг", Value: d.machine.View().Catalog.Version}}
	offers := technician.Fact{Name: "Район предлагает", Value: "ничего новее"}
	if o := d.link.offer.Load(); o != nil {
		offers.Value, offers.State = o.Version+", "+bytesOf(uint64(o.Size)), technician.Soon
		offers.Advice = "Как установить, сказано в руководстве техника, раздел «Обновление»"
		if d.link.new != nil {
			offers.Advice = "Киоск загрузит и установит его сам"
		}
	}
	return append(append(append(facts, offers), d.stickUpdate()...), d.lastUpdate()...)
}

// stickUpdate tells what became of the technician's stick, while technician mode lasts.
func (d *technicianDevice) stickUpdate() []technician.Fact {
	if d.link.new == nil {
		return nil
	}
	f := technician.Fact{Name: "Флешка с обновлением", State: technician.Broken}
	switch intake.Stick(context.Background(), d.link.new.socket) {
	case intake.StickAwaited:
		f.State, f.Value = technician.Soon, "ждём в разъёме для флешек"
	case intake.StickTaken:
		f.State, f.Value, f.Advice = technician.Well, "файл переписан", "Флешку можно вынуть. Киоск проверит файл, установит его и перезапустится сам"
	case intake.StickNoFile:
		f.Value, f.Advice = "файла kiosk-update.raucb на ней нет", "Положите файл в корень флешки, не в папку, и вставьте её снова"
	case intake.StickNoRoom:
		f.Value, f.Advice = "на карте киоска нет места", "Запишите киоску карту больше: нынешняя мала для обновлений"
	case intake.StickUnread:
		f.Value, f.Advice = "файл не читается", "Вставьте её ещё раз или возьмите другую"
	default:
		return nil
	}
	return []technician.Fact{f}
}

// lastUpdate tells how the last update ended, if there was one.
func (d *technicianDevice) lastUpdate() []technician.Fact {
	u := d.link.new
	if u == nil {
		return nil
	}
	f := technician.Fact{Name: "Последнее обновление", State: technician.Broken}
	end := u.end.Load()
	_, refused := os.Stat(u.refused)
	switch {
	case refused == nil || end != nil && end.End == wire.RefusedEnd:
		f.Value, f.Advice = "не принято", "Файл чужой, испорчен или не новее того, что работает. Возьмите его у изготовителя ещё раз"
	case end == nil:
		return nil
	case end.End == wire.Installed:
		f.Value, f.State = end.Version+" установлено", technician.Well
	case end.End == wire.RolledBack:
		f.Value, f.Advice = end.Version+" не заработало", "Работает прежняя версия. Сообщите изготовителю"
	default:
		f.Value, f.Advice, f.State = end.Version+" не загрузилось", "Киоск попробует ещё раз сам. Проверьте связь и место на карте", technician.Soon
	}
	return []technician.Fact{f}
}

// TakeFromStick has the porter take the next stick for an update.
func (d *technicianDevice) TakeFromStick(ctx context.Context) error {
	if d.link.new == nil {
		return errNoUpdates
	}
	return intake.Technician(ctx, d.link.new.socket)
}

// errNoUpdates says that this machine takes none: it is no card.
var errNoUpdates = errors.New("no new systems on this machine")

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
