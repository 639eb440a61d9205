package tm1637

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// layout gives the registers of a text.
func (d *Display) layout(text string) (registers [grids]byte, err error) {
	drawn := text
	if d.marks == Colon {
		if drawn, err = colon(text); err != nil {
			return registers, err
		}
	}
	digits, err := order.Layout(drawn, len(d.grids))
	if err != nil {
		return registers, err
	}
	for i, segments := range digits {
		registers[d.grids[i]] = segments
	}
	return registers, nil
}

// colon turns "12:30" into "12.30": the colon is the point of the second digit.
func colon(text string) (string, error) {
	if strings.Contains(text, ".") {
		return "", fmt.Errorf("show %q: the display has no points", text)
	}
	before, after, found := strings.Cut(text, ":")
	if found && utf8.RuneCountInString(before) != 2 {
		return "", fmt.Errorf("show %q: the colon stands after the second digit", text)
	}
	if found {
		return before + "." + after, nil
	}
	return text, nil
}

// write brings the chip to what d says: command, registers, display control (data sheet, page 4,
// automatic address). If the chip may hold anything else, it is dark while the registers change: an
// error in the middle leaves a dark display, not half of two numbers.
func (d *Display) write() error {
	control := byte(cmdControl)
	if d.on {
		control |= controlOn | d.intensity
	}
	frames := [][]byte{{cmdWrite}, append([]byte{cmdAddress}, d.registers[:]...), {control}}
	if d.unsure {
		frames = append([][]byte{{cmdControl}}, frames...)
	}
	for _, f := range frames {
		if err := d.bus.frame(f); err != nil {
			return err
		}
	}
	d.unsure = false
	return nil
}
