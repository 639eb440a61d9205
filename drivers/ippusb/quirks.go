package ippusb

import (
	"path"
	"strings"
)

// Quirks are what a model needs beyond IPP-USB 1.0. The zero value is a good device.
type Quirks struct {
	Unsupported   bool   // has the interfaces and answers nothing useful
	MaxInterfaces int    // claimed at the same time; 0 = two
	SoftReset     bool   // SOFT_RESET before the first request
	ZeroEnds      bool   // a zero-length packet and silence end a message that says it is longer
	ZeroPacket    bool   // a request of whole packets ends with a zero-length one; no device known
	Connection    string // this Connection header instead of none
}

func (q Quirks) interfaces() int {
	if q.MaxInterfaces > 0 {
		return q.MaxInterfaces
	}
	return 2
}

// Quirk is one row of the table.
type Quirk struct {
	Vendor, Product uint16 // 0 = any
	Model           string // glob over manufacturer and product without regard to case; "" = any
	Quirks          Quirks
	Origin          string // where it was learnt
	Reason          string // what happens without it
}

// Table returns the known devices, the more general row first: later rows win field by field.
// The names are product strings; ids are given where a source has them.
func Table() []Quirk {
	return []Quirk{
		{hp, 0, "*LaserJet MFP M28*", Quirks{Connection: "keep-alive"}, "ipp-usb HP.conf",
			"not told by the source; the header is what works"},
		{hp, 0, "*LaserJet MFP M29*", Quirks{Connection: "keep-alive"}, "ipp-usb HP.conf (M28-M31)", "as M28"},
		{hp, 0, "*LaserJet MFP M30*", Quirks{Connection: "keep-alive"}, "ipp-usb HP.conf (M28-M31)", "as M28"},
		{hp, 0, "*LaserJet MFP M31*", Quirks{Connection: "keep-alive"}, "ipp-usb HP.conf (M28-M31)", "as M28"},
		{hp, 0, "*OfficeJet Pro 8730*", Quirks{Connection: "close"}, "ipp-usb HP.conf",
			"not told by the source; the header is what works"},
		{hp, 0, "*OfficeJet Pro 8710*", Quirks{SoftReset: true}, "ipp-usb issue 75",
			"the first request is never answered"},
		{hp, 0, "*ScanJet Pro 4500 fn1*", Quirks{MaxInterfaces: 1}, "ipp-usb HP.conf",
			"requests hang when both interfaces are in use; a page under way cannot be cancelled"},
		{hp, 0, "*Color LaserJet Flow*", Quirks{ZeroEnds: true}, "ipp-usb issue 64",
			"while it starts up, bodies end short with a zero-length packet"},
		{hp, 0, "*Laser MFP 135a*", Quirks{Unsupported: true}, "ipp-usb blacklist.conf", "404 to every request"},
		{hp, 0, "*Laser 107a*", Quirks{Unsupported: true}, "facts/scanning.md §1b", "404 to every request"},
		{0x04f9, 0, "*QL-*", Quirks{MaxInterfaces: 1}, "ipp-usb Brother.conf (QL-810W)",
			"hangs for good after minutes on two interfaces"},
		{0x0924, 0, "*B205*", Quirks{SoftReset: true}, "facts/scanning.md §1b (there a device reset)",
			"does not answer after power saving; a device reset is not ours to do"},
		{0x0924, 0x42ea, "", Quirks{SoftReset: true}, "ipp-usb Xerox.conf, B210 (there a device reset)",
			"as B205, and it does not even tell its name"},
		{0x0924, 0, "*B215*", Quirks{SoftReset: true}, "facts/scanning.md §1b (there a device reset)", "as B205"},
	}
}

// QuirksOf returns what the table says about a device.
func QuirksOf(vendor, product uint16, name string) Quirks {
	var q Quirks
	for _, row := range Table() {
		if row.matches(vendor, product, name) {
			q = q.with(row.Quirks)
		}
	}
	return q
}

func (r Quirk) matches(vendor, product uint16, name string) bool {
	if r.Vendor != 0 && r.Vendor != vendor || r.Product != 0 && r.Product != product {
		return false
	}
	// Match fails on a malformed pattern only, which a test rules out; "/" must not end a "*".
	flat := strings.NewReplacer("/", " ", "[", " ", "]", " ")
	ok, _ := path.Match(strings.ToLower(r.Model), strings.ToLower(flat.Replace(name)))
	return r.Model == "" || ok
}

func (q Quirks) with(more Quirks) Quirks {
	q.Unsupported = q.Unsupported || more.Unsupported
	q.SoftReset = q.SoftReset || more.SoftReset
	q.ZeroEnds = q.ZeroEnds || more.ZeroEnds
	q.ZeroPacket = q.ZeroPacket || more.ZeroPacket
	if more.MaxInterfaces > 0 {
		q.MaxInterfaces = more.MaxInterfaces
	}
	if more.Connection != "" {
		q.Connection = more.Connection
	}
	return q
}
