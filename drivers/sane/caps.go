package sane

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sps-kiosk/drivers/pages"
	"strconv"
	"strings"
)

// Resolutions are those of a device, in dpi: a list, or a range if the list is empty.
type Resolutions struct {
	List            []int
	Low, High, Step int
}

// Input is a way of the paper and what can be asked of it.
type Input struct {
	Source        string // the option's value, "" = the device has no choice
	DPI           Resolutions
	Grey, Color   string  // the mode's values, "" = none; both "" = the device has no choice
	Width, Height float64 // most, millimetres; 0 = not told
	extra         []string
	paged         bool // has page-width and page-height
	deep          bool // takes depth 8
	moded         bool
}

// Capabilities are what a device can do. An input that is not there is nil.
type Capabilities struct {
	Glass  *Input
	Feeder *Input
	Duplex *Input // the feeder, both sides
}

// Capabilities returns what the device can do, asked once a device.
func (s *Scanner) Capabilities(ctx context.Context) (Capabilities, error) {
	if err := s.take(ctx); err != nil {
		return Capabilities{}, cancelled(ctx, err)
	}
	defer func() { <-s.turn }()
	c, err := s.capabilities(ctx)
	return c, cancelled(ctx, err)
}

func (s *Scanner) capabilities(ctx context.Context) (Capabilities, error) {
	s.mu.Lock()
	known := s.caps
	s.mu.Unlock()
	if known != nil {
		return *known, nil
	}
	out, err := s.askDevice(ctx, "--format=pnm", "--all-options")
	if err != nil {
		return Capabilities{}, fmt.Errorf("options of scanner: %w", err)
	}
	c, err := s.inputs(ctx, parseOptions(out))
	if err != nil {
		return Capabilities{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.caps = &c
	return c, nil
}

// inputs asks for each source's options: size and resolutions often differ.
func (s *Scanner) inputs(ctx context.Context, all options) (c Capabilities, err error) {
	of := func(source string) *Input {
		if source == "" || err != nil {
			return nil
		}
		var out string
		if out, err = s.askDevice(ctx, "--format=pnm", "--source="+source, "--all-options"); err != nil {
			err = fmt.Errorf("options of source: %w", err)
			return nil
		}
		return input(parseOptions(out), source)
	}
	src := all["source"]
	if !src.active || len(src.values) == 0 {
		only := input(all, "")
		var fed bool
		if fed, err = s.sheetfed(ctx); fed {
			c.Feeder = only
		} else {
			c.Glass = only
		}
	} else {
		glass, feeder, duplex := sourceNames(src.values)
		c = Capabilities{of(glass), of(feeder), of(duplex)}
	}
	if c.Feeder != nil && c.Duplex == nil {
		c.Duplex = c.Feeder.duplex()
	}
	if err == nil && c.Glass == nil && c.Feeder == nil && c.Duplex == nil {
		err = fmt.Errorf("%w: no usable source", pages.ErrRefused)
	}
	return c, err
}

// sheetfed reports whether the device is listed as one that draws sheets in.
func (s *Scanner) sheetfed(ctx context.Context) (bool, error) {
	list, err := s.devices(ctx)
	if err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(list, func(d Device) bool {
		return d.Name == s.device && strings.Contains(strings.ToLower(d.Type), "sheet")
	}), nil
}

// sourceNames picks the values of the option source that mean glass, feeder and the feeder's
// both-sided way. Backends name them freely; films, cards and "back side only" are left out.
func sourceNames(values []string) (glass, feeder, duplex string) {
	keep := func(to *string, v string) {
		if *to == "" {
			*to = v
		}
	}
	for _, v := range values {
		is := func(parts ...string) bool {
			return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(strings.ToLower(v), p) })
		}
		switch {
		case is("film", "transparency", "slide", "negative", "tma", "tpu", "card", "back", "auto") && !is("feeder"):
		case is("duplex", "both side"):
			keep(&duplex, v)
		case is("adf", "feeder"):
			keep(&feeder, v)
		case is("flatbed", "platen", "glass", "normal", "document table", "fb"):
			keep(&glass, v)
		}
	}
	return glass, feeder, duplex
}

// input reads what matters of one source's options.
func input(o options, source string) *Input {
	in := &Input{Source: source, DPI: resolutions(o["resolution"])}
	if m := o["mode"]; m.active && len(m.values) > 0 {
		in.moded = true
		in.Grey = mode(m.values, "gray", "grey")
		in.Color = mode(m.values, "color", "colour")
	}
	depth := o["depth"]
	in.deep = depth.active && (slices.Contains(depth.values, "8") || depth.ranged && depth.low <= 8 && depth.high >= 8)
	w, h := o["x"], o["y"]
	if w.ranged && h.ranged && w.active && h.active && w.unit == "mm" && h.unit == "mm" {
		in.Width, in.Height = w.high, h.high
	}
	pw, ph := o["page-width"], o["page-height"]
	if in.paged = pw.ranged && ph.ranged && pw.active && ph.active && pw.unit == "mm"; in.paged {
		in.Width, in.Height = max(in.Width, pw.high), max(in.Height, ph.high)
	}
	switch adf := o["adf-mode"]; {
	case adf.active && slices.Contains(adf.values, "Duplex"):
		in.extra = []string{"--adf-mode=Simplex", "--adf-mode=Duplex"}
	case o["duplex"].yesNo && o["duplex"].active:
		in.extra = []string{"--duplex=no", "--duplex=yes"}
	}
	return in
}

// duplex returns the both-sided way of a feeder that is switched by an option of its own.
func (in *Input) duplex() *Input {
	if len(in.extra) < 2 {
		return nil
	}
	both := *in
	both.extra = in.extra[1:]
	return &both
}

// mode returns the mode with eight bits for one of names, shortest first: "Color" before "24bit
// Color[Fast]".
func mode(values []string, names ...string) string {
	best := ""
	for _, v := range values {
		low := strings.ToLower(v)
		named := slices.ContainsFunc(names, func(n string) bool { return strings.Contains(low, n) })
		odd := slices.ContainsFunc([]string{"16", "48", "infrared", "halftone", "lineart", "html", "4 bit"},
			func(n string) bool { return strings.Contains(low, n) })
		if named && !odd && (best == "" || len(v) < len(best)) {
			best = v
		}
	}
	return best
}

func resolutions(o option) Resolutions {
	if !o.active {
		return Resolutions{}
	}
	if o.ranged {
		return Resolutions{Low: int(min(max(o.low, 1), 1e5)), High: int(min(max(o.high, 1), 1e5)), Step: int(min(o.step, 1e5))}
	}
	list := slices.DeleteFunc(o.numbers(), func(n int) bool { return n < 1 || n > 100_000 })
	slices.Sort(list)
	return Resolutions{List: slices.Compact(list)}
}

// nearest returns the lowest resolution from dpi to twice that, else the highest below, else the
// lowest; dpi itself if nothing is known.
func (r Resolutions) nearest(dpi int) int {
	if len(r.List) == 0 {
		if r.High == 0 {
			return dpi
		}
		v := min(max(dpi, r.Low), r.High)
		if r.Step > 1 {
			v = r.Low + (v-r.Low)/r.Step*r.Step
		}
		return v
	}
	best := r.List[0]
	for _, v := range r.List {
		if v >= dpi && v <= 2*dpi {
			return v
		}
		if v < dpi {
			best = v
		}
	}
	return best
}

// input returns the input that a scan from src uses, nil if there is none.
func (c Capabilities) input(src pages.Source, duplex bool) *Input {
	switch {
	case src == pages.Glass:
		return c.Glass
	case duplex && c.Duplex != nil, c.Feeder == nil:
		return c.Duplex
	}
	return c.Feeder
}

var errNoInput = errors.New("no such source")

func mm(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
