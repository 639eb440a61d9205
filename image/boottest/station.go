package boottest

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"sync"

	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/vm"
	"sps-kiosk/hal/bench/vm/usbredir"
)

// Station is the hardware around a booted card: the bench's models on the emulated computer's USB sockets, and on the lines and the
// bus of the bench's board. It outlives the computer's power, as hardware does.
type Station struct {
	Machine *bench.Machine
	Citizen int      // socket that Insert puts the stick into
	Beside  []string // images of further sticks that lie beside the computer, for Plug: "stick0", "stick1", …

	stick   string // image in the citizen's socket once it was put in
	dir     string
	wiring  *vm.Wiring
	sockets map[string]*usbredir.Port
	closing []net.Listener

	mu      sync.Mutex
	lines   net.Conn // to the board
	monitor net.Conn // to QEMU
}

// The sockets of the emulated computer, as image/boot/ports-amd64 says what they are for.
const (
	otherSocket   = 1 // the only one for fast devices, too
	stickSocket   = 2
	scannerSocket = 3
	touchSocket   = 4
	printerSocket = 5
)

// relay passes what happens on the board's lines out, and what hands do in, over the second serial line; systemd reads $$ as $.
const relay = `stty -F /dev/ttyS1 raw -echo; (cat /dev/bench >/dev/ttyS1) & (while read -r l; do case "$$l" in sleep*) $$l;; *) echo "$$l" >/dev/bench;; esac; done </dev/ttyS1) & `

// NewStation makes a station by a layout; dir is for sockets, whose names have 108 bytes at most. stick is the image of a USB
// stick that lies beside the computer.
func NewStation(l bench.Layout, dir, stick string) (*Station, error) {
	m := bench.New(l)
	m.SetContact(bench.Contact{}) // clean: the guest's kernel debounces
	w, err := vm.NewWiring(m, l)
	if err != nil {
		return nil, err
	}
	s := &Station{Machine: m, Citizen: stickSocket, stick: stick, dir: dir, wiring: w, sockets: map[string]*usbredir.Port{"printer": {}, "scanner": {}}}
	if err := errors.Join(s.sockets["printer"].Plug(m.PrinterDevice()), s.sockets["scanner"].Plug(m.ScannerDevice())); err != nil {
		return nil, err
	}
	for name, serve := range map[string]func(net.Conn){"lines": s.hear, "monitor": s.join,
		"printer": func(c net.Conn) { s.sockets["printer"].Serve(c) }, "scanner": func(c net.Conn) { s.sockets["scanner"].Serve(c) }} {
		l, err := net.Listen("unix", filepath.Join(dir, name))
		if err != nil {
			s.Close()
			return nil, err
		}
		s.closing = append(s.closing, l)
		go accept(l, serve)
	}
	return s, nil
}

// accept serves one connection after the other: QEMU's next run comes when the last one has ended.
func accept(l net.Listener, serve func(net.Conn)) {
	for {
		c, err := l.Accept()
		if err != nil {
			return // closed
		}
		serve(c)
		c.Close()
	}
}

// Close takes the sockets away.
func (s *Station) Close() error {
	var err error
	for _, l := range s.closing {
		err = errors.Join(err, l.Close())
	}
	return errors.Join(err, s.Machine.Close())
}

// arguments are QEMU's for the sockets.
func (s *Station) arguments() []string {
	socket := func(id string) []string {
		return []string{"-chardev", "socket,id=" + id + ",path=" + filepath.Join(s.dir, id)}
	}
	args := append(socket("lines"), "-serial", "chardev:lines", "-device", "qemu-xhci,id=xhci,p2=5,p3=1")
	args = append(append(args, socket("monitor")...), "-mon", "chardev=monitor,mode=readline")
	for id, port := range map[string]int{"printer": printerSocket, "scanner": scannerSocket} {
		args = append(append(args, socket(id)...), "-device", fmt.Sprintf("usb-redir,id=usb-%s,chardev=%s,bus=xhci.0,port=%d", id, id, port))
	}
	for i, image := range s.Beside {
		// No -drive: that ends with the device, and a stick is put in more than once.
		args = append(args, "-blockdev", fmt.Sprintf("driver=raw,node-name=stick%d,file.driver=file,file.filename=%s", i, image))
	}
	return append(args, "-drive", "if=none,id=stick,format=raw,cache=writethrough,file="+s.stick)
}

// hear takes what happens on the board.
func (s *Station) hear(c net.Conn) {
	s.mu.Lock()
	s.lines = c
	s.mu.Unlock()
	in := bufio.NewScanner(c)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		if r, ok := vm.ParseRecord(in.Text()); ok {
			s.wiring.Record(r)
		}
	}
}

// join takes QEMU's monitor, and what it says without listening.
func (s *Station) join(c net.Conn) {
	s.mu.Lock()
	s.monitor = c
	s.mu.Unlock()
	in := bufio.NewScanner(c)
	for in.Scan() {
		continue
	}
}

// Tap presses a contact for a moment of the kiosk's own time, so that its kernel has debounced it (that the line was looked at is not enough:
// firmware reads it too), and lets it go. What follows is a press of its own, not the second one of a double press: it comes a
// second later.
func (s *Station) Tap(line string) error {
	n, err := vm.PinNumber(line)
	if err != nil {
		return err
	}
	return s.tell(&s.lines, fmt.Sprintf("line %[1]d 0\nlooked %[1]d\nsleep 0.1\nline %[1]d z\nlooked %[1]d\nsleep 1\n", n))
}

// Insert puts the stick into the citizen's socket.
func (s *Station) Insert() error { return s.Plug("citizen", s.Citizen, "usb-storage,drive=stick") }

// Pull takes it out.
func (s *Station) Pull() error { return s.Unplug("citizen") }

// Plug puts a device of QEMU's into a socket.
func (s *Station) Plug(name string, socket int, device string) error {
	return s.tell(&s.monitor, fmt.Sprintf("device_add %s,id=%s,bus=xhci.0,port=%d\n", device, name, socket))
}

// Unplug takes out what was plugged in under a name.
func (s *Station) Unplug(name string) error { return s.tell(&s.monitor, "device_del "+name+"\n") }

func (s *Station) tell(to *net.Conn, text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if *to == nil {
		return errors.New("the emulated computer is off")
	}
	_, err := (*to).Write([]byte(text))
	return err
}
