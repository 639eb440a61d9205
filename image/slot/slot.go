// Package slot is the card's memory of which of its two systems boots: the state block.
//
// It owns the block's bytes, the rules by which a slot is chosen, put on trial, kept and taken back, and how
// the block is written so that a power cut at any moment leaves the old state or the new one. It refuses to
// touch slots or devices. The boot loader's script (image/boot) embodies the same rules and is held against
// them in QEMU; the format is therefore U-Boot's environment (u-boot env/common.c: CRC32, then NAME=value
// strings, each ended by a zero, the last by two).
package slot

import "fmt"

// Name is one of the card's two systems.
type Name string

// The two slots. None is no slot: nothing is on trial.
const (
	A    Name = "A"
	B    Name = "B"
	None Name = "none"
)

// Other is the slot beside n.
func (n Name) Other() Name {
	if n == A {
		return B
	}
	return A
}

// Tries is how often a new system may boot before it must have proved itself.
const Tries = 3

// State is what the card remembers.
type State struct {
	Good Name // boots unless another is on trial
	Try  Name // on trial, or None
	Left int  // boots that the trial still has, 0 to Tries
}

// Fresh is the state of a card as it is flashed, and what holds when both copies are lost.
func Fresh() State { return State{Good: A, Try: None} }

// Check tells whether s is a state that this package writes.
func (s State) Check() error {
	switch {
	case s.Good != A && s.Good != B:
		return fmt.Errorf("good slot %q", s.Good)
	case s.Try != A && s.Try != B && s.Try != None:
		return fmt.Errorf("slot on trial %q", s.Try)
	case s.Try == s.Good:
		return fmt.Errorf("slot %s is good and on trial", s.Try)
	case s.Left < 0 || s.Left > Tries:
		return fmt.Errorf("%d boots left of %d", s.Left, Tries)
	case s.Try == None && s.Left != 0:
		return fmt.Errorf("%d boots left of no trial", s.Left)
	}
	return nil
}

// Boot is what the boot loader does at power-on: the slot to boot and the state to write before it. A state
// without a trial stays as it is, so that normal boots write nothing and no power cut can burn a try.
func (s State) Boot() (Name, State) {
	switch {
	case s.Try == None:
		return s.Good, s
	case s.Left > 0:
		return s.Try, State{Good: s.Good, Try: s.Try, Left: s.Left - 1}
	}
	return s.Good, State{Good: s.Good, Try: None}
}

// Put is the state after slot n was written and shall be tried. The good slot cannot be put on trial.
func (s State) Put(n Name) (State, error) {
	next := State{Good: s.Good, Try: n, Left: Tries}
	if n != A && n != B || n == s.Good {
		return s, fmt.Errorf("put slot %s on trial: %s is the good one", n, s.Good)
	}
	return next, nil
}

// Keep is the state after the running slot n proved itself.
func (s State) Keep(n Name) (State, error) {
	if n != s.Good && n != s.Try {
		return s, fmt.Errorf("keep slot %s: good is %s, on trial is %s", n, s.Good, s.Try)
	}
	return State{Good: n, Try: None}, nil
}

// Drop is the state after slot n is known not to work, for instance while it is being written. The good slot
// is never dropped: there must be one to boot.
func (s State) Drop(n Name) (State, error) {
	if n == s.Good {
		return s, fmt.Errorf("drop slot %s: it is the good one", n)
	}
	return State{Good: s.Good, Try: None}, nil
}
