package max7219

// A frame is one transfer: a register and its value for every chip, latched together on the
// rising edge of CS. The first 16 bits travel to the far end of the chain (data sheet,
// "Cascading drivers"), so the farthest chip comes first.

// same builds frames that give every chip the same value.
func (d *Display) same(settings [][2]byte) [][]byte {
	frames := make([][]byte, 0, len(settings))
	for _, s := range settings {
		frame := make([]byte, 0, 2*d.chips)
		for range d.chips {
			frame = append(frame, s[0], s[1])
		}
		frames = append(frames, frame)
	}
	return frames
}

// power builds the frame of the shutdown register: 1 = normal operation (data sheet, table 3).
func (d *Display) power(on bool) []byte {
	var value byte
	if on {
		value = 1
	}
	return d.same([][2]byte{{regShutdown, value}})[0]
}

// digitFrames builds the eight frames that carry d.digits.
func (d *Display) digitFrames() [][]byte {
	frames := make([][]byte, 0, perChip)
	for digit := range perChip {
		column := digit
		if d.reversed {
			column = perChip - 1 - digit
		}
		frame := make([]byte, 0, 2*d.chips)
		for chip := d.chips - 1; chip >= 0; chip-- {
			frame = append(frame, byte(regDigit0+digit), d.digits[chip*perChip+column])
		}
		frames = append(frames, frame)
	}
	return frames
}

// write sends frames in order and stops at the first error.
func (d *Display) write(frames [][]byte) error {
	for _, f := range frames {
		if err := d.conn.Tx(f, nil); err != nil {
			return err
		}
	}
	return nil
}

// writeDark sends frames while the chips are in shutdown, where registers can be written (data
// sheet, "Shutdown mode"): an error in the middle leaves a dark display, not half of two numbers.
func (d *Display) writeDark(frames [][]byte) error {
	if err := d.write([][]byte{d.power(false)}); err != nil {
		return err
	}
	if err := d.write(frames); err != nil {
		return err
	}
	if err := d.write([][]byte{d.power(d.on)}); err != nil {
		return err
	}
	d.unsure = false
	return nil
}
