package tm1637

// take executes a whole byte. The first of a frame is a command (page 4); data follows an address.
func (c *Chip) take(value uint8) {
	b := &c.bus
	b.bytes = append(b.bytes, value)
	switch {
	case c.reading && len(b.bytes) > 1: // the chip's own: no key is pressed
	case len(b.bytes) == 1:
		c.command(value)
	case b.bytes[0]&0xc0 != 0xc0 || c.address >= grids:
		c.seen.Unknown++
	default:
		c.registers[c.address] = value
		if !c.fixed {
			c.address++
		}
	}
}

// command tells the three commands apart by B7 and B6 (page 4).
func (c *Chip) command(value uint8) {
	switch value & 0xc0 {
	case 0x40:
		c.dataCommand(value)
	case 0x80:
		if value&0x30 != 0 {
			c.seen.Unknown++
		}
		c.on, c.width = value&0x08 != 0, value&0x07
	case 0xc0:
		if c.address = int(value & 0x0f); c.address >= grids || value&0x30 != 0 {
			c.seen.Unknown++
		}
	default:
		c.seen.Unknown++
	}
}

// dataCommand sets what the next frames do: B1…B0 write 00 or read keys 10, B2 fixed address, B3
// test mode, the rest zero (page 4).
func (c *Chip) dataCommand(value uint8) {
	if value&0x38 != 0 || value&0x01 != 0 {
		c.seen.Unknown++
		return
	}
	c.fixed, c.reading = value&0x04 != 0, value&0x02 != 0
}
