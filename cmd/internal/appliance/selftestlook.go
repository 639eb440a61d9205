package appliance

import (
	"context"
	"maps"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sps-kiosk/drivers/autoscan"
	"sps-kiosk/drivers/sane"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/panel/technician"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/uplink"
)

// lights lights every segment and every lamp, and finds what can be found without eyes: a bus or a line that is
// not there. Most displays say nothing back.
func (t *tester) lights() {
	lines := &serialLines{board: t.board}
	for i, d := range t.settings.Displays() {
		name := deviceName(t.settings, config.DisplayName(i))
		if err := showFirst(lines.of(d), d, []string{strings.Repeat("8.", d.Digits), strings.Repeat("8", d.Digits)}); err != nil {
			t.fault(name, "не отвечает: проверьте провода и раздел [display]", err)
			continue
		}
		t.note(name, "показывает", false)
	}
	lamps := t.lamps()
	for _, name := range slices.Sorted(maps.Keys(t.lampLines())) {
		lamp, there := lamps[name]
		if !there || lamp(true) != nil {
			t.note("Лампа, "+lampName(t.settings, name), "не включается: проверьте номер контакта", true)
		}
	}
	time.Sleep(segmentsLit)
	for _, lamp := range lamps {
		_ = lamp(false) // told already
	}
}

// scanner finds the scanner, and whether scanning is served at all.
func (t *tester) scanner() {
	name := deviceName(t.settings, "scanner")
	if t.options.Porter == "" {
		return
	}
	presence, err := autoscan.NewPresence(t.board.USB(), scannerOf(t.settings.Scan), sane.Lists())
	if err != nil {
		t.fault(name, "раздел [scan] не подходит: проверьте scanner и sane_backend", err)
		return
	}
	there, err := presence.Attached()
	state := health.OK
	if err != nil || !there {
		state = health.Absent
	}
	t.note(name, advice("scanner", state), state != health.OK)
	link, err := net.Dial("unixpacket", t.options.Porter)
	if err != nil {
		t.fault(deviceName(t.settings, "stick"), advice("stick", health.Offline), err)
		return
	}
	link.Close()
	t.note(deviceName(t.settings, "stick"), "служба отвечает", false)
}

// surroundings looks at card, board, clock, network and district.
func (t *tester) surroundings(ctx context.Context) {
	d := &technicianDevice{settings: t.settings, folder: t.options.Data}
	for _, f := range []technician.Fact{d.room(), d.warmth()} {
		text := f.Value
		if f.Advice != "" {
			text += ". " + f.Advice
		}
		t.note(f.Name, text, f.State != "")
	}
	if _, _, off := t.board.Now(); off < 0 {
		t.note("Часы", "время не установлено: придёт из сети, до того талоны без времени", false)
	} else {
		t.note("Часы", "время установлено", false)
	}
	addresses := ownAddresses()
	if len(addresses) == 0 {
		t.note("Сеть", "адреса нет: проверьте кабель или раздел [network]. Очередь работает и без сети", true)
		return
	}
	t.note("Сеть", strings.Join(addresses, ", "), false)
	t.district(ctx)
}

// ownAddresses returns the addresses of this machine in the network, with their interfaces.
func ownAddresses() (list []string) {
	cards, err := net.Interfaces()
	if err != nil {
		return nil
	}
	for _, card := range cards {
		if card.Flags&net.FlagUp == 0 || card.Flags&net.FlagLoopback != 0 {
			continue
		}
		addresses, err := card.Addrs()
		if err != nil {
			continue
		}
		for _, a := range addresses {
			if ip, ok := a.(*net.IPNet); ok && ip.IP.To4() != nil && !ip.IP.IsLinkLocalUnicast() {
				list = append(list, card.Name+" "+ip.IP.String())
			}
		}
	}
	return list
}

// district looks whether the server of the district can be reached. Whether it is the one, its signature tells in
// the first exchange.
func (t *tester) district(ctx context.Context) {
	const name = "Сервер района"
	address, err := t.districtAddress()
	switch {
	case err != nil:
		t.note(name, err.Error(), true) // in Russian, and names the file
		return
	case address == "":
		t.note(name, "не указан: положите enroll.json на карту или впишите address в [district]. Статистика копится", true)
		return
	}
	client, err := uplink.NewClient(uplink.Network{Proxy: t.settings.District.Proxy, PostQuantum: t.settings.District.PostQuantum})
	if err != nil {
		t.fault(name, "посредник (прокси) указан неверно: проверьте proxy в разделе [district]", err)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, serverWait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		t.fault(name, "адрес "+address+" не подходит: проверьте address в разделе [district]", err)
		return
	}
	answer, err := client.Do(req)
	if err != nil {
		t.fault(name, address+" не отвечает: проверьте роутер и посредника (прокси), позвоните в район. Статистика копится", err)
		return
	}
	answer.Body.Close()
	t.note(name, address+" отвечает", false)
}

// districtAddress returns where the district is: of the enrolment that holds, of enroll.json, or of the settings.
func (t *tester) districtAddress() (string, error) {
	if b, err := ident.LoadBinding(filepath.Join(t.options.Data, "identity", "district.json")); err == nil {
		return b.Address, nil
	}
	if folder := folderOf(t.options.Config); folder != "" {
		if e, found, err := ident.ReadEnrolment(folder); err != nil || found {
			return e.Address, err
		}
	}
	return t.settings.District.Address, nil
}
