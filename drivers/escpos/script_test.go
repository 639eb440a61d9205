package escpos

import (
	"context"
	"errors"
	"image"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/hal/usb"
	"sps-kiosk/hal/usb/usbtest"
)

// shelf gives out one printer after the other and then has none.
type shelf struct{ pipes []usb.Pipe }

func (s *shelf) Open(context.Context) (usb.Pipe, error) {
	if len(s.pipes) == 0 {
		return nil, usb.ErrNotFound
	}
	p := s.pipes[0]
	s.pipes = s.pipes[1:]
	return p, nil
}

// steps joins single steps and lists of them.
func steps(parts ...any) (out []usbtest.Step) {
	for _, p := range parts {
		switch p := p.(type) {
		case usbtest.Step:
			out = append(out, p)
		case []usbtest.Step:
			out = append(out, p...)
		}
	}
	return out
}

func say(b ...byte) usbtest.Step  { return usbtest.Step{Op: usbtest.Write, Data: b} }
func hear(b ...byte) usbtest.Step { return usbtest.Step{Op: usbtest.Read, Data: b} }

// asks is one question and its answer.
func asks(n, b byte) []usbtest.Step { return steps(say(0x10, 4, n), hear(b)) }

// healthy is what a printer in order answers.
func healthy() []usbtest.Step { return steps(asks(1, 0x12), asks(2, 0x12), asks(4, 0x12)) }

// portSays is the class request, n times.
func portSays(b byte, n int) []usbtest.Step {
	return slices.Repeat(steps(usbtest.Step{
		Op: usbtest.Control, Setup: usb.Setup{RequestType: 0xa1, Request: 1}, Data: []byte{b},
	}), n)
}

// written cuts data as the driver must.
func written(data []byte) (out []usbtest.Step) {
	for c := range slices.Chunk(data, 4096) {
		out = append(out, say(c...))
	}
	return out
}

// slip is black: three bands, 11 kB, three chunks.
var slip = image.NewGray(image.Rect(0, 0, 576, 150))

// drawn is an image as a page.
type drawn struct{ img image.Image }

func (d drawn) Image(int) (image.Image, error) { return d.img, nil }

func (drawn) Lines(int) ([]Line, error) { return []Line{{Text: "Талон №", Size: 2}}, nil }

// fixed are the options of a printer whose model is set.
func fixed(p Profile) Options { return Options{Profile: &p} }

// softReset is the class request that empties buffers.
var softReset = usbtest.Step{Op: usbtest.Control, Setup: usb.Setup{RequestType: 0x21, Request: 2}}

// bytesOf returns the job for slip as job number 1.
func bytesOf(t *testing.T, p Profile) job {
	t.Helper()
	j, err := p.encode(slip, processID(1))
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// job1 is the whole traffic of slip, without the answer.
func job1(t *testing.T, p Profile) []usbtest.Step {
	j := bytesOf(t, p)
	return steps(written(j.body), written(j.tail))
}

// play runs f on a printer that follows the scripts, one for each time it is opened, in virtual
// time; what a script still expects at the end fails the test.
func play(t *testing.T, p Profile, f func(t *testing.T, p *Printer), scripts ...[]usbtest.Step) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var s shelf
		for _, script := range scripts {
			s.pipes = append(s.pipes, usbtest.NewPlayback(t, script...))
		}
		left := slices.Clone(s.pipes)
		printer := New(&s, fixed(p))
		printer.jobs = 0
		f(t, printer)
		if err := printer.Close(); err != nil {
			t.Error(err)
		}
		for _, pipe := range left {
			pipe.Close()
		}
	})
}

// printing prints slip and compares what is known about the paper and how long it took.
func printing(want Outcome, reason error, took time.Duration) func(*testing.T, *Printer) {
	return func(t *testing.T, p *Printer) {
		t.Helper()
		start := time.Now()
		got, err := p.Print(t.Context(), drawn{slip})
		if got != want || !errors.Is(err, reason) || reason == nil && err != nil {
			t.Errorf("got %v, %v, want %v, %v", got, err, want, reason)
		}
		if d := time.Since(start); d != took {
			t.Errorf("got it after %v, want %v", d, took)
		}
	}
}
