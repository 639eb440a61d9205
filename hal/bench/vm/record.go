package vm

import (
	"encoding/hex"
	"strconv"
	"strings"
)

// Kinds of a Record; module/bench.h has the source.
const (
	Drives  = 'O' // the guest drives Line to Level
	Frees   = 'I' // the guest stops driving Line
	Biases  = 'B' // the guest chose the bias of Line: Level "up", "down" or "off"
	Outside = 'X' // the outside set Line to Level "0", "1" or "z"
	Message = 'S' // one SPI message on chip select Line at Hertz: Data
	Lost    = 'L' // Line records are missing here
)

// Record is one thing that happened on the guest's board.
type Record struct {
	Nanos int64 // CLOCK_MONOTONIC of the guest's kernel, the clock of its edge events
	Kind  byte
	Line  int
	Level string
	Hertz int
	Data  []byte
}

// parseRecords reads whole lines of records. What it cannot read is logged and left out.
func parseRecords(data []byte, log func(string, ...any)) []Record {
	var all []Record
	for line := range strings.Lines(string(data)) {
		r, ok := ParseRecord(strings.TrimSpace(line))
		if !ok {
			log("unreadable record %q", line)
			continue
		}
		all = append(all, r)
	}
	return all
}

// ParseRecord reads a line as the module writes it.
func ParseRecord(line string) (r Record, ok bool) {
	f := strings.Fields(line)
	if len(f) < 3 || len(f[1]) != 1 {
		return r, false
	}
	var err error
	if r.Nanos, err = strconv.ParseInt(f[0], 10, 64); err != nil {
		return r, false
	}
	r.Kind = f[1][0]
	if r.Line, err = strconv.Atoi(f[2]); err != nil {
		return r, false
	}
	switch r.Kind {
	case Drives, Biases, Outside:
		if len(f) != 4 {
			return r, false
		}
		r.Level = f[3]
	case Message:
		if len(f) < 4 {
			return r, false
		}
		if len(f) == 5 {
			r.Data, err = hex.DecodeString(f[4])
			if err != nil {
				return r, false
			}
		}
		r.Hertz, err = strconv.Atoi(f[3])
		return r, err == nil
	case Frees, Lost:
	default:
		return r, false
	}
	return r, true
}
