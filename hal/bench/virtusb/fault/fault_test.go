package fault

import (
	"bytes"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/hal/bench/virtusb"
	"sps-kiosk/hal/usb"
)

// taken is what a device took.
type taken struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (k *taken) take(b []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.b.Write(b)
}

func (k *taken) String() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.b.String()
}

// sink is a printer-shaped device that remembers what it took.
func sink() (*virtusb.Device, *taken) {
	var got taken
	d := virtusb.NewDevice(virtusb.High, 1, 2, 512, "M", "P", "S",
		virtusb.Interface{Class: 7, SubClass: 1, Protocol: 2, In: 1, Out: 2})
	d.Bulk = func(t *virtusb.Transfer) {
		if t.Reply(nil) {
			got.take(t.Data)
		}
	}
	return d, &got
}

// result is how a transfer ended; status 255 is not at all.
type result struct {
	status virtusb.Status
	n      int
}

const never = 255

// write offers data and returns how the transfer stands whenever it is asked.
func write(d *virtusb.Device, data string) func() result {
	var mu sync.Mutex
	r := result{status: never}
	d.Submit(virtusb.NewTransfer(2, 0, []byte(data), func(st virtusb.Status, _ []byte, n int) {
		mu.Lock()
		defer mu.Unlock()
		r = result{st, n}
	}))
	return func() result {
		mu.Lock()
		defer mu.Unlock()
		return r
	}
}

func TestFaultsOfWrites(t *testing.T) {
	pulled := make(chan bool, 1)
	for _, c := range []struct {
		name  string
		fault func(d *virtusb.Device) Fault
		want  []result // of "abcd", "efgh", "ijkl"
		took  string
	}{
		{"hang", func(*virtusb.Device) Fault { return Hang(2) }, []result{{never, 0}, {never, 0}, {never, 0}}, ""},
		{"broken", func(*virtusb.Device) Fault { return Broken(2) }, []result{{virtusb.IOError, 0}, {virtusb.IOError, 0}, {virtusb.IOError, 0}}, ""},
		{"short", func(d *virtusb.Device) Fault { return Short(d, 2, 3) }, []result{{0, 3}, {0, 3}, {0, 3}}, "abcefgijk"},
		{"stall", func(d *virtusb.Device) Fault { return StallAfter(d, 2, 6) }, []result{{0, 4}, {virtusb.Stall, 2}, {virtusb.Stall, 0}}, "abcdef"},
		{"stall at once", func(d *virtusb.Device) Fault { return StallAfter(d, 2, 0) }, []result{{virtusb.Stall, 0}, {virtusb.Stall, 0}, {virtusb.Stall, 0}}, ""},
		{"hang later", func(d *virtusb.Device) Fault { return HangAfter(d, 2, 5) }, []result{{0, 4}, {never, 0}, {never, 0}}, "abcde"},
		{"unplug", func(d *virtusb.Device) Fault { return UnplugAfter(d, 2, 5, func() { pulled <- true }) }, []result{{0, 4}, {never, 0}, {0, 4}}, "abcdeijkl"},
		{"unanswered", func(d *virtusb.Device) Fault { return Unanswered(d, 2, 5) }, []result{{0, 4}, {virtusb.IOError, 0}, {0, 4}}, "abcdefghijkl"},
		{"other endpoint", func(*virtusb.Device) Fault { return Hang(0x81) }, []result{{0, 4}, {0, 4}, {0, 4}}, "abcdefghijkl"},
	} {
		d, got := sink()
		d.Plugged("test")
		d.SetConfig(1)
		d.SetFault(c.fault(d))
		for i, data := range []string{"abcd", "efgh", "ijkl"} {
			if r := write(d, data)(); r != c.want[i] {
				t.Errorf("%s: write %d: got %+v, want %+v", c.name, i, r, c.want[i])
			}
		}
		if got.String() != c.took {
			t.Errorf("%s: device took %q, want %q", c.name, got, c.took)
		}
	}
	<-pulled
}

func TestSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, got := sink()
		d.Plugged("test")
		d.SetConfig(1)
		d.SetFault(Slow(d, 2, 4))
		first, second := write(d, "abcd"), write(d, "efgh")
		time.Sleep(999 * time.Millisecond)
		if first().status != never {
			t.Error("the first four bytes crossed in less than a second")
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if first().status != virtusb.Success || second().status != never || got.String() != "abcd" {
			t.Errorf("after a second: got %+v, %+v, %q", first(), second(), got)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if second().n != 4 || got.String() != "abcdefgh" {
			t.Errorf("after two: got %+v, %q", second(), got)
		}
	})
}

func TestGarbage(t *testing.T) {
	d, _ := sink()
	d.Plugged("test")
	d.SetConfig(1)
	d.SetFault(Garbage(0x81, 1))
	lengths := map[int]bool{}
	for range 500 {
		d.Submit(virtusb.NewTransfer(0x81, 512, nil, func(_ virtusb.Status, data []byte, _ int) { lengths[len(data)] = true }))
	}
	if len(lengths) != 65 {
		t.Errorf("got %d different lengths, want 0 to 64", len(lengths))
	}
}

// TestLies plugs every liar into the bus of this process: nothing may panic, and the sound device
// after it works.
func TestLies(t *testing.T) {
	sound, _ := sink()
	for _, l := range Lies(func() *virtusb.Device { d, _ := sink(); return d }) {
		if bytes.Equal(l.Device.Config, sound.Config) && bytes.Equal(l.Device.Desc, sound.Desc) &&
			len(l.Device.Strings) == 3 && l.Device.Strings[0] == "M" {
			t.Errorf("%s: that is no lie", l.Name)
		}
		var b virtusb.Bus
		b.Plug("1-1", l.Device)
		list, err := b.Devices()
		if err != nil {
			t.Errorf("%s: %v", l.Name, err)
		}
		for _, d := range list {
			for _, i := range d.Interfaces {
				p, err := b.Open(d, i.Number, i.Alternate)
				if err != nil {
					continue
				}
				p.Write(t.Context(), []byte("x")) // whatever it returns, it must return
				p.Close()
			}
		}
		d, got := sink()
		b.Plug("1-1", d)
		p, err := usb.NewLink(&b, usb.Printer()).Open(t.Context())
		if err != nil {
			t.Fatalf("after %s: %v", l.Name, err)
		}
		if n, err := p.Write(t.Context(), []byte("slip")); n != 4 || err != nil || got.String() != "slip" {
			t.Errorf("after %s: got %d, %v, %q", l.Name, n, err, got)
		}
	}
}
