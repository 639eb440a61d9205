package stick

import (
	"context"
	"testing"
)

// TestEvent reads a message as the kernel writes it.
func TestEvent(t *testing.T) {
	got, err := ParseEvent([]byte("add@/devices/pci0000:00/usb1/1-1/1-1.3\x00ACTION=add\x00DEVPATH=/x\x00SUBSYSTEM=usb\x00DEVTYPE=usb_device\x00SEQNUM=7\x00"))
	want := Event{"add", "/devices/pci0000:00/usb1/1-1/1-1.3", "usb"}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

// TestListen ends with its context.
func TestListen(t *testing.T) {
	e, err := Listen()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- e.Run(ctx, func(Event) {}) }()
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// FuzzEvent: nothing that udev or anybody else may send is taken for the kernel's word by its shape alone.
func FuzzEvent(f *testing.F) {
	f.Add([]byte("remove@/devices/x\x00SUBSYSTEM=block\x00"))
	f.Add([]byte("libudev\x00\xfe\xed\xca\xfe"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if e, err := ParseEvent(b); err == nil && (e.Action == "" || e.Path == "" || e.Path[0] != '/') {
			t.Errorf("got %+v", e)
		}
	})
}
