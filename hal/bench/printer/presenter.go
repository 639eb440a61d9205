package printer

import (
	"strconv"
	"time"
)

// presenter is the mouth of a Custom printer: a cut ticket stays behind the rollers, then sticks out
// of them, and comes back in or falls out by command or by the clock of FS P.
type presenter struct {
	inside *piece // cut and not shown yet
	held   *piece // sticks out
	timer  *time.Timer

	retracted, ejected, pushed int
}

// customLength tells the commands that only Custom has; false = it is none of them.
func customLength(cmd []byte) (n int, known bool) {
	if len(cmd) < 2 {
		return 0, false
	}
	switch {
	case cmd[0] == fs && cmd[1] == 'P':
		return 6, true
	case cmd[0] == gs && cmd[1] == 'e' && len(cmd) > 2 && cmd[2] == 3:
		return 4, true
	case cmd[0] == gs && (cmd[1] == 'e' || cmd[1] == 0xe0):
		return 3, true
	case cmd[0] == gs && cmd[1] > 0xe0 && cmd[1] <= 0xe5:
		return 2, true
	}
	return 0, false
}

// executeCustom runs a command of Custom alone; false = it is none of them.
func (p *Printer) executeCustom(cmd []byte) bool {
	if _, known := customLength(cmd); !known {
		return false
	}
	switch {
	case cmd[0] == fs: // FS P steps led c t: cut, hold out, after t seconds eject or retract
		p.motor.then = func() { p.cut(); p.present(cmd[4], time.Duration(cmd[5])*time.Second) }
	case cmd[1] == 'e':
		p.motor.then = func() { p.moveTicket(cmd[2]) }
	case cmd[1] == 0xe2:
		p.in.Send([]byte(strconv.Itoa(p.paper.ids - 1)))
	case cmd[1] == 0xe4:
		p.in.Send([]byte(strconv.Itoa(p.mouth.retracted)))
	case cmd[1] == 0xe5:
		p.in.Send([]byte(strconv.Itoa(p.ups)))
	}
	return true
}

// moveTicket is GS e n.
func (p *Printer) moveTicket(n byte) {
	switch n {
	case 2:
		p.retract()
	case 3:
		p.present(0, 0)
	case 5:
		p.eject()
	}
}

// present holds the ticket out. One that is still there is pushed out by it, into whatever hands.
func (p *Printer) present(then byte, after time.Duration) {
	m := &p.mouth
	if m.inside == nil {
		return
	}
	if m.held != nil && !m.held.gone {
		m.held.gone = true
		m.pushed++
	}
	m.held, m.inside = m.inside, nil
	m.held.inside = false
	p.dirty = true
	m.stop()
	if after == 0 {
		return
	}
	held := m.held
	m.timer = time.AfterFunc(after, func() {
		p.do(func() {
			switch {
			case p.mouth.held != held:
			case then == 'E':
				p.eject()
			case then == 'R':
				p.retract()
			}
		})
	})
}

// retract takes in what sticks out or waits behind the rollers.
func (p *Printer) retract() {
	for _, t := range []**piece{&p.mouth.held, &p.mouth.inside} {
		if *t != nil && !(*t).gone {
			(*t).gone = true
			p.mouth.retracted++
			p.dirty = true
		}
		*t = nil
	}
}

func (p *Printer) eject() {
	if t := p.mouth.held; t != nil && !t.gone {
		t.gone = true
		p.mouth.ejected++
		p.dirty = true
	}
	p.mouth.held = nil
}

func (m *presenter) stop() {
	if m.timer != nil {
		m.timer.Stop()
	}
}

// fullStatus is the answer to DLE EOT 14h.
func (p *Printer) fullStatus() []byte {
	var paper, user, soft, hard byte
	for _, bit := range []struct {
		on   bool
		to   *byte
		mask byte
	}{
		{p.fault.PaperOut, &paper, 0x01}, {p.nearEnd(), &paper, 0x04}, {p.mouth.held != nil && !p.mouth.held.gone, &paper, 0x20},
		{p.fault.CoverOpen, &user, 0x02}, {p.motor.moving(), &user, 0x08},
		{p.fault.Hot, &soft, 0x01}, {p.latched.Jam, &soft, 0x40}, {p.latched.Cutter, &hard, 0x01},
	} {
		if bit.on {
			*bit.to |= bit.mask
		}
	}
	return []byte{0x10, 0x0f, paper, user, soft, hard}
}
