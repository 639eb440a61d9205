package scanner

import (
	"encoding/xml"
	"slices"
	"strings"
)

// Settings are what a client asked for with ScanSettings. Lengths are 1/300 inch.
type Settings struct {
	Source      string // Platen, Feeder
	Duplex      bool
	X, Y        int // offset of the region
	Width       int
	Height      int
	Mode        string // RGB24, Grayscale8, BlackAndWhite1
	Format      string // MIME type
	DPI         int    // both ways
	DPIY        int    // down the page, if it differs
	Compression int    // lower is better
	Intent      string
}

// request is ScanSettings as it comes. Elements count by namespace and name, not by prefix.
type request struct {
	XMLName xml.Name `xml:"http://schemas.hp.com/imaging/escl/2011/05/03 ScanSettings"`
	Version string   `xml:"http://www.pwg.org/schemas/2010/12/sm Version"`
	Intent  string   `xml:"http://schemas.hp.com/imaging/escl/2011/05/03 Intent"`
	Regions []struct {
		Units  string `xml:"http://www.pwg.org/schemas/2010/12/sm ContentRegionUnits"`
		X      int    `xml:"http://www.pwg.org/schemas/2010/12/sm XOffset"`
		Y      int    `xml:"http://www.pwg.org/schemas/2010/12/sm YOffset"`
		Width  int    `xml:"http://www.pwg.org/schemas/2010/12/sm Width"`
		Height int    `xml:"http://www.pwg.org/schemas/2010/12/sm Height"`
	} `xml:"http://www.pwg.org/schemas/2010/12/sm ScanRegions>ScanRegion"`
	Source      string `xml:"http://www.pwg.org/schemas/2010/12/sm InputSource"`
	Compression *int   `xml:"http://schemas.hp.com/imaging/escl/2011/05/03 CompressionFactor"`
	Mode        string `xml:"http://schemas.hp.com/imaging/escl/2011/05/03 ColorMode"`
	Format      string `xml:"http://www.pwg.org/schemas/2010/12/sm DocumentFormat"`
	FormatExt   string `xml:"http://schemas.hp.com/imaging/escl/2011/05/03 DocumentFormatExt"`
	XDPI        int    `xml:"http://schemas.hp.com/imaging/escl/2011/05/03 XResolution"`
	YDPI        int    `xml:"http://schemas.hp.com/imaging/escl/2011/05/03 YResolution"`
	Duplex      string `xml:"http://schemas.hp.com/imaging/escl/2011/05/03 Duplex"`
}

// parse reads ScanSettings: 400 if that is not what it is, 409 if the device cannot do it, 0 if all
// is well. why is for the body of the answer.
func (m Model) parse(body []byte) (set Settings, code int, why string) {
	var r request
	if err := xml.Unmarshal(body, &r); err != nil {
		return set, 400, err.Error()
	}
	set = Settings{Source: or2(r.Source, "Platen"), Duplex: r.Duplex == "true", Mode: r.Mode, Format: or2(r.FormatExt, r.Format),
		DPI: r.XDPI, DPIY: r.YDPI, Compression: 25, Intent: r.Intent}
	if r.Compression != nil {
		set.Compression = *r.Compression
	}
	u := m.unit(set.Source)
	if u == nil {
		return set, 409, "InputSource"
	}
	switch {
	case !strings.HasPrefix(r.Version, "2."):
		return set, 409, "Version"
	case r.FormatExt != "" && !u.Ext:
		return set, 409, "DocumentFormatExt"
	case !slices.Contains(u.Formats, set.Format):
		return set, 409, "DocumentFormat"
	case !slices.Contains(u.Modes, set.Mode):
		return set, 409, "ColorMode"
	case !u.resolves(set.DPI, set.DPIY):
		return set, 409, "Resolution"
	case r.Duplex != "" && set.Source != "Feeder", set.Duplex && !m.Duplex:
		return set, 409, "Duplex"
	case set.Compression < 0 || set.Compression > 100:
		return set, 409, "CompressionFactor"
	}
	set.Width, set.Height = u.MaxWidth, u.MaxHeight
	if len(r.Regions) > 1 || len(r.Regions) == 1 && r.Regions[0].Units != "escl:ThreeHundredthsOfInches" {
		return set, 409, "ScanRegions"
	}
	if len(r.Regions) == 1 {
		set.X, set.Y, set.Width, set.Height = r.Regions[0].X, r.Regions[0].Y, r.Regions[0].Width, r.Regions[0].Height
	}
	if !u.covers(set) {
		return set, 409, "ScanRegion"
	}
	return set, 0, ""
}

func or2(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func (m Model) unit(source string) *Unit {
	switch source {
	case "Platen":
		return m.Platen
	case "Feeder":
		return m.Feeder
	}
	return nil
}

func (u *Unit) resolves(x, y int) bool {
	if r := u.Span; r != nil {
		return x == y && x >= r.Min && x <= r.Max && (x-r.Min)%max(1, r.Step) == 0
	}
	return slices.Contains(u.Resolutions, [2]int{x, y})
}

func (u *Unit) covers(s Settings) bool {
	return s.X >= 0 && s.Y >= 0 && s.Width >= u.MinWidth && s.Height >= u.MinHeight &&
		s.X <= u.MaxWidth-s.Width && s.Y <= u.MaxHeight-s.Height
}
