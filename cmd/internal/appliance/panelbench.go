package appliance

import (
	"fmt"
	"net"

	"sps-kiosk/kiosk/config"
)

// benchPins are the PINs of a drawn kiosk whose settings have none: window n has "480n".
func benchPins(s config.Settings) []config.Pass {
	all := []config.Pass{{Role: config.Administrator, Pin: "5562"}, {Role: config.Technician, Pin: "904415"}}
	for _, w := range s.Windows {
		all = append(all, config.Pass{Window: w.Number, Pin: fmt.Sprintf("48%02d", w.Number)})
	}
	return all
}

// benchDoors returns the flags that open both doors of the drawn kiosk where the settings leave them
// closed, at the usual ports if those are free, and tells the addresses: whoever tries the bench wants to
// see the board, the console and the technician's page too.
func benchDoors(s config.Settings) (flags []string) {
	for _, d := range []struct {
		flag, usual, scheme string
		set                 int
		what                [][2]string
	}{
		{"-screen", "127.0.0.1:8088", "http", s.Panel.Screen, [][2]string{{"Экран посетителя", "/"}, {"Табло зала", "/board"}}},
		{"-lan", "127.0.0.1:8443", "https", s.Panel.LAN, [][2]string{{"Пульт специалиста", "/console"}, {"Страница техника", "/technician"}}},
	} {
		if d.set != 0 {
			continue
		}
		address := d.usual
		l, err := net.Listen("tcp", address)
		if err != nil {
			if l, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
				continue // no network at all: the bench goes on without these pages
			}
			address = l.Addr().String()
		}
		l.Close()
		flags = append(flags, d.flag, address)
		for _, w := range d.what {
			fmt.Printf("%s: %s://%s%s\n", w[0], d.scheme, address, w[1])
		}
	}
	if s.Panel.LAN == 0 && len(s.Panel.Pins) == 0 {
		fmt.Println("Код подключения — на карточке из принтера. ПИН-коды учебного киоска:")
		for _, p := range benchPins(s) {
			w, _ := s.Window(p.Window)
			fmt.Printf("  %s: %s\n", map[string]string{"": w.Title, config.Administrator: "администратор зала", config.Technician: "техник"}[p.Role], p.Pin)
		}
	}
	return flags
}
