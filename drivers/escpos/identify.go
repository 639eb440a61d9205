package escpos

import (
	"context"
	"slices"
	"strings"

	"sps-kiosk/hal/usb"
)

// ID is what a printer tells about itself before it is asked to do anything.
type ID struct {
	Vendor, Product uint16
	Text            string // IEEE 1284: "MFG:EPSON;CMD:ESC/POS;MDL:TM-T20III;CLS:PRINTER;"
}

// maxID is the longest device ID that is read, with its length.
const maxID = 1024

// identify asks by GET_DEVICE_ID (USB printing class 1.1, §4.2.1), which vendor class interfaces
// refuse: then the numbers must do.
func identify(ctx context.Context, pipe usb.Pipe) ID {
	var id ID
	if d, ok := pipe.(interface{ Device() usb.Device }); ok {
		id.Vendor, id.Product = d.Device().Vendor, d.Device().Product
	}
	setup := usb.Setup{RequestType: 0xa1}
	if a, ok := pipe.(interface{ Interface() usb.Interface }); ok {
		setup.Index = uint16(a.Interface().Number)<<8 | uint16(a.Interface().Alternate)
	}
	b := make([]byte, maxID)
	n, err := pipe.Control(ctx, setup, b)
	if err == nil && n > 2 {
		length := min(max(2, int(b[0])<<8|int(b[1])), n)
		id.Text = string(b[2:length])
	}
	return id
}

// model returns maker and model in capitals, without the words around them.
func (id ID) model() string {
	var out []string
	for _, field := range strings.Split(strings.ToUpper(id.Text), ";") {
		key, value, _ := strings.Cut(field, ":")
		switch strings.TrimSpace(key) {
		case "MFG", "MANUFACTURER", "MDL", "MODEL":
			out = append(out, strings.TrimSpace(value))
		}
	}
	return strings.Join(out, " ")
}

// family is how printers of one profile are recognised: by the numbers or by a word.
type family struct {
	vendor, product uint16 // product 0 = any; vendor 0 = words only
	words           []string
	profile         Profile
}

// families lists what is recognised, special models first. Numbers: facts §1.8; names: §1.2.
func families() []family {
	const epsonVendor, customVendor = 0x04b8, 0x0dd4
	return []family{
		{customVendor, 0x0205, []string{"VKP80III"}, CustomVKP80III()},
		{customVendor, 0x015d, []string{"VKP80"}, CustomVKP80II()},
		{0, 0, []string{"TM-T88III", "TM-T88IV"}, EpsonOther()},
		{0, 0, []string{"TM-T88"}, EpsonT88()},
		{epsonVendor, 0x0e28, []string{"TM-T20"}, EpsonT20()},
		{epsonVendor, 0, []string{"EPSON"}, EpsonOther()},
		{0, 0, []string{"CT-S651", "CT-S310"}, Citizen()},
		{0, 0, []string{"ATOL", "RP-326"}, Atol80()}, // before Rongta's: it is one with other tables
		{0, 0, []string{"RP326", "RP332"}, Rongta80()},
		{0, 0, []string{"SHTRIH"}, Shtrih()},
		{0, 0, []string{"XP-N160", "XP-T80"}, Xprinter80()},
	}
}

// ProfileFor chooses by what is attached. Clones that carry the width of their paper in their name
// (POS-58, XP-80, Thermal 80) are generic ones of that width; everything else is Unknown.
func ProfileFor(id ID) Profile {
	model := id.model()
	for _, f := range families() {
		numbered := f.vendor != 0 && f.vendor == id.Vendor && (f.product == 0 || f.product == id.Product)
		named := slices.ContainsFunc(f.words, func(w string) bool { return strings.Contains(model, w) })
		if numbered || named {
			return f.profile
		}
	}
	switch narrow, wide := strings.Contains(model, "58"), strings.Contains(model, "80"); {
	case narrow && !wide:
		return Generic58()
	case wide && !narrow:
		return Generic80()
	}
	return Unknown()
}

// vendorClass reports whether the interface knows no class requests (FFh): what is stuck in such a
// printer can be reached by its data pipe alone.
func vendorClass(pipe usb.Pipe) bool {
	a, ok := pipe.(interface{ Interface() usb.Interface })
	return ok && a.Interface().Class == 0xff
}
