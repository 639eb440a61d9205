package escpos

import (
	"errors"
	"testing"
	"time"

	"sps-kiosk/hal/usb"
	"sps-kiosk/hal/usb/usbtest"
)

func TestPrintConfirmed(t *testing.T) {
	id := []byte{0x37, 0x22, ' ', ' ', ' ', '!', 0}
	other := []byte{0x37, 0x22, ' ', ' ', ' ', '"', 0}
	late := hear(id[3:]...)
	late.Delay = 100 * time.Millisecond
	early := func(p Profile, b ...byte) []usbtest.Step { // an answer before the query is of another job
		w := written(bytesOf(t, p).body)
		w[2].Delay = time.Millisecond
		return steps(w[:1], hear(b...), w[1:], written(bytesOf(t, p).tail))
	}
	for _, c := range []struct {
		name    string
		profile Profile
		script  []usbtest.Step
		took    time.Duration
	}{
		{"by GS r", Generic80(), steps(healthy(), job1(t, Generic80()), hear(0x00)), settleTime},
		{"by GS r, paper low", Generic80(), steps(asks(1, 0x12), asks(2, 0x12), asks(4, 0x1e), job1(t, Generic80()), hear(0x03)), settleTime},
		{"by process id", EpsonT20(), steps(healthy(), job1(t, EpsonT20()), hear(id...)), settleTime},
		{"not by an early byte", Generic80(), steps(healthy(), early(Generic80(), 0x00), hear(0x00)), settleTime + time.Millisecond},
		{"not by an early id", EpsonT20(), steps(healthy(), early(EpsonT20(), id...), hear(id...)), settleTime + time.Millisecond},
		{"not by other answers", EpsonT20(), steps(healthy(), job1(t, EpsonT20()), hear(0x00, 0x12), hear(0x10, 0, 3, 0),
			hear(other...), hear(id[:3]...), late), settleTime + 100*time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			play(t, c.profile, printing(Confirmed, nil, c.took), c.script)
		})
	}
}

func TestNotStarted(t *testing.T) {
	silentQuestion := usbtest.Step{Op: usbtest.Write, Data: []byte{0x10, 4, 1}, Delay: -1}
	for _, c := range []struct {
		name   string
		script []usbtest.Step
		want   error
		took   time.Duration
	}{
		{"paper out", steps(asks(1, 0x12), asks(2, 0x12), asks(4, 0x72)), ErrPaperOut, settleTime},
		{"paper out in the cause of offline", steps(asks(1, 0x1a), asks(2, 0x32), asks(4, 0x12)), ErrPaperOut, settleTime},
		{"cover open", steps(asks(1, 0x1a), asks(2, 0x16), asks(4, 0x12)), ErrCoverOpen, settleTime},
		{"offline", steps(asks(1, 0x1a), asks(2, 0x12), asks(4, 0x12)), ErrOffline, settleTime},
		{"cutter stuck", steps(asks(1, 0x1a), asks(2, 0x52), asks(4, 0x12), asks(3, 0x1a)), ErrFault, settleTime},
		{"offline, then silent", steps(asks(1, 0x1a), say(0x10, 4, 2)), ErrOffline, settleTime + answerLimit},
		{"buffer full", steps(silentQuestion, portSays(0x18, 1)), ErrOffline, settleTime + answerLimit},
		{"buffer full, paper out", steps(silentQuestion, portSays(0x30, 1)), ErrPaperOut, settleTime + answerLimit},
		{"half a question taken", steps(usbtest.Step{Op: usbtest.Write, Data: []byte{0x10, 4, 1}, Short: 1}, portSays(0x18, 1)), ErrOffline, settleTime},
		{"no answers, paper out", steps(say(0x10, 4, 1), portSays(0x30, 1)), ErrPaperOut, settleTime + answerLimit},
		{"gone at the first question", steps(usbtest.Step{Op: usbtest.Write, Data: []byte{0x10, 4, 1}, Err: usb.ErrUnplugged}), usb.ErrUnplugged, settleTime},
	} {
		t.Run(c.name, func(t *testing.T) {
			play(t, Generic80(), printing(NotStarted, c.want, c.took), c.script)
		})
	}
	t.Run("absent", func(t *testing.T) {
		play(t, Generic80(), printing(NotStarted, usb.ErrNotFound, 0))
	})
	t.Run("too wide", func(t *testing.T) {
		play(t, Generic58(), printing(NotStarted, ErrBadImage, settleTime), healthy())
	})
}

func TestShortWritesGoOnAtTheOffset(t *testing.T) {
	j := bytesOf(t, Generic80())
	short := func(b []byte, left int) usbtest.Step {
		return usbtest.Step{Op: usbtest.Write, Data: b, Short: left}
	}
	script := steps(healthy(),
		short(j.body[:4096], 4095), short(j.body[1:4097], 96), written(j.body[4001:]),
		short(j.tail, len(j.tail)), short(j.tail, 2), say(j.tail[len(j.tail)-2:]...), hear(0))
	play(t, Generic80(), printing(Confirmed, nil, settleTime), script)
}

func TestStallIsClearedAndDataGoOn(t *testing.T) {
	j := bytesOf(t, Generic80())
	stalled := usbtest.Step{Op: usbtest.Write, Data: j.body[:4096], Short: 4096 - 64, Err: usb.ErrStalled}
	cleared := usbtest.Step{Op: usbtest.Clear}
	script := steps(healthy(), stalled, cleared, written(j.body[64:]), written(j.tail), hear(0))
	play(t, Generic80(), printing(Confirmed, nil, settleTime), script)

	again := usbtest.Step{Op: usbtest.Write, Data: j.body[:4096], Short: 4096, Err: usb.ErrStalled}
	script = steps(healthy(), again, cleared, again, cleared, again, cleared)
	play(t, Generic80(), printing(Uncertain, usb.ErrStalled, settleTime), script)

	question := usbtest.Step{Op: usbtest.Write, Data: []byte{0x10, 4, 1}, Short: 3, Err: usb.ErrStalled}
	script = steps(question, cleared, healthy(), job1(t, Generic80()), hear(0))
	play(t, Generic80(), printing(Confirmed, nil, settleTime), script)
}

func TestUnpluggedInTheMiddleIsNeverRetried(t *testing.T) {
	all := job1(t, Generic80())
	for at := range all {
		for _, left := range []int{0, 1, len(all[at].Data)} {
			cut := all[at]
			cut.Short, cut.Err = left, usb.ErrUnplugged
			first := steps(healthy(), all[:at], cut)
			second := steps(healthy(), written(Generic80().rescue(torso)), healthy(), job1(t, Generic80()), hear(0))
			play(t, Generic80(), func(t *testing.T, p *Printer) {
				printing(Uncertain, usb.ErrUnplugged, settleTime)(t, p)
				printing(Confirmed, nil, settleTime)(t, p) // another slip on the printer plugged in again
				printing(Confirmed, nil, 0)(t, p)
			}, first, steps(second, healthy(), job1(t, Generic80()), hear(0)))
		}
	}
	gone := usbtest.Step{Op: usbtest.Read, Err: usb.ErrUnplugged}
	play(t, Generic80(), printing(Uncertain, usb.ErrUnplugged, settleTime), steps(healthy(), all, gone))
}

func TestUnpluggedBetweenJobsIsReopened(t *testing.T) {
	gone := usbtest.Step{Op: usbtest.Read, Err: usb.ErrUnplugged, Delay: time.Second}
	job := steps(healthy(), job1(t, Generic80()), hear(0))
	play(t, Generic80(), func(t *testing.T, p *Printer) {
		printing(Confirmed, nil, settleTime)(t, p)
		time.Sleep(time.Minute)
		printing(Confirmed, nil, settleTime)(t, p)
		time.Sleep(time.Minute)
		if _, err := p.Status(t.Context()); !errors.Is(err, usb.ErrNotFound) {
			t.Errorf("got %v, want ErrNotFound", err)
		}
	}, steps(job, gone), steps(job, gone))
}
