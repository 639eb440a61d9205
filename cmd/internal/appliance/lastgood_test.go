package appliance

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/cmd/internal/card"
	"sps-kiosk/kiosk/config"
)

// another is the built-in kiosk.txt with another name on the ticket.
func another() []byte {
	return bytes.Replace(config.Reference, []byte(`name = "МФЦ Кошкинского района"`), []byte(`name = "МФЦ прежний"`), 1)
}

// put puts a file in its place at once, or removes it.
func put(t *testing.T, path string, text []byte) {
	t.Helper()
	if text == nil {
		if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		return
	}
	if err := keepFile(path, text); err != nil {
		t.Fatal(err)
	}
}

// TestLastGoodSettings: whatever becomes of kiosk.txt, the code is shown with its line, then the kiosk serves with
// what it had before, says so, and takes the mended file by itself (C10, A11).
func TestLastGoodSettings(t *testing.T) {
	for name, c := range map[string]struct {
		text []byte // nil = no file
		code string
		tell string
	}{
		"garbage":      {[]byte{0x00, 0xff, 0x13, '\n', 0xfe}, "СFG 1", "строка 1"},
		"syntax":       {[]byte("[site]\nname = \"МФЦ\n"), "СFG 2", "строка 2"},
		"a wrong pin":  {bytes.Replace(another(), []byte("button = 17"), []byte("button = 99"), 1), "СFG 25", "service.button"},
		"no file":      {nil, "СFG", "файла kiosk.txt на карте нет"},
		"an empty one": {[]byte("\n"), "СFG", "или он пуст"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				folder, data := t.TempDir(), t.TempDir()
				path, good := filepath.Join(folder, "kiosk.txt"), filepath.Join(data, goodName)
				put(t, path, c.text)
				put(t, good, card.Seal(another()))
				began := time.Now()
				s := newStand(t, Options{Config: folder, Data: data, Contact: 24 * time.Hour}, usual())
				s.digits(c.code)
				s.journal("Ошибка в настройках, действуют прежние: ")
				s.journal(c.tell)
				s.digits("-------")
				if took := time.Since(began); took < faultShown {
					t.Errorf("service: got it after %v, want the code shown for %v", took, faultShown)
				}
				s.journal("Файл настроек: в kiosk.txt ошибка, действуют прежние настройки")
				s.press(docs)
				s.journal("Талон А001 записан")
				if text, err := os.ReadFile(good); err != nil || !bytes.Equal(text, card.Seal(another())) {
					t.Errorf("the last good one: got %d bytes, %v, want it as it was", len(text), err)
				}
				put(t, path, config.Reference)
				time.Sleep(catalogEvery + 2*time.Second)
				s.digits("-------")
				s.press(docs)
				s.journal("Талон А002 записан")
				if text, err := os.ReadFile(good); err != nil || !bytes.Equal(text, card.Seal(config.Reference)) {
					t.Errorf("after the mending: got %d bytes, %v, want the mended file kept", len(text), err)
				}
			})
		})
	}
}

// TestNoGoodSettings: without a last good one, or with one that cannot be read, there is no service till the file
// is right.
func TestNoGoodSettings(t *testing.T) {
	for name, good := range map[string][]byte{"none": nil, "torn": card.Seal(another())[:700], "of another program": card.Seal([]byte("[site]\nplanet = 4\n"))} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				folder, data := t.TempDir(), t.TempDir()
				put(t, filepath.Join(folder, "kiosk.txt"), []byte("[site]\nname = 5\n"))
				put(t, filepath.Join(data, goodName), good)
				s := newStand(t, Options{Config: folder, Data: data, Contact: 24 * time.Hour}, usual())
				s.digits("СFG 2")
				time.Sleep(3 * faultShown)
				s.digits("СFG 2")
				if n := s.count("действуют прежние"); n != 0 {
					t.Errorf("journal: got %d lines of settings before these, want none", n)
				}
				put(t, filepath.Join(folder, "kiosk.txt"), another())
				s.digits("-------")
				time.Sleep(time.Second) // it is kept once the kiosk serves
				if text, err := os.ReadFile(filepath.Join(data, goodName)); err != nil || !bytes.Equal(text, card.Seal(another())) {
					t.Errorf("kept: got %d bytes, %v, want the file that was served with", len(text), err)
				}
			})
		})
	}
}

// TestUnreadableCard: a partition that gives errors is no reason to be without service.
func TestUnreadableCard(t *testing.T) {
	data, gone := t.TempDir(), filepath.Join(t.TempDir(), "gone")
	put(t, filepath.Join(data, goodName), card.Seal(another()))
	o := Options{Config: gone, Data: data, Log: slog.New(slog.DiscardHandler)}
	s, err := readSource(o.Config)
	wrong := faultOf(s, err, lastGood(o))
	if wrong == nil || !strings.Contains(wrong.Error(), "карта не читается") || len(wrong.Displays) == 0 {
		t.Errorf("got %v, want the card told and the displays of the last good settings", wrong)
	}
	if got := faultOf(s, err, nil); got != nil {
		t.Errorf("without a last good one: got %v, want the error itself to end the process", got)
	}
}
