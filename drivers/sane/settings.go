package sane

import (
	"cmp"
	"fmt"
	"math"
	"sps-kiosk/drivers/pages"
	"strconv"
)

// A4 in millimetres (ISO 216).
const (
	a4Width  = 210
	a4Height = 297
)

const usualDPI = 300

// sheetsLimit is how many pages one scan takes from a feeder: with a number scanimage ends with the
// feeder's own status, and a glass that poses as a feeder does not scan for ever.
const sheetsLimit = 200

// plan is what will be asked of a device.
type plan struct {
	feeder        bool
	duplex        bool
	color         bool
	dpi           int
	width, height int // pixels, most; 0 = not known
	args          []string
}

// plan chooses from what an input offers.
func (c Capabilities) plan(set pages.Settings, src pages.Source) (plan, error) {
	in := c.input(src, set.Duplex)
	if in == nil {
		return plan{}, fmt.Errorf("%w: %w", pages.ErrRefused, errNoInput)
	}
	if in.moded && in.Grey == "" && in.Color == "" {
		return plan{}, fmt.Errorf("%w: neither grey nor colour", pages.ErrRefused)
	}
	p := plan{feeder: src == pages.Feeder, duplex: src == pages.Feeder && in == c.Duplex, dpi: in.DPI.nearest(cmp.Or(max(set.DPI, 0), usualDPI))}
	p.color = in.Color != "" && (set.Color || in.Grey == "")
	p.args = in.args(p)
	if in.Width > 0 && in.Height > 0 {
		p.width = int(math.Round(min(a4Width, in.Width) / 25.4 * float64(p.dpi)))
		p.height = int(math.Round(min(a4Height, in.Height) / 25.4 * float64(p.dpi)))
	}
	return p, nil
}

// args builds the device's options. The source comes first: backends change the others' limits by it.
func (in *Input) args(p plan) []string {
	var out []string
	set := func(name, value string) { out = append(out, "--"+name+"="+value) }
	if in.Source != "" {
		set("source", in.Source)
	}
	if len(in.extra) > 0 {
		out = append(out, in.extra[0])
	}
	if p.color {
		set("mode", in.Color)
	} else if in.Grey != "" {
		set("mode", in.Grey)
	}
	if in.deep {
		set("depth", "8")
	}
	if in.DPI.High > 0 || len(in.DPI.List) > 0 {
		set("resolution", strconv.Itoa(p.dpi))
	}
	if in.Width > 0 && in.Height > 0 {
		w, h := mm(min(a4Width, in.Width)), mm(min(a4Height, in.Height))
		if in.paged {
			set("page-width", w)
			set("page-height", h)
		}
		out = append(out, "-l", "0", "-t", "0", "-x", w, "-y", h)
	}
	return out
}

// sheets is how many pages scanimage is told to take.
func (p plan) sheets() int {
	if p.feeder {
		return sheetsLimit
	}
	return 1
}

// fits reports whether a page has the size asked for: 2 % either way; from the feeder it may be
// shorter, down to an inch, because sheets are.
func (p plan) fits(width, height int) bool {
	near := func(got, want int) bool { return got*50 >= want*49 && got*50 <= want*51 }
	switch {
	case p.width == 0:
		return width >= p.dpi && height >= p.dpi
	case p.feeder:
		return near(width, p.width) && height >= p.dpi && height*50 <= p.height*51
	}
	return near(width, p.width) && near(height, p.height)
}
