package escl

import (
	"path"
	"slices"
	"strings"
	"time"
)

// Quirks are what a model needs beyond the protocol. The zero value is a good device.
type Quirks struct {
	CheckFeeder  bool          // ask the feeder only when its state is Loaded
	BusyIsEmpty  bool          // the feeder's state Processing means that it is empty
	PauseBetween bool          // wait between pages, or the next one is denied
	RetryGone    bool          // 404 and 410 mean "not yet" until the job is completed
	KeepJob      bool          // no DELETE after success
	Settle       time.Duration // how long 409 and 503 to a new job mean "not yet"
	MaxDPI       int           // what is really resolved; 0 = as it says
	NoFeeder     bool          // the feeder loses pages
}

// Quirk is one row of the table.
type Quirk struct {
	Model  string // glob over MakeAndModel without regard to case; "" = any
	Server string // glob over the Server header; "" = any
	Quirks Quirks // zero: the cure is done for every device, as Reason says
	Origin string // where it was learnt
	Reason string // what happens, and what is done
}

const (
	fieldTable = "facts/scanning.md §1, sane-airscan airscan-escl.c"
	always     = "; done for every device"
)

// Table returns the known devices.
func Table() []Quirk {
	return []Quirk{
		{Server: "HP_Compact_Server*", Origin: fieldTable,
			Reason: "ScanJobs are refused unless Host is localhost" + always},
		{Model: "*LaserJet*M630*", Origin: fieldTable, Reason: "as HP_Compact_Server" + always},
		{Model: "*LaserJet*M578*", Origin: fieldTable, Reason: "as HP_Compact_Server" + always},
		{Model: "*Deskjet 3520*", Origin: fieldTable,
			Reason: "the host in Location is garbage: only the path is used" + always},
		{Model: "*Xerox*B205*", Quirks: Quirks{RetryGone: true, KeepJob: true}, Origin: fieldTable,
			Reason: "404 and 410 before the job is done; Location http://[fe80/… without end of bracket; a DELETE after success hangs it"},
		{Model: "*Xerox*B215*", Quirks: Quirks{RetryGone: true, KeepJob: true}, Origin: fieldTable, Reason: "as B205"},
		{Model: "*WorkCentre*3345*", Quirks: Quirks{CheckFeeder: true}, Origin: fieldTable,
			Reason: "a job from the empty feeder raises a real jam"},
		{Model: "*MF410*", Quirks: Quirks{CheckFeeder: true}, Origin: fieldTable,
			Reason: "as WorkCentre 3345; some name themselves without their maker"},
		{Model: "*Brother*", Quirks: Quirks{PauseBetween: true}, Origin: fieldTable,
			Reason: "a NextDocument too soon after a page gets a false 404: pages are lost"},
		{Model: "*MFC-J6920DW*", Quirks: Quirks{Settle: 15 * time.Second}, Origin: "NAPS2 issue 681",
			Reason: "the change from feeder to glass fails for 5 to 10 s"},
		{Model: "*Epson*", Origin: fieldTable,
			Reason: "wants the port in Host on a network; over USB Host is localhost" + always},
		{Model: "*Epson*WF-2930*", Quirks: Quirks{NoFeeder: true}, Origin: "sane-airscan issues 357, 385",
			Reason: "throws out the sheets after the first: firmware, no cure, so the glass alone is used"},
		{Model: "*Canon*iR2625*", Quirks: Quirks{MaxDPI: 300}, Origin: fieldTable, Reason: "says 600 dpi and sends 300"},
		{Model: "*Canon*iR2630*", Quirks: Quirks{MaxDPI: 300}, Origin: fieldTable, Reason: "says 600 dpi and sends 300"},
		{Model: "*Kyocera*", Quirks: Quirks{BusyIsEmpty: true}, Origin: fieldTable + " line 1120",
			Reason: "calls an empty feeder ScannerAdfProcessing: a job for it fails after a long wait"},
		{Model: "*M6526cdn*", Origin: fieldTable,
			Reason: "falls silent after the head of 201: the body is not awaited" + always},
		{Model: "*M5526cdw*", Quirks: Quirks{Settle: 15 * time.Second}, Origin: fieldTable + ", issue 179",
			Reason: "busy between jobs; lists 200×100 dpi, and unequal pairs are never used"},
		{Model: "*M5521cdw*", Origin: "ipp-usb pull request 128",
			Reason: "stays Processing for minutes without DELETE" + always},
		{Model: "*9012e*", Origin: "NAPS2 issue 654",
			Reason: "sends a web page with status 200: content is looked at before XML" + always},
		{Model: "*LaserJet MFP M28*", Origin: fieldTable,
			Reason: "many 503 before a page at high resolution: 30 tries, or what Retry-After says" + always},
		{Model: "*LaserJet Enterprise*", Origin: "facts/scanning.md §1b",
			Reason: "for minutes after power-on 503 with a body that breaks off: what does not end counts as busy, and is asked again" + always},
		{Origin: "NAPS2 issue 726",
			Reason: "banknotes and secured forms stop or hang a scan in any make: a limit for the whole page" + always},
	}
}

// QuirksOf returns what the table says about a device.
func QuirksOf(model, server string) Quirks {
	var q Quirks
	for _, row := range Table() {
		if row.Matches(model, server) {
			q = q.with(row.Quirks)
		}
	}
	return q
}

// Matches reports whether the row is about a device that names itself and its web server so.
func (r Quirk) Matches(model, server string) bool {
	return glob(r.Model, model) && glob(r.Server, server)
}

// glob matches without regard to case. Patterns are checked by a test, and "/" must not end a "*".
func glob(pattern, text string) bool {
	flat := strings.NewReplacer("/", " ", "[", " ", "]", " ")
	ok, _ := path.Match(strings.ToLower(pattern), strings.ToLower(flat.Replace(text)))
	return pattern == "" || ok
}

func (q Quirks) with(more Quirks) Quirks {
	q.CheckFeeder = q.CheckFeeder || more.CheckFeeder
	q.BusyIsEmpty = q.BusyIsEmpty || more.BusyIsEmpty
	q.PauseBetween = q.PauseBetween || more.PauseBetween
	q.RetryGone = q.RetryGone || more.RetryGone
	q.KeepJob = q.KeepJob || more.KeepJob
	q.NoFeeder = q.NoFeeder || more.NoFeeder
	q.Settle = max(q.Settle, more.Settle)
	if more.MaxDPI > 0 {
		q.MaxDPI = more.MaxDPI
	}
	return q
}

// apply takes out of c what the device says and cannot do.
func (q Quirks) apply(c *Capabilities) {
	if q.NoFeeder {
		c.Feeder, c.FeederDuplex = nil, nil
	}
	if q.MaxDPI == 0 {
		return
	}
	for _, in := range []*Input{c.Platen, c.Feeder, c.FeederDuplex} {
		for i := range in.profiles() {
			p := &in.Profiles[i]
			p.Resolutions = slices.DeleteFunc(slices.Clone(p.Resolutions), func(r int) bool { return r > q.MaxDPI })
		}
	}
}

func (in *Input) profiles() []Profile {
	if in == nil {
		return nil
	}
	return in.Profiles
}
