package escl

import "slices"

// Capabilities is what a device says it can do, quirks already applied.
type Capabilities struct {
	Version, Model, Serial, UUID string
	Platen                       *Input // the glass; nil = none
	Feeder                       *Input // one-sided
	FeederDuplex                 *Input // both sides in one pass
	FeederCapacity               int    // sheets; 0 = not told

	quirks Quirks
}

// Input is one way of getting a picture.
type Input struct {
	MinWidth, MaxWidth, MinHeight, MaxHeight int // 1/300 inch whatever the resolution; 0 = not told
	Intents                                  []string
	Profiles                                 []Profile
}

// Profile is one set of settings that go together.
type Profile struct {
	Colors      []string // RGB24, Grayscale8, …
	Formats     []string // MIME types
	ExtFormats  []string // those to be named in DocumentFormatExt (2.1 and later)
	Resolutions []int    // dpi, the same both ways, ascending
}

// usual are the resolutions looked for in a range; others are of no use to anybody here.
var usual = [...]int{75, 100, 150, 200, 240, 300, 400, 600, 1200, 2400}

// maxProfiles bounds what one input may list.
const maxProfiles = 64

func parseCapabilities(n *node) Capabilities {
	adf := n.get(scan, "Adf")
	shared := profiles(n.get(scan, "SettingProfiles"), nil)
	return Capabilities{
		Version: n.str(pwg, "Version"),
		Model:   n.str(pwg, "MakeAndModel"),
		Serial:  n.str(pwg, "SerialNumber"),
		UUID:    n.str(scan, "UUID"),
		Platen:  input(n.get(scan, "Platen").get(scan, "PlatenInputCaps"), shared),
		Feeder:  input(adf.get(scan, "AdfSimplexInputCaps"), shared),

		FeederDuplex:   input(adf.get(scan, "AdfDuplexInputCaps"), shared),
		FeederCapacity: adf.size(scan, "FeederCapacity"),
	}
}

// named is a Profile that may be referred to.
type named struct {
	Profile
	name string
}

func input(n *node, shared []named) *Input {
	if n == nil {
		return nil
	}
	in := &Input{
		MinWidth: n.size(scan, "MinWidth"), MaxWidth: n.size(scan, "MaxWidth"),
		MinHeight: n.size(scan, "MinHeight"), MaxHeight: n.size(scan, "MaxHeight"),
	}
	intents := n.get(scan, "SupportedIntents")
	in.Intents = slices.Concat(intents.strs(scan, "SupportedIntent"), intents.strs(scan, "Intent"))
	for _, p := range profiles(n.get(scan, "SettingProfiles"), shared) {
		in.Profiles = append(in.Profiles, p.Profile)
	}
	if len(in.Profiles) == 0 {
		for _, p := range shared {
			in.Profiles = append(in.Profiles, p.Profile)
		}
	}
	return in
}

// profiles reads a SettingProfiles. A profile with nothing in it refers to a shared one.
func profiles(n *node, shared []named) []named {
	var out []named
	for _, k := range n.all(scan, "SettingProfile") {
		if len(out) == maxProfiles {
			break
		}
		if at := slices.IndexFunc(shared, func(p named) bool { return k.ref != "" && p.name == k.ref }); len(k.kids) == 0 && at >= 0 {
			out = append(out, shared[at])
			continue
		}
		formats := k.get(scan, "DocumentFormats")
		out = append(out, named{name: k.ref, Profile: Profile{
			Colors:      k.get(scan, "ColorModes").strs(scan, "ColorMode"),
			Formats:     formats.strs(pwg, "DocumentFormat"),
			ExtFormats:  formats.strs(scan, "DocumentFormatExt"),
			Resolutions: resolutions(k.get(scan, "SupportedResolutions")),
		}})
	}
	return out
}

// resolutions returns those that are equal both ways: Kyocera also lists 200×100 and 200×400.
func resolutions(n *node) []int {
	var out []int
	for _, d := range n.get(scan, "DiscreteResolutions").all(scan, "DiscreteResolution") {
		if x, y := d.size(scan, "XResolution"), d.size(scan, "YResolution"); x == y && x > 0 {
			out = append(out, x)
		}
	}
	r := n.get(scan, "ResolutionRange")
	if x, y := r.get(scan, "XResolutionRange"), r.get(scan, "YResolutionRange"); x != nil && y != nil {
		for _, dpi := range append(usual[:], x.size(scan, "Normal")) {
			if within(x, dpi) && within(y, dpi) {
				out = append(out, dpi)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func within(n *node, dpi int) bool {
	low, high, step := n.size(scan, "Min"), n.size(scan, "Max"), max(n.size(scan, "Step"), 1)
	return dpi > 0 && dpi >= low && dpi <= high && (dpi-low)%step == 0
}
