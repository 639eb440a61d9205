// Package card is the kiosk's part in the two systems of its card: which of them boots, how a new one comes, and how it
// proves itself (image/README.md). It answers RAUC as its boot loader backend.
//
// It owns the order of installing and the proof. It refuses versions older than the running one, bundles that the data
// partition has no room for, and to keep a system that did not serve. It checks no signature: RAUC does.
package card

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"sps-kiosk/image/slot"
)

// Paths say where things are on the card; tests have others.
type Paths struct {
	State   string // the raw partition of the state block
	CmdLine string // the kernel's: kiosk.slot=A
	Version string // file with the version of the running system, "2026.11.22.500"
	Update  string // folder that bundles wait in; only root enters it
	Refused string // file that is there while the last bundle was refused in this boot; everybody may read it
	Good    string // the kiosk.txt that the kiosk served with last, behind its digest
}

// OnCard are the places of the image (image/rootfs).
func OnCard() Paths {
	return Paths{State: "/dev/disk/by-partlabel/state", CmdLine: "/proc/cmdline", Version: "/usr/lib/sps-kiosk/version",
		Update: "/data/update", Refused: "/run/sps-kiosk-update/refused", Good: "/data/kiosk/kiosk.good.txt"}
}

// running is the slot that booted.
func (p Paths) running() (slot.Name, error) {
	name, err := p.word("kiosk.slot=")
	if err != nil || name != string(slot.A) && name != string(slot.B) {
		return "", errors.Join(err, errors.New("the kernel's command line names no slot: this is not the card's system"))
	}
	return slot.Name(name), nil
}

// word is what the kernel's command line says behind a name.
func (p Paths) word(name string) (string, error) {
	b, err := os.ReadFile(p.CmdLine)
	if err != nil {
		return "", err
	}
	for _, word := range strings.Fields(string(b)) {
		if value, ok := strings.CutPrefix(word, name); ok {
			return value, nil
		}
	}
	return "", fmt.Errorf("the kernel's command line has no %s", name)
}

// version is that of the running system.
func (p Paths) version() (string, error) {
	b, err := os.ReadFile(p.Version)
	return strings.TrimSpace(string(b)), err
}

// state reads the state block. A lost one is what the boot loader takes it for.
func (p Paths) state() (slot.State, error) {
	f, err := os.Open(p.State)
	if err != nil {
		return slot.State{}, fmt.Errorf("open state block: %w", err)
	}
	defer f.Close()
	s, err := slot.Read(f)
	if errors.Is(err, slot.ErrLost) {
		err = nil
	}
	return s, err
}

// change writes what do makes of the state; nothing, if that is the same.
func (p Paths) change(do func(slot.State) (slot.State, error)) error {
	s, err := p.state()
	if err != nil {
		return err
	}
	next, err := do(s)
	if err != nil || next == s {
		return err
	}
	f, err := os.OpenFile(p.State, os.O_RDWR|os.O_SYNC, 0)
	if err != nil {
		return fmt.Errorf("open state block: %w", err)
	}
	return errors.Join(slot.Write(f, next), f.Close())
}
