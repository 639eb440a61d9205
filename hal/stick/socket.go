package stick

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Socket is the citizen's port of a real machine, and the policy for all others.
type Socket struct {
	Gate  Gate
	At    string // where a stick is mounted
	Owner Owner  // who may write on it
	Log   *slog.Logger

	decided  map[string]string // by port: the kernel's number of the device that was decided about; of Watch's goroutine
	expelled map[string]bool   // ports of devices that the kernel forgot because it was told to, not because they are out

	mu      sync.Mutex
	refused error  // why what is in the citizen's port was not let in
	device  string // of the mounted volume
}

// settle is how long the kernel must be silent about a device: a card reader's disks come one by one.
const settle = 300 * time.Millisecond

// Watch locks every USB socket, decides about what is plugged in and what comes, and tells whenever
// the citizen's port may have changed. It returns when ctx ends.
func (s *Socket) Watch(ctx context.Context, changed func(present bool)) error {
	events, err := Listen()
	if err != nil {
		return err
	}
	if err := errors.Join(Detach(s.At), s.Gate.Lock()); err != nil {
		return errors.Join(err, events.Close())
	}
	ready := time.AfterFunc(settle, func() { changed(true) })
	ready.Stop()
	defer ready.Stop()
	s.decided, s.expelled = map[string]string{}, map[string]bool{}
	gone := func(port string) {
		delete(s.decided, port)
		if s.Gate.Ports.Role(port) == Citizen {
			ready.Stop()
			s.forget()
			changed(false)
		}
	}
	s.all(ready, gone)
	return events.Run(ctx, func(e Event) { s.hear(e, ready, gone) })
}

// hear takes one word of the kernel. That of a device's interface has no number and no role, so nothing comes of it.
func (s *Socket) hear(e Event, ready *time.Timer, gone func(port string)) {
	name := filepath.Base(e.Path)
	switch {
	case e.Action == "lost":
		s.Log.Warn("news of the kernel were lost, every socket is looked at")
		s.all(ready, gone)
	case e.Subsystem == "block" && s.citizens(e.Path):
		ready.Reset(settle)
	case e.Subsystem != "usb":
	case e.Action == "add", e.Action == "bind":
		s.admit(name, ready)
	case e.Action == "remove":
		s.removed(name, gone)
	}
}

// removed is the kernel's word that a device is not there any more; one that it forgot because it was told to is still
// in, and refused.
func (s *Socket) removed(port string, gone func(port string)) {
	if s.expelled[port] {
		delete(s.expelled, port)
		delete(s.decided, port)
		return
	}
	gone(port)
}

// all decides about everything that is plugged in: at the beginning, and when news of the kernel were lost.
// What was decided about and is still there is left alone, since it may be in use.
func (s *Socket) all(ready *time.Timer, gone func(port string)) {
	names, err := s.Gate.Devices()
	if err != nil {
		s.Log.Error("look at USB", "err", err)
		return
	}
	for port, number := range s.decided {
		switch {
		case s.Gate.Number(port) != number:
			s.removed(port, gone)
		case s.Gate.Ports.Role(port) == Citizen:
			ready.Reset(settle) // news of its disks may have been among what was lost
		}
	}
	for _, name := range names {
		s.admit(name, ready)
	}
}

// admit decides about one device, once, when it is settled: at its "add", or at the "bind" that follows. One in the
// citizen's port is told of when its disks have come: at once if it is refused.
func (s *Socket) admit(port string, ready *time.Timer) {
	number := s.Gate.Number(port)
	if number == "" || s.decided[port] == number || !s.Gate.Settled(port) {
		return
	}
	s.decided[port] = number
	delete(s.expelled, port)
	_, err := s.Gate.Admit(port)
	if err != nil {
		s.Log.Warn("device refused", "device", port, "err", err)
	}
	if errors.Is(err, errExpelled) {
		s.expelled[port] = true
	}
	if s.Gate.Ports.Role(port) != Citizen { // also where the device could not say what it is
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refused = err; err != nil {
		ready.Reset(0)
	}
}

// citizens reports whether a device hangs on the citizen's port.
func (s *Socket) citizens(path string) bool {
	return slices.ContainsFunc(strings.Split(path, "/"), func(part string) bool { return s.Gate.Ports.Role(part) == Citizen })
}

func (s *Socket) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = nil
}

// Open chooses the volume of the stick in the citizen's port and mounts it.
func (s *Socket) Open(context.Context) (*os.File, error) {
	s.mu.Lock()
	refused := s.refused
	s.mu.Unlock()
	if refused != nil {
		return nil, refused
	}
	var disks []Disk
	for port, role := range s.Gate.Ports {
		if role != Citizen {
			continue
		}
		found, err := Disks(s.Gate.Sys, port)
		if err != nil {
			return nil, fmt.Errorf("look at stick: %w", err)
		}
		disks = append(disks, found...)
	}
	v, err := s.choose(disks)
	if err != nil {
		return nil, fmt.Errorf("look at stick: %w", err)
	}
	plan, err := PlanOf(v, s.At, s.Owner)
	if err != nil {
		return nil, err
	}
	s.device = plan.Device
	return Mount(plan)
}

// choose opens each disk once, to read its table and superblocks.
func (s *Socket) choose(disks []Disk) (Volume, error) {
	var files []*os.File
	defer func() {
		for _, f := range files {
			f.Close()
		}
	}()
	return Choose(disks, func(name string) (io.ReaderAt, error) {
		f, err := os.Open(filepath.Join(s.Gate.Dev, name))
		if err == nil {
			files = append(files, f)
		}
		return f, err
	})
}

// Close holds tables and directories against the stick, closes root and unmounts. After an error the
// stick is still mounted only if that is Busy; then Close may be tried again, without root.
func (s *Socket) Close(ctx context.Context, root *os.File) error {
	var proof error
	if root != nil {
		proof = VerifyTables(ctx, root, s.device)
		root.Close()
	}
	if err := Unmount(s.At); err != nil {
		return errors.Join(Busy, err, proof)
	}
	return proof
}

// Drop ends a mount whatever its state.
func (s *Socket) Drop() error { return Detach(s.At) }
