package porter

import (
	"errors"
	"os"

	"sps-kiosk/hal/stick"
	"sps-kiosk/kiosk/ipc"
)

// port is what the porter knows of the citizen's socket.
type port struct {
	state   ipc.StickState
	why     ipc.StickFault
	present bool
	root    *os.File // of StickReady and StickStays
	moving  bool     // a device is being touched: its outcome comes with the life below
	life    int      // counts what was in the socket; an outcome of another life is of no interest
	then    []func() // to be called when there is no mount any more
}

func (s *port) release() {
	s.root.Close() // of nil is only an error
	s.root = nil
}

// turn changes how the socket is, and says so.
func (p *porter) turn(state ipc.StickState, why ipc.StickFault) {
	p.stick.state, p.stick.why = state, why
	m := &ipc.Stick{State: state, Why: why}
	if state == ipc.StickReady {
		m.Free = room(p.stick.root)
	}
	p.say(m)
}

// plugged is the medium's word that something changed.
func (p *porter) plugged(present bool) {
	s := &p.stick
	switch {
	case !present:
		p.pulled()
		return
	case s.present && (s.moving || s.root != nil || s.state == ipc.StickOut || s.state == ipc.StickStays):
		return
	}
	s.present, s.moving = true, true
	s.life++
	life := s.life
	p.touch(func() {
		root, err := p.o.Medium.Open(p.ctx)
		room(root) // asked here first, since a stick may have to be read for it
		p.post(func() { p.opened(life, root, err) })
	})
}

// pulled is the end of a stick in whatever state it was; a worker that holds it must let go.
func (p *porter) pulled() {
	s := &p.stick
	mounted := s.root != nil || s.state == ipc.StickStays || s.moving && s.state == ipc.StickReady
	if !s.present {
		return
	}
	s.present, s.moving = false, false
	s.life++
	s.release()
	p.touch(p.drop)
	if p.work != nil && mounted {
		p.work.leave(p, nil)
	}
	p.turn(map[bool]ipc.StickState{true: ipc.StickPulled, false: ipc.StickAbsent}[mounted], 0)
	p.settled()
}

func (p *porter) drop() {
	if err := p.o.Medium.Drop(); err != nil {
		p.o.Log.Error("a mount stays", "err", err)
	}
}

// opened takes the outcome of Open.
func (p *porter) opened(life int, root *os.File, err error) {
	s := &p.stick
	if life != s.life {
		root.Close() // the mount was dropped after it was made
		return
	}
	s.moving = false
	switch {
	case err != nil:
		p.o.Log.Warn("stick refused", "err", err)
		p.turn(ipc.StickRefused, fault(err))
		p.settled()
	case p.o.Update != nil:
		p.update(root)
	default:
		s.root = root
		p.turn(ipc.StickReady, 0)
		p.lend()
		if len(s.then) > 0 {
			p.eject(nil)
		}
	}
}

// lend gives the worker, if there is one, the stick, if there is one.
func (p *porter) lend() {
	if p.work == nil || p.stick.root == nil || p.stick.moving {
		return
	}
	m := &ipc.Volume{Free: room(p.stick.root), MaxFile: min(stick.Largest(p.stick.root), ipc.MaxBytes)}
	if err := p.work.conn.Send(m, p.stick.root); err != nil {
		p.o.Log.Warn("worker does not listen", "err", err)
	}
}

// eject ends a stick cleanly: the worker lets go, what is remembered is held against the stick, and it
// is unmounted. done, if not nil, is called when there is no mount any more.
func (p *porter) eject(done func()) {
	s := &p.stick
	if done != nil {
		s.then = append(s.then, done)
	}
	life := s.life
	switch {
	case s.moving: // its outcome goes on from there
	case s.root == nil && s.state != ipc.StickStays:
		p.settled()
	case p.work == nil:
		s.moving = true
		p.unmount(life)
	default:
		s.moving = true
		p.work.leave(p, func() { p.unmount(life) })
	}
}

// settled calls whoever waits for the end of a mount.
func (p *porter) settled() {
	then := p.stick.then
	p.stick.then = nil
	for _, f := range then {
		f()
	}
}

// unmount is the rest of eject, once nobody else holds the stick.
func (p *porter) unmount(life int) {
	root := p.stick.root
	if life != p.stick.life {
		return
	}
	p.stick.root = nil
	p.touch(func() {
		err := p.o.Medium.Close(p.ctx, root)
		p.post(func() { p.unmounted(life, err) })
	})
}

// unmounted takes the outcome: only a proved and unmounted stick may be taken out.
func (p *porter) unmounted(life int, err error) {
	if err != nil {
		p.o.Log.Error("stick not ended well", "err", err)
	}
	if life != p.stick.life {
		return // pulled meanwhile: that has been told
	}
	p.stick.moving = false
	switch stick.ProblemOf(err) {
	case "":
		p.turn(ipc.StickOut, 0)
	case stick.Busy:
		p.turn(ipc.StickStays, 0)
	default:
		p.turn(ipc.StickRefused, fault(err))
	}
	p.settled()
}

// room is 0 where it cannot be told, and where there is no stick.
func room(root *os.File) int64 {
	if n, err := stick.Room(root); err == nil {
		return min(n, ipc.MaxBytes)
	}
	return 0
}

// update is technician mode: the one file, then the stick is let go. No session runs in it.
func (p *porter) update(root *os.File) {
	life := p.stick.life
	p.stick.moving = true
	p.touch(func() {
		f, err := stick.OpenUpdate(root)
		if err = errors.Join(err, p.o.Update(f)); err != nil {
			p.o.Log.Error("update from a stick", "err", err)
		}
		f.Close() // of nil is only an error
		err = p.o.Medium.Close(p.ctx, root)
		p.post(func() { p.unmounted(life, err) })
	})
}
