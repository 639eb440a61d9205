package voice

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
)

// sound is linear PCM, 16 bits, one channel.
type sound struct {
	rate    int // samples a second
	samples []int16
}

var errWAV = errors.New("not a WAV file of 16 bits and one channel")

// mostSamples bounds a sound: a minute at 48 kHz.
const mostSamples = 60 * 48000

// readWAV reads a RIFF file with linear PCM of 16 bits, one channel (Microsoft, Multimedia Programming
// Interface 1.0, "WAVE"). A data chunk whose length is not known, as programs write into a pipe, goes to
// the end.
func readWAV(data []byte) (sound, error) {
	if len(data) < 12 || string(data[:4]) != "RIFF" || string(data[8:12]) != "WAVE" {
		return sound{}, errWAV
	}
	var s sound
	for rest := data[12:]; len(rest) >= 8; {
		id, size := string(rest[:4]), int64(binary.LittleEndian.Uint32(rest[4:]))
		rest = rest[8:]
		body := rest[:min(size, int64(len(rest)))]
		switch {
		case id == "fmt ":
			if len(body) < 16 || binary.LittleEndian.Uint16(body) != 1 || binary.LittleEndian.Uint16(body[2:]) != 1 ||
				binary.LittleEndian.Uint16(body[14:]) != 16 {
				return sound{}, errWAV
			}
			s.rate = int(binary.LittleEndian.Uint32(body[4:]))
		case id == "data" && s.rate >= 8000 && s.rate <= 48000:
			if len(body) > 2*mostSamples {
				return sound{}, fmt.Errorf("%w: longer than a minute", errWAV)
			}
			for ; len(body) >= 2; body = body[2:] {
				s.samples = append(s.samples, int16(binary.LittleEndian.Uint16(body)))
			}
			return s, nil
		}
		rest = rest[min(size+size%2, int64(len(rest))):]
	}
	return sound{}, errWAV
}

// wav writes a RIFF file.
func (s sound) wav() []byte {
	size := 2 * len(s.samples)
	out := make([]byte, 0, 44+size)
	u16 := binary.LittleEndian.AppendUint16
	u32 := binary.LittleEndian.AppendUint32
	out = append(u32(append(out, "RIFF"...), uint32(36+size)), "WAVEfmt "...)
	out = u16(u16(u32(out, 16), 1), 1)
	out = u32(u32(out, uint32(s.rate)), uint32(2*s.rate))
	out = append(u16(u16(out, 2), 16), "data"...)
	out = u32(out, uint32(size))
	for _, v := range s.samples {
		out = u16(out, uint16(v))
	}
	return out
}

// silence adds a pause.
func (s *sound) silence(d time.Duration) {
	s.samples = append(s.samples, make([]int16, int(d.Seconds()*float64(s.rate)))...)
}

// chime is two falling tones, less than a second, and half a second of silence; loud is 0 to 1.
func chime(rate int, loud float64) sound {
	s := sound{rate: rate}
	for _, hertz := range []float64{784, 587} {
		n := rate * 45 / 100
		for i := range n {
			at := float64(i) / float64(rate)
			fade := math.Exp(-5*at) * min(1, at/0.01)
			s.samples = append(s.samples, int16(loud*fade*0.6*math.MaxInt16*math.Sin(2*math.Pi*hertz*at)))
		}
	}
	s.silence(500 * time.Millisecond)
	return s
}

// louder scales a sound; loud is 0 to 1.
func (s sound) louder(loud float64) sound {
	for i, v := range s.samples {
		s.samples[i] = int16(float64(v) * loud)
	}
	return s
}
