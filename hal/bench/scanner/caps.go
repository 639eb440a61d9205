package scanner

// capabilities is the answer to GET ScannerCapabilities.
func (m Model) capabilities() []byte {
	kids := []node{
		leaf("pwg:Version", m.Version), leaf("pwg:MakeAndModel", m.Name), leaf("pwg:SerialNumber", m.Serial),
		leaf("scan:Manufacturer", m.Maker), leaf("scan:UUID", m.UUID),
	}
	if m.Globally {
		kids = append(kids, tag("scan:SettingProfiles", m.profile(m.anyUnit(), ` name="p0"`)))
	}
	if m.Platen != nil {
		kids = append(kids, tag("scan:Platen", m.input("scan:PlatenInputCaps", m.Platen)))
	}
	if m.Feeder != nil {
		kids = append(kids, m.adf())
	}
	kids = append(kids,
		span("scan:CompressionFactorSupport", &Range{0, 100, 25, 1}),
		span("scan:SharpenSupport", m.Sharpen),
		leaf("scan:BlankPageDetection", false))
	return document(tag("scan:ScannerCapabilities", kids...))
}

func (m Model) anyUnit() *Unit {
	if m.Platen != nil {
		return m.Platen
	}
	return m.Feeder
}

func (m Model) adf() node {
	kids := []node{m.input("scan:AdfSimplexInputCaps", m.Feeder)}
	options := []string{"DetectPaperLoaded"}
	if m.Duplex {
		kids = append(kids, m.input("scan:AdfDuplexInputCaps", m.Feeder))
		options = append(options, "Duplex")
	}
	return tag("scan:Adf", append(kids, leaf("scan:FeederCapacity", or(m.Claims, m.Capacity)),
		tag("scan:AdfOptions", each("scan:AdfOption", options)...))...)
}

func (m Model) input(name string, u *Unit) node {
	profile := m.profile(u, "")
	if m.Globally {
		profile = node{name: "scan:SettingProfile", attr: ` ref="p0"`}
	}
	finest := u.finest()
	return tag(name,
		leaf("scan:MinWidth", u.MinWidth), leaf("scan:MaxWidth", u.MaxWidth),
		leaf("scan:MinHeight", u.MinHeight), leaf("scan:MaxHeight", u.MaxHeight),
		leaf("scan:MaxScanRegions", 1),
		tag("scan:SettingProfiles", profile),
		tag("scan:SupportedIntents", each("scan:Intent", []string{"Document", "TextAndGraphic", "Photo", "Preview"})...),
		leaf("scan:MaxOpticalXResolution", finest), leaf("scan:MaxOpticalYResolution", finest))
}

func (m Model) profile(u *Unit, attr string) node {
	formats := each("pwg:DocumentFormat", u.Formats)
	if u.Ext {
		formats = append(formats, each("scan:DocumentFormatExt", u.Formats)...)
	}
	return node{name: "scan:SettingProfile", attr: attr, kids: []node{
		tag("scan:ColorModes", each("scan:ColorMode", u.Modes)...),
		tag("scan:DocumentFormats", formats...),
		tag("scan:SupportedResolutions", u.resolutions()),
	}}
}

func (u *Unit) resolutions() node {
	if u.Span != nil {
		return tag("scan:ResolutionRange", span("scan:XResolutionRange", u.Span), span("scan:YResolutionRange", u.Span))
	}
	var list []node
	for _, r := range u.Resolutions {
		list = append(list, tag("scan:DiscreteResolution", leaf("scan:XResolution", r[0]), leaf("scan:YResolution", r[1])))
	}
	return tag("scan:DiscreteResolutions", list...)
}

// finest is the finest resolution claimed.
func (u *Unit) finest() int {
	if u.Span != nil {
		return u.Span.Max
	}
	n := 0
	for _, r := range u.Resolutions {
		n = max(n, min(r[0], r[1]))
	}
	return n
}

func span(name string, r *Range) node {
	if r == nil {
		return node{}
	}
	return tag(name, leaf("scan:Min", r.Min), leaf("scan:Max", r.Max), leaf("scan:Normal", r.Normal), leaf("scan:Step", r.Step))
}
