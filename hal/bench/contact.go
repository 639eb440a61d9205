package bench

import (
	"fmt"
	"time"

	"periph.io/x/conn/v3/gpio"
)

// Contact says how the metal of the buttons behaves and what the kernel makes of it.
type Contact struct {
	Bounce   bool          // contacts chatter for some milliseconds at every press and release
	Debounce time.Duration // the kernel reports a level that was steady so long; 0 = reports chatter
}

// WornContact is an old button behind the debouncing that a real board asks its kernel for; a new
// machine has it.
func WornContact() Contact { return Contact{Bounce: true, Debounce: 10 * time.Millisecond} }

// bounces are the moments at which a contact opens and closes again after the first touch.
var bounces = [...]time.Duration{400 * time.Microsecond, 900 * time.Microsecond, 1600 * time.Microsecond, 2300 * time.Microsecond}

// SetContact changes how the buttons behave from the next press on. Contact{} gives one clean edge
// at once per movement.
func (m *Machine) SetContact(c Contact) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.contact = c
}

// Press puts a finger on the button of a line.
func (m *Machine) Press(name string) error {
	return m.move(name, "Нажата %s", func(l *line) { l.finger = true })
}

// Release takes the finger off.
func (m *Machine) Release(name string) error {
	return m.move(name, "", func(l *line) { l.finger = false })
}

// Tapped moves the contact of a button as a hand has just done: closed and open in turn for the times given, and open
// now. Each edge comes with the time it had: whoever reads them knows how long a press lasted, however long this
// process stood still in it. They are clean, as behind a kernel that debounces.
func (m *Machine) Tapped(name string, pattern ...time.Duration) error {
	l, err := m.lineNamed(name)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if l.owner == "" || l.pressed() {
		return fmt.Errorf("line %s is not a button that is free", name)
	}
	l.chatter++
	at := m.up()
	for _, d := range pattern {
		at -= d
	}
	for i, d := range pattern {
		if closing := i%2 == 0; closing {
			m.enter("Нажата "+l.owner, 0)
		}
		l.move(gpio.Level(i%2 != 0), at)
		at += d
	}
	l.move(gpio.High, at)
	m.bump()
	return nil
}

// Stick jams the button pressed, or frees it.
func (m *Machine) Stick(name string, stuck bool) error {
	text := "Освобождена %s"
	if stuck {
		text = "Заела %s"
	}
	return m.move(name, text, func(l *line) { l.stuck = stuck })
}

func (m *Machine) move(name, text string, change func(*line)) error {
	l, err := m.lineNamed(name)
	if err != nil {
		return err
	}
	if l.owner == "" {
		return fmt.Errorf("line %s is not a button", name)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	finger, closed := l.finger, l.pressed()
	stuck := l.stuck
	change(l)
	if l.finger == finger && l.stuck == stuck {
		return nil
	}
	if text != "" {
		m.enter(fmt.Sprintf(text, l.owner), 0)
	}
	if l.pressed() != closed {
		l.touch()
	}
	m.bump()
	return nil
}

func (l *line) pressed() bool { return l.finger || l.stuck }

// touch begins the movement of the contact to where the finger wants it. With debouncing the
// kernel reports the level once, when it was steady; a movement shorter than that is never seen.
func (l *line) touch() {
	l.chatter++
	target := gpio.Level(!l.pressed())
	steady := time.Duration(0)
	if l.m.contact.Bounce {
		steady = bounces[len(bounces)-1]
	}
	if wait := l.m.contact.Debounce; wait > 0 {
		l.later(steady+wait, func() { l.set(target) })
		return
	}
	l.set(target)
	for i := range bounces {
		if steady > 0 {
			l.later(bounces[i], func() { l.set(target != gpio.Level(i%2 == 0)) })
		}
	}
}

// later runs f under the lock unless the contact was moved again or the machine closed.
func (l *line) later(after time.Duration, f func()) {
	chatter := l.chatter
	time.AfterFunc(after, func() {
		l.m.mu.Lock()
		defer l.m.mu.Unlock()
		if l.chatter == chatter {
			f()
		}
	})
}
