package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// steady is the least time by which a hand means something. What is shorter is chatter, which the
// kernel's debounce (10 ms) is there to overlook.
const steady = 20 * time.Millisecond

// hand is a hand on a contact.
type hand struct {
	line   int
	closed bool
	meant  bool // its lengths mean something
	length time.Duration
	since  time.Duration // the kernel's look at the contact as it is, by the kernel's clock; 0 = none yet
}

// tap closes and opens a contact in turn for the times given; it ends open. A hand that goes by a
// clock alone loses presses: a guest that got no processor for as long as a press lasts wakes the
// hand before the debounce, which then finds the contact open as ever. So the hand stays until the
// kernel has looked, and counts its time from there. Where lengths mean something, and they do in
// every pattern but a single press, one that the kernel saw too long is an error: no program can know
// what was meant.
func tap(line int, pattern []string) error {
	h := hand{line: line, meant: len(pattern) > 1}
	var chatter []time.Duration
	for _, text := range pattern {
		d, err := time.ParseDuration(text)
		if err != nil {
			return err
		}
		if d < steady {
			chatter = append(chatter, d)
			continue
		}
		err = h.chatter(chatter)
		chatter = nil
		if err == nil {
			err = h.move(d)
		}
		if err != nil {
			bench(fmt.Sprintf("line %d z", line))
			return err
		}
	}
	if !h.closed {
		return nil
	}
	return h.move(steady)
}

// chatter moves the contact to and fro in one go, so that nothing but the kernel's debounce decides
// what that is.
func (h *hand) chatter(times []time.Duration) error {
	if len(times) == 0 {
		return nil
	}
	level := "0"
	if h.closed {
		level = "z"
	}
	command := fmt.Sprintf("chatter %d %s", h.line, level)
	for _, d := range times {
		command += fmt.Sprintf(" %d", d.Microseconds())
	}
	h.closed = h.closed != (len(times)%2 == 1)
	return bench(command)
}

// move closes the contact if it is open, opens it if it is closed, and rests for a time.
func (h *hand) move(rest time.Duration) error {
	h.closed = !h.closed
	level := "z"
	if h.closed {
		level = "0"
	}
	if err := bench(fmt.Sprintf("line %d %s", h.line, level)); err != nil {
		return err
	}
	seen, err := looked(h.line)
	if err != nil {
		return err
	}
	if took := seen - h.since; h.meant && h.since != 0 && meaning(!h.closed, took) != meaning(!h.closed, h.length) {
		return fmt.Errorf("the guest stood still: %v of a hand's time took %v", h.length, took)
	}
	h.length, h.since = rest, seen
	time.Sleep(rest)
	return nil
}

// meaning is what a length means on a handset: a press is short, long or held, a pause is within a
// double press or is not.
func meaning(press bool, length time.Duration) string {
	switch {
	case !press && length < 350*time.Millisecond:
		return "double"
	case !press:
		return "apart"
	case length < time.Second:
		return "short"
	case length < 3*time.Second:
		return "long"
	}
	return "held"
}

// looked waits until the kernel has looked at a contact since it moved, and tells when that was.
func looked(line int) (time.Duration, error) {
	if err := bench(fmt.Sprintf("looked %d", line)); err != nil {
		return 0, fmt.Errorf("no program listens to line %d: %w", line, err)
	}
	text, err := os.ReadFile("/sys/module/bench/parameters/looked")
	if err != nil {
		return 0, err
	}
	all := strings.Split(strings.TrimSpace(string(text)), ",")
	nanos, err := strconv.ParseInt(all[line], 10, 64)
	return time.Duration(nanos), err
}
