package torture

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// atStart kills a kiosk that does not serve yet, by the plug: twice in one boot, and the store would take
// its database for the cause (kiosk/store, "How it opens").
func (k *killer) atStart() error {
	if err := k.hall.Launch(); err != nil {
		return err
	}
	time.Sleep(k.some(80 * time.Millisecond))
	k.result.Scenes["start"]++
	k.hall.Blackout()
	return nil
}

// whileTalking kills while the district is spoken to, or shortly after.
func (k *killer) whileTalking() error {
	before := k.centre.heard.Load()
	if err := k.hall.Start(); err != nil {
		return err
	}
	for limit := time.Now().Add(2 * time.Second); k.centre.heard.Load() == before && time.Now().Before(limit); time.Sleep(500 * time.Microsecond) {
		if k.random.IntN(50) == 0 {
			if err := k.crowd.Act(); err != nil {
				return err
			}
		}
	}
	time.Sleep(k.some(4 * time.Millisecond))
	k.kill("sync")
	return nil
}

// whilePrinting kills while paper moves.
func (k *killer) whilePrinting() error {
	k.crowd.Mend()
	if err := k.hall.Start(); err != nil {
		return err
	}
	line := k.hall.Buttons()[k.random.IntN(len(k.hall.Buttons()))]
	if err := pressUntil(k.hall, line, func() bool { return k.hall.Machine.Snapshot().Printer.Printing }); err != nil && !errors.Is(err, errNoAnswer) {
		return err
	}
	time.Sleep(k.some(700 * time.Millisecond))
	k.kill("print")
	k.hall.Machine.Tear()
	return nil
}

// whileScanning kills kiosk, porter or both at some step of a session. What is left of the session must
// be gone when everything runs again.
func (k *killer) whileScanning() error {
	if err := k.hall.Start(); err != nil {
		return err
	}
	done, ended := make(chan struct{}), make(chan string, 1)
	go func() {
		step, err := k.crowd.ScanSession(done)
		if err != nil {
			step = err.Error()
		}
		ended <- step
	}()
	time.Sleep(k.some(2500 * time.Millisecond))
	porter := k.random.IntN(2) == 0
	if porter {
		k.hall.KillPorter()
	}
	close(done)
	k.kill("scan: " + <-ended)
	m := k.hall.Machine
	m.PutOnGlass(nil)
	if err := m.PutStick(false); err != nil {
		return err
	}
	if err := k.hall.Start(); err != nil {
		return err
	}
	return k.nothingLeft()
}

// nothingLeft waits until the vault is empty, and searches the files of the kiosk.
func (k *killer) nothingLeft() error {
	for limit := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		left, err := os.ReadDir(k.hall.Vault())
		if err == nil && len(left) == 0 || errors.Is(err, os.ErrNotExist) {
			break
		}
		if time.Now().After(limit) {
			return fmt.Errorf("the vault has %d entries after %v, %v", len(left), patience, err)
		}
	}
	return filepath.WalkDir(k.hall.Data(), func(path string, e os.DirEntry, err error) error {
		if errors.Is(err, os.ErrNotExist) || err == nil && !e.Type().IsRegular() || filepath.Base(path) == "reserve" {
			return nil
		}
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		if err == nil && k.pages.In(data) > 0 {
			k.fault("%s has pieces of a page", filepath.Base(path))
		}
		if errors.Is(err, os.ErrNotExist) {
			err = nil
		}
		return err
	})
}
