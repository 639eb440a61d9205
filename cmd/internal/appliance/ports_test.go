package appliance

import (
	"bytes"
	"log/slog"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"sps-kiosk/hal/stick"
	"sps-kiosk/kiosk/config"
)

// TestPortsOfKioskTxt: the technician says which sockets are whose; a file at fault leaves them as the board has
// them, so that no socket opens by a mistake.
func TestPortsOfKioskTxt(t *testing.T) {
	const board = "hub=1-1 citizen=2-1 printer=* scanner=1-1.3"
	said := func(pairs ...string) []byte {
		return []byte(strings.NewReplacer(pairs...).Replace(string(config.Reference)))
	}
	usual := stick.Ports{"1-1": stick.Hub, "2-1": stick.Citizen, "*": stick.Printer, "1-1.3": stick.Scanner}
	for name, c := range map[string]struct {
		text []byte
		want stick.Ports
		log  string
	}{
		"no file":    {nil, usual, ""},
		"the sample": {config.Reference, usual, ""},
		"all three": {said(`stick_port = ""`, `stick_port = "2-2 1-1.4"`, `scanner_port = ""`, `scanner_port = "1-1.1"`, "\nport = \"\"", "\nport = \"1-1.2\""),
			stick.Ports{"1-1": stick.Hub, "2-2": stick.Citizen, "1-1.4": stick.Citizen, "1-1.1": stick.Scanner, "1-1.2": stick.Printer}, ""},
		"the hub's":  {said(`stick_port = ""`, `stick_port = "1-1"`), usual, "port 1-1 for citizen: it is for hub"},
		"a mistake":  {said(`stick_port = ""`, `stick_port = "USB2"`), usual, "scan.stick_port"},
		"not a file": {[]byte{0xff, 0, 1}, usual, "as the board has them"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			put(t, filepath.Join(folder, "kiosk.txt"), c.text)
			var log bytes.Buffer
			got, err := portsOf(board, folder, slog.New(slog.NewTextHandler(&log, nil)))
			if err != nil || !maps.Equal(got, c.want) {
				t.Errorf("got %v, %v, want %v", got, err, c.want)
			}
			if c.log == "" && log.Len() > 0 || !strings.Contains(log.String(), c.log) {
				t.Errorf("log: got %q, want %q in it", log.String(), c.log)
			}
		})
	}
	if _, err := portsOf("citizen=*", "", slog.New(slog.DiscardHandler)); err == nil {
		t.Error("an open port for sticks by -usb: got no error")
	}
}
