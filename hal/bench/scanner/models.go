package scanner

import (
	"slices"
	"time"
)

// Formats and modes that nearly all have.
func jpegOnly() []string { return []string{"image/jpeg"} }
func colours() []string  { return []string{"BlackAndWhite1", "Grayscale8", "RGB24"} }
func pairs(dpi ...int) (list [][2]int) {
	for _, n := range dpi {
		list = append(list, [2]int{n, n})
	}
	return list
}

// glass is an A4 flatbed, a little wider than A4 as they are.
func glass(dpi ...int) *Unit {
	return &Unit{MinWidth: 16, MinHeight: 16, MaxWidth: 2550, MaxHeight: 3508, Resolutions: pairs(dpi...),
		Modes: colours(), Formats: jpegOnly(), Ext: true}
}

// feeder takes sheets up to legal size.
func feeder(dpi ...int) *Unit {
	u := glass(dpi...)
	u.MinWidth, u.MinHeight, u.MaxHeight = 600, 600, 4200
	return u
}

// Sound is a multi-function device without vices: three interfaces, flatbed, duplex feeder.
func Sound() Model {
	return Model{
		Key: "sound", Name: "Bench MFP 3000", Maker: "Bench", Serial: "B0001", UUID: "4509a320-00a0-008f-00b6-000000000001",
		Version: "2.63", Vendor: 0x0416, Product: 0x5301, USB: Lanes(3),
		Platen: glass(75, 150, 200, 300, 600), Feeder: feeder(75, 150, 200, 300, 600), Duplex: true, Capacity: 50,
	}
}

// Find returns the model of a key.
func Find(key string) (Model, bool) {
	all := Models()
	i := slices.IndexFunc(all, func(m Model) bool { return m.Key == key })
	if i < 0 {
		return Model{}, false
	}
	return all[i], true
}

// Models lists all devices: the sound one, then those of vendors. Vendor numbers are those of the
// makers; product numbers, sizes and serial numbers are invented unless a comment says otherwise.
func Models() []Model {
	all := []Model{Sound()}
	for _, v := range slices.Concat(hp(), canon(), others(), programs()) {
		all = append(all, v.model())
	}
	return all
}

// vendor is a device as a difference from the sound one.
type vendor struct {
	key, maker, name string
	id               uint16
	change           func(*Model)
}

func (v vendor) model() Model {
	m := Sound()
	m.Key, m.Maker, m.Name, m.Vendor = v.key, v.maker, v.maker+" "+v.name, v.id
	m.Product = 0xb000
	for _, c := range v.key { // a number of its own
		m.Product = m.Product&0xf000 | (m.Product*31+uint16(c))&0x0fff
	}
	v.change(&m)
	return m
}

// hp: OfficeJet 8010 stands for several whose feeder learns the height of a sheet at its end
// (node-hp-scan-to #413), M630 and Deskjet 3520 from sane-airscan's quirks, 9012e from NAPS2 #654, M28w from
// sane-airscan's retry limits, 4500 fn1 and Enterprise and 107a from ipp-usb's quirks; the
// interfaces of 9012e are those seen at an OfficeJet 200.
func hp() []vendor {
	const id = 0x03f0
	return []vendor{
		{"hp-m630", "HP", "LaserJet MFP M630", id, func(m *Model) {
			m.Server = "HP_Compact_Server"
			m.Habits.LocalhostOnly, m.Habits.Origin, m.Habits.Warms = true, "http://{host}", time.Second
		}},
		{"hp-deskjet-3520", "HP", "Deskjet 3520 series", id, func(m *Model) {
			m.Feeder, m.Duplex, m.Capacity = nil, false, 0
			m.Habits.Origin = "http://CN26A1B2C3D4E5hpLedmUSB"
		}},
		{"hp-m28w", "HP", "LaserJet MFP M28w", id, func(m *Model) {
			m.Feeder, m.Duplex, m.Capacity = nil, false, 0
			m.Habits.Unready, m.Habits.UnreadyAt = 20, 600
		}},
		{"hp-9012e", "HP", "OfficeJet Pro 9012e", id, func(m *Model) {
			m.USB = legacy([2]uint8{1, 1}, [2]uint8{2, 2})
			m.USB[2].Number, m.USB[3].Number = 3, 3
			m.Traps = []Trap{HTML(Capabilities, 1, 2), HTML(Status, 3, 1)}
		}},
		{"hp-scanjet-4500fn1", "HP", "ScanJet Pro 4500 fn1", id, func(m *Model) { m.USB = Lanes(1) }},
		{"hp-enterprise", "HP", "LaserJet Enterprise Flow MFP M527", id, func(m *Model) {
			m.Habits.Warms = 2 * time.Minute
			m.Traps = []Trap{Truncated(Capabilities, 1, 4)}
		}},
		{"hp-officejet-8010", "HP", "OfficeJet 8010 series", id, func(m *Model) { m.Coding.Late = true }},
		{"hp-107a", "HP", "Laser 107a", id, func(m *Model) { m.Traps = []Trap{Code(Any, 1, 0, 404)} }},
	}
}

// canon: sane-airscan's quirks; LiDE 300 is known to be eSCL over USB only (product number as in
// the pixma backend).
func canon() []vendor {
	const id = 0x04a9
	return []vendor{
		{"canon-lide-300", "Canon", "LiDE 300", id, func(m *Model) {
			m.Product, m.USB = 0x1913, Lanes(1)
			m.Feeder, m.Duplex, m.Capacity = nil, false, 0
			m.Platen = glass(75, 150, 300, 600, 1200)
			m.Platen.Ext = false
		}},
		{"canon-mf410", "Canon", "MF410 Series", id, func(m *Model) {
			m.Name, m.Habits.EmptyJams = "MF410 Series", true
		}},
		{"canon-ir2625", "Canon", "iR2625/2630", id, func(m *Model) {
			m.Platen.OpticalDPI, m.Feeder.OpticalDPI = 300, 300
		}},
	}
}

// others: Xerox, Brother, Epson, Kyocera from sane-airscan's quirks and issues (#163, #179, #357),
// ipp-usb PR #128, NAPS2 #681; the endpoints of the M5521cdw are those recorded by go-mfp.
func others() []vendor {
	const xerox, brother, epson, kyocera = 0x0924, 0x04f9, 0x04b8, 0x0482
	return []vendor{
		{"xerox-b215", "Xerox", "B215", xerox, func(m *Model) {
			m.Habits.Origin = "http://[fe80"
			m.Habits.Unready, m.Habits.UnreadyCode, m.Habits.DeleteWedges = 2, 404, 30*time.Second
			m.Habits.GoneCode = 410
		}},
		{"xerox-b205", "Xerox", "B205", xerox, func(m *Model) {
			m.Habits.Origin, m.Feeder, m.Duplex, m.Capacity = "http://[fe80", nil, false, 0
			m.Habits.Unready, m.Habits.UnreadyCode, m.Habits.DeleteWedges = 2, 410, 30*time.Second
		}},
		{"xerox-wc3345", "Xerox", "WorkCentre 3345", xerox, func(m *Model) { m.Habits.EmptyJams = true }},
		{"brother-mfc-l2710dw", "Brother", "MFC-L2710DW series", brother, func(m *Model) {
			m.USB, m.PageTime, m.Habits.Breathes = Lanes(2), 2*time.Second, time.Second
		}},
		{"brother-mfc-j6920dw", "Brother", "MFC-J6920DW", brother, func(m *Model) { m.Habits.Switches = 8 * time.Second }},
		{"epson-wf-2630", "EPSON", "WF-2630 Series", epson, func(m *Model) {
			m.Habits.PortInHost, m.Duplex, m.Habits.Sized = true, false, true
		}},
		{"epson-wf-2930", "EPSON", "WF-2930 Series", epson, func(m *Model) {
			m.Habits.PortInHost, m.Habits.OnePage, m.Duplex = true, true, false
			m.Claims = 1
		}},
		{"kyocera-m6526cdn", "Kyocera", "ECOSYS M6526cdn", kyocera, func(m *Model) { m.Habits.DropsBody = true }},
		{"kyocera-m5526cdw", "Kyocera", "ECOSYS M5526cdw", kyocera, func(m *Model) {
			odd := append(pairs(75, 150), [2]int{200, 100}, [2]int{200, 200}, [2]int{200, 400}, [2]int{300, 300}, [2]int{600, 600})
			m.Platen.MaxWidth, m.Platen.Resolutions, m.Feeder.Resolutions = 2551, odd, odd
			m.Sharpen = &Range{-3, 3, 0, 1}
			m.Habits.Recovers, m.Habits.AdfEmpty = 3*time.Second, "ScannerAdfProcessing"
		}},
		{"kyocera-m5521cdw", "Kyocera", "ECOSYS M5521cdw", kyocera, func(m *Model) {
			m.USB = legacy([2]uint8{3, 4}, [2]uint8{7, 8}, [2]uint8{9, 10})
			m.Platen.MaxWidth, m.Sharpen = 2551, &Range{-3, 3, 0, 1}
			m.Habits.Lingers = 3 * time.Minute
		}},
		{"secured-stops", "Bench", "Careful Copier", 0x0416, func(m *Model) { m.Habits.SecuredStops = true }},
	}
}

// programs are servers that are no devices: AirSane as measured, go-mfp's virtual scanner as read.
func programs() []vendor {
	return []vendor{
		{"airsane", "AirSane", "test", 0x0416, func(m *Model) {
			m.Platen.MaxHeight = 3507
			m.Habits.Queues, m.Habits.LateEmpty, m.Habits.EmptyPage, m.Habits.DeleteRenames = true, true, true, true
			m.Habits.AdfAlways = "ScannerAdfLoaded"
		}},
		{"airsane-old", "AirSane", "old", 0x0416, func(m *Model) { m.Habits.EndCode = 409 }},
		{"go-mfp", "go-mfp", "virtual", 0x0416, func(m *Model) {
			m.Habits.Origin, m.Habits.NoInfo, m.Habits.DeleteDone = "http://{host}", true, 404
			m.Habits.AdfAlways = "ScannerAdfProcessing"
		}},
		{"dressed", "Bench", "Dressed Files", 0x0416, func(m *Model) {
			m.Globally, m.NoDescriptor = true, true
			m.Feeder = m.Platen
			m.Coding = Coding{Progressive: true, Thumbnail: true, Filled: true, Tail: 512}
			m.Traps = []Trap{Prefix("e")}
		}},
		{"ranges", "Bench", "Ranges", 0x0416, func(m *Model) {
			m.Platen.Span, m.Feeder.Span = &Range{75, 600, 300, 25}, &Range{75, 600, 300, 25}
			m.Coding = Coding{Restarts: 8}
		}},
		{"soft-reset-wedges", "Bench", "Wedge", 0x0416, func(m *Model) { m.Habits.ResetWedges = true }},
	}
}
