package appliance

import (
	"fmt"
	"os"
	"path/filepath"

	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/scanner"
	"sps-kiosk/kiosk/config"
)

// addScanner draws what scanning needs, where the settings have its buttons.
func addScanner(l *bench.Layout, s config.Scan) {
	if s.Button == "" {
		return
	}
	l.Buttons = append(l.Buttons, bench.Button{Role: "scan", Line: string(s.Button), Lamp: string(s.Lamp), Title: "Скан"},
		bench.Button{Role: "done", Line: string(s.Done), Lamp: string(s.DoneLamp), Title: "Готово"})
	model := scanner.Sound()
	l.Scanner = &model
}

// drawStick makes the citizen's stick: a folder that lies beside the machine until it is put in. It returns
// the path at which the porter finds what is in the socket.
func drawStick(m *bench.Machine, folder string) (socket string, err error) {
	files, socket := filepath.Join(folder, "stick"), filepath.Join(folder, "socket")
	if err := os.Mkdir(files, 0o700); err != nil {
		return "", fmt.Errorf("make a stick: %w", err)
	}
	m.OwnStick(files, socket)
	return socket, nil
}
