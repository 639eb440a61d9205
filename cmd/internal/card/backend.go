package card

import (
	"fmt"
	"io"

	"sps-kiosk/image/slot"
)

// Backend answers RAUC (reference manual, "Custom bootloader backend"): get-primary, set-primary SLOT, get-state SLOT,
// set-state SLOT good|bad, get-current. What it prints is the answer.
func (p Paths) Backend(args []string, out io.Writer) error {
	word := func(i int) string {
		if i < len(args) {
			return args[i]
		}
		return ""
	}
	name := slot.Name(word(1))
	switch word(0) {
	case "get-current":
		running, err := p.running()
		fmt.Fprintln(out, running)
		return err
	case "get-primary":
		s, err := p.state()
		fmt.Fprintln(out, primary(s))
		return err
	case "set-primary":
		return p.change(func(s slot.State) (slot.State, error) { return prefer(s, name) })
	case "get-state":
		s, err := p.state()
		fmt.Fprintln(out, verdict(s, name))
		return err
	case "set-state":
		return p.setState(name, word(2))
	}
	return fmt.Errorf("RAUC asks for %q", args)
}

// primary is the slot that the next boot takes.
func primary(s slot.State) slot.Name {
	next, _ := s.Boot()
	return next
}

// prefer has a slot boot next: the good one, which ends a trial, or the other, which begins one.
func prefer(s slot.State, name slot.Name) (slot.State, error) {
	if name == s.Good {
		return slot.State{Good: s.Good, Try: slot.None}, nil
	}
	return s.Put(name)
}

// verdict is "good" for a slot that the boot loader would still boot.
func verdict(s slot.State, name slot.Name) string {
	if name == s.Good || name == s.Try && s.Left > 0 {
		return "good"
	}
	return "bad"
}

// setState hears what RAUC thinks of a slot. "good" is not enough to keep one: only the proof keeps. "bad" is said of a
// slot before it is written.
func (p Paths) setState(name slot.Name, verdict string) error {
	switch verdict {
	case "good":
		return nil
	case "bad":
		return p.change(func(s slot.State) (slot.State, error) { return s.Drop(name) })
	}
	return fmt.Errorf("RAUC says %q of slot %s", verdict, name)
}
