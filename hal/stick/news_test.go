package stick

import (
	"context"
	"encoding/binary"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// patience ends a test that waits in vain; nothing is measured by it.
const patience = 20 * time.Second

// kernelWord has the kernel itself say something about a device to whoever listens in this network namespace, as
// whoever owns it may ask for (Linux 4.18, "netns: send uevent messages").
func kernelWord(t *testing.T, action, path, fields string) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_KOBJECT_UEVENT)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	b := append(make([]byte, unix.NLMSG_HDRLEN), action+"@"+path+"\x00ACTION="+action+"\x00"+fields+"\x00"...)
	binary.NativeEndian.PutUint32(b, uint32(len(b)))
	binary.NativeEndian.PutUint16(b[4:], unix.NLMSG_MIN_TYPE)
	binary.NativeEndian.PutUint16(b[6:], unix.NLM_F_REQUEST|unix.NLM_F_ACK)
	if err := unix.Sendto(fd, b, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 1<<12)
	n, _, err := unix.Recvfrom(fd, answer, 0)
	if err != nil || n < unix.NLMSG_HDRLEN+4 {
		t.Fatalf("got an answer of %d bytes, %v", n, err)
	}
	// A listener that has no room is ENOBUFS here as well: for him alone.
	if e := unix.Errno(-int32(binary.NativeEndian.Uint32(answer[unix.NLMSG_HDRLEN:]))); e != 0 && e != unix.ENOBUFS {
		t.Fatalf("the kernel does not say it: %v", e)
	}
}

// control does something with the socket of a listener.
func control(t *testing.T, e *Events, do func(fd int) error) {
	t.Helper()
	conn, err := e.f.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var failed error
	if err := errors.Join(conn.Control(func(fd uintptr) { failed = do(int(fd)) }), failed); err != nil {
		t.Fatal(err)
	}
}

// stranger sends a listener what the kernel would say.
func stranger(t *testing.T, e *Events, text string) {
	t.Helper()
	var at unix.Sockaddr
	control(t, e, func(fd int) (err error) { at, err = unix.Getsockname(fd); return err })
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_KOBJECT_UEVENT)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := unix.Sendto(fd, []byte(text), 0, at); err != nil {
		t.Fatal(err)
	}
}

// next waits for the next value.
func next[V any](t *testing.T, c <-chan V) V {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

// TestNews hears the kernel and nobody else. What was lost is told of at once, and once more when the kernel is silent.
func TestNews(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	e, err := Listen()
	if err != nil {
		t.Fatal(err)
	}
	control(t, e, func(fd int) error { return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 8<<10) })
	ctx, cancel := context.WithCancel(t.Context())
	news, ended := make(chan Event), make(chan error, 1)
	go func() { ended <- e.Run(ctx, func(e Event) { news <- e }) }()
	stranger(t, e, "add@/devices/usb1/1-9\x00SUBSYSTEM=usb\x00DEVTYPE=usb_device\x00")
	kernelWord(t, "add", "/devices/usb1/1-1", "SUBSYSTEM=usb\x00DEVTYPE=usb_device")
	want := Event{"add", "/devices/usb1/1-1", "usb"}
	if got := next(t, news); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for range 200 { // nobody takes them out meanwhile but for the first, and there is room for a few
		kernelWord(t, "change", "/devices/virtual/mem/null", "SUBSYSTEM=mem")
	}
	var lost []int
	for n := 0; len(lost) < 2; n++ {
		if next(t, news).Action == "lost" {
			lost = append(lost, n)
		}
	}
	if lost[0] > 1 || lost[1] < lost[0]+2 {
		t.Errorf("got news lost at %v, want it at once, and again behind the rest", lost)
	}
	select {
	case event := <-news:
		t.Errorf("got %+v after the kernel had been silent, want nothing more", event)
	case <-time.After(2 * settle):
	}
	kernelWord(t, "remove", "/devices/usb1/1-1", "SUBSYSTEM=usb\x00DEVTYPE=usb_device")
	if got := next(t, news); got.Action != "remove" {
		t.Errorf("got %+v, want the next word", got)
	}
	cancel()
	if err := next(t, ended); err != nil {
		t.Error(err)
	}
}

// TestWatch begins with a stick that is in, and a mount that a porter before it has left: that is gone, every socket
// locked, the stick let in. Its disks' news make it worth a look, its end is told.
func TestWatch(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	const port = "1-1.3"
	dev := newSocket(t, Ports{port: Citizen}, port, device(0, bulk))
	s := &Socket{Gate: dev.g, At: t.TempDir(), Log: slog.New(slog.DiscardHandler)}
	layers(t, s.At, 2)
	ctx, cancel := context.WithCancel(t.Context())
	changes, ended := make(chan bool, 8), make(chan error, 1)
	go func() { ended <- s.Watch(ctx, func(present bool) { changes <- present }) }()
	for late := time.Now().Add(patience); dev.read("../drivers_probe") == ""; time.Sleep(time.Millisecond) {
		if time.Now().After(late) {
			t.Fatal("the stick is not let in")
		}
	}
	if mounted(t, s.At) || dev.read("usb1/authorized_default") != "0" || dev.read("usb1/interface_authorized_default") != "0" {
		t.Errorf("got mounted %v, USB authorised by default %s, %s", mounted(t, s.At), dev.read("usb1/authorized_default"), dev.read("usb1/interface_authorized_default"))
	}
	at := "/devices/pci0000:00/usb1/1-1/" + port
	kernelWord(t, "add", at+"/"+port+":1.0/host0/target0:0:0/0:0:0:0/block/sda", "SUBSYSTEM=block\x00DEVTYPE=disk")
	if !next(t, changes) {
		t.Error("got it gone when its disk came")
	}
	kernelWord(t, "remove", at+"/"+port+":1.0", "SUBSYSTEM=usb\x00DEVTYPE=usb_interface") // not the device: nothing is told
	kernelWord(t, "remove", at, "SUBSYSTEM=usb\x00DEVTYPE=usb_device")
	if next(t, changes) {
		t.Error("got it there when it was pulled")
	}
	dev.write("../drivers_probe", "")
	kernelWord(t, "add", at, "SUBSYSTEM=usb\x00DEVTYPE=usb_device")
	for late := time.Now().Add(patience); dev.read("../drivers_probe") == ""; time.Sleep(time.Millisecond) {
		if time.Now().After(late) {
			t.Fatal("the next stick is not let in")
		}
	}
	cancel()
	if err := next(t, ended); err != nil {
		t.Error(err)
	}
	if s.citizens("/devices/pci0000:00/usb1/1-1/1-1.30/1-1.30:1.0/host0/block/sda") {
		t.Error("a disk of another socket is the citizen's")
	}
}

// TestWatchEnds where it cannot keep what it promises: a place that is not free, a socket that cannot be locked.
func TestWatchEnds(t *testing.T) {
	dev := newSocket(t, Ports{"1-1.3": Citizen}, "1-1.3", device(0, bulk))
	s := &Socket{Gate: dev.g, At: filepath.Join(t.TempDir(), "stick"), Log: slog.New(slog.DiscardHandler)}
	if err := os.Remove(dev.g.at("usb1/authorized_default")); err != nil {
		t.Fatal(err)
	}
	if err := s.Watch(t.Context(), nil); !errors.Is(err, os.ErrNotExist) || dev.read("../drivers_probe") != "" {
		t.Errorf("got %v, a driver looked for at %q", err, dev.read("../drivers_probe"))
	}
}
