package appliance

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"

	"sps-kiosk/cmd/internal/card"
	"sps-kiosk/kiosk/config"
)

// settingsDevice is the name of kiosk.txt in the table of health: Wrong while it has a fault and the last good
// one holds.
const settingsDevice = "settings"

// goodName is the kiosk.txt that the kiosk served with last, in the data folder.
const goodName = "kiosk.good.txt"

// keep keeps the kiosk.txt that the kiosk serves with. What cannot be kept is logged: the service needs it on a
// bad day only.
func (s *source) keep(o Options) {
	if s.wrong != nil || s.found == "" || s.absent() {
		return
	}
	path, text := filepath.Join(o.Data, goodName), card.Seal(s.device.Text())
	if kept, err := os.ReadFile(path); err == nil && bytes.Equal(kept, text) {
		return
	}
	if err := keepFile(path, text); err != nil {
		o.Log.Warn("keep the settings", "device", settingsDevice, "err", err)
	}
}

// lastGood returns the settings that the kiosk served with last, nil if there are none: before its first
// service, after a factory reset, and where this program reads them no longer.
func lastGood(o Options) *source {
	text, err := os.ReadFile(filepath.Join(o.Data, goodName))
	if err != nil {
		return nil
	}
	text, whole := card.Unseal(text)
	if !whole {
		return nil
	}
	device, err := config.ParseDevice(text)
	if err != nil {
		return nil
	}
	s := &source{path: o.Config, device: device, folder: folderOf(o.Config)}
	s.read()
	return s
}

// mended reports whether the kiosk.txt that was wrong can be served with.
func (s *source) mended() bool {
	if s.wrong == nil {
		return false
	}
	now, err := readSource(s.path)
	return err == nil && !now.absent()
}

// absent reports whether there is no kiosk.txt where one may be, or an empty one: what a power cut leaves of a
// file that was just written.
func (s *source) absent() bool {
	return s.path != "" && (s.found == "" || len(bytes.TrimSpace(s.device.Text())) == 0)
}

// faultOf returns what keeps the settings that were read from being served with, in a technician's words, or nil.
// good are the last good ones, if there are any.
func faultOf(s source, err error, good *source) *config.Error {
	var wrong *config.Error
	switch {
	case errors.As(err, &wrong):
	case good == nil:
		return nil
	case err != nil:
		wrong = &config.Error{Problems: []config.Problem{{Text: "карта не читается. Проверьте её на компьютере или запишите новую"}}}
	case s.absent():
		wrong = &config.Error{Problems: []config.Problem{{Text: "файла kiosk.txt на карте нет, или он пуст. Верните его: образец выведет команда kiosk config print"}}}
	}
	if wrong != nil && good != nil {
		wrong.Displays = good.device.Settings().Displays() // they are known to be there
	}
	return wrong
}
