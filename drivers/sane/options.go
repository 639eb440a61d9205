package sane

import (
	"math"
	"strconv"
	"strings"
)

// option is one line of "scanimage --all-options": what a device's option may be set to.
type option struct {
	name   string // "source", "x"
	values []string
	low    float64 // of a range
	high   float64
	step   float64 // 0 = any
	unit   string  // "dpi", "mm", "pel", …
	ranged bool
	yesNo  bool
	active bool
}

// options are a device's, by name.
type options map[string]option

const optionsLimit = 1000

// parseOptions reads the list. What it does not understand is left out; of two options with one
// name the first holds.
func parseOptions(list string) options {
	out := options{}
	for line := range strings.Lines(list) {
		o, ok := parseOption(line)
		if _, twice := out[o.name]; ok && !twice && len(out) < optionsLimit {
			out[o.name] = o
		}
	}
	return out
}

// parseOption reads a line such as "    --resolution 1..1200dpi (in steps of 1) [50]" or
// "    --source Flatbed|ADF [inactive]" or "    --duplex[=(yes|no)] [no]".
func parseOption(line string) (option, bool) {
	text, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), "    -")
	if !ok || !wellNamed(text) || strings.HasPrefix(text, " ") {
		return option{}, false
	}
	text = strings.TrimPrefix(text, "-")
	end := strings.IndexAny(text, " [")
	if end <= 0 {
		return option{}, false
	}
	o := option{name: text[:end], active: true}
	text = text[end:]
	for _, mark := range []string{"inactive", "read-only", "hardware"} {
		o.active = o.active && !strings.Contains(text, "["+mark+"]")
	}
	if strings.HasPrefix(text, "[=(") {
		o.yesNo = strings.Contains(text, "yes|no)")
		return o, true
	}
	if at := strings.LastIndex(text, " ["); at >= 0 {
		text = text[:at]
	}
	return o, o.constraint(strings.TrimSpace(text))
}

// constraint reads what stands between an option's name and its value.
func (o *option) constraint(text string) bool {
	text = strings.TrimPrefix(text, "auto|")
	low, rest, ranged := strings.Cut(text, "..")
	var err error
	if ranged {
		if o.low, err = strconv.ParseFloat(low, 64); err == nil {
			return o.span(rest)
		}
	}
	if text == "" || text[0] == '<' {
		return false
	}
	o.values = strings.Split(text, "|")
	last := len(o.values) - 1
	if _, unit, ok := number(o.values[0]); ok && unit == "" {
		if v, unit, ok := number(o.values[last]); ok {
			o.values[last], o.unit = strconv.FormatFloat(v, 'f', -1, 64), unit
		}
	} else if v, unit, ok := number(o.values[last]); ok && last == 0 {
		o.values[last], o.unit = strconv.FormatFloat(v, 'f', -1, 64), unit
	}
	return true
}

// span reads the second half of a range: "1200dpi (in steps of 1)".
func (o *option) span(text string) bool {
	text, steps, stepped := strings.Cut(text, " (in steps of ")
	var ok bool
	if o.high, o.unit, ok = number(text); !ok || o.high < o.low {
		return false
	}
	if stepped {
		o.step, _ = strconv.ParseFloat(strings.TrimSuffix(steps, ")"), 64)
	}
	o.ranged = true
	return o.step >= 0 && !math.IsInf(o.step, 0)
}

// number reads "1200dpi" or "42": a finite number and the unit behind it.
func number(text string) (v float64, unit string, ok bool) {
	end := strings.LastIndexAny(text, "0123456789") + 1
	v, err := strconv.ParseFloat(text[:end], 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) || strings.ContainsAny(text[end:], " ,()") {
		return 0, "", false
	}
	return v, text[end:], true
}

// numbers returns the values of a list that are whole numbers.
func (o option) numbers() []int {
	var out []int
	for _, v := range o.values {
		if n, err := strconv.Atoi(v); err == nil {
			out = append(out, n)
		}
	}
	return out
}
