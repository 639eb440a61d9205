package printer

// status returns the byte of DLE EOT n. Bits 1 and 4 are always set.
func (p *Printer) status(n byte) byte {
	st := byte(0x12)
	set := func(on bool, bits byte) {
		if on {
			st |= bits
		}
	}
	switch n {
	case 1:
		set(p.stopped(), 0x08)
	case 2:
		set(p.fault.CoverOpen, 0x04)
		set(p.fault.PaperOut, 0x20)
		set(p.erring(), 0x40)
	case 3:
		set(p.latched.Jam, 0x04)
		set(p.latched.Cutter, 0x08)
		set(p.fault.Hot, 0x40)
	case 4:
		set(p.nearEnd(), 0x0c)
		set(p.fault.PaperOut, 0x60)
	}
	return st
}

// nearEnd: with no paper the near-end sensor sees none either.
func (p *Printer) nearEnd() bool { return p.fault.PaperLow || p.fault.PaperOut }

// automatic returns the four bytes of automatic status back (GS a).
func (p *Printer) automatic() [4]byte {
	st := [4]byte{0x10}
	if p.stopped() {
		st[0] |= 0x08
	}
	if p.fault.CoverOpen {
		st[0] |= 0x20
	}
	for _, e := range []struct {
		on  bool
		bit byte
	}{{p.latched.Jam, 0x04}, {p.latched.Cutter, 0x08}, {p.fault.Hot, 0x40}} {
		if e.on {
			st[1] |= e.bit
		}
	}
	if p.nearEnd() {
		st[2] |= 0x03
	}
	if p.fault.PaperOut {
		st[2] |= 0x0c
	}
	return st
}

// enable is GS a: the present status is told at once.
func (p *Printer) enable(n byte) {
	if p.asb = n; n != 0 {
		p.told = p.automatic()
		p.in.Send(p.told[:])
	}
}

// tell sends the automatic status if something asked for has changed: bit 1 of GS a's n stands for
// on-line and cover, bit 2 for errors, bit 3 for the paper sensors.
func (p *Printer) tell() {
	st := p.automatic()
	changed := p.asb&0x02 != 0 && st[0] != p.told[0] || p.asb&0x04 != 0 && st[1] != p.told[1] ||
		p.asb&0x08 != 0 && st[2] != p.told[2]
	if changed {
		p.told = st
		p.in.Send(st[:])
	}
}

// sensor returns the byte of GS r n: bit 7 and bit 4 are always clear.
func (p *Printer) sensor(n byte) byte {
	if (n == 1 || n == '1') && p.nearEnd() {
		return 0x03
	}
	return 0
}

// identity answers GS I n: one byte, or a block of text.
func (p *Printer) identity(n byte) []byte {
	switch n {
	case 1, '1':
		return []byte{0x20}
	case 2, '2':
		return []byte{0x02} // has a cutter
	case 3, '3':
		return []byte{0x00}
	case 65:
		return []byte("_1.00\x00")
	case 66:
		return []byte("_Bench\x00")
	case 67:
		return []byte("_Thermal 80\x00")
	case 68:
		return []byte("_B0001\x00")
	}
	return nil
}
