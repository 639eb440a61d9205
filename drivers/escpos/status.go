package escpos

import "time"

// Status is what the printer says about itself. The zero value knows nothing.
type Status struct {
	Known      bool // false: this printer answers no question about its state
	PaperOut   bool
	PaperLow   bool // near-end sensor, where there is one
	CoverOpen  bool
	Offline    bool
	Presented  bool // a ticket is in the presenter's mouth
	Unfamiliar bool // the printer is not known: Profile.Unfamiliar
	Foreign    bool // the printer speaks another language: Profile.Foreign
	Fault      Fault
	At         time.Time

	mouth bool // Presented was sensed
}

// Fault is a set of error bits (DLE EOT 3; ASB byte 2; port status "error").
type Fault uint8

// Errors a printer tells apart.
const (
	Mechanical    Fault = 0x04 // paper jam and the like; a person can clear it
	Cutter        Fault = 0x08 // the autocutter is stuck
	Unrecoverable Fault = 0x20 // memory, voltage: off and on again, or repair
	Overheated    Fault = 0x40 // the head is hot; goes by itself
	Unspecified   Fault = 0x80 // an error without a name
)

// Ready returns nil if the printer may get a slip, or the most telling reason why not. A printer
// that says nothing is ready: many clones never answer.
func (s Status) Ready() error {
	switch {
	case s.Foreign:
		return ErrForeign
	case s.PaperOut:
		return ErrPaperOut
	case s.CoverOpen:
		return ErrCoverOpen
	case s.Fault != 0:
		return ErrFault
	case s.Offline:
		return ErrOffline
	}
	return nil
}

// realTime adds the answer b to DLE EOT n (Epson, "DLE EOT", tables 1…4). A sensor counts as
// soon as one of its two bits is set: printing on a doubt costs a ticket, asking costs nothing.
func (s *Status) realTime(n, b byte) {
	switch n {
	case 1:
		s.Offline = b&0x08 != 0
	case 2:
		s.CoverOpen = b&0x04 != 0
		s.PaperOut = s.PaperOut || b&0x20 != 0
		if b&0x40 != 0 {
			s.Fault |= Unspecified
		}
	case 3:
		s.Fault = named(s.Fault, b)
	case 4:
		s.PaperLow = b&0x0c != 0
		s.PaperOut = s.PaperOut || b&0x60 != 0
	}
}

// automatic reads an Automatic Status Back of four bytes (Epson, "GS a").
func automatic(b []byte) Status {
	return Status{
		Known:     true,
		Offline:   b[0]&0x08 != 0,
		CoverOpen: b[0]&0x20 != 0,
		Fault:     named(0, b[1]),
		PaperLow:  b[2]&0x03 != 0,
		PaperOut:  b[2]&0x0c != 0,
		At:        time.Now(),
	}
}

// full reads Custom's full status, the bytes behind 10h 0Fh: paper, user, recoverable and
// unrecoverable (facts §1.7). A virtual end of paper is counted, not sensed: it is a warning.
func full(b []byte) Status {
	paper, user, soft, hard := b[2], b[3], b[4], b[5]
	s := Status{
		Known:     true,
		PaperOut:  paper&0x01 != 0,
		PaperLow:  paper&0x44 != 0,
		Presented: paper&0x20 != 0,
		mouth:     true,
		CoverOpen: user&0x03 != 0 || hard&0x02 != 0,
		At:        time.Now(),
	}
	for _, row := range []struct {
		on    bool
		fault Fault
	}{
		{soft&0x40 != 0, Mechanical}, {soft&0x01 != 0, Overheated}, {hard&0x01 != 0, Cutter},
		{soft&0x08 != 0 || hard&0x0c != 0, Unrecoverable}, {hard&0x80 != 0, Unspecified},
	} {
		if row.on {
			s.Fault |= row.fault
		}
	}
	return s
}

// port reads GET_PORT_STATUS (USB printing class 1.1, §4.2.2): 20h paper empty, 10h selected,
// 08h no error. The cover has no bit of its own.
func port(b byte) Status {
	s := Status{Known: true, PaperOut: b&0x20 != 0, Offline: b&0x10 == 0, At: time.Now()}
	if b&0x08 == 0 && !s.PaperOut {
		s.Fault = Unspecified
	}
	return s
}

// named replaces "some error" by the errors that b names, if it names any.
func named(f Fault, b byte) Fault {
	if bits := Fault(b) & (Mechanical | Cutter | Unrecoverable | Overheated); bits != 0 {
		return bits
	}
	return f
}
