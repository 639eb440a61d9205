package printer

// Model says which printer it is. The zero value is a printer of 80 mm with a way back.
type Model struct {
	Dots   int     // across the head, a multiple of 8; 0 = 576
	Proto  uint8   // USB class 7/1 protocol: 1 = no bulk IN, 2 = with; 0 = 2
	Speed  float64 // mm/s; 0 = 150, negative = instant
	Buffer int     // bytes received ahead of printing; 0 = 4096

	Vendor, Product uint16 // 0 = 0416:5011, a chip that many makers use
	Name            string // GET_DEVICE_ID: "MFG:EPSON;MDL:TM-T20III;"; "" = that of the bench
	VendorClass     bool   // class FF, by the switch inside an Epson: no class requests at all
	Clone           bool   // GS (, GS a, DLE ENQ and DLE DC4 mean nothing; what follows prints
	Custom          bool   // Custom's presenter, full status and counters
	Pages           []Page // tables for ESC t; nil = 866 as 17
}

// Page is a table of letters and the n of ESC t that chooses it.
type Page struct {
	Number byte
	Table  Table
}

// Table is a code page.
type Table uint8

// Tables that are drawn as letters; of all others the characters above 7Eh are boxes.
const (
	Latin Table = iota
	DOS866
	Windows1251
)

// EpsonT20 is a TM-T20III.
func EpsonT20() Model {
	return Model{Vendor: 0x04b8, Product: 0x0e28, Name: "MFG:EPSON;CMD:ESC/POS;MDL:TM-T20III;CLS:PRINTER;",
		Pages: []Page{{17, DOS866}, {46, Windows1251}}}
}

// EpsonT88 is a TM-T88V: 180 dots per inch.
func EpsonT88() Model {
	return Model{Dots: 512, Vendor: 0x04b8, Product: 0x0202, Name: "MFG:EPSON;CMD:ESC/POS;MDL:TM-T88V;CLS:PRINTER;",
		Pages: []Page{{17, DOS866}, {46, Windows1251}}}
}

// EpsonVendorClass is a TM-T88V with its switch on vendor class.
func EpsonVendorClass() Model {
	m := EpsonT88()
	m.VendorClass = true
	return m
}

// CitizenCTS651 has 640 dots and code page 866 as 7.
func CitizenCTS651() Model {
	return Model{Dots: 640, Name: "MFG:CITIZEN;CMD:ESC/POS;MDL:CT-S651;CLS:PRINTER;", Pages: []Page{{7, DOS866}}}
}

// CustomVKP80II and its successor have a presenter. GS V does not fire their cutter.
func CustomVKP80II() Model {
	return Model{Vendor: 0x0dd4, Product: 0x015d, Name: "MFG:CUSTOM;MDL:VKP80II;CLS:PRINTER;", Custom: true,
		Pages: []Page{{17, DOS866}}}
}

// CustomVKP80III is the successor.
func CustomVKP80III() Model {
	return Model{Vendor: 0x0dd4, Product: 0x0205, Name: "MFG:CUSTOM;MDL:VKP80III;CLS:PRINTER;", Custom: true,
		Pages: []Page{{17, DOS866}}}
}

// Rongta326 has Greek where others have 866.
func Rongta326() Model {
	return Model{Name: "MFG:Rongta;CMD:ESC/POS;MDL:RP326;CLS:PRINTER;", Clone: true, Pages: []Page{{7, DOS866}, {6, Windows1251}}}
}

// AtolRP326 is the same machine with Atol's plate. Which n chooses 866 is not known for certain: here
// it is on from the start and no n chooses it, so that a driver that trusts a number is found out.
func AtolRP326() Model {
	return Model{Name: "MFG:ATOL;CMD:ESC/POS;MDL:RP-326;CLS:PRINTER;", Clone: true, Pages: []Page{{0, DOS866}}}
}

// Shtrih700 speaks Epson's ESC/P2 and answers nothing. Only its name is drawn: what it is sent in
// another language is wasted paper.
func Shtrih700() Model {
	return Model{Proto: 1, Name: "MFG:SHTRIH-M;MDL:SHTRIH-700;CLS:PRINTER;", Clone: true, Pages: []Page{{0, DOS866}}}
}

// XprinterT80Q is a clone of 80 mm.
func XprinterT80Q() Model {
	return Model{Name: "MFG:Xprinter;CMD:ESC/POS;MDL:XP-T80Q;CLS:PRINTER;", Clone: true, Pages: []Page{{17, DOS866}, {23, Windows1251}}}
}

// POS58 is a clone of 58 mm.
func POS58() Model {
	return Model{Dots: 384, Name: "MFG:POS;CMD:ESC/POS;MDL:POS-58;CLS:PRINTER;", Clone: true, Pages: []Page{{17, DOS866}}}
}

// Nameless is a clone whose name tells nothing.
func Nameless(dots int) Model {
	return Model{Dots: dots, Vendor: 0x1fc9, Product: 0x2016, Name: "MFG:;MDL:USB Printing Support;CLS:PRINTER;", Clone: true}
}

// complete fills in what is zero.
func (m Model) complete() Model {
	if m.Dots == 0 {
		m.Dots = 576
	}
	if m.Proto == 0 {
		m.Proto = 2
	}
	if m.Speed == 0 {
		m.Speed = 150
	}
	if m.Buffer == 0 {
		m.Buffer = 4096
	}
	m.Buffer = max(m.Buffer, packet)
	if m.Vendor == 0 {
		m.Vendor, m.Product = 0x0416, 0x5011
	}
	if m.Name == "" {
		m.Name = "MFG:Bench;CMD:ESC/POS;MDL:Thermal 80;CLS:PRINTER;"
	}
	if m.Pages == nil {
		m.Pages = []Page{{17, DOS866}}
	}
	return m
}
