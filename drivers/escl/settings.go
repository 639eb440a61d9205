package escl

import (
	"cmp"
	"fmt"
	"slices"
	"sps-kiosk/drivers/pages"
	"strings"
)

// Preset is one choice for a screen: what the device really does for it.
type Preset struct {
	Name  string // "text", "color", "fine"
	DPI   int
	Color bool
}

// Presets returns the choices worth offering on this device: text in grey, colour, and fine for
// photographs. What would come out the same as an earlier one is left out.
func (c Capabilities) Presets() []Preset {
	var out []Preset
	src := pages.Glass
	if c.Platen == nil {
		src = pages.Feeder
	}
	for _, want := range []Preset{{"text", 300, false}, {"color", 300, true}, {"fine", 600, true}} {
		p, err := c.plan(pages.Settings{DPI: want.DPI, Color: want.Color}, src)
		got := Preset{want.Name, p.dpi, p.color == colorMode}
		same := func(o Preset) bool { return o.DPI == got.DPI && o.Color == got.Color }
		if err == nil && !slices.ContainsFunc(out, same) {
			out = append(out, got)
		}
	}
	return out
}

// A4 in 1/300 inch.
const (
	a4Width  = 2480
	a4Height = 3508
)

// usualDPI is what documents need.
const usualDPI = 300

// plan is what will be asked of a device.
type plan struct {
	source        pages.Source
	dpi           int
	color         string
	width, height int // 1/300 inch
	duplex        bool
	intent        string
	ext           bool // name the format in DocumentFormatExt too
}

// input returns the input that a plan from src uses.
func (c Capabilities) input(src pages.Source, duplex bool) *Input {
	switch {
	case src == pages.Glass:
		return c.Platen
	case duplex && c.FeederDuplex != nil:
		return c.FeederDuplex
	}
	return cmp.Or(c.Feeder, c.FeederDuplex)
}

// plan chooses from what the device offers. ErrRefused means that it offers no JPEG in grey or
// colour.
func (c Capabilities) plan(set pages.Settings, src pages.Source) (plan, error) {
	in := c.input(src, set.Duplex)
	if in == nil {
		return plan{}, fmt.Errorf("%w: no such source", pages.ErrRefused)
	}
	p := plan{
		source: src,
		width:  clamp(a4Width, in.MinWidth, in.MaxWidth), height: clamp(a4Height, in.MinHeight, in.MaxHeight),
		duplex: src == pages.Feeder && set.Duplex && c.FeederDuplex != nil,
		intent: first(in.Intents, "TextAndGraphic", "Document"),
	}
	if set.DPI <= 0 {
		set.DPI = usualDPI
	}
	for _, color := range colors(set.Color) {
		for _, prof := range in.Profiles {
			if !slices.Contains(prof.Colors, color) || !prof.jpeg() {
				continue
			}
			if dpi := nearest(prof.Resolutions, set.DPI); dpi > 0 && (p.dpi == 0 || better(dpi, p.dpi, set.DPI)) {
				p.dpi, p.color, p.ext = dpi, color, slices.Contains(prof.ExtFormats, jpegType)
			}
		}
		if p.dpi > 0 {
			return p, nil
		}
	}
	return plan{}, fmt.Errorf("%w: no jpeg is offered", pages.ErrRefused)
}

const (
	jpegType  = "image/jpeg"
	colorMode = "RGB24"
	greyMode  = "Grayscale8"
)

// jpeg reports whether the profile can make JPEG; some list no formats at all, and JPEG always works.
func (p Profile) jpeg() bool {
	return len(p.Formats)+len(p.ExtFormats) == 0 ||
		slices.Contains(p.Formats, jpegType) || slices.Contains(p.ExtFormats, jpegType)
}

// colors returns modes that JPEG has, the best first.
func colors(color bool) []string {
	if color {
		return []string{colorMode, greyMode}
	}
	return []string{greyMode, colorMode}
}

// nearest returns the resolution asked for, or the next above that is at most twice that, or the
// highest below; 0 of none.
func nearest(list []int, dpi int) int {
	best := 0
	for _, r := range list {
		if best == 0 || better(r, best, dpi) {
			best = r
		}
	}
	return best
}

// better reports whether a suits a wish better than b.
func better(a, b, wish int) bool {
	enough := func(r int) bool { return r >= wish && r <= 2*wish }
	switch {
	case enough(a) != enough(b):
		return enough(a)
	case enough(a):
		return a < b
	case (a < wish) != (b < wish):
		return a < wish
	case a < wish:
		return a > b
	}
	return a < b
}

// clamp keeps v within limits that may be absent (0).
func clamp(v, low, high int) int {
	if high > 0 {
		v = min(v, high)
	}
	return max(v, low)
}

func first(offered []string, wanted ...string) string {
	for _, w := range wanted {
		if slices.Contains(offered, w) {
			return w
		}
	}
	return ""
}

// xml writes ScanSettings in the order that Apple's and sane-airscan's have. All of it comes from
// tables and numbers, nothing from the device as it is.
func (p plan) xml() string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>
<scan:ScanSettings xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm" xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03">
<pwg:Version>2.0</pwg:Version>
`)
	if p.intent != "" {
		fmt.Fprintf(&b, "<scan:Intent>%s</scan:Intent>\n", p.intent)
	}
	input := "Platen"
	if p.source == pages.Feeder {
		input = "Feeder"
	}
	fmt.Fprintf(&b, `<pwg:ScanRegions><pwg:ScanRegion>
<pwg:ContentRegionUnits>escl:ThreeHundredthsOfInches</pwg:ContentRegionUnits>
<pwg:XOffset>0</pwg:XOffset><pwg:YOffset>0</pwg:YOffset><pwg:Width>%d</pwg:Width><pwg:Height>%d</pwg:Height>
</pwg:ScanRegion></pwg:ScanRegions>
<pwg:InputSource>%s</pwg:InputSource>
<scan:ColorMode>%s</scan:ColorMode>
<pwg:DocumentFormat>image/jpeg</pwg:DocumentFormat>
`, p.width, p.height, input, p.color)
	if p.ext {
		b.WriteString("<scan:DocumentFormatExt>image/jpeg</scan:DocumentFormatExt>\n")
	}
	fmt.Fprintf(&b, "<scan:XResolution>%d</scan:XResolution><scan:YResolution>%d</scan:YResolution>\n", p.dpi, p.dpi)
	if p.source == pages.Feeder {
		fmt.Fprintf(&b, "<scan:Duplex>%t</scan:Duplex>\n", p.duplex)
	}
	b.WriteString("</scan:ScanSettings>\n")
	return b.String()
}
